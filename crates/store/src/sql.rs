//! The statements, written once for both databases.
//!
//! `sqlx` gives each database its own types, and bounds that are generic over both take more room
//! than the statements; a macro writes the same text against each.

use jiff::Timestamp;
use sqlx::migrate::{MigrateError, Migrator};
use zeroize::Zeroizing;

use crate::{NewRevocation, Revocation, Revoked, StoreError, StoredSecret, StoredSigningKey};

static MIGRATOR: Migrator = sqlx::migrate!("./migrations");

/// Brings the tables up to date.
pub(crate) async fn migrate<'a, A>(connection: A) -> Result<(), StoreError>
where
    A: sqlx::Acquire<'a>,
    <A::Connection as std::ops::Deref>::Target: sqlx::migrate::Migrate,
{
    MIGRATOR.run(connection).await.map_err(|error| match error {
        MigrateError::Execute(error) => error.into(),
        other => StoreError::Migration(other),
    })
}

pub(crate) type KeyRow = (String, Vec<u8>, i64, i64, Option<i64>);
pub(crate) type SigningKeyRow = (String, String, Vec<u8>, i64, i64);
pub(crate) type RevocationRow = (i64, String, String, i64, i64, i64, String, String);

pub(crate) fn instant(microseconds: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_microsecond(microseconds).map_err(|_| StoreError::Corrupt { what: "a time" })
}

pub(crate) fn key(
    (id, secret, created_at, activates_at, retired_at): KeyRow,
) -> Result<StoredSecret, StoreError> {
    Ok(StoredSecret {
        id,
        secret: Zeroizing::new(secret),
        created_at: instant(created_at)?,
        activates_at: instant(activates_at)?,
        retired_at: retired_at.map(instant).transpose()?,
    })
}

pub(crate) fn signing_key(
    (id, algorithm, secret, created_at, signs_from): SigningKeyRow,
) -> Result<StoredSigningKey, StoreError> {
    Ok(StoredSigningKey {
        id,
        algorithm,
        secret: Zeroizing::new(secret),
        created_at: instant(created_at)?,
        signs_from: instant(signs_from)?,
    })
}

pub(crate) fn revocation(row: RevocationRow) -> Result<Revocation, StoreError> {
    let (sequence, kind, target, issued_before, expires_at, created_at, actor, reason) = row;
    Ok(Revocation {
        sequence: u64::try_from(sequence)
            .map_err(|_| StoreError::Corrupt { what: "a revocation's number" })?,
        order: NewRevocation {
            revoked: Revoked::from_parts(&kind, target)
                .ok_or(StoreError::Corrupt { what: "a kind of revocation" })?,
            issued_before: instant(issued_before)?,
            expires_at: instant(expires_at)?,
            created_at: instant(created_at)?,
            actor,
            reason,
        },
    })
}

pub(crate) const KEYS: &str =
    "SELECT id, secret, created_at, activates_at, retired_at FROM sealing_keys ORDER BY created_at, id";
pub(crate) const PUT_KEY: &str = "INSERT INTO sealing_keys \
     (id, secret, created_at, activates_at, retired_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO UPDATE SET retired_at = excluded.retired_at \
     WHERE sealing_keys.secret = excluded.secret";
pub(crate) const COUNT_KEYS: &str = "SELECT count(*) FROM sealing_keys";
pub(crate) const DELETE_KEY: &str = "DELETE FROM sealing_keys WHERE id = $1";
pub(crate) const SIGNING_KEYS: &str =
    "SELECT id, algorithm, secret, created_at, signs_from FROM signing_keys ORDER BY signs_from, id";
pub(crate) const PUT_SIGNING_KEY: &str = "INSERT INTO signing_keys (id, algorithm, secret, created_at, \
     signs_from) VALUES ($1, $2, $3, $4, $5)";
pub(crate) const DELETE_SIGNING_KEY: &str = "DELETE FROM signing_keys WHERE id = $1";
pub(crate) const NEXT: &str = "UPDATE counters SET value = value + 1 WHERE name = $1 RETURNING value";
pub(crate) const REVOKE: &str = "INSERT INTO revocations (sequence, kind, target, issued_before, \
     expires_at, created_at, actor, reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
