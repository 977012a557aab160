//! A service that says its name, the role it was called by, and can be made to wait.

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use stagedoor_gate::{Arrival, Bound, Handler, Limits, Listening};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::sync::Notify;

#[derive(Default)]
struct Shared {
    name: &'static str,
    arrived: Notify,
    release: Notify,
}

/// The service.
pub(crate) struct Upstream {
    shared: Arc<Shared>,
    listening: Listening,
}

struct Service(Arc<Shared>);

impl Handler for Service {
    type Body = Full<Bytes>;

    async fn handle(&self, request: Request<Incoming>, _: Arrival) -> Response<Full<Bytes>> {
        if request.uri().path() == "/wait" {
            self.0.arrived.notify_one();
            self.0.release.notified().await;
        }
        let told = |name: &str| request.headers().get(name).map_or("-", |value| value.to_str().unwrap());
        let text = match request.uri().path() {
            "/origin" => ["provider", "repository", "ref", "commit", "run"]
                .map(|name| told(&format!("x-stagedoor-{name}")).to_owned())
                .join(" "),
            _ => format!("{} for {}", self.0.name, told("x-stagedoor-role")),
        };
        Response::new(Full::new(Bytes::from(text)))
    }
}

impl Upstream {
    pub(crate) async fn start(name: &'static str) -> Self {
        let shared = Arc::new(Shared { name, ..Shared::default() });
        let bound = Bound::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let listening = Listening::start(bound, &Limits::default(), Arc::new(Service(shared.clone())));
        Self { shared, listening }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.listening.local_addr()
    }

    /// Waits until a request has arrived at `/wait`.
    pub(crate) async fn arrived(&self) {
        self.shared.arrived.notified().await;
    }

    /// Lets a request at `/wait` be answered.
    pub(crate) fn release(&self) {
        self.shared.release.notify_one();
    }
}
