//! Everything that the demo plays on: issuers, service, gate and server, all on loopback.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::Value;
use stagedoor_rehearsal::{Issuer, Kind, Options as IssuerOptions};
use stagedoor_server::{Options, Running, Server, StartError};
use tokio::net::TcpListener;
use url::Url;

use super::shop::{self, Places};
use super::upstream::Upstream;
use crate::failure::{self, Failure};
use crate::signing::{Scope, sign};
use crate::sts::{self, Assumed, Credentials, NoCredentials, Request, Sts};

/// The account of the shop's ARNs.
pub(super) const ACCOUNT: &str = "123456789012";
/// The shop's region.
pub(super) const REGION: &str = "us-east-1";

/// The parts, running.
pub(super) struct Stage {
    pub(super) directory: PathBuf,
    pub(super) bitbucket: Issuer,
    pub(super) circleci: Issuer,
    pub(super) gitlab: Issuer,
    /// An issuer that the configuration does not know.
    pub(super) stranger: Issuer,
    pub(super) api: String,
    pub(super) gate: String,
    sts: Sts,
    http: reqwest::Client,
    server: Running,
    _upstream: Upstream,
}

/// What a gate answered.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Value,
    pub(super) decision: Option<String>,
}

impl Stage {
    /// Starts everything, with a copy of the shop in the directory.
    ///
    /// # Errors
    /// When a port cannot be taken or the server does not start.
    pub(super) async fn set(directory: &Path) -> Result<Self, Failure> {
        let issuer = async |kind| {
            Issuer::start(kind, IssuerOptions::default())
                .await
                .map_err(|error| Failure::internal(format!("an issuer does not start: {error}")))
        };
        let bitbucket = issuer(Kind::Bitbucket).await?;
        let circleci = issuer(Kind::CircleCi).await?;
        let gitlab = issuer(Kind::GitLab).await?;
        let stranger = issuer(Kind::GitLab).await?;
        let upstream = Upstream::start(listen(8030).await?).await?;
        let mut places = Places {
            api: free(8010).await?,
            metrics: free(9464).await?,
            gate: free(8020).await?,
            upstream: upstream.address,
            bitbucket: bitbucket.url().to_owned(),
            circleci: circleci.url().to_owned(),
            gitlab: gitlab.url().to_owned(),
        };
        let server = match start(directory, &places).await? {
            Ok(server) => server,
            // Somebody else took a port between the look and the start: then any free ones do.
            Err(StartError::Listen(_)) => {
                (places.api, places.metrics, places.gate) = (free(0).await?, free(0).await?, free(0).await?);
                start(directory, &places).await?.map_err(not_started)?
            }
            Err(error) => return Err(not_started(error)),
        };
        let api = format!("http://{}", places.api);
        Ok(Self {
            directory: directory.to_owned(),
            bitbucket,
            circleci,
            gitlab,
            stranger,
            sts: Sts::new(&api)?,
            api,
            gate: format!("http://{}", places.gate),
            http: sts::client(true)?,
            server,
            _upstream: upstream,
        })
    }

    /// The issuers that the configuration knows.
    pub(super) fn issuers(&self) -> [&Issuer; 3] {
        [&self.bitbucket, &self.circleci, &self.gitlab]
    }

    /// Where a token's file is, by its name.
    pub(super) fn token_file(&self, name: &str) -> PathBuf {
        self.directory.join("tokens").join(format!("{name}.jwt"))
    }

    /// Writes a token to its file, as a job does.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn keep_token(&self, name: &str, token: &str) -> Result<PathBuf, Failure> {
        let path = self.token_file(name);
        let written = match path.parent() {
            Some(parent) => fs::create_dir_all(parent).and_then(|()| fs::write(&path, token)),
            None => fs::write(&path, token),
        };
        written.map_err(|error| failure::file("write", &path, &error))?;
        Ok(path)
    }

    /// Asks the server, over HTTP, to exchange a token.
    pub(super) async fn assume(
        &self,
        role: &str,
        session: &str,
        token: &str,
    ) -> Result<Assumed, NoCredentials> {
        let token = SecretString::from(token);
        let role_arn = role_arn(role);
        let request = Request { role_arn: &role_arn, session_name: session, token: &token, duration: None };
        self.sts.assume_once(&request).await
    }

    /// Calls the service through the gate, signed.
    ///
    /// # Errors
    /// When the gate cannot be reached or does not answer in JSON.
    pub(super) async fn call(
        &self,
        credentials: &Credentials,
        method: &str,
        path: &str,
    ) -> Result<Answer, Failure> {
        let trouble = |what: String| Failure::internal(format!("{method} {path}: {what}"));
        let url = Url::parse(&format!("{}{path}", self.gate)).map_err(|error| trouble(error.to_string()))?;
        let name =
            reqwest::Method::from_bytes(method.as_bytes()).map_err(|error| trouble(error.to_string()))?;
        let scope = Scope { region: REGION, service: "execute-api" };
        let mut request = self.http.request(name, url.clone());
        for (name, value) in sign(credentials, scope, method, &url, b"", Timestamp::now()) {
            request = request.header(name, value);
        }
        let response = request.send().await.map_err(|error| trouble(sts::whole(&error)))?;
        let status = response.status().as_u16();
        let decision = response.headers().get("x-stagedoor-decision").and_then(|id| id.to_str().ok());
        let decision = decision.map(str::to_owned);
        let text = response.text().await.map_err(|error| trouble(sts::whole(&error)))?;
        let body = serde_json::from_str(&text).map_err(|error| trouble(format!("{error} in `{text}`")))?;
        Ok(Answer { status, body, decision })
    }

    /// The configuration that decides.
    pub(super) fn snapshot(&self) -> std::sync::Arc<stagedoor_config::Snapshot> {
        self.server.authority().snapshot()
    }

    /// Stops the server and all that was started.
    pub(super) async fn strike(self) {
        self.server.stop().await;
        for issuer in [self.bitbucket, self.circleci, self.gitlab, self.stranger] {
            issuer.stop().await;
        }
    }
}

/// Writes the shop's configuration for these places and starts a server on it.
async fn start(directory: &Path, places: &Places) -> Result<Result<Running, StartError>, Failure> {
    shop::write(directory, places)?;
    let options = Options { watch: false, ..Options::default() };
    Ok(Server::start(directory, options).await)
}

fn not_started(error: StartError) -> Failure {
    Failure::internal(format!("the server does not start: {error}"))
}

/// The ARN of a role of the shop.
pub(super) fn role_arn(role: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:role/{role}")
}

/// The port that the example names, or any free one.
async fn listen(wanted: u16) -> Result<TcpListener, Failure> {
    match TcpListener::bind(("127.0.0.1", wanted)).await {
        Ok(listener) => Ok(listener),
        Err(_) => TcpListener::bind(("127.0.0.1", 0))
            .await
            .map_err(|error| Failure::internal(format!("no port of 127.0.0.1 can be taken: {error}"))),
    }
}

async fn free(wanted: u16) -> Result<SocketAddr, Failure> {
    listen(wanted)
        .await?
        .local_addr()
        .map_err(|error| Failure::internal(format!("a port of 127.0.0.1 has no address: {error}")))
}
