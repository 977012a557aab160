//! PostgreSQL, or what speaks its protocol: for several nodes.

use std::{net::IpAddr, time::Duration};

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions, PgSslMode};

use crate::{StoreError, sql};

/// How long a call waits for a connection before the database counts as out of reach.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);
const MAX_CONNECTIONS: u32 = 8;

sql::implement_store!(PostgresStore, PgPool, "BEGIN");

pub(crate) async fn open(url: &str) -> Result<PostgresStore, StoreError> {
    let pool = PgPoolOptions::new()
        .max_connections(MAX_CONNECTIONS)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_with(options(url)?.application_name("stagedoor"))
        .await?;
    sql::migrate(&pool).await?;
    Ok(PostgresStore { pool })
}

/// The URL's options. To another machine, TLS is required where PostgreSQL's own default would go on
/// without it; a URL that names its `sslmode` has its way.
fn options(url: &str) -> Result<PgConnectOptions, StoreError> {
    let options: PgConnectOptions =
        url.parse().map_err(|_| StoreError::Url { found: "postgres:…".to_owned() })?;
    let host = options.get_host();
    let local = options.get_socket().is_some()
        || host.starts_with('/')
        || host == "localhost"
        || host.parse().is_ok_and(|address: IpAddr| address.is_loopback());
    let weak = matches!(options.get_ssl_mode(), PgSslMode::Prefer | PgSslMode::Allow);
    let named = ["sslmode=", "ssl-mode="].iter().any(|key| url.contains(key));
    Ok(if weak && !local && !named { options.ssl_mode(PgSslMode::Require) } else { options })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_machine_is_reached_by_tls() {
        for (url, wanted) in [
            ("postgres://u@db.acme.dev/x", "Require"),
            ("postgres://u@10.0.0.7/x", "Require"),
            ("postgres://u@db/x?sslmode=verify-full", "VerifyFull"),
            ("postgres://u@db/x?sslmode=disable", "Disable"),
            ("postgres://u@db/x?sslmode=prefer", "Prefer"),
            ("postgres://u@localhost/x", "Prefer"),
            ("postgres://u@127.0.0.1:5433/x", "Prefer"),
            ("postgres://u@h/x?host=/run/postgresql", "Prefer"),
        ] {
            let mode = options(url).unwrap().get_ssl_mode();
            assert_eq!(format!("{mode:?}"), wanted, "{url}");
        }
    }
}
