//! Brings the database to the schema of this binary; the migrations are compiled in.

#[cfg(test)]
mod lint;

use std::time::Duration;

use anyhow::Context;
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::{ConnectOptions, Connection, PgConnection, PgPool};

use super::{key, partitions, pool};
use crate::config::Databases;
use crate::platform::Platform;

/// Longest wait of a migration for a lock: everybody who comes later waits behind it.
const LOCK_TIMEOUT: &str = "3s";
/// How often a migration is tried that did not get its lock.
const LOCK_TRIES: u32 = 20;
/// Between two of them, so that those who waited get on.
const LOCK_PAUSE: Duration = Duration::from_secs(1);

static SHOP: Migrator = sqlx::migrate!("migrations/shop");

/// Creates what is missing: the database, its tables, the first signing key. Running it again,
/// or twice at once, does nothing.
pub async fn run(databases: &Databases, platform: &Platform) -> anyhow::Result<()> {
    let options = pool::options(&databases.database_url)?;
    create(&options).await?;
    // Building an index over a full table may take its time.
    let options = options.options([("statement_timeout", "0"), ("lock_timeout", LOCK_TIMEOUT)]);
    let mut connection = PgConnection::connect_with(&options)
        .await
        .context("the database can't be reached")?;
    let mut tries = 1;
    while let Err(error) = SHOP.run(&mut connection).await {
        if tries == LOCK_TRIES || !is_locked_out(&error) {
            return Err(error).context("a migration failed");
        }
        tracing::warn!(%error, tries, "a migration waits for others and is tried again");
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

/// Whether somebody else held a lock for too long. Each migration is a transaction, so what was done before
/// stays.
fn is_locked_out(error: &MigrateError) -> bool {
    let (MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _)) = error else {
        return false;
    };
    let code = error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code);
    // lock_not_available
    code.as_deref() == Some("55P03")
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
        Err(error) => return Err(error).context("the database can't be reached"),
    }
    let mut connection = options.clone().database("postgres").connect().await?;
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
