//! Identifiers in the shapes that AWS clients expect.

use aws_lc_rs::digest;

use crate::keyring::{RandomnessUnavailable, random};

const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The access key id of a temporary credential: `ASIA` and 16 base32 characters (RFC 4648 §6) that hold `random`.
///
/// The id is public. Fill `random` from a good generator, or use [`random_access_key_id`].
#[must_use]
pub fn new_access_key_id(random: [u8; 10]) -> String {
    let mut id = String::with_capacity(20);
    id.push_str("ASIA");
    base32(&random, 16, &mut id);
    id
}

/// A fresh access key id from the system's randomness.
///
/// # Errors
/// When the system has no randomness to give.
pub fn random_access_key_id() -> Result<String, RandomnessUnavailable> {
    Ok(new_access_key_id(random()?))
}

/// The stable id of a role: `AROA` and 17 base32 characters, a hash of the account and the role's name.
///
/// The same role has the same id on each node and after each restart; nothing is stored.
#[must_use]
pub fn role_id(account: &str, role: &str) -> String {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(b"stagedoor role id\0");
    context.update(account.as_bytes());
    context.update(b"\0");
    context.update(role.as_bytes());
    let hash = context.finish();
    let mut id = String::with_capacity(21);
    id.push_str("AROA");
    base32(hash.as_ref(), 17, &mut id);
    id
}

/// Whether `id` has the shape of an access key id that [`new_access_key_id`] makes.
#[must_use]
pub fn is_access_key_id(id: &str) -> bool {
    id.len() == 20 && id.strip_prefix("ASIA").is_some_and(|rest| rest.bytes().all(|b| ALPHABET.contains(&b)))
}

/// Appends the first `count` base32 characters of `bytes`; fewer when `bytes` runs out.
fn base32(bytes: &[u8], count: usize, out: &mut String) {
    let mut bytes = bytes.iter();
    let (mut buffer, mut bits) = (0u32, 0u32);
    for _ in 0..count {
        if bits < 5 {
            let Some(&byte) = bytes.next() else { return };
            buffer = (buffer << 8) | u32::from(byte);
            bits += 8;
        }
        bits -= 5;
        let index = (buffer >> bits) & 31;
        if let Some(&letter) = ALPHABET.get(index as usize) {
            out.push(char::from(letter));
        }
        buffer &= (1 << bits) - 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_access_key_id_is_base32_of_its_randomness() {
        assert_eq!(new_access_key_id(*b"foobarfoob"), "ASIAMZXW6YTBOJTG633C");
        assert_eq!(new_access_key_id([0; 10]), "ASIAAAAAAAAAAAAAAAAA");
        assert_eq!(new_access_key_id([0xff; 10]), "ASIA7777777777777777");
        assert!(is_access_key_id(&new_access_key_id([7; 10])));
    }

    #[test]
    fn random_ids_differ() {
        assert_ne!(random_access_key_id().unwrap(), random_access_key_id().unwrap());
    }

    #[test]
    fn a_role_id_is_stable_and_tells_roles_and_accounts_apart() {
        let id = role_id("123456789012", "deploy-prod");
        assert_eq!(id, role_id("123456789012", "deploy-prod"));
        assert_eq!(id.len(), 21);
        assert!(id.starts_with("AROA"));
        assert_ne!(id, role_id("123456789012", "deploy-test"));
        assert_ne!(id, role_id("123456789013", "deploy-prod"));
    }

    #[test]
    fn other_shapes_are_no_access_key_ids() {
        for id in [
            "",
            "ASIA",
            "AKIAMZXW6YTBOJTG633C",
            "ASIAMZXW6YTBOJTG633",
            "ASIAmzxw6ytbojtg633c",
            "ASIA0ZXW6YTBOJTG633C",
        ] {
            assert!(!is_access_key_id(id), "{id}");
        }
    }
}
