//! Connections: bounded, timed, and renewed after the database was away.

use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, PgPool, Postgres, Transaction};
use tokio::time::{timeout, timeout_at};

use crate::admission;
use crate::config::Databases;
use crate::reads::{Home, Pools};

/// Connections a core: more only queue inside Postgres.
const CONNECTIONS_PER_CORE: u32 = 4;
/// Connections of the workers above the API's: as many as mails and refunds may hold while they wait.
const WAITING_OUTSIDE: u32 = 16;
/// How long a request waits for a connection before it is refused.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(2);
/// How long a task waits for the database's answer before it says that there is none.
const REACH_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a read waits for a connection to the replica before the primary answers.
const REPLICA_ACQUIRE_TIMEOUT: Duration = Duration::from_millis(500);
/// Connections of reports, to each server.
const REPORT_CONNECTIONS: u32 = 2;
/// A connection that rested this long is asked whether it still stands.
const REST_BEFORE_PING: Duration = Duration::from_secs(1);
/// Longest statement, in seconds.
const STATEMENT_SECONDS_MAX: u64 = 5;
/// Longest statement.
const STATEMENT_TIMEOUT: &str = "5s";
/// Longest wait for a lock.
const LOCK_TIMEOUT: &str = "3s";
/// Longest pause within a transaction: above the longest delivery of a consumer, which runs in one.
const IDLE_IN_TRANSACTION_TIMEOUT: &str = "20s";

/// The shop's pool. It connects when first used, so that an origin can start before its database.
pub fn shop(databases: &Databases) -> anyhow::Result<PgPool> {
    let options = options(&databases.database_url)?;
    Ok(pool(connections(databases)).connect_lazy_with(options))
}

/// The shop's pool for a task, which ends at once where the database lets nobody in.
pub async fn reach(databases: &Databases) -> anyhow::Result<PgPool> {
    answers(databases).await?;
    shop(databases)
}

/// Whether the database lets us in; if not, why, and where to look.
pub async fn answers(databases: &Databases) -> anyhow::Result<()> {
    let options = options(&databases.database_url)?;
    let Ok(connection) = timeout(REACH_TIMEOUT, options.connect()).await else {
        let seconds = REACH_TIMEOUT.as_secs();
        return Err(out_of_reach(&format!("no answer in {seconds} s")));
    };
    let connection = connection.map_err(|error| unreachable(&error))?;
    Ok(connection.close().await?)
}

/// Why there is no connection, in words.
pub fn unreachable(error: &sqlx::Error) -> anyhow::Error {
    match error {
        // sqlx says what it was about before each of them.
        sqlx::Error::Io(error) => out_of_reach(error),
        // invalid_catalog_name
        sqlx::Error::Database(error) if error.code().as_deref() == Some("3D000") => {
            anyhow::anyhow!("{}: run `origin migrate`", error.message())
        }
        sqlx::Error::Database(error) => out_of_reach(&error.message()),
        other => out_of_reach(other),
    }
}

fn out_of_reach(why: &dyn Display) -> anyhow::Error {
    anyhow::anyhow!("the database can't be reached: {why}: see DATABASE_URL")
}

/// The pool of those who ask whether the process serves: one connection, for which nobody else waits.
pub fn probes(databases: &Databases) -> anyhow::Result<PgPool> {
    Ok(pool(1).connect_lazy_with(options(&databases.database_url)?))
}

/// A connection, unless nobody waits for the answer any more before there is one.
pub async fn acquire(pool: &PgPool) -> sqlx::Result<PoolConnection<Postgres>> {
    in_time(pool.acquire()).await
}

/// A transaction, on the same terms. Where less time is left than a statement may take, each of its
/// statements may take what is left.
pub async fn begin(pool: &PgPool) -> sqlx::Result<Transaction<'static, Postgres>> {
    let mut transaction = in_time(pool.begin()).await?;
    if let Some(left) = tight() {
        sqlx::query("select set_config('statement_timeout', $1, true)")
            .bind(left.as_millis().max(1).to_string())
            .execute(&mut *transaction)
            .await?;
    }
    Ok(transaction)
}

