//! What a consumer could not do yet, and what waits behind it to keep its aggregate's order.
//!
//! A row is worked on under a lease of its own. Its attempt is counted when the lease is taken, in a
//! commit before the effect begins: a message that kills its worker is counted like any other. Every
//! later write asks for the lease's token, so that a worker which was taken for dead writes nothing.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use shared::event::EventType;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::outbox::{self, Delivery, Row, Step};
use crate::platform::rfc3339;

/// Most attempts that a row's history holds; the oldest go.
pub const HISTORY_MAX: i32 = 50;
/// Longest error that is kept, in characters.
pub const ERROR_CHARS_MAX: usize = 2000;
/// What stands in the history when nobody could say more.
pub const WORKER_LOST: &str = "its worker ended during the delivery";

/// Whether an earlier event of the aggregate is put off or dead: then this one has to wait behind it.
/// Opens a delivery as [`outbox::open`] does.
pub async fn waits(
    connection: &mut PgConnection,
    consumer: &str,
    delivery: &Delivery,
    on_disk: bool,
) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "select exists (select 1 from deliveries
             where consumer = $1 and aggregate_id = $2 and seq < $3)
         from set_config('synchronous_commit', $4, true)",
    )
    .bind(consumer)
    .bind(delivery.aggregate)
    .bind(delivery.seq)
    .bind(outbox::commits(on_disk))
    .fetch_one(connection)
    .await
}

/// Aggregates of these deliveries that have something put off or dead. Opens their delivery.
pub async fn held_up(
    connection: &mut PgConnection,
    consumer: &str,
    deliveries: &[Delivery],
    on_disk: bool,
) -> sqlx::Result<Vec<Uuid>> {
    let aggregates: Vec<_> = deliveries
        .iter()
        .map(|delivery| delivery.aggregate)
        .collect();
    sqlx::query_scalar(
        "select distinct aggregate_id
         from set_config('synchronous_commit', $3, true), deliveries
         where consumer = $1 and aggregate_id = any ($2)",
    )
    .bind(consumer)
    .bind(aggregates)
    .bind(outbox::commits(on_disk))
    .fetch_all(connection)
    .await
}

/// An attempt that failed.
#[derive(Debug)]
pub struct Failed<'a> {
    /// How many there were, this one included.
    pub attempts: i32,
    /// When it is tried again.
    pub retry_at: DateTime<Utc>,
    /// Why; `None` when it only waits behind another.
    pub error: Option<&'a str>,
    /// When.
    pub now: DateTime<Utc>,
}

impl Failed<'_> {
    fn entry(&self) -> Value {
        self.error.map_or_else(
            || json!([]),
            |error| json!([{"at": rfc3339(self.now), "error": error}]),
        )
    }
}

/// Puts off an event that whoever took it could not deliver. False if the subscription is no longer that
/// of the token, if there is one, or if the event is done or put off already: then there is nothing to note.
pub async fn put_off(
    connection: &mut PgConnection,
    consumer: &str,
    token: Option<Uuid>,
    delivery: &Delivery,
    failed: &Failed<'_>,
) -> sqlx::Result<bool> {
    let noted = sqlx::query(
        "insert into deliveries
             (consumer, event_id, aggregate_id, seq, type, schema_version, payload, traceparent,
              created_at, attempts, retry_at, last_error, history)
         select $1, id, aggregate_id, seq, type, schema_version, payload, traceparent, created_at,
                $4, $5, $6, $7
         from outbox
         where id = $2
           and ($3::uuid is null
                or exists (select 1 from subscriptions where consumer = $1 and lease_token = $3))
           and not exists (select 1 from inbox where consumer = $1 and event_id = $2)
         on conflict do nothing",
    )
    .bind(consumer)
    .bind(delivery.event.id.uuid())
    .bind(token)
    .bind(failed.attempts)
    .bind(failed.retry_at)
    .bind(failed.error)
    .bind(failed.entry())
    .execute(connection)
    .await?;
    Ok(noted.rows_affected() == 1)
}

