//! The discovery document and the JWKS over HTTP.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::claims::Kind;
use crate::key::SigningKey;

const DISCOVERY: &str = "/.well-known/openid-configuration";

/// What an issuer and its server share.
pub(crate) struct State {
    pub(crate) kind: Kind,
    pub(crate) url: String,
    pub(crate) path: String,
    pub(crate) keys: RwLock<Vec<Arc<SigningKey>>>,
    pub(crate) down: AtomicBool,
    pub(crate) discoveries: AtomicU64,
    pub(crate) key_fetches: AtomicU64,
}

impl State {
    /// The published keys, the one in use first.
    pub(crate) fn keys(&self) -> Vec<Arc<SigningKey>> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn jwks(&self) -> Value {
        json!({ "keys": self.keys().iter().map(|key| key.jwk()).collect::<Vec<_>>() })
    }

    pub(crate) fn jwks_uri(&self) -> String {
        format!("{}{}", self.url, self.kind.jwks_path())
    }

    fn discovery(&self) -> Value {
        json!({
            "issuer": self.url,
            "jwks_uri": self.jwks_uri(),
            "authorization_endpoint": "",
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public"],
            "scopes_supported": ["openid"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "claims_supported": ["iss", "sub", "aud", "iat", "exp"],
        })
    }

    fn answer(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        let Some(path) = request.uri().path().strip_prefix(self.path.as_str()) else {
            return plain(StatusCode::NOT_FOUND);
        };
        let document = if path == DISCOVERY {
            self.discoveries.fetch_add(1, Ordering::Relaxed);
            self.discovery()
        } else if path == self.kind.jwks_path() {
            self.key_fetches.fetch_add(1, Ordering::Relaxed);
            self.jwks()
        } else {
            return plain(StatusCode::NOT_FOUND);
        };
        if request.method() != Method::GET {
            return plain(StatusCode::METHOD_NOT_ALLOWED);
        }
        if self.down.load(Ordering::Relaxed) {
            return plain(StatusCode::SERVICE_UNAVAILABLE);
        }
        let mut response = Response::new(Full::from(document.to_string()));
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
        response
    }
}

fn plain(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(status.to_string()));
    *response.status_mut() = status;
    response
}

/// Serves until it is dropped, and its connections with it.
pub(crate) async fn serve(listener: TcpListener, state: Arc<State>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else {
                    // Out of descriptors, most likely: wait for one rather than spin.
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    continue;
                };
                let state = Arc::clone(&state);
                let service = service_fn(move |request| {
                    let response = state.answer(&request);
                    async move { Ok::<_, Infallible>(response) }
                });
                connections.spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}
