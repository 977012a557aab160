//! The digest of a configuration.

use std::collections::BTreeMap;

use aws_lc_rs::digest::{Context, SHA256, digest};

/// What distinguishes this hash from any other use of SHA-256.
const DOMAIN: &[u8] = b"stagedoor configuration v1\n";

/// The SHA-256 of each file that was read, by path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Digest {
    files: BTreeMap<String, [u8; 32]>,
}

impl Digest {
    /// Adds a file.
    pub(crate) fn add(&mut self, path: &str, content: &[u8]) {
        let mut hash = [0; 32];
        hash.copy_from_slice(digest(&SHA256, content).as_ref());
        self.files.insert(path.to_owned(), hash);
    }

    /// The digest of all files: SHA-256 over the domain, then for each file in the order of paths the
    /// path's length in eight bytes (big-endian), the path, and the SHA-256 of the content; in hex.
    pub(crate) fn hex(&self) -> String {
        let mut context = Context::new(&SHA256);
        context.update(DOMAIN);
        for (path, hash) in &self.files {
            context.update(&(path.len() as u64).to_be_bytes());
            context.update(path.as_bytes());
            context.update(hash);
        }
        hex::encode(context.finish())
    }

    /// Paths whose content differs, or that only one side has: (path, in `self`, in `other`).
    pub(crate) fn differences<'a>(
        &'a self,
        other: &'a Digest,
    ) -> impl Iterator<Item = (&'a str, bool, bool)> + 'a {
        let gone_or_changed = self.files.iter().filter_map(|(path, hash)| {
            let theirs = other.files.get(path);
            (theirs != Some(hash)).then_some((path.as_str(), true, theirs.is_some()))
        });
        let added = other.files.keys().filter(|path| !self.files.contains_key(*path));
        gone_or_changed.chain(added.map(|path| (path.as_str(), false, true)))
    }
}
