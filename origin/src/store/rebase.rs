//! Moving subscriptions by hand: back in time, and onto a database that was restored from a dump.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgPool};

use super::outbox::TICKER_LOCK;

/// What a rebase found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rebased {
    /// Subscriptions that were moved; 0 if the ticks are of this very system.
    pub subscriptions: u64,
    /// Deliveries that are owed: nobody had noted them as done.
    pub owed: u64,
}

/// Puts the subscriptions of a restored database onto its own transaction ids.
///
/// Ids restart in a restored dump, so the log's can't be compared with new ones. Those within the log
/// and the ticks are all of the old system, so they still say what each consumer had not read; that
/// becomes rows of `deliveries`, and so does what is younger than its tick (and an hour more) and not in
/// the inbox, as what was written since the restore. The inbox was dumped with it: nothing is done
/// twice. The log's rows are then marked as older than any snapshot. Writers wait meanwhile.
pub async fn rebase(pool: &PgPool, now: DateTime<Utc>) -> sqlx::Result<Rebased> {
    let mut transaction = pool.begin().await?;
    sqlx::query(
        "select set_config('statement_timeout', '0', true), set_config('lock_timeout', '60s', true),
                pg_advisory_xact_lock($1)",
    )
    .bind(TICKER_LOCK)
    .execute(&mut *transaction)
    .await?;
    sqlx::query("lock table outbox in share row exclusive mode")
        .execute(&mut *transaction)
        .await?;
    sqlx::query("lock table subscriptions in exclusive mode")
        .execute(&mut *transaction)
        .await?;
    let foreign: bool = sqlx::query_scalar(
        "select exists (select 1 from ticks, pg_control_system() control
             where ticks.system_identifier <> control.system_identifier
               and (ticks.id in (select tick_id from subscriptions)
                    or ticks.id = (select max(id) from ticks)))",
    )
    .fetch_one(&mut *transaction)
    .await?;
    if !foreign {
        return Ok(Rebased {
            subscriptions: 0,
            owed: 0,
        });
    }
    let owed = owe(&mut transaction, now).await?;
    sqlx::query("update outbox set tx = '3'::xid8")
        .execute(&mut *transaction)
        .await?;
    let subscriptions = sqlx::query(
        "with tick as (
             insert into ticks (snapshot, system_identifier, created_at, last_seq, kept)
             select pg_current_snapshot(), control.system_identifier, $1, outbox_seq.last_value, true
             from pg_control_system() control, outbox_seq
             returning id
         )
         update subscriptions
         set tick_id = tick.id, begun_tick = null, lease_token = null, lease_until = null
         from tick",
    )
    .bind(now)
    .execute(&mut *transaction)
    .await?
    .rows_affected();
    sqlx::query("delete from ticks where id < (select min(tick_id) from subscriptions)")
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    Ok(Rebased {
        subscriptions,
        owed,
    })
}

async fn owe(connection: &mut PgConnection, now: DateTime<Utc>) -> sqlx::Result<u64> {
    let owed = sqlx::query(
        "insert into deliveries
             (consumer, event_id, aggregate_id, seq, type, schema_version, payload, traceparent,
              created_at, attempts, retry_at, last_error)
         select consumer, outbox.id, aggregate_id, seq, type, schema_version, payload, traceparent,
                outbox.created_at, 0, $1, 'the database was restored'
         from subscriptions
         join ticks on ticks.id = tick_id
         join outbox on not pg_visible_in_snapshot(tx, snapshot)
             or outbox.created_at >= ticks.created_at - interval '1 hour'
         where not exists (select 1 from inbox
             where inbox.consumer = subscriptions.consumer and event_id = outbox.id)
         on conflict do nothing",
    )
    .bind(now)
    .execute(connection)
    .await?;
    Ok(owed.rows_affected())
}

/// Where a replay begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replay {
    /// The subscription was moved back.
    From {
        /// To the tick of this time: at or before the one that was asked for.
        time: DateTime<Utc>,
        /// So many deliveries are no longer counted as done.
        forgotten: u64,
    },
    /// There is no such consumer.
    NoSuchConsumer,
    /// The log's ticks begin later.
    TooLongAgo {
        /// Then.
        oldest: DateTime<Utc>,
    },
}

/// Moves a subscription back to a time, and forgets what its consumer did since then, but for what was
/// discarded: all of it is delivered again.
pub async fn replay(pool: &PgPool, consumer: &str, since: DateTime<Utc>) -> sqlx::Result<Replay> {
    let mut transaction = pool.begin().await?;
    sqlx::query("select set_config('statement_timeout', '0', true)")
        .execute(&mut *transaction)
        .await?;
    let stands: Option<i64> =
        sqlx::query_scalar("select tick_id from subscriptions where consumer = $1 for update")
            .bind(consumer)
            .fetch_optional(&mut *transaction)
            .await?;
    let Some(stands) = stands else {
        return Ok(Replay::NoSuchConsumer);
    };
    let tick: Option<(i64, DateTime<Utc>)> = sqlx::query_as(
        "select id, created_at from ticks where created_at <= $1 and id <= $2
         order by id desc limit 1",
    )
    .bind(since)
    .bind(stands)
    .fetch_optional(&mut *transaction)
    .await?;
    let Some((tick, time)) = tick else {
        let oldest = sqlx::query_scalar("select min(created_at) from ticks")
            .fetch_one(&mut *transaction)
            .await?;
        return Ok(Replay::TooLongAgo { oldest });
    };
    let forgotten = sqlx::query(
        "delete from inbox using outbox, (select snapshot from ticks where id = $2) began
         where inbox.consumer = $1 and event_id = outbox.id
           and tx >= pg_snapshot_xmin(began.snapshot)
           and not pg_visible_in_snapshot(tx, began.snapshot)
           and not exists (select 1 from dead_letters
               where dead_letters.consumer = $1 and dead_letters.event_id = outbox.id
                 and status = 'discarded')",
    )
    .bind(consumer)
    .bind(tick)
    .execute(&mut *transaction)
    .await?
    .rows_affected();
    // Whoever holds the lease can't move the subscription on any more: it begins elsewhere.
    sqlx::query(
        "update subscriptions
         set tick_id = $2, begun_tick = null, lease_token = null, lease_until = null
         where consumer = $1",
    )
    .bind(consumer)
    .bind(tick)
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(Replay::From { time, forgotten })
}