/// Parks events by id as they stand in the outbox, with an error and no attempt.
pub async fn park(
    connection: &mut PgConnection,
    consumer: &str,
    event: Uuid,
    error: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query(
        "insert into deliveries
             (consumer, event_id, aggregate_id, seq, type, schema_version, payload, traceparent,
              created_at, attempts, retry_at, last_error)
         select $1, id, aggregate_id, seq, type, schema_version, payload, traceparent, created_at,
                0, $3, $4
         from outbox where id = $2
         on conflict do nothing",
    )
    .bind(consumer)
    .bind(event)
    .bind(now)
    .bind(error)
    .execute(connection)
    .await?;
    Ok(())
}

/// Counts an attempt of what a worker that died was at: the first events of what it had begun, as
/// many as it may have been at.
pub async fn blame(
    pool: &PgPool,
    consumer: &str,
    kinds: &[EventType],
    step: Step,
    batch: i64,
    now: DateTime<Utc>,
) -> sqlx::Result<u64> {
    let began = step.left_at.unwrap_or(step.to_tick);
    let entry = json!([{"at": rfc3339(now), "error": WORKER_LOST}]);
    let blamed = sqlx::query(
        "insert into deliveries
             (consumer, event_id, aggregate_id, seq, type, schema_version, payload, traceparent,
              created_at, attempts, retry_at, last_error, history)
         select $1, id, aggregate_id, seq, type, schema_version, payload, traceparent, created_at,
                1, $6, $7, $8
         from outbox,
              (select snapshot from ticks where id = $2) earlier(snapshot),
              (select snapshot from ticks where id = $3) later(snapshot)
         where tx >= pg_snapshot_xmin(earlier.snapshot) and tx < pg_snapshot_xmax(later.snapshot)
           and pg_visible_in_snapshot(tx, later.snapshot)
           and not pg_visible_in_snapshot(tx, earlier.snapshot)
           and type = any ($4)
           -- The limits keep the planner from reading all that the consumer ever did.
           and (select true from inbox where consumer = $1 and event_id = outbox.id limit 1) is null
           and (select true from deliveries
                where consumer = $1 and event_id = outbox.id limit 1) is null
         order by seq limit $5
         on conflict do nothing",
    )
    .bind(consumer)
    .bind(step.from_tick)
    .bind(began)
    .bind(outbox::names(kinds))
    .bind(batch)
    .bind(now)
    .bind(WORKER_LOST)
    .bind(entry)
    .execute(pool)
    .await?;
    Ok(blamed.rows_affected())
}

/// A row whose lease was taken.
#[derive(Debug)]
pub struct Taken {
    /// The event, with the attempts that were counted, this one included; or what is not known of it.
    pub delivery: Result<Delivery, (Uuid, String)>,
    /// Its tries were over before: it is not to run again.
    pub over: bool,
    /// Whether the worker before this one took it and never came back.
    pub lost: bool,
    /// Whether its last try ended with its worker: it may be what ended it.
    pub suspect: bool,
}

/// Which rows are taken.
#[derive(Debug, Clone, Copy)]
pub struct Due<'a> {
    /// Whose.
    pub consumer: &'a str,
    /// Whether a row waits for the earlier ones of its aggregate.
    pub ordered: bool,
    /// How often one is tried.
    pub tries: i32,
    /// Whether it is tried beside others: then none is taken whose last try ended with its worker.
    pub beside: bool,
}

#[derive(sqlx::FromRow)]
struct TakenRow {
    #[sqlx(flatten)]
    row: Row,
    over: bool,
    lost: bool,
    suspect: bool,
}

