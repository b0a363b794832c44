//! Brings the database to the schema of this binary; the migrations are compiled in.

#[cfg(test)]
mod lint;

use std::sync::LazyLock;
use std::time::Duration;

use anyhow::Context;
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, PgPool};

use super::{key, partitions, pool};
use crate::config::Databases;
use crate::platform::Platform;

/// Longest wait of a migration for a lock: everybody who comes later waits behind it.
const LOCK_TIMEOUT: &str = "3s";
/// How often a migration is tried that did not get its lock.
const LOCK_TRIES: u32 = 20;
/// Between two of them, so that those who waited get on.
const LOCK_PAUSE: Duration = Duration::from_secs(1);

/// Whoever migrates holds this advisory lock of the database.
const TURN: i64 = 0x6865_6164_6d69_6772;

static SHOP: LazyLock<Migrator> = LazyLock::new(|| {
    let mut migrator = sqlx::migrate!("migrations/shop");
    // See `try_once`.
    migrator.set_locking(false);
    migrator
});

/// Creates what is missing: the database, its tables, the first signing key. Running it again,
/// or twice at once, does nothing.
pub async fn run(databases: &Databases, platform: &Platform) -> anyhow::Result<()> {
    let options = pool::options(&databases.database_url)?;
    create(&options).await?;
    // Building an index over a full table may take its time.
    let options = options.options([("statement_timeout", "0"), ("lock_timeout", LOCK_TIMEOUT)]);
    let mut connection = PgConnection::connect_with(&options)
        .await
        .map_err(|error| pool::unreachable(&error))?;
    let mut tries = 1;
    loop {
        let waits_for = match try_once(&mut connection).await {
            Ok(true) => break,
            Ok(false) => "another process migrates".to_owned(),
            Err(error) if is_locked_out(&error) => error.to_string(),
            Err(error) => return Err(error).context("a migration failed"),
        };
        anyhow::ensure!(tries < LOCK_TRIES, "a migration failed: {waits_for}");
        tracing::warn!(
            waits_for,
            tries,
            "a migration waits for others and is tried again"
        );
        tries += 1;
        platform.pause(LOCK_PAUSE).await;
    }
    partitions::make(&mut connection, platform.now())
        .await
        .context("the log's parts can't be made")?;
    connection.close().await?;
    let pool = pool::shop(databases)?;
    key::ensure(&pool, platform).await?;
    pool.close().await;
    Ok(())
}

/// Applies what is missing; false if another process is about it. What was done before stays: each migration
/// is a transaction, but those that build an index aside, which leave a broken one when they are cut off.
async fn try_once(connection: &mut PgConnection) -> Result<bool, MigrateError> {
    // Until the connection is closed. Nobody waits for it within the database, since a build aside waits for
    // whatever is under way there, and so for whoever waits for it.
    let ours: bool = sqlx::query_scalar("select pg_try_advisory_lock($1)")
        .bind(TURN)
        .fetch_one(&mut *connection)
        .await?;
    if !ours {
        return Ok(false);
    }
    for name in indexes_built_aside() {
        let is_broken: bool = sqlx::query_scalar(
            "select exists (select from pg_index
                            where indexrelid = to_regclass($1) and not indisvalid)",
        )
        .bind(name)
        .fetch_one(&mut *connection)
        .await?;
        if is_broken {
            sqlx::raw_sql(AssertSqlSafe(format!("drop index concurrently {name}")))
                .execute(&mut *connection)
                .await?;
        }
    }
    SHOP.run(connection).await?;
    Ok(true)
}

/// The names of the indexes that are built without locking anybody out.
fn indexes_built_aside() -> impl Iterator<Item = &'static str> {
    let aside = SHOP.iter().filter(|migration| migration.no_tx);
    aside.filter_map(|migration| {
        let (_, rest) = migration.sql.as_str().split_once(" concurrently ")?;
        rest.split_whitespace().next()
    })
}

/// Whether somebody else held a lock for too long.
fn is_locked_out(error: &MigrateError) -> bool {
    let (MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _)) = error else {
        return false;
    };
    let code = error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code);
    // lock_not_available, deadlock_detected
    matches!(code.as_deref(), Some("55P03" | "40P01"))
}

/// Whether the shop's schema is there and no older than this binary.
pub async fn is_current(pool: &PgPool) -> sqlx::Result<bool> {
    let newest = SHOP.iter().map(|migration| migration.version).max();
    let applied: Option<i64> =
        sqlx::query_scalar("select max(version) from _sqlx_migrations where success")
            .fetch_one(pool)
            .await?;
    Ok(applied >= newest)
}

async fn create(options: &sqlx::postgres::PgConnectOptions) -> anyhow::Result<()> {
    let Some(name) = options.get_database() else {
        return Ok(());
    };
    match options.clone().connect().await {
        Ok(connection) => return Ok(connection.close().await?),
        // invalid_catalog_name: the only case that is ours to mend.
        Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("3D000") => {}
        Err(error) => return Err(pool::unreachable(&error)),
    }
    let server = options.clone().database("postgres").connect().await;
    let mut connection = server.map_err(|error| pool::unreachable(&error))?;
    let quoted = name.replace('"', "\"\"");
    let created = sqlx::raw_sql(AssertSqlSafe(format!("create database \"{quoted}\"")))
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
