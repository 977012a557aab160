//! The client of AWS's STS Query protocol, against any server that speaks it.

mod answer;

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use url::{Url, form_urlencoded};

use crate::failure::Failure;

pub(crate) use answer::Refused;

/// The longest answer that is read.
const LONGEST_ANSWER: usize = 1024 * 1024;
/// How long one request may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often trouble that may pass is tried again, as AWS's SDKs do.
const TRIES: u32 = 3;

/// Temporary credentials.
#[derive(Debug, Clone)]
pub(crate) struct Credentials {
    /// `ASIA…`.
    pub(crate) access_key_id: String,
    secret_access_key: SecretString,
    session_token: SecretString,
    /// When they end, RFC 3339 in UTC.
    pub(crate) expiration: String,
}

impl Credentials {
    /// Credentials from their parts.
    pub(crate) fn new(id: &str, secret: &str, token: &str, expiration: &str) -> Self {
        Self {
            access_key_id: id.to_owned(),
            secret_access_key: SecretString::from(secret),
            session_token: SecretString::from(token),
            expiration: expiration.to_owned(),
        }
    }

    /// The secret key, for signing and for output that was asked for.
    pub(crate) fn secret_access_key(&self) -> &str {
        self.secret_access_key.expose_secret()
    }

    /// The session token, for signing and for output that was asked for.
    pub(crate) fn session_token(&self) -> &str {
        self.session_token.expose_secret()
    }
}

/// What `AssumeRoleWithWebIdentity` is asked.
pub(crate) struct Request<'a> {
    /// The role's ARN.
    pub(crate) role_arn: &'a str,
    /// 2 to 64 characters of `[\w+=,.@-]`.
    pub(crate) session_name: &'a str,
    /// The token.
    pub(crate) token: &'a SecretString,
    /// How long the session may last; the server's default counts otherwise.
    pub(crate) duration: Option<Duration>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Assumed {
    /// The credentials.
    pub(crate) credentials: Credentials,
    /// `arn:aws:sts::…:assumed-role/<role>/<session>`.
    pub(crate) assumed_role_arn: String,
    /// The issuer of the token.
    pub(crate) provider: String,
    /// The token's audience.
    pub(crate) audience: String,
    /// The token's subject.
    pub(crate) subject: String,
    /// The id of the record, from a Stagedoor server.
    pub(crate) decision: Option<String>,
}

/// Why there are no credentials.
#[derive(Debug)]
pub(crate) enum NoCredentials {
    /// The server said no.
    Refused(Refused),
    /// The server could not be reached.
    Unreachable(String),
    /// The server's answer is not STS's.
    Strange(String),
}

/// A client of one STS endpoint.
pub(crate) struct Sts {
    endpoint: Url,
    http: reqwest::Client,
}

impl Sts {
    /// A client of the endpoint.
    ///
    /// # Errors
    /// When the URL is not http or https, or TLS cannot be set up.
    pub(crate) fn new(endpoint: &str) -> Result<Self, Failure> {
        let endpoint = Url::parse(endpoint)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
            .ok_or_else(|| Failure::input(format!("`{endpoint}` is no http or https URL of a server")))?;
        let http = client(is_loopback(&endpoint))?;
        Ok(Self { endpoint, http })
    }

    /// The endpoint.
    pub(crate) fn endpoint(&self) -> &Url {
        &self.endpoint
    }

    /// Whether the token would travel in the clear over a network.
    pub(crate) fn is_exposed(&self) -> bool {
        self.endpoint.scheme() == "http" && !is_loopback(&self.endpoint)
    }

    /// Exchanges a token for credentials. Trouble that may pass is tried three times.
    pub(crate) async fn assume(&self, request: &Request<'_>) -> Result<Assumed, NoCredentials> {
        let mut pause = Duration::from_millis(300);
        for _ in 1..TRIES {
            match self.assume_once(request).await {
                Err(NoCredentials::Refused(refused)) if refused.may_pass() => {}
                other => return other,
            }
            tokio::time::sleep(pause).await;
            pause *= 3;
        }
        self.assume_once(request).await
    }

    /// Exchanges a token for credentials with one request.
    pub(crate) async fn assume_once(&self, request: &Request<'_>) -> Result<Assumed, NoCredentials> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("Action", "AssumeRoleWithWebIdentity")
            .append_pair("Version", "2011-06-15")
            .append_pair("RoleArn", request.role_arn)
            .append_pair("RoleSessionName", request.session_name)
            .append_pair("WebIdentityToken", request.token.expose_secret());
        if let Some(duration) = request.duration {
            form.append_pair("DurationSeconds", &duration.as_secs().to_string());
        }
        let mut response = self
            .http
            .post(self.endpoint.clone())
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form.finish())
            .send()
            .await
            .map_err(|error| NoCredentials::Unreachable(whole(&error)))?;
        let status = response.status().as_u16();
        let decision = response.headers().get("x-stagedoor-decision").and_then(|id| id.to_str().ok());
        let decision = decision.map(str::to_owned);
        let mut body = Vec::new();
        while let Some(chunk) =
            response.chunk().await.map_err(|error| NoCredentials::Unreachable(whole(&error)))?
        {
            body.extend_from_slice(&chunk);
            if body.len() > LONGEST_ANSWER {
                return Err(NoCredentials::Strange(format!("an answer of more than {LONGEST_ANSWER} bytes")));
            }
        }
        let body = String::from_utf8_lossy(&body);
        if status == 200 {
            answer::assumed(&body, decision)
        } else {
            Err(answer::refused(status, &body, decision))
        }
    }
}

/// An HTTP client that follows no redirects; for loopback it asks no proxy.
///
/// # Errors
/// When TLS cannot be set up.
pub(crate) fn client(loopback: bool) -> Result<reqwest::Client, Failure> {
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("stagedoor/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .timeout(PATIENCE);
    if loopback {
        builder = builder.no_proxy();
    }
    builder.build().map_err(|error| Failure::internal(format!("cannot set up TLS: {}", whole(&error))))
}

/// Whether a URL names this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

/// An error with its causes, the URL left out: it is named beside it.
pub(crate) fn whole(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let next_text = next.to_string();
        if !text.contains(&next_text) {
            text += &format!(": {next_text}");
        }
        cause = next.source();
    }
    text
}
