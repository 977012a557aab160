//! The server's own pages: health, readiness, metrics, a status text.

use crate::core::Core;
use bytes::Bytes;
use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use stagedoor_gate::{Arrival, Handler};
use std::sync::Arc;

const TEXT: &str = "text/plain; charset=utf-8";
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// `/metrics`, `/healthz` and `/readyz`.
pub(crate) struct Operations(pub(crate) Arc<Core>);

impl Handler for Operations {
    type Body = Full<Bytes>;

    async fn handle(&self, request: Request<Incoming>, arrival: Arrival) -> Response<Full<Bytes>> {
        if let Err(fault) = arrival.framing {
            return text(StatusCode::BAD_REQUEST, format!("{fault}\n"));
        }
        let page = match request.uri().path() {
            "/metrics" => page(StatusCode::OK, OPEN_METRICS, self.0.metrics()),
            path => match health(&self.0, path, true) {
                Some(page) => page,
                None => return text(StatusCode::NOT_FOUND, "/metrics, /healthz, /readyz\n".to_owned()),
            },
        };
        match *request.method() {
            Method::GET | Method::HEAD => page,
            _ => text(StatusCode::METHOD_NOT_ALLOWED, "GET or HEAD\n".to_owned()),
        }
    }
}

/// `/healthz`: the process answers. `/readyz`: it could issue and forward now; `explain` says why not.
pub(crate) fn health(core: &Core, path: &str, explain: bool) -> Option<Response<Full<Bytes>>> {
    match path {
        "/healthz" => Some(text(StatusCode::OK, "ok\n".to_owned())),
        "/readyz" => Some(match core.ready() {
            Ok(()) => text(StatusCode::OK, "ready\n".to_owned()),
            Err(why) if explain => text(StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {why}\n")),
            Err(_) => text(StatusCode::SERVICE_UNAVAILABLE, "not ready\n".to_owned()),
        }),
        _ => None,
    }
}

/// What a browser sees at `/`: AWS's protocol lives at the same path and never asks for HTML.
pub(crate) fn status(core: &Core, request: &Request<Incoming>) -> Option<Response<Full<Bytes>>> {
    let html = request.headers().get(ACCEPT).and_then(|accept| accept.to_str().ok());
    let asked = request.method() == Method::GET
        && request.uri().path() == "/"
        && request.uri().query().is_none()
        && html.is_some_and(|accept| accept.contains("text/html"));
    asked.then(|| {
        let state = if core.ready().is_ok() { "ready" } else { "not ready" };
        text(StatusCode::OK, format!("Stagedoor {}, {state}\nAWS STS: POST /\n", env!("CARGO_PKG_VERSION")))
    })
}

/// A short answer in plain text.
pub(crate) fn text(status: StatusCode, text: String) -> Response<Full<Bytes>> {
    page(status, TEXT, text)
}

fn page(status: StatusCode, kind: &'static str, text: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
