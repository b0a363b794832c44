//! What was given up: kept with its error and history until an operator redrives or discards it, and
//! afterwards with what became of it.
//!
//! Its row in `deliveries` stays and holds up what follows for the same aggregate, where the consumer
//! keeps an order.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use shared::event::EventType;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::outbox;
use super::page::{Place, Slice};
use crate::platform::rfc3339;

/// Why an event was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Its tries are over.
    Tries,
    /// Its consumer said that no try will succeed.
    Permanent,
    /// It ended its worker as often as it may be tried.
    WorkerLost,
    /// This release does not know its type or version. A release that does redrives it by itself.
    SchemaUnknown,
}

impl Reason {
    /// As it stands in the table.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tries => "tries",
            Self::Permanent => "permanent",
            Self::WorkerLost => "worker_lost",
            Self::SchemaUnknown => "schema_unknown",
        }
    }
}

/// Makes the put-off event a dead letter, in the transaction that notes its last failure.
pub async fn bury(
    connection: &mut PgConnection,
    id: Uuid,
    consumer: &str,
    event: Uuid,
    reason: Reason,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let buried = sqlx::query(
        "with dead as (
             update deliveries set dead = true, lease_token = null, lease_until = null
             where consumer = $2 and event_id = $3
             returning *
         )
         insert into dead_letters
             (id, consumer, event_id, type, schema_version, aggregate_id, payload, traceparent,
              created_at, attempts, reason, error, history, died_at)
         select $1, consumer, event_id, type, schema_version, aggregate_id, payload, traceparent,
                created_at, attempts, $4, coalesce(last_error, ''), history, $5
         from dead
         on conflict (consumer, event_id) do update
         set status = 'dead', settled_at = null, attempts = excluded.attempts,
             reason = excluded.reason, error = excluded.error, history = excluded.history,
             died_at = excluded.died_at",
    )
    .bind(id)
    .bind(consumer)
    .bind(event)
    .bind(reason.as_str())
    .bind(now)
    .execute(connection)
    .await?;
    Ok(buried.rows_affected() == 1)
}

/// A dead letter.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Letter {
    /// Its id.
    pub id: Uuid,
    /// Who gave it up.
    pub consumer: String,
    /// Which event it is.
    pub event_id: Uuid,
    /// Its type.
    pub r#type: String,
    /// Its type's version.
    pub schema_version: i16,
    /// To what it happened.
    pub aggregate_id: Uuid,
    /// What is delivered when it is redriven.
    pub payload: Value,
    /// The trace that it belongs to.
    pub traceparent: Option<String>,
    /// When it happened.
    pub created_at: DateTime<Utc>,
    /// How often it was tried.
    pub attempts: i32,
    /// Why it was given up.
    pub reason: String,
    /// The last error.
    pub error: String,
    /// Every attempt's time and error, the newest last.
    pub history: Value,
    /// `dead`, `redriven`, `done` or `discarded`.
    pub status: String,
    /// When it was given up.
    pub died_at: DateTime<Utc>,
    /// When that ended.
    pub settled_at: Option<DateTime<Utc>>,
    /// Why it was discarded.
    pub note: Option<String>,
    /// What its payload was before each edit, by whom and when.
    pub edits: Value,
}

/// Which letters.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of this consumer.
    pub consumer: Option<String>,
    /// Of this type.
    pub kind: Option<String>,
    /// In this state.
    pub status: Option<String>,
    /// Given up at or after this time.
    pub died_after: Option<DateTime<Utc>>,
    /// Given up before this time.
    pub died_before: Option<DateTime<Utc>>,
}

/// Where a letter stands: when it was given up, in microseconds, and its id.
pub type Position = (i64, Uuid);

const COLUMNS: &str = "id, consumer, event_id, type, schema_version, aggregate_id, payload, \
    traceparent, created_at, attempts, reason, error, history, status, died_at, settled_at, note, \
    edits";
const FILTER: &str = "($1::text is null or consumer = $1) and ($2::text is null or type = $2) \
    and ($3::text is null or status = $3) and ($4::timestamptz is null or died_at >= $4) \
    and ($5::timestamptz is null or died_at < $5)";

/// A page of letters, newest first.
pub async fn list(
    pool: &PgPool,
    filter: &Filter,
    place: Option<Place<Position>>,
    limit: i64,
) -> sqlx::Result<Slice<Letter, Position>> {
    let backwards = place.is_some_and(|place| place.is_backwards());
    let (compared, order) = if backwards {
        (">", "asc")
    } else {
        ("<", "desc")
    };
    let sql = format!(
        "select {COLUMNS} from dead_letters where {FILTER}
           and ($6::timestamptz is null or (died_at, id) {compared} ($6, $7))
         order by died_at {order}, id {order} limit $8"
    );
    let position = place.as_ref().map(|place| *place.position());
    let at = position.and_then(|(micros, _)| DateTime::from_timestamp_micros(micros));
    let letters: Vec<Letter> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(&filter.consumer)
        .bind(&filter.kind)
        .bind(&filter.status)
        .bind(filter.died_after)
        .bind(filter.died_before)
        .bind(at)
        .bind(position.map(|(_, id)| id))
        .bind(limit + 1)
        .fetch_all(pool)
        .await?;
    let rows = letters
        .into_iter()
        .map(|letter| {
            let position = (letter.died_at.timestamp_micros(), letter.id);
            (letter, position)
        })
        .collect();
    Ok(Slice::of(
        rows,
        place,
        usize::try_from(limit).unwrap_or_default(),
    ))
}

