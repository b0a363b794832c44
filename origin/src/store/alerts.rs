//! What operators are told of: a row each, raised once until it is cleared, and told once.

use chrono::{DateTime, Utc};
use sqlx::PgPool;

/// What there is to watch.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Watched {
    /// The consumer.
    pub consumer: String,
    /// How many of its letters are dead.
    pub dead: i64,
    /// When the oldest tick was that it has not read up to, if there is one.
    pub behind_since: Option<DateTime<Utc>>,
}

/// Every consumer's state.
pub async fn watched(pool: &PgPool) -> sqlx::Result<Vec<Watched>> {
    sqlx::query_as(
        "select consumer,
                (select count(*) from dead_letters
                 where dead_letters.consumer = subscriptions.consumer and status = 'dead') as dead,
                (select created_at from ticks where id > tick_id order by id limit 1)
                    as behind_since
         from subscriptions order by consumer",
    )
    .fetch_all(pool)
    .await
}

/// Raises an alert. True if it was not raised already.
pub async fn raise(
    pool: &PgPool,
    name: &str,
    detail: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let raised = sqlx::query(
        "insert into alerts (name, detail, raised_at) values ($1, $2, $3)
         on conflict (name) do update
         set detail = excluded.detail, raised_at = excluded.raised_at, told_at = null,
             cleared_at = null, times = alerts.times + 1
         where alerts.cleared_at is not null",
    )
    .bind(name)
    .bind(detail)
    .bind(now)
    .execute(pool)
    .await?;
    Ok(raised.rows_affected() == 1)
}

/// Clears an alert. True if it was raised.
pub async fn clear(pool: &PgPool, name: &str, now: DateTime<Utc>) -> sqlx::Result<bool> {
    let cleared =
        sqlx::query("update alerts set cleared_at = $2 where name = $1 and cleared_at is null")
            .bind(name)
            .bind(now)
            .execute(pool)
            .await?;
    Ok(cleared.rows_affected() == 1)
}

/// An alert that nobody was told of.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Untold {
    /// Its name.
    pub name: String,
    /// What is the matter.
    pub detail: String,
    /// Since when.
    pub raised_at: DateTime<Utc>,
}

/// What is raised and was told to nobody.
pub async fn untold(pool: &PgPool) -> sqlx::Result<Vec<Untold>> {
    sqlx::query_as(
        "select name, detail, raised_at from alerts
         where told_at is null and cleared_at is null order by raised_at",
    )
    .fetch_all(pool)
    .await
}

/// Notes that an alert was told.
pub async fn told(pool: &PgPool, name: &str, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query("update alerts set told_at = $2 where name = $1")
        .bind(name)
        .bind(now)
        .execute(pool)
        .await?;
    Ok(())
}
