//! The book: charges and refunds, each once a key.
//!
//! A key has one charge, or one refund, whose id derives from it; the same key with other parameters
//! is refused. All refunds of a charge together are never more than the charge. What there is to tell
//! of a charge is written with it.

use std::fmt::Write;
use std::str::FromStr;

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, FromRow, PgConnection, PgPool};

use crate::methods;

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// Most connections to the book's database.
const CONNECTIONS_MAX: u32 = 8;
/// When a charge is first told of: by then its answer has arrived, or never will.
const TELL_AFTER: TimeDelta = TimeDelta::seconds(1);
/// First pause before an event is told again; it doubles.
const RETRY_SECONDS_MIN: i64 = 1;
/// Longest pause.
const RETRY_SECONDS_MAX: i64 = 60;
/// Characters of an id behind its prefix.
const ID_CHARS: usize = 24;

/// The book.
#[derive(Debug, Clone)]
pub struct Book {
    pool: PgPool,
    tells: bool,
}

/// What POST /charges takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewCharge {
    /// The client's own name for it.
    pub reference: String,
    /// With what.
    pub method: String,
    /// How much, in minor units.
    pub amount: i64,
    /// ISO 4217.
    pub currency: String,
}

/// A charge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub struct Charge {
    /// `ch_…`.
    pub id: String,
    /// The client's own name for it.
    pub reference: String,
    /// `succeeded` or `declined`.
    pub status: String,
    /// Why it was declined, if it was.
    pub decline_code: Option<String>,
    /// With what.
    pub method: String,
    /// How much, in minor units.
    pub amount: i64,
    /// ISO 4217.
    pub currency: String,
    /// When, in Unix seconds.
    #[serde(rename = "created", serialize_with = "unix")]
    pub created_at: DateTime<Utc>,
}

/// A charge, and what became of it later.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Line {
    /// The charge.
    #[sqlx(flatten)]
    pub charge: Charge,
    /// How much of it was paid back, in minor units.
    pub refunded: i64,
}

/// What POST /refunds takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewRefund {
    /// The charge's reference.
    pub reference: String,
    /// How much of it, in minor units.
    pub amount: i64,
    /// ISO 4217.
    pub currency: String,
}

/// A refund.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub struct Refund {
    /// `re_…`.
    pub id: String,
    /// The charge's reference.
    pub reference: String,
    /// How much of it, in minor units.
    pub amount: i64,
    /// ISO 4217.
    pub currency: String,
    /// When, in Unix seconds.
    #[serde(rename = "created", serialize_with = "unix")]
    pub created_at: DateTime<Utc>,
}

fn unix<S: serde::Serializer>(time: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_i64(time.timestamp())
}

/// An event that nobody has heard yet.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct Untold {
    pub(crate) id: String,
    pub(crate) payload: String,
    attempts: i32,
}

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The key was used for something else.
    #[error("the Idempotency-Key came before with other parameters")]
    KeyReused,
    /// Another key has charged under this reference.
    #[error("the reference belongs to another charge")]
    ReferenceTaken,
    /// No such charge, or not so much left of it.
    #[error("there is no such charge to pay back from")]
    NotRefundable,
    /// The database did not do it.
    #[error("the book can't be written: {0}")]
    Database(#[from] sqlx::Error),
}

/// An id that derives from the key: a key has one of them.
fn id(prefix: &str, key: &str) -> String {
    let mut id = format!("{prefix}_");
    for byte in Sha256::digest(key).iter().take(ID_CHARS / 2) {
        // Writing into a text can't fail.
        let _ = write!(id, "{byte:02x}");
    }
    id
}

impl Book {
    /// Over an open database.
    pub const fn new(pool: PgPool) -> Self {
        Self { pool, tells: false }
    }

    /// The same, keeping what there is to tell for a [`crate::teller`].
    #[must_use]
    pub const fn telling(mut self) -> Self {
        self.tells = true;
        self
    }

