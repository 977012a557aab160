//! Texts that are given away and that only this installation can read again.
//!
//! ```text
//! message = base64url without padding ( length of key id (1 byte)  key id  nonce  ciphertext tag )
//! sealed  = AES-256-GCM-SIV (RFC 8452), 12 random bytes of nonce, what stands before it as associated data
//! ```
//! The key is derived apart from the one that seals sessions, so that neither can be taken for the other.

use aws_lc_rs::aead;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;

use crate::keyring::Keyring;
use crate::seal::SealError;

/// The longest sealed message that is read, in characters.
pub const MAX_MESSAGE: usize = 10 * 1024;

const NONCE_LEN: usize = 12;

impl Keyring {
    /// Seals `text` with the key that is active at `now`.
    ///
    /// # Errors
    /// When the result would be longer than [`MAX_MESSAGE`], or the system has no randomness.
    pub fn seal_message(&self, text: &str, now: Timestamp) -> Result<String, SealError> {
        let key = self.active(now).ok_or(SealError::Cipher)?;
        let id = key.stored.id.as_bytes();
        let mut message = vec![u8::try_from(id.len()).map_err(|_| SealError::Cipher)?];
        message.extend_from_slice(id);
        let mut sealed = text.as_bytes().to_vec();
        let nonce = key
            .messages
            .seal_in_place_append_tag(aead::Aad::from(&message), &mut sealed)
            .map_err(|_| SealError::Cipher)?;
        message.extend_from_slice(nonce.as_ref());
        message.extend_from_slice(&sealed);
        let message = URL_SAFE_NO_PAD.encode(message);
        if message.len() > MAX_MESSAGE {
            return Err(SealError::TooLarge { percent: (message.len() * 100).div_ceil(MAX_MESSAGE) });
        }
        Ok(message)
    }

    /// Reads a sealed message; none when it is not whole, not ours, or its key is gone at `now`.
    #[must_use]
    pub fn open_message(&self, message: &str, now: Timestamp) -> Option<String> {
        let message = Some(message).filter(|message| message.len() <= MAX_MESSAGE)?;
        let message = URL_SAFE_NO_PAD.decode(message).ok()?;
        let (id_len, rest) = message.split_first()?;
        let (id, rest) = rest.split_at_checked(usize::from(*id_len))?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE_LEN>()?;
        let (header, _) = message.split_at_checked(1 + id.len())?;
        let mut sealed = sealed.to_vec();
        let text = self
            .opening(id, now)?
            .messages
            .open_in_place(aead::Nonce::from(nonce), aead::Aad::from(header), &mut sealed)
            .ok()?;
        String::from_utf8(text.to_vec()).ok()
    }
}
