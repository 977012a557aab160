//! A service that remembers what it was sent.

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinHandle;

/// One request as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    /// Whether the body came to its proper end.
    pub(crate) whole: bool,
}

#[derive(Default)]
struct Shared {
    seen: Mutex<Vec<Seen>>,
    arrived: Notify,
    release: Notify,
}

/// The service. What it does depends on the path.
pub(crate) struct Upstream {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

type Body = UnsyncBoxBody<Bytes, Infallible>;

impl Upstream {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared::default());
        let accepting = tokio::spawn({
            let shared = shared.clone();
            async move {
                while let Ok((stream, _)) = listener.accept().await {
                    let shared = shared.clone();
                    tokio::spawn(async move {
                        let service = service_fn(move |request| {
                            let shared = shared.clone();
                            async move { Ok::<_, Infallible>(serve(&shared, request).await) }
                        });
                        let _ = http1::Builder::new()
                            .serve_connection(TokioIo::new(stream), service)
                            .with_upgrades()
                            .await;
                    });
                }
            }
        });
        Self { address, shared, accepting }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// What has arrived so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.shared.seen.lock().unwrap().clone()
    }

    /// The only request that arrived.
    pub(crate) fn only(&self) -> Seen {
        let mut seen = self.seen();
        assert_eq!(seen.len(), 1, "{seen:?}");
        seen.remove(0)
    }

    /// Waits until a request has arrived at `/wait`.
    pub(crate) async fn arrived(&self) {
        self.shared.arrived.notified().await;
    }

    /// Lets a request at `/wait` be answered.
    pub(crate) fn release(&self) {
        self.shared.release.notify_one();
    }

    /// Stops listening, so that connecting fails.
    pub(crate) fn stop(&self) {
        self.accepting.abort();
    }
}

async fn serve(shared: &Arc<Shared>, mut request: Request<Incoming>) -> Response<Body> {
    if request.uri().path() == "/socket" {
        return switch(&mut request);
    }
    let (parts, mut incoming) = request.into_parts();
    let mut body = Vec::new();
    let mut whole = true;
    while let Some(frame) = incoming.frame().await {
        match frame {
            Ok(frame) => body.extend_from_slice(frame.data_ref().map_or(&[], |data| data)),
            Err(_) => {
                whole = false;
                break;
            }
        }
    }
    let length = body.len();
    shared.seen.lock().unwrap().push(Seen {
        method: parts.method.to_string(),
        target: parts.uri.to_string(),
        headers: parts.headers,
        body,
        whole,
    });
    match parts.uri.path() {
        "/wait" => {
            shared.arrived.notify_one();
            shared.release.notified().await;
            answer("waited")
        }
        "/never" => std::future::pending().await,
        "/forged" => {
            let mut response = answer("forged");
            for (name, value) in [
                ("x-stagedoor-decision", "mine"),
                ("connection", "x-hop"),
                ("x-hop", "1"),
                ("set-cookie", "a=b"),
            ] {
                response.headers_mut().append(name, value.parse().unwrap());
            }
            response
        }
        "/teapot" => {
            let mut response = answer("short and stout");
            *response.status_mut() = StatusCode::IM_A_TEAPOT;
            response
        }
        path => match path.strip_prefix("/download/") {
            Some(megabytes) => download(megabytes.parse().unwrap()),
            None => answer(&format!("got {length} bytes")),
        },
    }
}

fn answer(text: &str) -> Response<Body> {
    Response::new(Full::new(Bytes::from(text.to_owned())).boxed_unsync())
}

/// Megabytes, each filled with its number.
fn download(megabytes: u8) -> Response<Body> {
    let (sender, receiver) = mpsc::channel(1);
    tokio::spawn(async move {
        for number in 0..megabytes {
            let piece = Frame::data(Bytes::from(vec![number; 1 << 20]));
            if sender.send(Ok::<_, Infallible>(piece)).await.is_err() {
                return;
            }
        }
    });
    let pieces = futures_util::stream::unfold(receiver, |mut receiver| async move {
        receiver.recv().await.map(|piece| (piece, receiver))
    });
    Response::new(StreamBody::new(pieces).boxed_unsync())
}

/// Speaks a protocol of its own after a switch: sends back what it gets, in capitals.
fn switch(request: &mut Request<Incoming>) -> Response<Body> {
    let upgrade = hyper::upgrade::on(request);
    tokio::spawn(async move {
        let mut stream = TokioIo::new(upgrade.await.unwrap());
        let mut buffer = [0; 64];
        while let Ok(read @ 1..) = stream.read(&mut buffer).await {
            let text = buffer[..read].to_ascii_uppercase();
            stream.write_all(&text).await.unwrap();
        }
    });
    let mut response = answer("");
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    response.headers_mut().insert("connection", "upgrade".parse().unwrap());
    response.headers_mut().insert("upgrade", "websocket".parse().unwrap());
    response
}