    /// Opens the database at this URL; creates it and its tables if they are missing.
    ///
    /// Commits don't wait for the disk. A book on the shop's own server is flushed along when an
    /// order settles, and a charge that a crash loses before that has never happened for anyone.
    pub async fn open(url: &SecretString) -> anyhow::Result<Self> {
        let options = PgConnectOptions::from_str(url.expose_secret())?
            .application_name("sandbox")
            .options([("synchronous_commit", "off"), ("timezone", "UTC")])
            .disable_statement_logging();
        create(&options).await?;
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS_MAX)
            .connect_with(options)
            .await
            .context("the sandbox's database can't be reached")?;
        MIGRATIONS
            .run(&pool)
            .await
            .context("a migration of the sandbox failed")?;
        Ok(Self::new(pool))
    }

    /// The database.
    pub const fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Charges, once a key.
    pub async fn charge(
        &self,
        key: &str,
        new: &NewCharge,
        now: DateTime<Utc>,
    ) -> Result<Charge, Refused> {
        let declined = methods::decline_code(&new.method);
        let made = Charge {
            id: id("ch", key),
            reference: new.reference.clone(),
            status: if declined.is_some() {
                "declined"
            } else {
                "succeeded"
            }
            .to_owned(),
            decline_code: declined.map(str::to_owned),
            method: new.method.clone(),
            amount: new.amount,
            currency: new.currency.clone(),
            created_at: now,
        };
        let event = id("evt", key);
        let payload = json!({
            "id": event,
            "type": format!("charge.{}", made.status),
            "created": now.timestamp(),
            "data": made,
        });
        let inserted = sqlx::query(
            "with made as (
                 insert into sandbox_charges (id, reference, provider_key, status, decline_code,
                                              method, amount, currency, created_at)
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
                 on conflict (provider_key) do nothing
                 returning id
             )
             insert into sandbox_events (id, payload, created_at, retry_at)
             select $10, $11, $9, $12 from made where $13",
        )
        .bind(&made.id)
        .bind(&made.reference)
        .bind(key)
        .bind(&made.status)
        .bind(&made.decline_code)
        .bind(&made.method)
        .bind(made.amount)
        .bind(&made.currency)
        .bind(now)
        .bind(event)
        .bind(payload.to_string())
        .bind(now + TELL_AFTER)
        .bind(self.tells)
        .execute(&self.pool)
        .await;
        match inserted {
            Err(sqlx::Error::Database(error)) if error.is_unique_violation() => {
                return Err(Refused::ReferenceTaken);
            }
            other => other?,
        };
        // A statement of its own sees what a concurrent charge has committed, which the insertion
        // only waited for.
        let charge: Charge = sqlx::query_as(
            "select id, reference, status, decline_code, method, amount, currency, created_at
             from sandbox_charges where provider_key = $1",
        )
        .bind(key)
        .fetch_one(&self.pool)
        .await?;
        let known = NewCharge {
            reference: charge.reference.clone(),
            method: charge.method.clone(),
            amount: charge.amount,
            currency: charge.currency.clone(),
        };
        if known == *new {
            Ok(charge)
        } else {
            Err(Refused::KeyReused)
        }
    }

    /// The charge of that reference.
    pub async fn look_up(&self, reference: &str) -> sqlx::Result<Option<Charge>> {
        sqlx::query_as(
            "select id, reference, status, decline_code, method, amount, currency, created_at
             from sandbox_charges where reference = $1",
        )
        .bind(reference)
        .fetch_optional(&self.pool)
        .await
    }

    /// Charges since that time, oldest first, behind the one of that id.
    pub async fn read(
        &self,
        since: DateTime<Utc>,
        after: Option<&str>,
        limit: i64,
    ) -> sqlx::Result<Vec<Line>> {
        sqlx::query_as(
            "select id, reference, status, decline_code, method, amount, currency, created_at,
                    (select coalesce(sum(refunds.amount), 0)::bigint from sandbox_refunds refunds
                     where refunds.reference = charges.reference) as refunded
             from sandbox_charges charges
             where created_at >= $1 and ($2::text is null or (created_at, id) >
                 (select created_at, id from sandbox_charges where id = $2))
             order by created_at, id limit $3",
        )
        .bind(since)
        .bind(after)
        .bind(limit)
        .fetch_all(&self.pool)
        .await
    }

    /// What is to be told now, oldest first.
    pub(crate) async fn untold(&self, now: DateTime<Utc>, limit: i64) -> sqlx::Result<Vec<Untold>> {
        sqlx::query_as(
            "select id, payload, attempts from sandbox_events
             where delivered_at is null and retry_at <= $1 order by retry_at limit $2",
        )
        .bind(now)
        .bind(limit)
        .fetch_all(&self.pool)
        .await
    }

    /// Notes that an event was heard, or when to tell it again.
    pub(crate) async fn told(
        &self,
        event: &Untold,
        heard: bool,
        now: DateTime<Utc>,
    ) -> sqlx::Result<()> {
        let doublings = u32::try_from(event.attempts).unwrap_or_default().min(16);
        let pause = (RETRY_SECONDS_MIN << doublings).min(RETRY_SECONDS_MAX);
        sqlx::query(
            "update sandbox_events
             set attempts = attempts + 1, retry_at = $3,
                 delivered_at = case when $2 then $4 end
             where id = $1",
        )
        .bind(&event.id)
        .bind(heard)
        .bind(now + TimeDelta::seconds(pause))
        .bind(now)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Pays back, once a key.
    pub async fn refund(
        &self,
        key: &str,
        new: &NewRefund,
        now: DateTime<Utc>,
    ) -> Result<Refund, Refused> {
        let mut transaction = self.pool.begin().await?;
        // The charge's row is locked, so that refunds of it come one after the other.
        sqlx::query("select from sandbox_charges where reference = $1 for update")
            .bind(&new.reference)
            .execute(&mut *transaction)
            .await?;
        sqlx::query(
            "insert into sandbox_refunds (id, reference, provider_key, amount, currency, created_at)
             select $1, reference, $3, $4, currency, $6 from sandbox_charges
             where reference = $2 and status = 'succeeded' and currency = $5 and $4 >= 0
               and amount >= $4 + (select coalesce(sum(amount), 0) from sandbox_refunds
                                   where reference = $2)
             on conflict (provider_key) do nothing",
        )
        .bind(id("re", key))
        .bind(&new.reference)
        .bind(key)
        .bind(new.amount)
        .bind(&new.currency)
        .bind(now)
        .execute(&mut *transaction)
        .await?;
        let kept: Option<Refund> = sqlx::query_as(
            "select id, reference, amount, currency, created_at from sandbox_refunds
             where provider_key = $1",
        )
        .bind(key)
        .fetch_optional(&mut *transaction)
        .await?;
        transaction.commit().await?;
        let refund = kept.ok_or(Refused::NotRefundable)?;
        let same = refund.reference == new.reference
            && refund.amount == new.amount
            && refund.currency == new.currency;
        if same {
            Ok(refund)
        } else {
            Err(Refused::KeyReused)
        }
    }
}

