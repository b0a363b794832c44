//! The outbox: appended to with each change, read by snapshot difference.

use chrono::{DateTime, Utc};
use serde_json::Value;
use shared::event::{Event, EventType};
use shared::id::EventId;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use crate::platform::rfc3339;

/// The advisory lock of the one ticker, held for its transaction.
const TICKER_LOCK: i64 = 0x6865_6164_7469_6b01;

/// An event to append.
pub struct NewEvent<'a> {
    /// Its id.
    pub id: EventId,
    /// What happened.
    pub kind: EventType,
    /// To what.
    pub aggregate: Uuid,
    /// The resource after it.
    pub payload: Value,
    /// The trace that it belongs to.
    pub traceparent: Option<&'a str>,
    /// When.
    pub now: DateTime<Utc>,
}

/// Appends an event, in the transaction of the change that it tells of.
pub async fn append(connection: &mut PgConnection, event: &NewEvent<'_>) -> sqlx::Result<()> {
    sqlx::query(
        "insert into outbox (id, type, aggregate_id, payload, traceparent, created_at)
         values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(event.id.uuid())
    .bind(event.kind.as_str())
    .bind(event.aggregate)
    .bind(&event.payload)
    .bind(event.traceparent)
    .bind(event.now)
    .execute(connection)
    .await?;
    Ok(())
}

/// Stores the current snapshot if there is something that the last one does not see. True if it
/// did.
pub async fn tick(pool: &PgPool, now: DateTime<Utc>) -> sqlx::Result<bool> {
    let mut transaction = pool.begin().await?;
    // The lock comes before the statement that takes the snapshot: so each tick sees at least what
    // the one before it saw.
    let ours: bool = sqlx::query_scalar("select pg_try_advisory_xact_lock($1)")
        .bind(TICKER_LOCK)
        .fetch_one(&mut *transaction)
        .await?;
    if !ours {
        return Ok(false);
    }
    let ticked = sqlx::query(
        "insert into ticks (snapshot, system_identifier, created_at)
         select pg_current_snapshot(), control.system_identifier, $1
         from (select snapshot from ticks order by id desc limit 1) last,
              pg_control_system() control
         where exists (
             select 1 from outbox
             where tx >= pg_snapshot_xmin(last.snapshot)
               and not pg_visible_in_snapshot(tx, last.snapshot))",
    )
    .bind(now)
    .execute(&mut *transaction)
    .await?
    .rows_affected();
    if ticked > 0 {
        sqlx::query("delete from ticks where id < (select min(tick_id) from subscriptions)")
            .execute(&mut *transaction)
            .await?;
    }
    transaction.commit().await?;
    Ok(ticked > 0)
}

/// An event on its way to a consumer.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// The event.
    pub event: Event,
    /// Its aggregate, as the outbox names it.
    pub aggregate: Uuid,
    /// Its place among its aggregate's events.
    pub seq: i64,
    /// The trace that it belongs to.
    pub traceparent: Option<String>,
    /// How often it was tried and failed.
    pub attempts: i32,
}

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    id: Uuid,
    seq: i64,
    r#type: String,
    aggregate_id: Uuid,
    payload: Value,
    traceparent: Option<String>,
    created_at: DateTime<Utc>,
    attempts: i32,
}

