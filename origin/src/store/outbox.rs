//! The outbox: appended to with each change, read by snapshot difference.
//!
//! It is only ever appended to, and forgotten by the week (`partitions.rs`). What a consumer could
//! not do stands in `deliveries.rs`, what was given up in `dead_letters.rs`.

use chrono::{DateTime, Utc};
use serde_json::Value;
use shared::event::{Event, EventType};
use shared::id::EventId;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use crate::platform::rfc3339;

/// The advisory lock of the one ticker, held for its transaction.
pub(super) const TICKER_LOCK: i64 = 0x6865_6164_7469_6b01;
/// Events after which a step ends at the next tick, so that one step's reading stays bounded however
/// far behind a consumer is.
const STEP_EVENTS: i64 = 2000;
/// Seconds between ticks that stay for replays.
const KEPT_TICK_SECONDS: f64 = 60.0;
/// Ticks between two clearings of those that nobody needs.
const TICKS_A_CLEARING: i64 = 64;

/// Where processes tell each other that something came.
pub const CHANNEL: &str = "headgate_events";

/// Tells other processes that something came, in a transaction of its own.
pub async fn announce(pool: &PgPool) -> sqlx::Result<()> {
    sqlx::query("select pg_notify($1, '')")
        .bind(CHANNEL)
        .execute(pool)
        .await?;
    Ok(())
}

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
        "insert into outbox
             (id, type, aggregate_id, payload, traceparent, created_at, schema_version)
         values ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(event.id.uuid())
    .bind(event.kind.as_str())
    .bind(event.aggregate)
    .bind(&event.payload)
    .bind(event.traceparent)
    .bind(event.now)
    .bind(event.kind.schema_version())
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
    let ticked: Option<i64> = sqlx::query_scalar(
        "insert into ticks (snapshot, system_identifier, created_at, last_seq, kept)
         select pg_current_snapshot(), control.system_identifier, $1, outbox_seq.last_value,
                $1 - $2 * interval '1 second' >= coalesce(
                    (select max(created_at) from ticks where kept), '-infinity')
         from (select snapshot from ticks order by id desc limit 1) last,
              pg_control_system() control, outbox_seq
         where exists (
             select 1 from outbox
             where tx >= pg_snapshot_xmin(last.snapshot)
               and not pg_visible_in_snapshot(tx, last.snapshot))
         returning id",
    )
    .bind(now)
    .bind(KEPT_TICK_SECONDS)
    .fetch_optional(&mut *transaction)
    .await?;
    if ticked.is_some_and(|id| id % TICKS_A_CLEARING == 0) {
        sqlx::query(
            "delete from ticks where not kept and id < (select min(tick_id) from subscriptions)",
        )
        .execute(&mut *transaction)
        .await?;
    }
    transaction.commit().await?;
    Ok(ticked.is_some())
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
    schema_version: i16,
    aggregate_id: Uuid,
    payload: Value,
    traceparent: Option<String>,
    created_at: DateTime<Utc>,
    attempts: i32,
    /// Whether the consumer has done it or put it off.
    #[sqlx(default)]
    done: bool,
}