/// Creates the database unless it is there.
async fn create(options: &PgConnectOptions) -> anyhow::Result<()> {
    let name = options
        .get_database()
        .context("the URL names no database")?;
    match options.clone().connect().await {
        Ok(connection) => return Ok(connection.close().await?),
        // invalid_catalog_name: the only case that is ours to mend.
        Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("3D000") => {}
        Err(error) => return Err(error).context("the sandbox's database can't be reached"),
    }
    let mut connection: PgConnection = options.clone().database("postgres").connect().await?;
    let quoted = name.replace('"', "\"\"");
    let created = sqlx::raw_sql(sqlx::AssertSqlSafe(format!("create database \"{quoted}\"")))
        .execute(&mut connection)
        .await;
    match created {
        Ok(_) => {}
        // duplicate_database, or the race for it: another one was faster.
        Err(sqlx::Error::Database(error))
            if matches!(error.code().as_deref(), Some("42P04" | "23505")) => {}
        Err(error) => return Err(error).with_context(|| format!("`{name}` can't be created")),
    }
    Ok(connection.close().await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_one_id() {
        assert_eq!(id("ch", "a"), id("ch", "a"));
        assert_ne!(id("ch", "a"), id("ch", "b"));
        assert_eq!(id("ch", "a").len(), "ch_".len() + ID_CHARS);
    }
}