/// Takes the first row that is due and free, and counts its attempt unless its tries are over.
pub async fn take(
    pool: &PgPool,
    due: Due<'_>,
    token: Uuid,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> sqlx::Result<Option<Taken>> {
    let row: Option<TakenRow> = sqlx::query_as(
        "with free as (
             select consumer, event_id, lease_token is not null as lost, attempts >= $6 as over,
                    lease_token is not null or last_error is not distinct from $7 as suspect
             from deliveries
             where consumer = $1 and not dead and retry_at <= $4
               and (lease_until is null or lease_until <= $4)
               and not ($9 and (lease_token is not null or last_error is not distinct from $7))
               and not ($2 and exists (
                   select 1 from deliveries earlier
                   where earlier.consumer = $1 and earlier.aggregate_id = deliveries.aggregate_id
                     and earlier.seq < deliveries.seq))
             order by seq limit 1
             for update skip locked
         )
         update deliveries
         set lease_token = $3, lease_until = $5,
             attempts = attempts + case when over then 0 else 1 end,
             last_error = case when lost then $7 else last_error end,
             history = case when lost
                 then (case when jsonb_array_length(history) >= $8 then history - 0 else history end)
                     || jsonb_build_array(jsonb_build_object('at', shown_time($4), 'error', $7::text))
                 else history end
         from free, set_config('synchronous_commit', 'off', true)
         where deliveries.consumer = free.consumer and deliveries.event_id = free.event_id
         returning deliveries.event_id as id, seq, type, schema_version, aggregate_id, payload,
             traceparent, created_at, attempts, over, lost, suspect",
    )
    .bind(due.consumer)
    .bind(due.ordered)
    .bind(token)
    .bind(now)
    .bind(until)
    .bind(due.tries)
    .bind(WORKER_LOST)
    .bind(HISTORY_MAX)
    .bind(due.beside)
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|taken| Taken {
        over: taken.over,
        lost: taken.lost,
        suspect: taken.suspect,
        delivery: taken.row.delivery(),
    }))
}

/// Keeps a row's lease. False if another worker has taken it.
pub async fn renew(
    pool: &PgPool,
    consumer: &str,
    event: Uuid,
    token: Uuid,
    until: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let renewed = sqlx::query(
        "update deliveries set lease_until = $4
         where consumer = $1 and event_id = $2 and lease_token = $3",
    )
    .bind(consumer)
    .bind(event)
    .bind(token)
    .bind(until)
    .execute(pool)
    .await?;
    Ok(renewed.rows_affected() == 1)
}

/// Notes that a try of a taken row failed, and gives the row back. False if it is another worker's by
/// now.
pub async fn failed(
    connection: &mut PgConnection,
    consumer: &str,
    token: Uuid,
    event: Uuid,
    failed: &Failed<'_>,
) -> sqlx::Result<bool> {
    let noted = sqlx::query(
        "update deliveries
         set lease_token = null, lease_until = null, retry_at = $4, last_error = $5,
             history = (case when jsonb_array_length(history) >= $7 then history - 0
                        else history end) || $6::jsonb
         where consumer = $1 and event_id = $2 and lease_token = $3",
    )
    .bind(consumer)
    .bind(event)
    .bind(token)
    .bind(failed.retry_at)
    .bind(failed.error)
    .bind(failed.entry())
    .bind(HISTORY_MAX)
    .execute(connection)
    .await?;
    Ok(noted.rows_affected() == 1)
}

/// Ends a taken row, in the transaction of its effect. False if it is another worker's by now, or if
/// the consumer has done the event before: then its effect must not commit.
pub async fn done(
    connection: &mut PgConnection,
    consumer: &str,
    token: Uuid,
    event: Uuid,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let noted = sqlx::query(
        "with ended as (
             delete from deliveries where consumer = $1 and event_id = $2 and lease_token = $3
             returning event_id
         ), settled as (
             update dead_letters set status = 'done', settled_at = $4
             where consumer = $1 and event_id = $2 and status = 'redriven'
         )
         insert into inbox (consumer, event_id, done_at) select $1, event_id, $4 from ended
         on conflict do nothing",
    )
    .bind(consumer)
    .bind(event)
    .bind(token)
    .bind(now)
    .execute(connection)
    .await?;
    Ok(noted.rows_affected() == 1)
}

/// Takes away a taken row that the inbox says is done, or that its consumer no longer hears of.
pub async fn drop_taken(
    pool: &PgPool,
    consumer: &str,
    token: Uuid,
    event: Uuid,
) -> sqlx::Result<()> {
    sqlx::query(
        "delete from deliveries where consumer = $1 and event_id = $2 and lease_token = $3",
    )
    .bind(consumer)
    .bind(event)
    .bind(token)
    .execute(pool)
    .await?;
    Ok(())
}

/// Gives back what a worker has taken, when it ends in peace: a try that was cut off is none.
pub async fn release(pool: &PgPool, consumer: &str, token: Uuid) -> sqlx::Result<()> {
    sqlx::query(
        "update deliveries set lease_token = null, lease_until = null, attempts = attempts - 1
         where consumer = $1 and lease_token = $2 and not dead",
    )
    .bind(consumer)
    .bind(token)
    .execute(pool)
    .await?;
    Ok(())
}
