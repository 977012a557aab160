//! A keyring, a session, and a client that signs with aws-sigv4.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials as SdkCredentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation,
    SigningSettings, UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4::SigningParams;
use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::Timestamp;
use secrecy::ExposeSecret;
use stagedoor_session::{
    Authenticated, Body, Credentials, Expected, Federation, HttpRequest, Keyring, Lineage, Session,
    SessionKind, SessionRefusal, StoredKey,
};

pub(crate) const HOST: &str = "shop.acme.internal:8020";
pub(crate) const GATE: Expected<'static> =
    Expected { region: Some("us-east-1"), services: &["execute-api"], s3: false };
pub(crate) const S3: Expected<'static> = Expected { region: Some("us-east-1"), services: &["s3"], s3: true };

pub(crate) fn now() -> Timestamp {
    "2026-11-20T10:15:30Z".parse().unwrap()
}

pub(crate) fn later(seconds: i64) -> Timestamp {
    Timestamp::from_second(now().as_second() + seconds).unwrap()
}

pub(crate) fn stored(id: &str, byte: u8) -> StoredKey {
    StoredKey {
        id: id.to_owned(),
        secret: vec![byte; 32].into(),
        created_at: now(),
        activates_at: now(),
        retired_at: None,
    }
}

pub(crate) fn keyring() -> Keyring {
    Keyring::from_stored(vec![stored("k1", 7)]).unwrap()
}

pub(crate) fn session() -> Session {
    let map = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    };
    Session {
        id: stagedoor_session::new_access_key_id(*b"0123456789"),
        kind: SessionKind::AssumedRole,
        account: "123456789012".to_owned(),
        role: "deploy-prod".to_owned(),
        role_arn: "arn:aws:iam::123456789012:role/deploy-prod".to_owned(),
        role_id: stagedoor_session::role_id("123456789012", "deploy-prod"),
        session_name: "run-574".to_owned(),
        issued_at: later(-60),
        expires_at: later(3540),
        source_identity: Some("jane".to_owned()),
        tags: map(&[("environment", "production"), ("team", "größe")]),
        transitive_tags: vec!["environment".to_owned()],
        policies: vec![r#"{"Version":"2012-10-17","Statement":[]}"#.to_owned()],
        federation: Some(Federation {
            provider_arn: "arn:aws:iam::123456789012:oidc-provider/gitlab.com".to_owned(),
            issuer: "https://gitlab.com".to_owned(),
            subject: "project_path:acme/shop:ref_type:branch:ref:main".to_owned(),
            audience: "sts.amazonaws.com".to_owned(),
        }),
        provenance: map(&[("repository", "acme/shop"), ("commit", "714a629c")]),
        lineage: Lineage::default(),
        actor: None,
        gates: Vec::new(),
        receipt: Some(41),
    }
}

pub(crate) fn credentials() -> Credentials {
    keyring().seal(&session()).unwrap()
}

/// A request as it arrives.
#[derive(Clone, Debug)]
pub(crate) struct Arrived {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Arrived {
    pub(crate) fn new(method: &str, target: &str) -> Self {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let arrived = Self {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers: HeaderMap::new(),
            body: Vec::new(),
        };
        arrived.header("host", HOST)
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.append(name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap());
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.remove(name);
        self
    }

    pub(crate) fn body(mut self, body: &[u8]) -> Self {
        self.body = body.to_vec();
        self
    }

    pub(crate) fn with_query(mut self, extra: &str) -> Self {
        if !self.query.is_empty() && !extra.is_empty() {
            self.query.push('&');
        }
        self.query.push_str(extra);
        self
    }

    pub(crate) fn replace_header(self, name: &str, from: &str, to: &str) -> Self {
        let value = self.headers.get(name).unwrap().to_str().unwrap().to_owned();
        assert!(value.contains(from), "{name}: {value}");
        self.without(name).header(name, &value.replacen(from, to, 1))
    }

    pub(crate) fn replace_query(mut self, from: &str, to: &str) -> Self {
        assert!(self.query.contains(from), "{}", self.query);
        self.query = self.query.replacen(from, to, 1);
        self
    }

