//! The body against its signed hash.

use aws_lc_rs::{constant_time, digest};

use crate::authenticate::Payload;
use crate::refusal::SessionRefusal;

/// Checks a body, as it streams by, against the hash that was signed.
///
/// The last bytes should not be passed on before [`BodyCheck::finish`] has agreed, so that the receiver never takes
/// a body that is whole and wrong.
pub struct BodyCheck {
    signed: Option<[u8; 32]>,
    seen: digest::Context,
}

impl BodyCheck {
    /// A check of a body that was signed as `payload`.
    ///
    /// # Errors
    /// [`SessionRefusal::PayloadUnsupported`] for the chunked forms, which are framed and signed inside the body.
    pub fn new(payload: &Payload) -> Result<Self, SessionRefusal> {
        let signed = match payload {
            Payload::Hash(hash) => Some(*hash),
            Payload::Unsigned => None,
            Payload::StreamingSigned { .. } | Payload::StreamingUnsigned => {
                return Err(SessionRefusal::PayloadUnsupported("`STREAMING-…`".to_owned()));
            }
        };
        Ok(Self { signed, seen: digest::Context::new(&digest::SHA256) })
    }

    /// Takes the next bytes of the body.
    pub fn update(&mut self, bytes: &[u8]) {
        if self.signed.is_some() {
            self.seen.update(bytes);
        }
    }

    /// The verdict at the end of the body.
    ///
    /// # Errors
    /// [`SessionRefusal::PayloadMismatch`] when the body is not the one that was signed.
    pub fn finish(self) -> Result<(), SessionRefusal> {
        match self.signed {
            Some(signed) => compare(&signed, &as_array(&self.seen.finish())),
            None => Ok(()),
        }
    }
}

pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    as_array(&digest::digest(&digest::SHA256, bytes))
}

pub(crate) fn compare(signed: &[u8; 32], found: &[u8; 32]) -> Result<(), SessionRefusal> {
    constant_time::verify_slices_are_equal(signed, found).map_err(|_| SessionRefusal::PayloadMismatch {
        signed: hex::encode(signed),
        found: hex::encode(found),
    })
}

fn as_array(digest: &digest::Digest) -> [u8; 32] {
    let mut out = [0; 32];
    for (to, from) in out.iter_mut().zip(digest.as_ref()) {
        *to = *from;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_streamed_body_is_checked_against_the_signed_hash() {
        let payload = Payload::Hash(sha256(b"hello world"));
        let mut check = BodyCheck::new(&payload).unwrap();
        check.update(b"hello ");
        check.update(b"world");
        assert_eq!(check.finish(), Ok(()));

        let mut check = BodyCheck::new(&payload).unwrap();
        check.update(b"hello world!");
        assert_eq!(check.finish().unwrap_err().code(), "payload_mismatch");
        assert_eq!(BodyCheck::new(&payload).unwrap().finish().unwrap_err().code(), "payload_mismatch");
    }

    #[test]
    fn an_unsigned_body_passes_and_a_chunked_one_needs_another_check() {
        let mut check = BodyCheck::new(&Payload::Unsigned).unwrap();
        check.update(b"anything");
        assert_eq!(check.finish(), Ok(()));
        for payload in [Payload::StreamingUnsigned, Payload::StreamingSigned { trailer: true }] {
            assert_eq!(BodyCheck::new(&payload).err().unwrap().code(), "payload_unsupported");
        }
    }
}
