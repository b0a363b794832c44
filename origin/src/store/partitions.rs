//! The log by weeks: made ahead, dropped when it is old and everybody has read it.
//!
//! A part holds the ids of its week, since ids begin with their time. What finds no week (ids without a
//! time, a clock that is far ahead) stands in the default part, and is deleted there in small batches.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::error::DatabaseError;
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool};
use uuid::Uuid;

/// How long log and inbox are kept.
pub const KEPT_DAYS: i64 = 30;
/// Weeks that are made ahead, so that no writer meets one that is missing.
const WEEKS_AHEAD: i64 = 2;
/// Rows that are deleted from a default part at once.
const DELETED_MAX: i64 = 10_000;
const WEEK_MS: i64 = 7 * 24 * 60 * 60 * 1000;
/// The advisory lock of whoever makes and drops parts.
const LOCK: i64 = 0x6865_6164_7061_7274;
/// The two tables whose parts are weeks of event ids.
const TABLES: [&str; 2] = ["outbox", "inbox"];

/// A week, counted from the epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Week(i64);

impl Week {
    fn of(time: DateTime<Utc>) -> Self {
        Self(time.timestamp_millis().div_euclid(WEEK_MS))
    }

    /// The least id of the week.
    fn begins(self) -> Uuid {
        let ms = u128::try_from(self.0.saturating_mul(WEEK_MS)).unwrap_or_default();
        Uuid::from_u128(ms << 80)
    }

    fn next(self) -> Self {
        Self(self.0 + 1)
    }

    fn part(self, table: &str) -> String {
        format!("{table}_w{}", self.0)
    }

    fn parse(table: &str, part: &str) -> Option<Self> {
        let number = part.strip_prefix(table)?.strip_prefix("_w")?;
        number.parse().ok().map(Self)
    }
}

/// Makes the parts of this week and of those to come. How many there are new.
pub async fn make(connection: &mut PgConnection, now: DateTime<Utc>) -> sqlx::Result<usize> {
    let mut made = 0;
    let first = Week::of(now).0;
    for week in (first..=first + WEEKS_AHEAD).map(Week) {
        for table in TABLES {
            made += usize::from(make_one(connection, table, week).await?);
        }
    }
    Ok(made)
}

async fn make_one(connection: &mut PgConnection, table: &str, week: Week) -> sqlx::Result<bool> {
    let part = week.part(table);
    let mut transaction = connection.begin().await?;
    let missing: bool = sqlx::query_scalar(
        "select to_regclass($1) is null
         from (select pg_advisory_xact_lock($2), set_config('lock_timeout', '1s', true)) ours",
    )
    .bind(&part)
    .bind(LOCK)
    .fetch_one(&mut *transaction)
    .await?;
    if !missing {
        return Ok(false);
    }
    // Attached and not made as a part, which would lock out all readers meanwhile.
    let (begins, ends) = (week.begins(), week.next().begins());
    for sql in [
        format!("create table {part} (like {table} including defaults)"),
        format!(
            "alter table {table} attach partition {part} for values from ('{begins}') to ('{ends}')"
        ),
    ] {
        if let Err(error) = sqlx::raw_sql(AssertSqlSafe(sql))
            .execute(&mut *transaction)
            .await
        {
            let code = error.as_database_error().and_then(DatabaseError::code);
            // check_violation: rows of the week stand in the default part already, and stay there.
            if code.as_deref() == Some("23514") {
                tracing::info!(part, "this week stays in the default part");
                return Ok(false);
            }
            return Err(error);
        }
    }
    transaction.commit().await?;
    Ok(true)
}

/// Drops what is older than it is kept and was read by every consumer. Which parts that is.
pub async fn drop_old(pool: &PgPool, now: DateTime<Utc>) -> sqlx::Result<Vec<String>> {
    let over = now - TimeDelta::days(KEPT_DAYS);
    let last = Week::of(over);
    let mut dropped = Vec::new();
    for table in TABLES {
        let mut transaction = pool.begin().await?;
        let parts: Vec<String> = sqlx::query_scalar(
            "select inhrelid::regclass::text
             from (select pg_advisory_xact_lock($2), set_config('statement_timeout', '0', true)) ours,
                  pg_inherits
             where inhparent = to_regclass($1)",
        )
        .bind(table)
        .bind(LOCK)
        .fetch_all(&mut *transaction)
        .await?;
        let old = |part: &String| Week::parse(table, part).is_some_and(|week| week < last);
        for part in parts.into_iter().filter(old) {
            if table == "outbox" && is_wanted(&mut transaction, &part).await? {
                tracing::warn!(
                    part,
                    "an old part of the log is kept: a consumer has not read it"
                );
                continue;
            }
            let sql = format!("alter table {table} detach partition {part}; drop table {part}");
            sqlx::raw_sql(AssertSqlSafe(sql))
                .execute(&mut *transaction)
                .await?;
            dropped.push(part);
        }
        transaction.commit().await?;
    }
    clear(pool, over).await?;
    Ok(dropped)
}

/// Whether a consumer has not read all of it.
async fn is_wanted(connection: &mut PgConnection, part: &str) -> sqlx::Result<bool> {
    let sql = format!(
        "select exists (
             select 1 from subscriptions join ticks on ticks.id = tick_id
             join {part} on tx >= pg_snapshot_xmin(snapshot)
             where not pg_visible_in_snapshot(tx, snapshot))"
    );
    sqlx::query_scalar(AssertSqlSafe(sql))
        .fetch_one(connection)
        .await
}

/// Deletes what is old and stands in no part that could be dropped.
async fn clear(pool: &PgPool, over: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query(
        "delete from outbox_default where id in (
             select id from outbox_default where created_at < $1 and not exists (
                 select 1 from subscriptions join ticks on ticks.id = tick_id
                 where not pg_visible_in_snapshot(outbox_default.tx, snapshot))
             limit $2)",
    )
    .bind(over)
    .bind(DELETED_MAX)
    .execute(pool)
    .await?;
    sqlx::query(
        "delete from inbox_default where (consumer, event_id) in (
             select consumer, event_id from inbox_default where done_at < $1 limit $2)",
    )
    .bind(over)
    .bind(DELETED_MAX)
    .execute(pool)
    .await?;
    sqlx::query(
        "delete from ticks
         where created_at < $1 and id < (select min(tick_id) from subscriptions)",
    )
    .bind(over)
    .execute(pool)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use shared::id::EventId;

    use super::*;

    #[test]
    fn an_id_lies_in_the_week_of_its_time() {
        for ms in [0, 1, WEEK_MS - 1, WEEK_MS, 1_800_000_000_000] {
            let time = DateTime::from_timestamp_millis(ms).unwrap();
            let week = Week::of(time);
            for random in [[0; 10], [255; 10]] {
                let id = EventId::new(u64::try_from(ms).unwrap(), random).uuid();
                assert!(week.begins() <= id && id < week.next().begins(), "{ms}");
            }
            assert_eq!(Week::parse("outbox", &week.part("outbox")), Some(week));
        }
        for part in ["outbox_default", "outbox_w", "inbox_w1", "outbox"] {
            assert_eq!(Week::parse("outbox", part), None, "{part}");
        }
    }
}
