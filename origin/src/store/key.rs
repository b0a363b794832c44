//! Signing keys. Whoever reads this table can sign tokens: the database's own access rules guard it.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgPool};

use crate::identity::pair::{self, Algorithm};
use crate::platform::Platform;

/// The advisory lock under which keys are made and retired, so that two origins don't make two first
/// ones, and two operators don't retire the last two.
const KEYS_LOCK: i64 = 0x6865_6164_6b65_7901;

/// A key as it is stored.
#[derive(sqlx::FromRow)]
pub struct StoredKey {
    /// Its name in tokens.
    pub kid: String,
    /// What it signs by.
    pub algorithm: String,
    /// Ed25519 seed, or PKCS #8.
    pub secret: Vec<u8>,
    /// From when on it signs; it is published before.
    pub active_from: DateTime<Utc>,
    /// From when on it verifies nothing.
    pub retired_at: Option<DateTime<Utc>>,
}

/// Every key that may still verify a token, newest first.
pub async fn published(pool: &PgPool, now: DateTime<Utc>) -> sqlx::Result<Vec<StoredKey>> {
    sqlx::query_as(
        "select kid, algorithm, secret, active_from, retired_at from signing_keys
         where retired_at is null or retired_at > $1 order by active_from desc, kid",
    )
    .bind(now)
    .fetch_all(pool)
    .await
}

/// What an operator sees of a key.
#[derive(Debug, sqlx::FromRow)]
pub struct Listed {
    /// Its name in tokens.
    pub kid: String,
    /// What it signs by.
    pub algorithm: String,
    /// Since when it is published.
    pub created_at: DateTime<Utc>,
    /// From when on it signs.
    pub active_from: DateTime<Utc>,
    /// From when on it verifies nothing.
    pub retired_at: Option<DateTime<Utc>>,
    /// When its longest-lived token expires, if it signed one of more than the usual time.
    pub tokens_until: Option<DateTime<Utc>>,
}

/// All keys, the newest first, without their secrets.
pub async fn all(pool: &PgPool) -> sqlx::Result<Vec<Listed>> {
    sqlx::query_as(
        "select kid, algorithm, created_at, active_from, retired_at, tokens_until
         from signing_keys order by active_from desc, kid",
    )
    .fetch_all(pool)
    .await
}

async fn lock(connection: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query("select pg_advisory_xact_lock($1)")
        .bind(KEYS_LOCK)
        .execute(connection)
        .await?;
    Ok(())
}

/// Makes a key that signs from then on, and gives its name.
pub async fn add(
    connection: &mut PgConnection,
    platform: &Platform,
    algorithm: Algorithm,
    active_from: DateTime<Utc>,
) -> sqlx::Result<String> {
    let bytes = pair::generate(algorithm, platform)
        .ok_or_else(|| sqlx::Error::Configuration("the system has no randomness".into()))?;
    let mut name = [0; 8];
    platform.fill(&mut name);
    let kid = format!("sig_{:016x}", u64::from_be_bytes(name));
    sqlx::query(
        "insert into signing_keys (kid, algorithm, secret, public_key, created_at, active_from)
         values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(&kid)
    .bind(algorithm.as_str())
    .bind(&bytes.secret)
    .bind(&bytes.public)
    .bind(platform.now())
    .bind(active_from)
    .execute(connection)
    .await?;
    Ok(kid)
}

/// Retires a key if it is there, not retired yet, and another one signs now. False if it is not so.
pub async fn retire(
    pool: &PgPool,
    kid: &str,
    retired_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let mut transaction = pool.begin().await?;
    lock(&mut transaction).await?;
    let retired = sqlx::query(
        "update signing_keys set retired_at = $2
         where kid = $1 and (retired_at is null or retired_at > $2) and exists (
             select 1 from signing_keys other
             where other.kid <> $1 and other.retired_at is null and other.active_from <= $3)",
    )
    .bind(kid)
    .bind(retired_at)
    .bind(now)
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(retired.rows_affected() == 1)
}

/// Notes that the key signed a token that lives longer than usual.
pub async fn note_token(pool: &PgPool, kid: &str, expires_at: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query("update signing_keys set tokens_until = greatest(tokens_until, $2) where kid = $1")
        .bind(kid)
        .bind(expires_at)
        .execute(pool)
        .await?;
    Ok(())
}

/// Makes a key if there is none.
pub async fn ensure(pool: &PgPool, platform: &Platform) -> sqlx::Result<()> {
    let mut transaction = pool.begin().await?;
    lock(&mut transaction).await?;
    let there: bool = sqlx::query_scalar("select exists (select 1 from signing_keys)")
        .fetch_one(&mut *transaction)
        .await?;
    if !there {
        add(&mut transaction, platform, Algorithm::EdDsa, platform.now()).await?;
    }
    transaction.commit().await
}
