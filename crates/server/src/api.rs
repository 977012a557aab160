//! The listener of the doors.

use crate::core::Core;
use crate::own::{health, status, text};
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use stagedoor_gate::{Arrival, Handler};
use stagedoor_sts::{Door, doors};
use std::sync::Arc;
use tower::ServiceExt;

/// The doors, with health and a status text beside them.
pub(crate) struct Api {
    core: Arc<Core>,
    doors: Router,
}

impl Api {
    /// All doors of this version.
    pub(crate) fn new(core: Arc<Core>) -> Self {
        let doors = doors(Door { authority: core.authority.clone(), secure_transport: false });
        Self { core, doors }
    }
}

impl Handler for Api {
    type Body = Body;

    async fn handle(&self, request: Request<Incoming>, arrival: Arrival) -> Response<Body> {
        if let Err(fault) = arrival.framing {
            return text(StatusCode::BAD_REQUEST, format!("{fault}\n")).map(Body::new);
        }
        let own = health(&self.core, request.uri().path(), false).or_else(|| status(&self.core, &request));
        if let Some(page) = own {
            return page.map(Body::new);
        }
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(arrival.peer));
        match self.doors.clone().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }
}
