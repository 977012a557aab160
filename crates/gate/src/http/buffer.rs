//! Bodies that must be whole before they can be judged.

use crate::http::body::UploadFault;
use bytes::Bytes;
use http_body::Body;
use http_body_util::{BodyExt, Limited};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

const KIB: usize = 1024;

/// The memory that all bodies held by one gate may take together.
#[derive(Debug)]
pub(crate) struct Buffers(Arc<Semaphore>);

/// A whole body, and its share of the memory.
#[derive(Debug)]
pub(crate) struct Whole {
    bytes: Bytes,
    _room: OwnedSemaphorePermit,
}

impl Whole {
    /// The bytes.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes, for sending; they keep their share of the memory until they are gone.
    pub(crate) fn into_bytes(self) -> Bytes {
        Bytes::from_owner(self)
    }
}

impl AsRef<[u8]> for Whole {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// Why a body could not be held.
#[derive(Debug)]
pub(crate) enum Fault {
    TooLarge,
    Busy,
    Upload(UploadFault),
}

impl Buffers {
    /// Room for `total` bytes.
    pub(crate) fn new(total: usize) -> Self {
        Self(Arc::new(Semaphore::new((total / KIB).min(Semaphore::MAX_PERMITS))))
    }

    /// Reads `body`, up to `limit` bytes, within `time`.
    pub(crate) async fn read<B>(&self, body: B, limit: usize, time: Duration) -> Result<Whole, Fault>
    where
        B: Body<Data = Bytes, Error = hyper::Error>,
    {
        let hint = body.size_hint();
        if hint.lower() > limit as u64 {
            return Err(Fault::TooLarge);
        }
        let most = hint.exact().and_then(|length| usize::try_from(length).ok()).unwrap_or(limit).min(limit);
        let room = u32::try_from(most / KIB + 1).map_err(|_| Fault::TooLarge)?;
        let room = self.0.clone().try_acquire_many_owned(room).map_err(|_| Fault::Busy)?;
        match tokio::time::timeout(time, Limited::new(body, limit).collect()).await {
            Ok(Ok(collected)) => Ok(Whole { bytes: collected.to_bytes(), _room: room }),
            Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => Err(Fault::TooLarge),
            Ok(Err(_)) => Err(Fault::Upload(UploadFault::Broken)),
            Err(_) => Err(Fault::Upload(UploadFault::Stalled(time))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::Full;

    fn body(length: usize) -> impl Body<Data = Bytes, Error = hyper::Error> {
        Full::new(Bytes::from(vec![b'x'; length])).map_err(|never| match never {})
    }

    #[tokio::test]
    async fn a_body_over_the_limit_is_refused() {
        let buffers = Buffers::new(100 * KIB);
        let time = Duration::from_secs(60);
        assert_eq!(buffers.read(body(10), 10, time).await.unwrap().bytes(), b"xxxxxxxxxx");
        assert!(matches!(buffers.read(body(11), 10, time).await, Err(Fault::TooLarge)));
    }

    #[tokio::test]
    async fn all_bodies_together_have_a_limit() {
        let buffers = Buffers::new(10 * KIB);
        let time = Duration::from_secs(60);
        let held = buffers.read(body(8 * KIB), 100 * KIB, time).await.unwrap();
        assert!(matches!(buffers.read(body(8 * KIB), 100 * KIB, time).await, Err(Fault::Busy)));
        drop(held);
        assert!(buffers.read(body(8 * KIB), 100 * KIB, time).await.is_ok());
    }
}
