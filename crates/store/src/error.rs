//! What can go wrong.

/// Why the store could not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The URL names no kind of store that we know.
    #[error(
        "the state URL `{found}` is not understood; wanted `sqlite:PATH` or `postgres://USER@HOST/DATABASE`"
    )]
    Url {
        /// The scheme that was found; never the whole URL, which may hold a password.
        found: String,
    },
    /// The file, its directory or its permissions could not be prepared.
    #[error("could not prepare the state file `{path}`; check that its directory is writable")]
    File {
        /// The database file.
        path: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The tables could not be brought up to date.
    #[error("could not bring the state's tables up to date; the store may belong to a newer release")]
    Migration(#[source] sqlx::migrate::MigrateError),
    /// The database does not answer.
    #[error("the state store cannot be reached; it is tried again at the next use")]
    Unavailable(#[source] sqlx::Error),
    /// The database answered with an error.
    #[error("the state store refused a statement")]
    Database(#[source] sqlx::Error),
    /// The id is taken by another key.
    #[error("the keyring already holds another key with the id `{id}`")]
    KeyConflict {
        /// The id.
        id: String,
    },
    /// A stored value has a shape that this release never writes.
    #[error("the state store holds {what} that this release cannot read")]
    Corrupt {
        /// What could not be read.
        what: &'static str,
    },
}

impl StoreError {
    /// Whether the same call may succeed later without anybody mending anything.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::BeginFailed => Self::Unavailable(error),
            sqlx::Error::Database(ref database) if is_outage(database.code().as_deref()) => {
                Self::Unavailable(error)
            }
            sqlx::Error::Decode(_)
            | sqlx::Error::ColumnDecode { .. }
            | sqlx::Error::ColumnNotFound(_)
            | sqlx::Error::ColumnIndexOutOfBounds { .. } => Self::Corrupt { what: "a row of a shape" },
            other => Self::Database(other),
        }
    }
}

/// PostgreSQL's classes 08 (connection), 40 (serialisation), 53 (resources) and 57P0x (shutting
/// down), of five characters; and SQLite's shorter `SQLITE_BUSY` and `SQLITE_LOCKED` with their
/// extended forms, which keep the plain code in the low byte.
fn is_outage(code: Option<&str>) -> bool {
    let Some(code) = code else { return false };
    if code.len() == 5 {
        return ["08", "40", "53", "57P0"].iter().any(|class| code.starts_with(class));
    }
    code.parse::<u32>().is_ok_and(|number| matches!(number & 0xff, 5 | 6))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outages_are_told_from_faults() {
        for code in ["08006", "40001", "53300", "57P01", "5", "261", "6", "517"] {
            assert!(is_outage(Some(code)), "{code}");
        }
        for code in ["23505", "42P01", "57014", "1", "2067", "1555", ""] {
            assert!(!is_outage(Some(code)), "{code}");
        }
        assert!(!is_outage(None));
    }

    #[test]
    fn only_an_outage_is_transient() {
        assert!(StoreError::from(sqlx::Error::PoolTimedOut).is_transient());
        assert!(!StoreError::from(sqlx::Error::RowNotFound).is_transient());
        assert!(!StoreError::KeyConflict { id: "a".into() }.is_transient());
    }
}
