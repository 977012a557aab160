//! What somebody with write access to the log's files might try.

use std::fs;
use std::io;
use std::path::Path;

/// Copies a log's directory with one text replaced by another of the same length in all its files.
///
/// # Errors
/// When a file cannot be read or written.
pub(super) fn copy(log: &Path, copy: &Path, from: &str, to: &str) -> io::Result<()> {
    fs::create_dir_all(copy)?;
    for entry in fs::read_dir(log)? {
        let path = entry?.path();
        let Some(name) = path.file_name() else { continue };
        let target = copy.join(name);
        if path.is_dir() {
            self::copy(&path, &target, from, to)?;
        } else {
            fs::write(target, replaced(&fs::read(&path)?, from.as_bytes(), to.as_bytes()))?;
        }
    }
    Ok(())
}

fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut left = bytes;
    let mut copied = Vec::with_capacity(bytes.len());
    while let Some((first, rest)) = left.split_first() {
        if let Some(after) = left.strip_prefix(from) {
            copied.extend_from_slice(to);
            left = after;
        } else {
            copied.push(*first);
            left = rest;
        }
    }
    copied
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_occurrence_is_replaced() {
        assert_eq!(replaced(b"abcabxab", b"ab", b"ZZ"), b"ZZcZZxZZ");
        assert_eq!(replaced(b"aaa", b"ab", b"ZZ"), b"aaa");
    }
}