pub(crate) const REVOCATIONS: &str = "SELECT sequence, kind, target, issued_before, expires_at, \
     created_at, actor, reason FROM revocations WHERE sequence > $1 ORDER BY sequence";
pub(crate) const NOTE_USE: &str = "INSERT INTO used_tokens (token_hash, expires_at) VALUES ($1, $2) \
     ON CONFLICT (token_hash) DO UPDATE SET expires_at = excluded.expires_at \
     WHERE used_tokens.expires_at <= $3";
pub(crate) const PRUNE_REVOCATIONS: &str = "DELETE FROM revocations WHERE expires_at <= $1";
pub(crate) const PRUNE_USED: &str = "DELETE FROM used_tokens WHERE expires_at <= $1";

macro_rules! implement_store {
    ($store:ident, $pool:ty, $begin:literal) => {
        #[derive(Debug)]
        pub(crate) struct $store {
            pool: $pool,
        }

        impl crate::Store for $store {
            fn keys(&self) -> crate::StoreFuture<'_, Vec<crate::StoredSecret>> {
                Box::pin(async move {
                    let rows: Vec<sql::KeyRow> = sqlx::query_as(sql::KEYS).fetch_all(&self.pool).await?;
                    rows.into_iter().map(sql::key).collect()
                })
            }

            fn put_key<'a>(&'a self, key: &'a crate::StoredSecret) -> crate::StoreFuture<'a, ()> {
                Box::pin(async move {
                    let done = sqlx::query(sql::PUT_KEY)
                        .bind(&key.id)
                        .bind(key.secret.as_slice())
                        .bind(key.created_at.as_microsecond())
                        .bind(key.activates_at.as_microsecond())
                        .bind(key.retired_at.map(jiff::Timestamp::as_microsecond))
                        .execute(&self.pool)
                        .await?;
                    if done.rows_affected() == 0 {
                        return Err(StoreError::KeyConflict { id: key.id.clone() });
                    }
                    Ok(())
                })
            }

            fn put_first_key<'a>(
                &'a self,
                key: &'a crate::StoredSecret,
            ) -> crate::StoreFuture<'a, Vec<crate::StoredSecret>> {
                Box::pin(async move {
                    let mut tx = self.pool.begin_with($begin).await?;
                    let _: (i64,) = sqlx::query_as(sql::NEXT).bind("keyring").fetch_one(&mut *tx).await?;
                    let (stored,): (i64,) = sqlx::query_as(sql::COUNT_KEYS).fetch_one(&mut *tx).await?;
                    if stored == 0 {
                        sqlx::query(sql::PUT_KEY)
                            .bind(&key.id)
                            .bind(key.secret.as_slice())
                            .bind(key.created_at.as_microsecond())
                            .bind(key.activates_at.as_microsecond())
                            .bind(key.retired_at.map(jiff::Timestamp::as_microsecond))
                            .execute(&mut *tx)
                            .await?;
                    }
                    let rows: Vec<sql::KeyRow> = sqlx::query_as(sql::KEYS).fetch_all(&mut *tx).await?;
                    tx.commit().await?;
                    rows.into_iter().map(sql::key).collect()
                })
            }

            fn delete_key<'a>(&'a self, id: &'a str) -> crate::StoreFuture<'a, bool> {
                Box::pin(async move {
                    let done = sqlx::query(sql::DELETE_KEY).bind(id).execute(&self.pool).await?;
                    Ok(done.rows_affected() > 0)
                })
            }

            fn signing_keys(&self) -> crate::StoreFuture<'_, Vec<crate::StoredSigningKey>> {
                Box::pin(async move {
                    let rows: Vec<sql::SigningKeyRow> =
                        sqlx::query_as(sql::SIGNING_KEYS).fetch_all(&self.pool).await?;
                    rows.into_iter().map(sql::signing_key).collect()
                })
            }

            fn put_signing_key_after<'a>(
                &'a self,
                last: Option<&'a str>,
                key: &'a crate::StoredSigningKey,
            ) -> crate::StoreFuture<'a, Vec<crate::StoredSigningKey>> {
                Box::pin(async move {
                    let mut tx = self.pool.begin_with($begin).await?;
                    let _: (i64,) =
                        sqlx::query_as(sql::NEXT).bind("signing_keys").fetch_one(&mut *tx).await?;
                    let mut rows: Vec<sql::SigningKeyRow> =
                        sqlx::query_as(sql::SIGNING_KEYS).fetch_all(&mut *tx).await?;
                    let found =
                        rows.iter().rev().find(|row| row.1 == key.algorithm).map(|row| row.0.as_str());
                    if found == last {
                        sqlx::query(sql::PUT_SIGNING_KEY)
                            .bind(&key.id)
                            .bind(&key.algorithm)
                            .bind(key.secret.as_slice())
                            .bind(key.created_at.as_microsecond())
                            .bind(key.signs_from.as_microsecond())
                            .execute(&mut *tx)
                            .await?;
                        rows = sqlx::query_as(sql::SIGNING_KEYS).fetch_all(&mut *tx).await?;
                    }
                    tx.commit().await?;
                    rows.into_iter().map(sql::signing_key).collect()
                })
            }

            fn delete_signing_key<'a>(&'a self, id: &'a str) -> crate::StoreFuture<'a, bool> {
                Box::pin(async move {
                    let done = sqlx::query(sql::DELETE_SIGNING_KEY).bind(id).execute(&self.pool).await?;
                    Ok(done.rows_affected() > 0)
                })
            }

            fn revoke<'a>(
                &'a self,
                order: &'a crate::NewRevocation,
            ) -> crate::StoreFuture<'a, crate::Revocation> {
                Box::pin(async move {
                    let (kind, target) = order.revoked.parts();
                    let mut tx = self.pool.begin_with($begin).await?;
                    let (sequence,): (i64,) =
                        sqlx::query_as(sql::NEXT).bind("revocations").fetch_one(&mut *tx).await?;
                    sqlx::query(sql::REVOKE)
                        .bind(sequence)
                        .bind(kind)
                        .bind(target)
                        .bind(order.issued_before.as_microsecond())
                        .bind(order.expires_at.as_microsecond())
                        .bind(order.created_at.as_microsecond())
                        .bind(&order.actor)
                        .bind(&order.reason)
                        .execute(&mut *tx)
                        .await?;
                    tx.commit().await?;
                    sql::revocation((
                        sequence,
                        kind.to_owned(),
                        target.to_owned(),
                        order.issued_before.as_microsecond(),
                        order.expires_at.as_microsecond(),
                        order.created_at.as_microsecond(),
                        order.actor.clone(),
                        order.reason.clone(),
                    ))
                })
            }

            fn revocations_after(&self, sequence: u64) -> crate::StoreFuture<'_, Vec<crate::Revocation>> {
                Box::pin(async move {
                    let rows: Vec<sql::RevocationRow> = sqlx::query_as(sql::REVOCATIONS)
                        .bind(i64::try_from(sequence).unwrap_or(i64::MAX))
                        .fetch_all(&self.pool)
                        .await?;
                    rows.into_iter().map(sql::revocation).collect()
                })
            }

            fn note_use<'a>(
                &'a self,
                token_hash: &'a [u8; 32],
                expires_at: jiff::Timestamp,
                now: jiff::Timestamp,
            ) -> crate::StoreFuture<'a, bool> {
                Box::pin(async move {
                    let done = sqlx::query(sql::NOTE_USE)
                        .bind(token_hash.as_slice())
                        .bind(expires_at.as_microsecond())
                        .bind(now.as_microsecond())
                        .execute(&self.pool)
                        .await?;
                    Ok(done.rows_affected() > 0)
                })
            }

            fn prune(&self, now: jiff::Timestamp) -> crate::StoreFuture<'_, u64> {
                Box::pin(async move {
                    let mut rows = 0;
                    for statement in [sql::PRUNE_REVOCATIONS, sql::PRUNE_USED] {
                        rows += sqlx::query(statement)
                            .bind(now.as_microsecond())
                            .execute(&self.pool)
                            .await?
                            .rows_affected();
                    }
                    Ok(rows)
                })
            }

            fn close(&self) -> crate::StoreFuture<'_, ()> {
                Box::pin(async move {
                    self.pool.close().await;
                    Ok(())
                })
            }
        }
    };
}
pub(crate) use implement_store;
