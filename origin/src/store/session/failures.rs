//! Failures to sign in, counted under their rows' locks.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{PgConnection, PgPool};

use crate::session::attempts::{self, FORGOTTEN_SECONDS, Subject, Tally};

/// Forgotten rows that an attempt clears away at most.
const CLEARED_MAX: i64 = 10;

/// Counts an attempt for all subjects, or for none: then it says for how many seconds the door is
/// closed.
pub async fn begin(
    pool: &PgPool,
    subjects: &[Subject],
    now: DateTime<Utc>,
) -> sqlx::Result<Result<(), u64>> {
    let mut transaction = pool.begin().await?;
    // Always the account before the address, so that two attempts can't wait for each other.
    for subject in subjects {
        if let Err(seconds) = count(&mut transaction, *subject, now).await? {
            transaction.rollback().await?;
            return Ok(Err(seconds));
        }
    }
    transaction.commit().await?;
    Ok(Ok(()))
}

async fn count(
    connection: &mut PgConnection,
    subject: Subject,
    now: DateTime<Utc>,
) -> sqlx::Result<Result<(), u64>> {
    sqlx::query(
        "insert into sign_in_failures (subject, failures, closed_until, last_at)
         values ($1, 0, $2, $2) on conflict do nothing",
    )
    .bind(subject.digest.as_slice())
    .bind(now)
    .execute(&mut *connection)
    .await?;
    let (failures, closed_until, last_at) = sqlx::query_as(
        "select failures, closed_until, last_at from sign_in_failures
         where subject = $1 for update",
    )
    .bind(subject.digest.as_slice())
    .fetch_one(&mut *connection)
    .await?;
    let known = Tally {
        failures,
        closed_until,
        last_at,
    };
    let counted = match attempts::begin(Some(known), subject.free, now) {
        Ok(counted) => counted,
        Err(seconds) => return Ok(Err(seconds)),
    };
    sqlx::query(
        "update sign_in_failures set failures = $2, closed_until = $3, last_at = $4
         where subject = $1",
    )
    .bind(subject.digest.as_slice())
    .bind(counted.failures)
    .bind(counted.closed_until)
    .bind(counted.last_at)
    .execute(connection)
    .await?;
    Ok(Ok(()))
}

/// Takes an attempt back that was no failure: of an account that was proven everything is forgotten,
/// of an address this one.
pub async fn take_back(
    pool: &PgPool,
    subjects: &[Subject],
    proven: Option<Subject>,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let mut transaction = pool.begin().await?;
    for subject in subjects {
        let all = proven == Some(*subject);
        sqlx::query(
            "update sign_in_failures
             set failures = case when $2 then 0 else greatest(failures - 1, 0) end,
                 closed_until = $3
             where subject = $1",
        )
        .bind(subject.digest.as_slice())
        .bind(all)
        .bind(now)
        .execute(&mut *transaction)
        .await?;
    }
    sqlx::query(
        "delete from sign_in_failures where subject in (
             select subject from sign_in_failures where last_at < $1
             order by last_at limit $2 for update skip locked)",
    )
    .bind(now - TimeDelta::seconds(FORGOTTEN_SECONDS))
    .bind(CLEARED_MAX)
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await
}