/// One letter.
pub async fn read(pool: &PgPool, id: Uuid) -> sqlx::Result<Option<Letter>> {
    let sql = format!("select {COLUMNS} from dead_letters where id = $1");
    sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(id)
        .fetch_optional(pool)
        .await
}

/// One letter, locked.
pub async fn lock(connection: &mut PgConnection, id: Uuid) -> sqlx::Result<Option<Letter>> {
    let sql = format!("select {COLUMNS} from dead_letters where id = $1 for update");
    sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(id)
        .fetch_optional(connection)
        .await
}

/// Has a dead letter tried again from `due` on, with all its tries. False if it is not dead.
pub async fn redrive(
    connection: &mut PgConnection,
    id: Uuid,
    due: DateTime<Utc>,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let redriven = sqlx::query(
        "with letter as (
             update dead_letters set status = 'redriven', settled_at = $3
             where id = $1 and status = 'dead'
             returning consumer, event_id, payload
         )
         update deliveries set dead = false, attempts = 0, retry_at = $2, payload = letter.payload
         from letter
         where deliveries.consumer = letter.consumer and deliveries.event_id = letter.event_id",
    )
    .bind(id)
    .bind(due)
    .bind(now)
    .execute(connection)
    .await?;
    Ok(redriven.rows_affected() == 1)
}

/// Ids of the dead letters of a filter, the oldest first.
pub async fn dead(
    connection: &mut PgConnection,
    filter: &Filter,
    limit: i64,
) -> sqlx::Result<Vec<Uuid>> {
    let sql = format!(
        "select id from dead_letters where {FILTER} and status = 'dead'
         order by died_at, id limit $6 for update skip locked"
    );
    sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
        .bind(&filter.consumer)
        .bind(&filter.kind)
        .bind(&filter.status)
        .bind(filter.died_after)
        .bind(filter.died_before)
        .bind(limit)
        .fetch_all(connection)
        .await
}

/// Puts another payload into a dead letter, and keeps what it was.
pub async fn edit(
    connection: &mut PgConnection,
    id: Uuid,
    payload: &Value,
    by: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query(
        "update dead_letters
         set edits = edits || jsonb_build_array($3::jsonb || jsonb_build_object('payload', payload)),
             payload = $2
         where id = $1",
    )
    .bind(id)
    .bind(payload)
    .bind(json!({"at": rfc3339(now), "by": by}))
    .execute(connection)
    .await?;
    Ok(())
}

/// Ends a dead letter without a delivery; its consumer counts it as done. False if it is not dead.
pub async fn discard(
    connection: &mut PgConnection,
    id: Uuid,
    note: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let discarded = sqlx::query(
        "with letter as (
             update dead_letters set status = 'discarded', settled_at = $3, note = $2
             where id = $1 and status = 'dead'
             returning consumer, event_id
         ), ended as (
             delete from deliveries using letter
             where deliveries.consumer = letter.consumer and deliveries.event_id = letter.event_id
         )
         insert into inbox (consumer, event_id, done_at)
         select consumer, event_id, $3 from letter on conflict do nothing",
    )
    .bind(id)
    .bind(note)
    .bind(now)
    .execute(connection)
    .await?;
    Ok(discarded.rows_affected() == 1)
}

/// Redrives what was parked for its schema and is known to this release.
pub async fn redrive_known(pool: &PgPool, consumer: &str, now: DateTime<Utc>) -> sqlx::Result<u64> {
    let redriven = sqlx::query(
        "with letter as (
             update dead_letters set status = 'redriven', settled_at = $2
             from unnest($3::text[], $4::smallint[]) as known (type, version)
             where consumer = $1 and status = 'dead' and reason = 'schema_unknown'
               and dead_letters.type = known.type and schema_version between 1 and known.version
             returning consumer, event_id, payload
         )
         update deliveries set dead = false, attempts = 0, retry_at = $2, payload = letter.payload
         from letter
         where deliveries.consumer = letter.consumer and deliveries.event_id = letter.event_id",
    )
    .bind(consumer)
    .bind(now)
    .bind(outbox::names(&EventType::ALL))
    .bind(EventType::ALL.map(EventType::schema_version).to_vec())
    .execute(pool)
    .await?;
    Ok(redriven.rows_affected())
}

/// Who can have dead letters: those who read the log or have some, by name.
pub async fn consumers(pool: &PgPool) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar(
        "select consumer from subscriptions union select consumer from dead_letters
         order by consumer",
    )
    .fetch_all(pool)
    .await
}

/// The types of letters that there are, by name.
pub async fn kinds(pool: &PgPool) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar("select distinct type from dead_letters order by type")
        .fetch_all(pool)
        .await
}
