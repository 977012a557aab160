//! Bodies on their way: counted, timed, and checked against the signed hash before their end is passed on.

use crate::idle::Idle;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use stagedoor_session::{BodyCheck, SessionRefusal};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::Instant;

/// Why a request body was not passed on whole.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum UploadFault {
    #[error("{0}")]
    NotAsSigned(SessionRefusal),
    #[error("the request body is larger than {limit} bytes")]
    TooLarge { limit: u64 },
    #[error("the request body stalled for {} seconds", .0.as_secs())]
    Stalled(Duration),
    #[error("the request body ended before it was whole")]
    Broken,
}

/// How an upload goes, seen from outside of the body.
#[derive(Debug, Clone, Default)]
pub(crate) struct Progress(Arc<Mutex<ProgressState>>);

#[derive(Debug, Default)]
struct ProgressState {
    moved: Option<Instant>,
    fault: Option<UploadFault>,
}

impl Progress {
    /// When a piece of the body last went on.
    pub(crate) fn moved(&self) -> Option<Instant> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).moved
    }

    /// Why the body was not passed on whole, if so.
    pub(crate) fn fault(&self) -> Option<UploadFault> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fault.clone()
    }

    fn step(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).moved = Some(Instant::now());
    }

    fn fail(&self, fault: &UploadFault) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fault = Some(fault.clone());
    }
}

/// A request body on its way to the upstream.
///
/// The last piece is held back until the whole body has been checked, so that an upstream never has a complete
/// request that is not the signed one.
pub(crate) struct Upload<B = Incoming> {
    body: B,
    check: Option<BodyCheck>,
    held: Option<Bytes>,
    left: u64,
    limit: u64,
    length: SizeHint,
    idle: Idle,
    progress: Progress,
    done: bool,
}

impl<B: Body<Data = Bytes> + Unpin> Upload<B> {
    /// Passes `body` on, up to `limit` bytes, with at most `idle` between two pieces.
    pub(crate) fn new(body: B, check: BodyCheck, limit: u64, idle: Duration) -> (Self, Progress) {
        let progress = Progress::default();
        let upload = Self {
            length: body.size_hint(),
            body,
            check: Some(check),
            held: None,
            left: limit,
            limit,
            idle: Idle::new(idle),
            progress: progress.clone(),
            done: false,
        };
        (upload, progress)
    }

    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>, UploadFault>> {
        loop {
            let frame = match Pin::new(&mut self.body).poll_frame(cx) {
                Poll::Ready(frame) => frame,
                Poll::Pending => {
                    ready!(self.idle.poll_waiting(cx));
                    return Poll::Ready(Err(UploadFault::Stalled(self.idle.limit())));
                }
            };
            self.idle.moved();
            match frame {
                Some(Ok(frame)) => {
                    // Trailers are nobody's: not signed, and a second way to send headers.
                    let Ok(piece) = frame.into_data() else { continue };
                    self.left = self
                        .left
                        .checked_sub(piece.len() as u64)
                        .ok_or(UploadFault::TooLarge { limit: self.limit })?;
                    if let Some(check) = &mut self.check {
                        check.update(&piece);
                    }
                    if let Some(before) = self.held.replace(piece) {
                        return Poll::Ready(Ok(Some(before)));
                    }
                }
                Some(Err(_)) => return Poll::Ready(Err(UploadFault::Broken)),
                None => {
                    if let Some(check) = self.check.take() {
                        check.finish().map_err(UploadFault::NotAsSigned)?;
                    }
                    self.done = true;
                    return Poll::Ready(Ok(self.held.take()));
                }
            }
        }
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for Upload<B> {
    type Data = Bytes;
    type Error = UploadFault;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, UploadFault>>> {
        let this = self.get_mut();
        if this.done {
            return Poll::Ready(None);
        }
        let piece = ready!(this.poll_piece(cx));
        this.progress.step();
        Poll::Ready(match piece {
            Ok(piece) => piece.map(|piece| Ok(Frame::data(piece))),
            Err(fault) => {
                this.done = true;
                this.progress.fail(&fault);
                Some(Err(fault))
            }
        })
    }

    fn size_hint(&self) -> SizeHint {
        self.length
    }
}

/// An answer's body on its way to the caller, with at most `idle` between two pieces.
pub(crate) struct Download {
    body: Incoming,
    idle: Idle,
}

impl Download {
    /// Passes `body` on.
    pub(crate) fn new(body: Incoming, idle: Duration) -> Self {
        Self { body, idle: Idle::new(idle) }
    }
}

/// Why an answer's body was cut.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DownloadFault {
    #[error("the upstream sent nothing for {} seconds", .0.as_secs())]
    Stalled(Duration),
    #[error("the upstream's answer broke off: {0}")]
    Broken(#[from] hyper::Error),
}

impl Body for Download {
    type Data = Bytes;
    type Error = DownloadFault;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, DownloadFault>>> {
        let this = self.get_mut();
        match Pin::new(&mut this.body).poll_frame(cx) {
            Poll::Ready(frame) => {
                this.idle.moved();
                Poll::Ready(frame.map(|frame| frame.map_err(DownloadFault::from)))
            }
            Poll::Pending => {
                ready!(this.idle.poll_waiting(cx));
                Poll::Ready(Some(Err(DownloadFault::Stalled(this.idle.limit()))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
