//! What operators are told of: a row each, raised once until it is cleared, and told once.

use chrono::{DateTime, Utc};
use sqlx::PgPool;

/// What the names of alerts begin with that are raised by dead letters; the consumer's follows.
pub const DEAD_LETTERS: &str = "dead_letters:";

/// What there is to watch.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Watched {
    /// The consumer.
    pub consumer: String,
    /// How many of its letters are dead.
    pub dead: i64,
    /// Whether it reads the log. Webhooks don't: a consumer gives them what it has read.
    pub reads: bool,
    /// When the oldest tick was that it has not read up to, if there is one.
    pub behind_since: Option<DateTime<Utc>>,
}

/// The state of every consumer that reads the log, has dead letters, or had some when an alert was raised.
pub async fn watched(pool: &PgPool) -> sqlx::Result<Vec<Watched>> {
    sqlx::query_as(
        "with dead as (
             select consumer, count(*) as dead from dead_letters where status = 'dead' group by 1
         ), known as (
             select consumer from subscriptions
             union select consumer from dead
             union select substr(name, length($1) + 1) from alerts
             where cleared_at is null and starts_with(name, $1)
         )
         select consumer, coalesce(dead, 0) as dead, tick_id is not null as reads,
                (select created_at from ticks where id > tick_id order by id limit 1)
                    as behind_since
         from known left join dead using (consumer) left join subscriptions using (consumer)
         order by consumer",
    )
    .bind(DEAD_LETTERS)
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
