//! Brings the database to the schema of this binary; the migrations are compiled in.

use anyhow::Context;
use sqlx::migrate::Migrator;
use sqlx::{ConnectOptions, Connection, PgConnection, PgPool};

use super::{key, partitions, pool};
use crate::config::Databases;
use crate::platform::Platform;

static SHOP: Migrator = sqlx::migrate!("migrations/shop");

/// Creates what is missing: the database, its tables, the first signing key. Running it again,
/// or twice at once, does nothing.
pub async fn run(databases: &Databases, platform: &Platform) -> anyhow::Result<()> {
    let options = pool::options(&databases.database_url)?;
    create(&options).await?;
    // Building an index over a full table may take its time.
    let options = options.options([("statement_timeout", "0"), ("lock_timeout", "60s")]);
    let mut connection = PgConnection::connect_with(&options)
        .await
        .context("the database can't be reached")?;
    SHOP.run(&mut connection)
        .await
        .context("a migration failed")?;
    partitions::make(&mut connection, platform.now())
        .await
        .context("the log's parts can't be made")?;
    connection.close().await?;
    let pool = pool::shop(databases)?;
    key::ensure(&pool, platform).await?;
    pool.close().await;
    Ok(())
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
