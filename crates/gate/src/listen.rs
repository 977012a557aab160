//! Accepting HTTP/1 connections, and letting them finish.

use crate::Limits;
use crate::framing::{Framing, FramingFault, Watched};
use http::header::CONNECTION;
use http::{HeaderValue, Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::error::Error;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// What answers the requests of a listener.
pub trait Handler: Send + Sync + 'static {
    /// The body of an answer.
    type Body: Body<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static;

    /// Answers one request.
    fn handle(
        &self,
        request: Request<Incoming>,
        arrival: Arrival,
    ) -> impl Future<Output = Response<Self::Body>> + Send;
}

/// How a request came in.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// The other end of the connection.
    pub peer: SocketAddr,
    /// Whether the request's framing has a single reading. If not, it must be refused.
    pub framing: Result<(), FramingFault>,
    /// Cancelled when the listener begins to drain: for what would otherwise never end.
    pub draining: CancellationToken,
    /// Where work that outlives its request is spawned, so that a drain waits for it.
    pub tasks: TaskTracker,
}

/// An address that is taken and not yet served: connections wait.
#[derive(Debug)]
pub struct Bound {
    listener: TcpListener,
    local: SocketAddr,
}

impl Bound {
    /// Takes `address`; port 0 takes any free port.
    ///
    /// # Errors
    /// The system's, such as an address in use.
    pub async fn bind(address: SocketAddr) -> std::io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let local = listener.local_addr()?;
        Ok(Self { listener, local })
    }

    /// The address that was taken.
    pub fn local_addr(&self) -> SocketAddr {
        self.local
    }
}

/// A running listener.
#[derive(Debug)]
pub struct Listening {
    local: SocketAddr,
    draining: CancellationToken,
    cut: CancellationToken,
    tasks: TaskTracker,
}

impl Listening {
    /// Starts to accept connections. Must be called within a Tokio runtime.
    pub fn start(bound: Bound, limits: &Limits, handler: Arc<impl Handler>) -> Self {
        let listening = Self {
            local: bound.local,
            draining: CancellationToken::new(),
            cut: CancellationToken::new(),
            tasks: TaskTracker::new(),
        };
        listening.tasks.spawn(accept(
            bound.listener,
            limits.clone(),
            handler,
            listening.draining.clone(),
            listening.cut.clone(),
            listening.tasks.clone(),
        ));
        listening
    }

    /// The address that is listened on.
    pub fn local_addr(&self) -> SocketAddr {
        self.local
    }

    /// Stops accepting, waits up to `patience` for requests in flight, then cuts what is left.
    pub async fn drain(self, patience: Duration) {
        self.draining.cancel();
        self.tasks.close();
        if tokio::time::timeout(patience, self.tasks.wait()).await.is_err() {
            tracing::warn!(address = %self.local, "requests did not finish in time and are cut");
            self.cut.cancel();
            self.tasks.wait().await;
        }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.draining.cancel();
        self.cut.cancel();
    }
}

async fn accept(
    listener: TcpListener,
    limits: Limits,
    handler: Arc<impl Handler>,
    draining: CancellationToken,
    cut: CancellationToken,
    tasks: TaskTracker,
) {
    let room = Arc::new(Semaphore::new(limits.connections));
    loop {
        let accepted = tokio::select! {
            () = draining.cancelled() => return,
            accepted = async {
                let place = room.clone().acquire_owned().await;
                (place, listener.accept().await)
            } => accepted,
        };
        match accepted {
            (Ok(place), Ok((stream, peer))) => {
                let connection = Connection {
                    peer,
                    limits: limits.clone(),
                    handler: handler.clone(),
                    draining: draining.clone(),
                    cut: cut.clone(),
                    tasks: tasks.clone(),
                };
                tasks.spawn(async move {
                    connection.serve(stream).await;
                    drop(place);
                });
            }
            (_, Err(error)) => {
                // Out of file descriptors, most likely: the next try must not spin.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            (Err(_), _) => return,
        }
    }
}

struct Connection<H> {
    peer: SocketAddr,
    limits: Limits,
    handler: Arc<H>,
    draining: CancellationToken,
    cut: CancellationToken,
    tasks: TaskTracker,
}

impl<H: Handler> Connection<H> {
    async fn serve(self, stream: TcpStream) {
        // Without it small answers wait for acknowledgements; failing to set it costs only time.
        let _ = stream.set_nodelay(true);
        let (watched, seen) = Watched::new(stream, self.limits.head, self.limits.download_idle);
        let this = &self;
        let service = service_fn(move |request| {
            let framing = seen.next();
            async move { Ok::<_, Infallible>(this.answer(request, framing).await) }
        });
        let mut connection = pin!(
            http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(self.limits.head_time)
                .max_buf_size(self.limits.head.max(8192))
                .max_headers(self.limits.headers)
                .serve_connection(TokioIo::new(watched), service)
                .with_upgrades()
        );
        tokio::select! {
            _ = connection.as_mut() => return,
            () = self.cut.cancelled() => return,
            () = self.draining.cancelled() => connection.as_mut().graceful_shutdown(),
        }
        tokio::select! {
            _ = connection => {}
            () = self.cut.cancelled() => {}
        }
    }

    async fn answer(&self, request: Request<Incoming>, framing: Option<Framing>) -> Response<H::Body> {
        let last = framing.is_none_or(|framing| framing.close) || self.draining.is_cancelled();
        let framing = match framing {
            Some(framing) => framing.fault.map_or(Ok(()), Err),
            None => Err(FramingFault::Unseen),
        };
        let arrival =
            Arrival { peer: self.peer, framing, draining: self.draining.clone(), tasks: self.tasks.clone() };
        let mut answer = self.handler.handle(request, arrival).await;
        if last && answer.status() != http::StatusCode::SWITCHING_PROTOCOLS {
            answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        answer
    }
}
