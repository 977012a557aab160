//! SQLite: the default, one file, several processes may open it.

use std::{
    fs::{DirBuilder, File, OpenOptions, Permissions},
    io,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::Path,
    time::Duration,
};

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};

use crate::{StoreError, sql};

/// How long a statement waits for another process's write before it counts as an outage.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// SQLite has one writer; more connections only help readers.
const MAX_CONNECTIONS: u32 = 4;

sql::implement_store!(SqliteStore, SqlitePool, "BEGIN IMMEDIATE");

pub(crate) async fn open(path: &Path) -> Result<SqliteStore, StoreError> {
    prepare_file(path).map_err(|source| StoreError::File { path: path.display().to_string(), source })?;
    let options = SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY_TIMEOUT);
    let pool = SqlitePoolOptions::new()
        .max_connections(MAX_CONNECTIONS)
        .acquire_timeout(BUSY_TIMEOUT)
        .connect_with(options)
        .await?;
    sql::migrate(&pool).await?;
    Ok(SqliteStore { pool })
}

/// Makes the file before SQLite does, so that it, and the journal files that copy its mode, are
/// never readable by others.
fn prepare_file(path: &Path) -> io::Result<()> {
    if let Some(parent) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
        DirBuilder::new().recursive(true).mode(0o700).create(parent)?;
    }
    let file: File =
        OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)?;
    let mode = file.metadata()?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        tracing::warn!(
            path = %path.display(),
            mode = format!("{mode:o}"),
            "the state file holds keys and was open to others; its mode is now 600"
        );
        file.set_permissions(Permissions::from_mode(0o600))?;
    }
    Ok(())
}