    /// The request with its body unread.
    pub(crate) fn unread(&self) -> HttpRequest<'_> {
        HttpRequest {
            method: &self.method,
            path: &self.path,
            query: &self.query,
            headers: &self.headers,
            body: Body::Unread,
        }
    }

    /// The request with its body read.
    pub(crate) fn read(&self) -> HttpRequest<'_> {
        HttpRequest { body: Body::of(&self.body), ..self.unread() }
    }

    pub(crate) fn authenticate(&self, expected: &Expected<'_>) -> Result<Authenticated, SessionRefusal> {
        keyring().authenticate(&self.read(), expected, now())
    }

    pub(crate) fn code(&self) -> &'static str {
        match self.authenticate(&GATE) {
            Ok(_) => "accepted",
            Err(refusal) => refusal.code(),
        }
    }
}

/// How a client signs.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) credentials: Credentials,
    pub(crate) token: bool,
    pub(crate) service: &'static str,
    pub(crate) region: &'static str,
    pub(crate) at: Timestamp,
    pub(crate) presigned: Option<Duration>,
    pub(crate) declare_hash: bool,
    pub(crate) unsigned_payload: bool,
}

impl Default for Client {
    fn default() -> Self {
        Self {
            credentials: credentials(),
            token: true,
            service: "execute-api",
            region: "us-east-1",
            at: now(),
            presigned: None,
            declare_hash: false,
            unsigned_payload: false,
        }
    }
}

impl Client {
    pub(crate) fn presigned(seconds: u64) -> Self {
        Self { presigned: Some(Duration::from_secs(seconds)), ..Self::default() }
    }

    pub(crate) fn s3() -> Self {
        Self { service: "s3", declare_hash: true, ..Self::default() }
    }

    /// Signs `request` with the AWS SDK's signer.
    pub(crate) fn sign(&self, mut request: Arrived) -> Arrived {
        let identity = SdkCredentials::new(
            &self.credentials.access_key_id,
            self.credentials.secret_access_key.expose_secret(),
            self.token.then(|| self.credentials.session_token.expose_secret().to_owned()),
            None,
            "test",
        )
        .into();
        let mut settings = SigningSettings::default();
        if self.service == "s3" {
            settings.percent_encoding_mode = PercentEncodingMode::Single;
            settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        }
        if self.declare_hash {
            settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        }
        if self.presigned.is_some() {
            settings.signature_location = SignatureLocation::QueryParams;
            settings.expires_in = self.presigned;
        }
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs(self.at.as_second().try_into().unwrap());
        let params = SigningParams::builder()
            .identity(&identity)
            .region(self.region)
            .name(self.service)
            .time(at)
            .settings(settings)
            .build()
            .unwrap()
            .into();
        let query = if request.query.is_empty() { String::new() } else { format!("?{}", request.query) };
        let url = format!("http://{HOST}{}{query}", request.path);
        let body = if self.unsigned_payload {
            SignableBody::UnsignedPayload
        } else {
            SignableBody::Bytes(&request.body)
        };
        let headers: Vec<(String, String)> = request
            .headers
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
            .collect();
        let headers = headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let signable = SignableRequest::new(&request.method, url, headers, body).unwrap();
        let (headers, query) = sign(signable, &params).unwrap().into_parts().0.into_parts();
        for header in headers {
            request
                .headers
                .insert(header.name().parse::<HeaderName>().unwrap(), header.value().parse().unwrap());
        }
        for (name, value) in query {
            let value: String = percent(&value);
            request = request.with_query(&format!("{name}={value}"));
        }
        request
    }
}

fn percent(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// A signed `GET /orders/7?detail=full`.
pub(crate) fn get() -> Arrived {
    Client::default().sign(Arrived::new("GET", "/orders/7?detail=full"))
}

/// The same, presigned for 15 minutes.
pub(crate) fn presigned_get() -> Arrived {
    Client::presigned(900).sign(Arrived::new("GET", "/orders/7?detail=full"))
}
