//! String to sign, signing key, comparison.

use aws_lc_rs::{digest, hmac};

use super::{ALGORITHM, Signed};

/// The hash of a canonical request.
pub(crate) struct Canonical(String);

impl Canonical {
    pub(crate) fn of(request: &[u8]) -> Self {
        Self(hex::encode(digest::digest(&digest::SHA256, request)))
    }

    pub(crate) fn into_hex(self) -> String {
        self.0
    }
}

/// Whether the signature is the one that `secret_access_key` makes, compared in constant time.
pub(crate) fn matches(signed: &Signed, secret_access_key: &str, canonical: &Canonical) -> bool {
    let string_to_sign =
        format!("{ALGORITHM}\n{}\n{}\n{}", signed.amz_date(), signed.scope().as_text(), canonical.0);
    let key = signing_key(signed, secret_access_key);
    hmac::verify(&key, string_to_sign.as_bytes(), signed.signature()).is_ok()
}

fn signing_key(signed: &Signed, secret_access_key: &str) -> hmac::Key {
    let scope = signed.scope();
    let first = zeroize::Zeroizing::new(format!("AWS4{secret_access_key}"));
    let mut key = hmac::Key::new(hmac::HMAC_SHA256, first.as_bytes());
    for part in [&scope.date, &scope.region, &scope.service, "aws4_request"] {
        key = hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&key, part.as_bytes()).as_ref());
    }
    key
}

/// Whether a parsed signature is sound for a secret that is known: for signatures made elsewhere.
#[cfg(test)]
pub(crate) fn verified(
    signed: &Signed,
    request: &crate::HttpRequest<'_>,
    secret_access_key: &str,
    s3: bool,
) -> bool {
    let payload = match (signed.declared(), request.body) {
        (Some((text, _)), _) => text.to_owned(),
        (None, crate::Body::Sha256(hash)) => hex::encode(hash),
        (None, crate::Body::Unread) => return false,
    };
    let canonical = Canonical::of(&super::canonical_request(request, signed, &payload, s3));
    matches(signed, secret_access_key, &canonical)
}
