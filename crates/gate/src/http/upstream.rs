//! The service behind a gate: connections to it, TLS, time limits.

use crate::Limits;
use crate::http::body::{Progress, Upload};
use bytes::Bytes;
use http::uri::{Authority, PathAndQuery, Scheme, Uri};
use http::{Request, Response};
use http_body_util::{Either, Empty};
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::ClientConfig;
use rustls_pki_types::CertificateDer;
use rustls_platform_verifier::Verifier;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// The body of a forwarded request.
pub(crate) type Outgoing = Either<Upload, Either<http_body_util::Full<Bytes>, Empty<Bytes>>>;

/// The service behind a gate.
pub(crate) struct Upstream {
    client: Client<HttpsConnector<HttpConnector>, Outgoing>,
    scheme: Scheme,
    authority: Authority,
    base: String,
    answer: Duration,
}

/// Why an upstream cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UpstreamError {
    /// The URL cannot be used.
    #[error("the upstream `{url}` cannot be used: {why}")]
    Url {
        /// The URL, without credentials.
        url: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// TLS cannot be set up.
    #[error("TLS to the upstream cannot be set up: {0}")]
    Tls(#[from] rustls::Error),
}

impl Upstream {
    /// The service at `url` (`http` or `https`, a host, an optional base path). Nothing is connected yet.
    pub(crate) fn new(url: &str, limits: &Limits) -> Result<Self, UpstreamError> {
        Self::trusting(url, limits, Vec::new())
    }

    /// The same, trusting `roots` beside the system's.
    fn trusting(
        url: &str,
        limits: &Limits,
        roots: Vec<CertificateDer<'static>>,
    ) -> Result<Self, UpstreamError> {
        let refuse = |why| UpstreamError::Url { url: without_credentials(url), why };
        let uri: Uri =
            url.parse().map_err(|_| refuse("it is not an absolute URL; write `http://host:port`"))?;
        let scheme = match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTP || *scheme == Scheme::HTTPS => scheme.clone(),
            _ => return Err(refuse("its scheme must be `http` or `https`")),
        };
        let authority = uri.authority().cloned().ok_or_else(|| refuse("it has no host"))?;
        if authority.as_str().contains('@') {
            return Err(refuse("it must not hold credentials"));
        }
        if uri.query().is_some() {
            return Err(refuse("it must not have a query"));
        }
        Ok(Self {
            client: client(limits, roots)?,
            scheme,
            authority,
            base: uri.path().trim_end_matches('/').to_owned(),
            answer: limits.answer,
        })
    }

    /// The host and port.
    pub(crate) fn authority(&self) -> &Authority {
        &self.authority
    }

    /// The URL of `path`, already encoded, with `query`, below the base path.
    pub(crate) fn url(&self, path: &str, query: &str) -> Result<Uri, http::Error> {
        let base = &self.base;
        let target = if query.is_empty() { format!("{base}{path}") } else { format!("{base}{path}?{query}") };
        let mut parts = http::uri::Parts::default();
        parts.scheme = Some(self.scheme.clone());
        parts.authority = Some(self.authority.clone());
        parts.path_and_query = Some(PathAndQuery::try_from(target)?);
        Ok(Uri::from_parts(parts)?)
    }

    /// Sends a request; the answer must begin within the limit after the last step of sending.
    pub(crate) async fn send(
        &self,
        request: Request<Outgoing>,
        progress: Option<&Progress>,
    ) -> Result<Response<Incoming>, SendFault> {
        let mut sending = std::pin::pin!(self.client.request(request));
        let mut deadline = Instant::now() + self.answer;
        loop {
            match tokio::time::timeout_at(deadline, sending.as_mut()).await {
                Ok(Ok(response)) => return Ok(response),
                Ok(Err(error)) if error.is_connect() => return Err(SendFault::Unreachable(chain(&error))),
                Ok(Err(error)) => return Err(SendFault::Failed(chain(&error))),
                Err(_) => {
                    let moved = progress.and_then(Progress::moved).map(|moved| moved + self.answer);
                    match moved {
                        Some(later) if later > deadline => deadline = later,
                        _ => return Err(SendFault::Slow(self.answer)),
                    }
                }
            }
        }
    }
}