/// What is left of the request's time, if it is less than a statement may take.
pub fn tight() -> Option<Duration> {
    admission::left().filter(|left| left.as_secs() < STATEMENT_SECONDS_MAX)
}

async fn in_time<T>(waiting: impl Future<Output = sqlx::Result<T>>) -> sqlx::Result<T> {
    match admission::ends() {
        Some(ends) => timeout_at(ends, waiting)
            .await
            .unwrap_or(Err(sqlx::Error::PoolTimedOut)),
        None => waiting.await,
    }
}

/// The pool of those who follow the log: however busy they are, no client waits for a connection that
/// they hold. Larger than the API's, since some of them hold one while they wait for a mail server or the payment
/// provider, however many cores there are.
pub fn workers(databases: &Databases) -> anyhow::Result<PgPool> {
    let connections = connections(databases).saturating_add(WAITING_OUTSIDE);
    Ok(pool(connections).connect_lazy_with(options(&databases.database_url)?))
}

/// The pool of reports.
pub fn reports(databases: &Databases) -> anyhow::Result<PgPool> {
    Ok(pool(REPORT_CONNECTIONS).connect_lazy_with(options(&databases.database_url)?))
}

/// The primary's pools, as reads use them.
pub fn home(databases: &Databases, shop: &PgPool, probes: &PgPool) -> anyhow::Result<Home> {
    Ok(Home {
        shop: shop.clone(),
        connections: connections(databases),
        checks: probes.clone(),
        reports: reports(databases)?,
    })
}

/// The pools of the shop's replica, if there is one.
pub fn replica(databases: &Databases) -> anyhow::Result<Option<Pools>> {
    let Some(url) = &databases.database_replica_url else {
        return Ok(None);
    };
    let options = options(url)?;
    let of = |connections_max| {
        pool(connections_max)
            .acquire_timeout(REPLICA_ACQUIRE_TIMEOUT)
            .connect_lazy_with(options.clone())
    };
    Ok(Some(Pools {
        reads: of(connections(databases)),
        reports: of(REPORT_CONNECTIONS),
        checks: of(1),
    }))
}

/// How many connections the API holds at most.
pub fn connections(databases: &Databases) -> u32 {
    let cores = std::thread::available_parallelism()
        .map_or(2, |cores| u32::try_from(cores.get()).unwrap_or(u32::MAX));
    databases
        .pool_connections_max
        .unwrap_or(cores.saturating_mul(CONNECTIONS_PER_CORE))
}

/// Connection options, with the timeouts that every session gets.
pub fn options(url: &SecretString) -> anyhow::Result<PgConnectOptions> {
    let options = PgConnectOptions::from_str(url.expose_secret()).map_err(|error| match error {
        sqlx::Error::Configuration(why) => not_an_address(&why),
        other => not_an_address(&other),
    })?;
    Ok(options
        .application_name("origin")
        .options([
            ("statement_timeout", STATEMENT_TIMEOUT),
            ("lock_timeout", LOCK_TIMEOUT),
            (
                "idle_in_transaction_session_timeout",
                IDLE_IN_TRANSACTION_TIMEOUT,
            ),
            ("timezone", "UTC"),
        ])
        .disable_statement_logging())
}

fn not_an_address(why: &dyn Display) -> anyhow::Error {
    anyhow::anyhow!(
        "a database's address is postgres://user:password@host:5432/name, and this is none: {why}: see \
         DATABASE_URL and DATABASE_REPLICA_URL"
    )
}

fn pool(connections_max: u32) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(connections_max)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .test_before_acquire(false)
        .before_acquire(|connection, meta| {
            Box::pin(async move {
                if meta.idle_for > REST_BEFORE_PING && connection.ping().await.is_err() {
                    return Ok(false);
                }
                Ok(true)
            })
        })
}
