//! Files that a command is given, with `-` for standard input.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::failure::{self, Failure};

/// A text and where it came from.
pub(crate) struct Input {
    pub(crate) text: String,
    /// In words: `` `path` `` or `standard input`.
    pub(crate) origin: String,
}

/// Reads a text of at most `limit` bytes; `what` names it in errors.
///
/// # Errors
/// When it cannot be read, is longer, or is not UTF-8.
pub(crate) fn read(what: &str, path: &Path, limit: usize) -> Result<Input, Failure> {
    let (reader, origin): (Box<dyn Read>, String) = if path == Path::new("-") {
        (Box::new(io::stdin().lock()), "standard input".to_owned())
    } else {
        let file = File::open(path).map_err(|error| failure::file(&format!("read {what}"), path, &error))?;
        (Box::new(file), format!("`{}`", path.display()))
    };
    let mut bytes = Vec::new();
    reader
        .take(limit as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| failure::file(&format!("read {what}"), path, &error))?;
    if bytes.len() > limit {
        return Err(Failure::input(format!(
            "{what} in {origin} is longer than {limit} bytes, the most that is read"
        )));
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Input { text, origin }),
        Err(_) => Err(Failure::input(format!("{what} in {origin} is not text in UTF-8"))),
    }
}
