//! From a URL to a store.

use std::{path::Path, sync::Arc};

use crate::{Store, StoreError, postgres, sqlite};

/// Opens the store at `url` and brings its tables up to date: `sqlite:PATH` (a file, made with
/// mode 0600, its directories with 0700, if they are not there; a relative path counts from the
/// working directory) or `postgres://USER@HOST/DATABASE`.
///
/// # Errors
/// [`StoreError::Url`] for any other URL, [`StoreError::File`] if the file cannot be made,
/// [`StoreError::Migration`] if the tables cannot be brought up to date, and
/// [`StoreError::Unavailable`] if the database does not answer.
pub async fn open(url: &str) -> Result<Arc<dyn Store>, StoreError> {
    if let Some(path) = url.strip_prefix("sqlite:") {
        let path = path.strip_prefix("//").unwrap_or(path);
        if path.is_empty() || path.starts_with(':') || path.contains('?') {
            return Err(StoreError::Url { found: url.to_owned() });
        }
        return Ok(Arc::new(sqlite::open(Path::new(path)).await?));
    }
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return Ok(Arc::new(postgres::open(url).await?));
    }
    let scheme = url.split_once(':').map_or("", |(scheme, _)| scheme);
    Err(StoreError::Url { found: format!("{scheme}:…") })
}
