//! PostgreSQL, or what speaks its protocol: for several nodes.

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};

use crate::{StoreError, sql};

/// How long a call waits for a connection before the database counts as out of reach.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);
const MAX_CONNECTIONS: u32 = 8;

sql::implement_store!(PostgresStore, PgPool, "BEGIN");

pub(crate) async fn open(url: &str) -> Result<PostgresStore, StoreError> {
    let options: PgConnectOptions =
        url.parse().map_err(|_| StoreError::Url { found: "postgres:…".to_owned() })?;
    let pool = PgPoolOptions::new()
        .max_connections(MAX_CONNECTIONS)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_with(options.application_name("stagedoor"))
        .await?;
    sql::migrate(&pool).await?;
    Ok(PostgresStore { pool })
}