impl Row {
    /// As consumers get it; or which event it is, and what this release does not know of it.
    pub(super) fn delivery(self) -> Result<Delivery, (Uuid, String)> {
        let kind = EventType::parse(&self.r#type);
        let Some(kind) = kind.filter(|kind| kind.reads(self.schema_version)) else {
            let unknown = EventType::unknown(&self.r#type, self.schema_version);
            return Err((self.id, unknown));
        };
        let shown = self.payload.get("id").and_then(Value::as_str);
        let aggregate_id = shown.map_or_else(|| self.aggregate_id.to_string(), str::to_owned);
        Ok(Delivery {
            event: Event {
                id: EventId::from_uuid(self.id),
                kind,
                schema_version: self.schema_version,
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
    /// How far the step goes.
    pub to_tick: i64,
    /// Whether both are of this very database.
    pub same_system: bool,
    /// Whether nothing is behind it.
    pub newest: bool,
    /// Whether the lease was this worker's already, so that it goes on where it was.
    pub ours: bool,
    /// The worker before this one did not give its lease back, and had begun to go as far as this.
    pub left_at: Option<i64>,
}

/// Takes the consumer's lease and says which step is next; `None` while another worker holds it.
///
/// The step ends at the newest tick, or earlier where that is many events away.
pub async fn claim(
    pool: &PgPool,
    consumer: &str,
    token: Uuid,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> sqlx::Result<Option<Step>> {
    sqlx::query_as(
        "with held as (
             select consumer, tick_id, lease_token, begun_tick, last_seq
             from subscriptions join ticks on ticks.id = tick_id
             where consumer = $1 and (lease_until is null or lease_until <= $3 or lease_token = $2)
             for update of subscriptions
         ), goal as (
             select coalesce(
                 -- A step that was begun ends where it was to end.
                 (select begun_tick from held where lease_token = $2 and begun_tick > tick_id),
                 (select id from ticks, held where id > tick_id and ticks.last_seq >= held.last_seq + $5
                  order by id limit 1),
                 (select max(id) from ticks)) as id
         )
         update subscriptions
         set lease_token = $2, lease_until = $4, begun_tick = goal.id
         from held, goal
         where subscriptions.consumer = held.consumer
         returning held.tick_id as from_tick, goal.id as to_tick,
             case when held.lease_token <> $2 and held.begun_tick > held.tick_id
                  then held.begun_tick end as left_at,
             goal.id = (select max(id) from ticks) as newest,
             coalesce(held.lease_token = $2, false) as ours,
             not exists (select 1 from ticks, pg_control_system() control
                 where id in (held.tick_id, goal.id)
                   and ticks.system_identifier <> control.system_identifier) as same_system",
    )
    .bind(consumer)
    .bind(token)
    .bind(now)
    .bind(until)
    .bind(STEP_EVENTS)
    .fetch_optional(pool)
    .await
}

/// Keeps the lease. False if another worker has taken it.
pub async fn renew(
    pool: &PgPool,
    consumer: &str,
    token: Uuid,
    until: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let renewed = sqlx::query(
        "update subscriptions set lease_until = $3 where consumer = $1 and lease_token = $2",
    )
    .bind(consumer)
    .bind(token)
    .bind(until)
    .execute(pool)
    .await?;
    Ok(renewed.rows_affected() == 1)
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

/// What a step holds for a consumer.
#[derive(Debug, Default)]
pub struct Unread {
    /// What it can be given, in order.
    pub deliveries: Vec<Delivery>,
    /// What this release does not know, with what is not known of it: it has to be parked.
    pub unknown: Vec<(Uuid, String)>,
    /// The last place that was read.
    pub last_seq: Option<i64>,
    /// Whether there may be more behind it.
    pub more: bool,
}

/// At most `limit` events of these kinds within the step and behind a place in it, without those that the
/// consumer has done or put off; and those whose kind nobody here knows.
pub async fn unread(
    pool: &PgPool,
    consumer: &str,
    kinds: &[EventType],
    step: Step,
    after_seq: i64,
    limit: i64,
) -> sqlx::Result<Unread> {
    // What was done is looked up row by row, by limits that keep the planner from reading all that the
    // consumer ever did.
    let rows: Vec<Row> = sqlx::query_as(
        "select id, seq, type, schema_version, aggregate_id, payload, traceparent, created_at,
                0 as attempts,
                coalesce(
                    (select true from inbox where consumer = $1 and event_id = read.id limit 1),
                    (select true from deliveries where consumer = $1 and event_id = read.id limit 1),
                    false) as done
         from (
             select outbox.*
             from outbox,
                  (select snapshot from ticks where id = $2) earlier(snapshot),
                  (select snapshot from ticks where id = $3) later(snapshot)
             where tx >= pg_snapshot_xmin(earlier.snapshot)
               and tx < pg_snapshot_xmax(later.snapshot)
               and pg_visible_in_snapshot(tx, later.snapshot)
               and not pg_visible_in_snapshot(tx, earlier.snapshot)
               and (type = any ($5) or type <> all ($6))
               and seq > $7
             order by seq limit $4
         ) read
         order by seq",
    )
    .bind(consumer)
    .bind(step.from_tick)
    .bind(step.to_tick)
    .bind(limit)
    .bind(names(kinds))
    .bind(names(&EventType::ALL))
    .bind(after_seq)
    .fetch_all(pool)
    .await?;
    let mut unread = Unread {
        last_seq: rows.last().map(|row| row.seq),
        more: i64::try_from(rows.len()) == Ok(limit),
        ..Unread::default()
    };
    for row in rows.into_iter().filter(|row| !row.done) {
        match row.delivery() {
            Ok(delivery) => unread.deliveries.push(delivery),
            Err(unknown) => unread.unknown.push(unknown),
        }
    }
    Ok(unread)
}

pub(super) fn names(kinds: &[EventType]) -> Vec<&'static str> {
    kinds.iter().map(|kind| kind.as_str()).collect()
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
         from set_config('synchronous_commit', 'off', true)
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
        "insert into inbox (consumer, event_id, done_at) values ($1, $2, $3)
         on conflict do nothing",
    )
    .bind(consumer)
    .bind(event)
    .bind(now)
    .execute(connection)
    .await?;
    Ok(noted.rows_affected() == 1)
}

/// Notes that the consumer has done these events. False if it had done any of them before, or if the
/// subscription is no longer that of the token, if there is one: then their effect must not commit.
pub async fn all_done(
    connection: &mut PgConnection,
    consumer: &str,
    token: Option<Uuid>,
    deliveries: &[&Delivery],
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let events = deliveries.iter().map(|delivery| delivery.event.id.uuid());
    let noted = sqlx::query(
        "insert into inbox (consumer, event_id, done_at)
         select $1, event_id, $3 from unnest($2::uuid[]) as done (event_id)
         where $4::uuid is null
            or exists (select 1 from subscriptions where consumer = $1 and lease_token = $4)
         on conflict do nothing",
    )
    .bind(consumer)
    .bind(events.collect::<Vec<_>>())
    .bind(now)
    .bind(token)
    .execute(connection)
    .await?;
    Ok(usize::try_from(noted.rows_affected()) == Ok(deliveries.len()))
}

/// Opens a delivery. Unless it must be on disk, its commit does not wait for that: inbox row and effect
/// are one transaction, and the subscription moves behind them, so a crash loses the newest of it
/// together, and what is lost is delivered again.
pub async fn open(connection: &mut PgConnection, on_disk: bool) -> sqlx::Result<()> {
    sqlx::query("select set_config('synchronous_commit', $1, true)")
        .bind(commits(on_disk))
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) const fn commits(on_disk: bool) -> &'static str {
    if on_disk { "on" } else { "off" }
}

/// Subscribes whoever publishes the log to a broker, as far back as any of the broker's consumers is.
pub async fn enlist(pool: &PgPool, publisher: &str, consumers: &[&str]) -> sqlx::Result<()> {
    sqlx::query(
        "insert into subscriptions (consumer, tick_id)
         select $1, min(tick_id) from subscriptions where consumer = any ($2)
         on conflict (consumer) do update
         set tick_id = least(subscriptions.tick_id, excluded.tick_id)",
    )
    .bind(publisher)
    .bind(consumers)
    .execute(pool)
    .await?;
    Ok(())
}

/// Moves the broker's consumers along with whoever publishes to it: what it has read is theirs to take
/// from the broker.
pub async fn bring_along(pool: &PgPool, publisher: &str, consumers: &[&str]) -> sqlx::Result<()> {
    sqlx::query(
        "update subscriptions set tick_id = ahead.tick_id
         from (select tick_id from subscriptions where consumer = $1) ahead
         where consumer = any ($2) and subscriptions.tick_id < ahead.tick_id",
    )
    .bind(publisher)
    .bind(consumers)
    .execute(pool)
    .await?;
    Ok(())
}
