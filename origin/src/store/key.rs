//! Signing keys. Whoever reads this table can sign tokens: the database's own access rules guard it.

use chrono::{DateTime, Utc};
use ed25519_compact::{KeyPair, Seed};
use sqlx::PgPool;

use crate::platform::Platform;

/// The advisory lock under which a first key is made, so that two origins don't make two.
const FIRST_KEY_LOCK: i64 = 0x6865_6164_6b65_7901;

/// A key as it is stored.
#[derive(sqlx::FromRow)]
pub struct StoredKey {
    /// Its name in tokens.
    pub kid: String,
    /// Ed25519 seed, 32 bytes.
    pub secret: Vec<u8>,
    /// Ed25519 public key, 32 bytes.
    pub public_key: Vec<u8>,
    /// From when on it signs; it is published before.
    pub active_from: DateTime<Utc>,
}

/// Every key that may still verify a token, newest first.
pub async fn published(pool: &PgPool, now: DateTime<Utc>) -> sqlx::Result<Vec<StoredKey>> {
    sqlx::query_as(
        "select kid, secret, public_key, active_from from signing_keys
         where retired_at is null or retired_at > $1 order by active_from desc, kid",
    )
    .bind(now)
    .fetch_all(pool)
    .await
}

/// Makes a key if there is none.
pub async fn ensure(pool: &PgPool, platform: &Platform) -> sqlx::Result<()> {
    let mut transaction = pool.begin().await?;
    sqlx::query("select pg_advisory_xact_lock($1)")
        .bind(FIRST_KEY_LOCK)
        .execute(&mut *transaction)
        .await?;
    let mut secret = [0; 32];
    platform.fill(&mut secret);
    let mut name = [0; 8];
    platform.fill(&mut name);
    let public = KeyPair::from_seed(Seed::new(secret)).pk;
    sqlx::query(
        "insert into signing_keys (kid, secret, public_key, created_at, active_from)
         select $1, $2, $3, $4, $4 where not exists (select 1 from signing_keys)",
    )
    .bind(format!("sig_{:016x}", u64::from_be_bytes(name)))
    .bind(secret.as_slice())
    .bind(public.as_slice())
    .bind(platform.now())
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await
}
