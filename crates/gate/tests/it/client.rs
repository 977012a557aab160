//! A client that signs with the AWS SDK's signer and sends over a connection of its own.

use aws_credential_types::Credentials as SdkCredentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign,
};
use aws_sigv4::sign::v4::SigningParams;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, Request, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use secrecy::ExposeSecret;
use serde_json::Value;
use stagedoor_session::Credentials;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::{Duration, SystemTime};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A body that is sent.
pub(crate) type Sent = UnsyncBoxBody<Bytes, Infallible>;

/// A whole answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// The reason of a denial, after checking its shape.
    pub(crate) fn reason(&self) -> String {
        let json: Value = serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{self:?}"));
        let object = json.as_object().unwrap();
        assert_eq!(object.keys().collect::<Vec<_>>(), ["error", "reason", "decision_id", "message"]);
        assert_eq!(object["decision_id"], self.headers["x-stagedoor-decision"].to_str().unwrap());
        assert_eq!(self.headers["content-type"], "application/json");
        object["reason"].as_str().unwrap().to_owned()
    }
}

/// How to sign.
pub(crate) struct Client {
    pub(crate) address: SocketAddr,
    pub(crate) credentials: Credentials,
    /// Whether `x-amz-content-sha256` is sent.
    pub(crate) declare: bool,
    pub(crate) presign: bool,
}

impl Client {
    pub(crate) fn new(address: SocketAddr, credentials: Credentials) -> Self {
        Self { address, credentials, declare: false, presign: false }
    }

    pub(crate) fn bearer(&self) -> String {
        format!("Bearer {}", self.credentials.session_token.expose_secret())
    }

    /// A request head for the gate, unsigned.
    pub(crate) fn head(&self, method: &str, target: &str) -> Request<()> {
        Request::builder()
            .method(method)
            .uri(target)
            .header("host", self.address.to_string())
            .body(())
            .unwrap()
    }

    /// Signs `request` as if its body were `body`.
    pub(crate) fn sign(&self, mut request: Request<()>, body: &[u8]) -> Request<()> {
        let identity = SdkCredentials::new(
            &self.credentials.access_key_id,
            self.credentials.secret_access_key.expose_secret(),
            Some(self.credentials.session_token.expose_secret().to_owned()),
            None,
            "test",
        )
        .into();
        let mut settings = SigningSettings::default();
        if self.declare {
            settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        }
        if self.presign {
            settings.signature_location = SignatureLocation::QueryParams;
            settings.expires_in = Some(Duration::from_secs(60));
        }
        let params = SigningParams::builder()
            .identity(&identity)
            .region("us-east-1")
            .name("execute-api")
            .time(SystemTime::now())
            .settings(settings)
            .build()
            .unwrap()
            .into();
        let url = format!("http://{}{}", self.address, request.uri());
        let headers: Vec<(String, String)> = request
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
            .collect();
        let headers = headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let signable =
            SignableRequest::new(request.method().as_str(), url, headers, SignableBody::Bytes(body)).unwrap();
        let (headers, query) = sign(signable, &params).unwrap().into_parts().0.into_parts();
        for header in headers {
            request
                .headers_mut()
                .insert(header.name().parse::<HeaderName>().unwrap(), header.value().parse().unwrap());
        }
        if !query.is_empty() {
            let encode = |text: &str| {
                percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
            };
            let query: Vec<String> =
                query.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
            let glue = if request.uri().query().is_some() { '&' } else { '?' };
            let target = format!("{}{glue}{}", request.uri(), query.join("&"));
            *request.uri_mut() = target.parse().unwrap();
        }
        request
    }

    /// Sends a signed request.
    pub(crate) async fn signed(&self, method: &str, target: &str, body: &[u8]) -> Answer {
        let request = self.sign(self.head(method, target), body);
        self.send(request.map(|()| full(body))).await
    }

    /// Sends a request with the session token as a bearer.
    pub(crate) async fn borne(&self, method: &str, target: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = self.head(method, target);
        request.headers_mut().insert("authorization", self.bearer().parse().unwrap());
        for (name, value) in headers {
            request.headers_mut().append(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
        }
        self.send(request.map(|()| full(b""))).await
    }

    /// Sends a request as it is.
    pub(crate) async fn send(&self, request: Request<Sent>) -> Answer {
        let stream = TcpStream::connect(self.address).await.unwrap();
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
        let connection = tokio::spawn(connection);
        let response = sender.send_request(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        drop(sender);
        connection.abort();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// Sends bytes and reads until the gate closes, or until it has answered `answers` requests.
    pub(crate) async fn raw(&self, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        let mut text = Vec::new();
        stream.read_to_end(&mut text).await.unwrap();
        String::from_utf8(text).unwrap()
    }
}

pub(crate) fn full(bytes: &[u8]) -> Sent {
    Full::new(Bytes::copy_from_slice(bytes)).boxed_unsync()
}
