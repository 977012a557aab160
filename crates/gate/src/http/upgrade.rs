//! WebSocket: the one protocol that a connection may switch to (RFC 6455 §4).

use crate::listen::Arrival;
use http::header::{CONNECTION, HeaderMap, HeaderValue, UPGRADE};
use http::{Method, Request, Response, Version};
use http_body::Body as _;
use hyper::body::Incoming;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use std::time::Duration;

/// A caller's wish to speak WebSocket.
pub(crate) struct Asked(OnUpgrade);

impl Asked {
    /// The wish of a request, if it has one that can be granted. Any other `Upgrade` is ignored and not passed on.
    pub(crate) fn of(request: &mut Request<Incoming>) -> Option<Self> {
        let fits = request.method() == Method::GET
            && request.version() == Version::HTTP_11
            && request.body().is_end_stream()
            && names_websocket(request.headers())
            && request.headers().get_all(CONNECTION).iter().any(|value| has_token(value, "upgrade"));
        fits.then(|| Self(hyper::upgrade::on(request)))
    }

    /// Passes the wish on.
    pub(crate) fn ask<B>(&self, request: &mut Request<B>) {
        announce(request.headers_mut());
    }

    /// Joins the two connections once both have switched. The tunnel ends with the session, after `left`, and when
    /// the listener drains.
    pub(crate) fn join(
        self,
        answer: Response<Incoming>,
        headers: &mut HeaderMap,
        left: Duration,
        arrival: &Arrival,
    ) -> Result<(), &'static str> {
        if !names_websocket(answer.headers()) {
            return Err("The upstream switched to another protocol than it was asked for.");
        }
        announce(headers);
        let draining = arrival.draining.clone();
        arrival.tasks.spawn(async move {
            let Ok((caller, upstream)) = tokio::try_join!(self.0, hyper::upgrade::on(answer)) else { return };
            let (mut caller, mut upstream) = (TokioIo::new(caller), TokioIo::new(upstream));
            tokio::select! {
                _ = tokio::io::copy_bidirectional(&mut caller, &mut upstream) => {}
                () = tokio::time::sleep(left) => {}
                () = draining.cancelled() => {}
            }
        });
        Ok(())
    }
}

fn announce(headers: &mut HeaderMap) {
    headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
}

fn names_websocket(headers: &HeaderMap) -> bool {
    let mut named = headers.get_all(UPGRADE).iter();
    matches!((named.next(), named.next()), (Some(value), None) if value.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

fn has_token(value: &HeaderValue, token: &str) -> bool {
    value.to_str().is_ok_and(|text| text.split(',').any(|part| part.trim().eq_ignore_ascii_case(token)))
}