/// Why no answer came.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SendFault {
    #[error("the upstream cannot be reached: {0}")]
    Unreachable(String),
    #[error("the upstream did not answer properly: {0}")]
    Failed(String),
    #[error("the upstream did not answer within {} seconds", .0.as_secs())]
    Slow(Duration),
}

fn client(
    limits: &Limits,
    roots: Vec<CertificateDer<'static>>,
) -> Result<Client<HttpsConnector<HttpConnector>, Outgoing>, UpstreamError> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let tls = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Verifier::new_with_extra_roots(roots, provider)?))
        .with_no_client_auth();
    let mut http = HttpConnector::new();
    http.enforce_http(false);
    http.set_nodelay(true);
    http.set_connect_timeout(Some(limits.connect));
    let connector =
        HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().wrap_connector(http);
    Ok(Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(Duration::from_secs(20))
        .pool_max_idle_per_host(64)
        .build(connector))
}

fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

fn without_credentials(url: &str) -> String {
    match (url.find("://"), url.rfind('@')) {
        (Some(scheme), Some(at)) if at > scheme => {
            let (head, tail) = url.split_at(at);
            format!("{}://…{tail}", head.get(..scheme).unwrap_or_default())
        }
        _ => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_put_below_the_base() {
        for (url, expected) in [
            ("http://127.0.0.1:9000", "http://127.0.0.1:9000/a?b=c"),
            ("http://127.0.0.1:9000/", "http://127.0.0.1:9000/a?b=c"),
            ("https://shop.internal/base/", "https://shop.internal/base/a?b=c"),
        ] {
            let upstream = Upstream::new(url, &Limits::default()).unwrap();
            assert_eq!(upstream.url("/a", "b=c").unwrap().to_string(), expected);
        }
        let upstream = Upstream::new("http://h/x", &Limits::default()).unwrap();
        assert_eq!(upstream.url("//evil/", "").unwrap().authority().unwrap(), "h");
    }

    #[test]
    fn unusable_urls_are_refused_without_showing_credentials() {
        for url in ["shop", "/shop", "ftp://h/", "postgres://h/db", "http://h/?a=b", "http://u:secret@h/"] {
            let error = Upstream::new(url, &Limits::default()).err().unwrap().to_string();
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[tokio::test]
    async fn an_https_upstream_is_spoken_to_when_its_certificate_is_trusted_for_its_name() {
        let certified = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let root = certified.cert.der().clone();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let server = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![root.clone()], certified.signing_key.serialize_der().try_into().unwrap())
            .unwrap();
        let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(server));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let Ok(stream) = acceptor.accept(stream).await else { continue };
                let answer = hyper::service::service_fn(async |_| {
                    Ok::<_, std::convert::Infallible>(Response::new(http_body_util::Full::new(Bytes::from(
                        "tls",
                    ))))
                });
                let io = hyper_util::rt::TokioIo::new(stream);
                let _ = hyper::server::conn::http1::Builder::new().serve_connection(io, answer).await;
            }
        });
        let ask = async |host: &str, roots: Vec<CertificateDer<'static>>| {
            let url = format!("https://{host}:{port}");
            let upstream = Upstream::trusting(&url, &Limits::default(), roots).unwrap();
            let mut request = Request::new(Either::Right(Either::Right(Empty::new())));
            *request.uri_mut() = upstream.url("/", "").unwrap();
            upstream.send(request, None).await
        };
        assert_eq!(ask("localhost", vec![root.clone()]).await.unwrap().status(), 200);
        let unnamed = ask("127.0.0.1", vec![root]).await.unwrap_err();
        assert!(matches!(unnamed, SendFault::Unreachable(_)), "{unnamed}");
        let untrusted = ask("localhost", Vec::new()).await.unwrap_err();
        assert!(matches!(untrusted, SendFault::Unreachable(_)), "{untrusted}");
    }
}
