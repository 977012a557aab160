//! The small service behind the gate: it knows nothing of tokens and believes what the gate tells it.

use std::convert::Infallible;
use std::net::SocketAddr;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::failure::Failure;

/// The service; it stops when it is dropped.
pub(super) struct Upstream {
    pub(super) address: SocketAddr,
    server: JoinHandle<()>,
}

impl Upstream {
    /// Starts the service on a port of loopback.
    ///
    /// # Errors
    /// When the port cannot be taken.
    pub(super) async fn start(listener: TcpListener) -> Result<Self, Failure> {
        let address = listener.local_addr().map_err(|error| {
            Failure::internal(format!("the service behind the gate has no address: {error}"))
        })?;
        Ok(Self { address, server: tokio::spawn(serve(listener)) })
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn serve(listener: TcpListener) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(async move {
            let answer = service_fn(|request| async move { Ok::<_, Infallible>(answer(&request)) });
            // A caller that goes away is nobody's fault.
            drop(
                hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), answer)
                    .await,
            );
        });
    }
}

fn answer(request: &Request<Incoming>) -> Response<Full<Bytes>> {
    let told =
        |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let (status, mut body) = match (request.method(), request.uri().path()) {
        (&Method::GET, "/orders") => (StatusCode::OK, json!({ "orders": [42, 43] })),
        (&Method::GET, "/orders/42") => (StatusCode::OK, json!({ "order": 42, "state": "paid" })),
        (&Method::DELETE, "/orders/42") => (StatusCode::OK, json!({ "deleted": 42 })),
        (&Method::POST, "/deployments") => (StatusCode::CREATED, json!({ "deployed": "shop" })),
        _ => (StatusCode::NOT_FOUND, json!({ "error": "no such thing" })),
    };
    if let Some(object) = body.as_object_mut() {
        object.insert("asked_by".to_owned(), json!(told("x-stagedoor-role")));
        let credentials = ["authorization", "x-amz-security-token"];
        let seen = credentials.iter().any(|name| request.headers().contains_key(*name));
        object.insert("saw_credentials".to_owned(), Value::Bool(seen));
    }
    let mut response = Response::new(Full::new(Bytes::from(format!("{body}\n"))));
    *response.status_mut() = status;
    response.headers_mut().insert("content-type", http::HeaderValue::from_static("application/json"));
    response
}