impl Row {
    fn delivery(self) -> sqlx::Result<Delivery> {
        let kind = EventType::parse(&self.r#type)
            .ok_or_else(|| sqlx::Error::Decode(format!("no event type {}", self.r#type).into()))?;
        let shown = self.payload.get("id").and_then(Value::as_str);
        let aggregate_id = shown.map_or_else(|| self.aggregate_id.to_string(), str::to_owned);
        Ok(Delivery {
            event: Event {
                id: EventId::from_uuid(self.id),
                kind,
                aggregate_id,
                data: self.payload,
                created_at: rfc3339(self.created_at),
            },
            aggregate: self.aggregate_id,
            seq: self.seq,
            traceparent: self.traceparent,
            attempts: self.attempts,
        })
    }
}

/// A consumer's step from one tick to a later one.
#[derive(Debug, Clone, Copy, sqlx::FromRow)]
pub struct Step {
    /// Where the consumer stands.
    pub from_tick: i64,
    /// The newest tick.
    pub to_tick: i64,
    /// Whether both are of this very database.
    pub same_system: bool,
}

/// Takes the consumer's lease and says which step is next; `None` while another worker holds it.
pub async fn claim(
    pool: &PgPool,
    consumer: &str,
    token: Uuid,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> sqlx::Result<Option<Step>> {
    sqlx::query_as(
        "update subscriptions set lease_token = $2, lease_until = $4
         from (select id from ticks order by id desc limit 1) newest
         where consumer = $1 and (lease_until is null or lease_until <= $3 or lease_token = $2)
         returning tick_id as from_tick, newest.id as to_tick,
             not exists (select 1 from ticks, pg_control_system() control
                 where id in (tick_id, newest.id)
                   and ticks.system_identifier <> control.system_identifier) as same_system",
    )
    .bind(consumer)
    .bind(token)
    .bind(now)
    .bind(until)
    .fetch_optional(pool)
    .await
}

/// Gives the lease back.
pub async fn release(pool: &PgPool, consumer: &str, token: Uuid) -> sqlx::Result<()> {
    sqlx::query(
        "update subscriptions set lease_token = null, lease_until = null
         where consumer = $1 and lease_token = $2",
    )
    .bind(consumer)
    .bind(token)
    .execute(pool)
    .await?;
    Ok(())
}

/// Events of these kinds within the step that the consumer has neither done nor put off, at most `limit` of them.
pub async fn unread(
    pool: &PgPool,
    consumer: &str,
    kinds: &[EventType],
    step: Step,
    limit: i64,
) -> sqlx::Result<Vec<Delivery>> {
    let rows: Vec<Row> = sqlx::query_as(
        "select id, seq, type, aggregate_id, payload, traceparent, created_at, 0 as attempts
         from outbox,
              (select snapshot from ticks where id = $2) earlier(snapshot),
              (select snapshot from ticks where id = $3) later(snapshot)
         where tx >= pg_snapshot_xmin(earlier.snapshot) and tx < pg_snapshot_xmax(later.snapshot)
           and pg_visible_in_snapshot(tx, later.snapshot)
           and not pg_visible_in_snapshot(tx, earlier.snapshot)
           and type = any ($5)
           and not exists (select 1 from inbox where consumer = $1 and event_id = outbox.id)
           and not exists (select 1 from deliveries where consumer = $1 and event_id = outbox.id)
         order by seq limit $4",
    )
    .bind(consumer)
    .bind(step.from_tick)
    .bind(step.to_tick)
    .bind(limit)
    .bind(kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>())
    .fetch_all(pool)
    .await?;
    rows.into_iter().map(Row::delivery).collect()
}

/// Moves the consumer on to the later tick, if the worker still holds its lease.
pub async fn advance(
    connection: &mut PgConnection,
    consumer: &str,
    token: Uuid,
    step: Step,
) -> sqlx::Result<bool> {
    let moved = sqlx::query(
        "update subscriptions set tick_id = $4
         where consumer = $1 and lease_token = $2 and tick_id = $3",
    )
    .bind(consumer)
    .bind(token)
    .bind(step.from_tick)
    .bind(step.to_tick)
    .execute(connection)
    .await?;
    Ok(moved.rows_affected() == 1)
}

/// Whether the consumer has done the event.
pub async fn is_done(
    connection: &mut PgConnection,
    consumer: &str,
    event: Uuid,
) -> sqlx::Result<bool> {
    sqlx::query_scalar("select exists (select 1 from inbox where consumer = $1 and event_id = $2)")
        .bind(consumer)
        .bind(event)
        .fetch_one(connection)
        .await
}

/// Notes that the consumer has done the event. False if it had before: then its effect must not
/// commit again.
pub async fn done(
    connection: &mut PgConnection,
    consumer: &str,
    event: Uuid,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let noted = sqlx::query(
        "with put_off as (delete from deliveries where consumer = $1 and event_id = $2)
         insert into inbox (consumer, event_id, done_at) values ($1, $2, $3)
         on conflict do nothing",
    )
    .bind(consumer)
    .bind(event)
    .bind(now)
    .execute(connection)
    .await?;
    Ok(noted.rows_affected() == 1)
}

/// Notes that the consumer has done these events. False if it had done any of them before: then
/// their effect must not commit again.
pub async fn all_done(
    connection: &mut PgConnection,
    consumer: &str,
    deliveries: &[Delivery],
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let events = deliveries.iter().map(|delivery| delivery.event.id.uuid());
    let noted = sqlx::query(
        "insert into inbox (consumer, event_id, done_at)
         select $1, event_id, $3 from unnest($2::uuid[]) as done (event_id)
         on conflict do nothing",
    )
    .bind(consumer)
    .bind(events.collect::<Vec<_>>())
    .bind(now)
    .execute(connection)
    .await?;
    Ok(usize::try_from(noted.rows_affected()) == Ok(deliveries.len()))
}

/// Opens a delivery of whole steps: see [`waits`] for why its commit does not wait for the disk.
pub async fn open(connection: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query("set local synchronous_commit to off")
        .execute(connection)
        .await?;
    Ok(())
}

/// Opens a delivery. True if an earlier event of the aggregate is put off: then this one has to
/// wait behind it.
///
/// The delivery's commit does not wait for the disk. Inbox row, effect and the subscription's move
/// are one transaction: a crash loses all of it or nothing, and what is lost is delivered again.
pub async fn waits(
    connection: &mut PgConnection,
    consumer: &str,
    delivery: &Delivery,
) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "select exists (select 1 from deliveries
             where consumer = $1 and aggregate_id = $2 and seq < $3)
         from set_config('synchronous_commit', 'off', true)",
    )
    .bind(consumer)
    .bind(delivery.aggregate)
    .bind(delivery.seq)
    .fetch_one(connection)
    .await
}

/// Puts the event off.
pub async fn put_off(
    pool: &PgPool,
    consumer: &str,
    delivery: &Delivery,
    attempts: i32,
    retry_at: DateTime<Utc>,
    error: Option<&str>,
) -> sqlx::Result<()> {
    sqlx::query(
        "insert into deliveries
             (consumer, event_id, aggregate_id, seq, attempts, retry_at, last_error)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (consumer, event_id) do update
         set attempts = excluded.attempts, retry_at = excluded.retry_at,
             last_error = excluded.last_error",
    )
    .bind(consumer)
    .bind(delivery.event.id.uuid())
    .bind(delivery.aggregate)
    .bind(delivery.seq)
    .bind(attempts)
    .bind(retry_at)
    .bind(error)
    .execute(pool)
    .await?;
    Ok(())
}

/// Events that were put off and are due, the first of each aggregate only.
pub async fn due(
    pool: &PgPool,
    consumer: &str,
    now: DateTime<Utc>,
    limit: i64,
) -> sqlx::Result<Vec<Delivery>> {
    let rows: Vec<Row> = sqlx::query_as(
        "select outbox.id, outbox.seq, type, outbox.aggregate_id, payload, traceparent,
                outbox.created_at, deliveries.attempts
         from deliveries join outbox on outbox.id = deliveries.event_id
         where consumer = $1 and retry_at <= $2 and not exists (
             select 1 from deliveries earlier
             where earlier.consumer = $1 and earlier.aggregate_id = deliveries.aggregate_id
               and earlier.seq < deliveries.seq)
         order by outbox.seq limit $3",
    )
    .bind(consumer)
    .bind(now)
    .bind(limit)
    .fetch_all(pool)
    .await?;
    rows.into_iter().map(Row::delivery).collect()
}
