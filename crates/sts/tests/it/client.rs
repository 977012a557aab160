//! A door on loopback and a client for it.

use crate::house::{House, Role, role_arn, trusts_audience};
use aws_credential_types::Credentials as SdkCredentials;
use aws_sigv4::http_request::{
    SignableBody, SignableRequest, SignatureLocation, SigningInstructions, SigningSettings, sign,
};
use aws_sigv4::sign::v4;
use reqwest::header::HeaderMap;
use reqwest::{Client, Response, Url};
use secrecy::ExposeSecret as _;
use serde_json::json;
use stagedoor_session::Credentials;
use stagedoor_sts::{Door, doors};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub(crate) const FORM: &str = "application/x-www-form-urlencoded";
pub(crate) const XMLNS: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

pub(crate) struct Stage {
    pub(crate) house: House,
    pub(crate) url: String,
    pub(crate) client: Client,
    server: JoinHandle<()>,
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// What came back, with the request id checked in both places.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
    pub(crate) request_id: String,
}

impl Stage {
    pub(crate) async fn open() -> Stage {
        Stage::with(&[Role::new("build", trusts_audience())]).await
    }

    pub(crate) async fn with(roles: &[Role]) -> Stage {
        let house = House::open(roles).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let door = Door { authority: Arc::clone(&house.authority), secure_transport: false };
        let service = doors(door).into_make_service_with_connect_info::<SocketAddr>();
        let server = tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
        let client = Client::builder().no_proxy().timeout(Duration::from_secs(20)).build().unwrap();
        Stage { house, url, client, server }
    }

    /// The parameters of a sound request for `build`.
    pub(crate) fn parameters(&self) -> Vec<(String, String)> {
        let token = self.house.token(&json!({}));
        [
            ("Action", "AssumeRoleWithWebIdentity"),
            ("Version", "2011-06-15"),
            ("RoleArn", role_arn("build").as_str()),
            ("RoleSessionName", "build-42"),
            ("WebIdentityToken", token.as_str()),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec()
    }

    /// Posts the sound request with one parameter set, or removed if the value is empty.
    pub(crate) async fn post_with(&self, name: &str, value: &str) -> Reply {
        let mut parameters = self.parameters();
        parameters.retain(|(known, _)| known != name);
        if !value.is_empty() {
            parameters.push((name.to_owned(), value.to_owned()));
        }
        self.post(&encode(&parameters)).await
    }

    pub(crate) async fn post(&self, form: &str) -> Reply {
        let request = self.client.post(&self.url).header("content-type", FORM).body(form.to_owned());
        Reply::of(request.send().await.unwrap()).await
    }

    /// Posts a form signed in the header by the AWS SDK's signer.
    pub(crate) async fn signed(&self, credentials: &Credentials, service: &str, body: &str) -> Reply {
        let headers = [("content-type", FORM)].into_iter();
        let body_to_sign = SignableBody::Bytes(body.as_bytes());
        let signable = SignableRequest::new("POST", self.url.clone(), headers, body_to_sign).unwrap();
        let (headers, _) = self.sign(credentials, service, SigningSettings::default(), signable).into_parts();
        let mut request = self.client.post(&self.url).header("content-type", FORM);
        for header in headers {
            request = request.header(header.name(), header.value());
        }
        Reply::of(request.body(body.to_owned()).send().await.unwrap()).await
    }

    /// Gets a URL signed in its query by the AWS SDK's signer.
    pub(crate) async fn presigned(&self, credentials: &Credentials, query: &str) -> Reply {
        let mut settings = SigningSettings::default();
        settings.signature_location = SignatureLocation::QueryParams;
        settings.expires_in = Some(Duration::from_secs(60));
        let mut url = Url::parse(&format!("{}?{query}", self.url)).unwrap();
        let body = SignableBody::Bytes(b"");
        let signable = SignableRequest::new("GET", url.to_string(), std::iter::empty(), body).unwrap();
        let (_, query) = self.sign(credentials, "sts", settings, signable).into_parts();
        url.query_pairs_mut().extend_pairs(query);
        Reply::of(self.client.get(url).send().await.unwrap()).await
    }

    fn sign(
        &self,
        credentials: &Credentials,
        service: &str,
        settings: SigningSettings,
        request: SignableRequest<'_>,
    ) -> SigningInstructions {
        let token = credentials.session_token.expose_secret().to_owned();
        let secret = credentials.secret_access_key.expose_secret();
        let identity =
            SdkCredentials::new(&credentials.access_key_id, secret, Some(token), None, "test").into();
        let seconds = u64::try_from(self.house.now().as_second()).unwrap();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region("us-east-1")
            .name(service)
            .time(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
            .settings(settings)
            .build()
            .unwrap()
            .into();
        sign(request, &params).unwrap().into_parts().0
    }
}

impl Reply {
    pub(crate) async fn of(response: Response) -> Reply {
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let body = response.text().await.unwrap();
        let request_id = headers["x-amzn-requestid"].to_str().unwrap().to_owned();
        assert_eq!(element(&body, "RequestId"), request_id);
        assert_eq!(headers["content-type"], "text/xml");
        assert_eq!(headers["date"], "Fri, 20 Nov 2026 10:00:00 GMT");
        Reply { status, headers, body, request_id }
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    pub(crate) fn element(&self, name: &str) -> &str {
        element(&self.body, name)
    }

    /// Expects exactly this error, from the door itself.
    pub(crate) fn expect_error(&self, status: u16, code: &str, message: &str) {
        let request_id = &self.request_id;
        let fault = if status < 500 { "Sender" } else { "Receiver" };
        assert_eq!(
            self.body,
            format!(
                "<ErrorResponse xmlns=\"{XMLNS}\">\n  <Error>\n    <Type>{fault}</Type>\n    \
                 <Code>{code}</Code>\n    <Message>{message}</Message>\n  </Error>\n  \
                 <RequestId>{request_id}</RequestId>\n</ErrorResponse>\n"
            )
        );
        assert_eq!(self.status, status);
    }

    /// Expects exactly this error, decided and recorded by the authority.
    pub(crate) fn expect_refusal(&self, status: u16, code: &str, message: &str, reason: &str) {
        let decision = self.header("x-stagedoor-decision");
        self.expect_error(status, code, &format!("{message} (reason: {reason}, decision: {decision})"));
    }
}

/// The text of the only element of this name.
pub(crate) fn element<'a>(body: &'a str, name: &str) -> &'a str {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let (_, rest) = body.split_once(&open).unwrap_or_else(|| panic!("no {open} in {body}"));
    assert!(!rest.contains(&open), "{open} twice");
    rest.split_once(&close).unwrap().0
}

pub(crate) fn encode(parameters: &[(String, String)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish()
}
