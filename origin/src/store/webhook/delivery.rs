//! Deliveries to webhooks: written with the event's inbox row, and looked at by admins.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use shared::id::{EventId, WebhookId};
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

use crate::platform::rfc3339;
use crate::store::page::{Place, Slice};
use crate::webhook::{Attempt, Delivery, DeliveryStatus};

/// A message for webhooks.
#[derive(Debug)]
pub struct NewMessage<'a> {
    /// The event's id.
    pub event: EventId,
    /// What happened.
    pub kind: &'a str,
    /// The version of its shape.
    pub schema_version: i16,
    /// To what.
    pub aggregate: Uuid,
    /// Its place among the events.
    pub seq: i64,
    /// The text.
    pub body: &'a str,
    /// The trace that it belongs to.
    pub traceparent: Option<&'a str>,
    /// Now.
    pub now: DateTime<Utc>,
}

/// Writes a delivery for each webhook that wants it. How many there are.
pub async fn spread(connection: &mut PgConnection, message: &NewMessage<'_>) -> sqlx::Result<u64> {
    let spread = sqlx::query(
        "insert into webhook_deliveries (webhook_id, event_id, type, aggregate_id, seq, body,
             traceparent, next_try_at, created_at, schema_version)
         select id, $1, $2, $3, $4, $5, $6, $7, $7, $8 from webhooks
         where enabled and events && array[$2, '*']
         on conflict do nothing",
    )
    .bind(message.event.uuid())
    .bind(message.kind)
    .bind(message.aggregate)
    .bind(message.seq)
    .bind(message.body)
    .bind(message.traceparent)
    .bind(message.now)
    .bind(message.schema_version)
    .execute(connection)
    .await?;
    Ok(spread.rows_affected())
}

/// Writes a delivery to this webhook alone.
pub async fn add(
    connection: &mut PgConnection,
    webhook: WebhookId,
    message: &NewMessage<'_>,
) -> sqlx::Result<()> {
    sqlx::query(
        "insert into webhook_deliveries (webhook_id, event_id, type, aggregate_id, seq, body,
             traceparent, next_try_at, created_at, schema_version)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9)",
    )
    .bind(webhook.uuid())
    .bind(message.event.uuid())
    .bind(message.kind)
    .bind(message.aggregate)
    .bind(message.seq)
    .bind(message.body)
    .bind(message.traceparent)
    .bind(message.now)
    .bind(message.schema_version)
    .execute(connection)
    .await?;
    Ok(())
}

#[derive(FromRow)]
struct Row {
    event_id: Uuid,
    r#type: String,
    status: String,
    next_try_at: DateTime<Utc>,
    created_at: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
}

#[derive(FromRow)]
struct AttemptRow {
    event_id: Uuid,
    number: i32,
    began_at: DateTime<Utc>,
    took_ms: i32,
    status: Option<i16>,
    error: Option<String>,
}

/// Where a page of deliveries ended: Unix microseconds and event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position(i64, Uuid);

/// A page of a webhook's, newest first.
pub async fn list(
    connection: &mut PgConnection,
    webhook: WebhookId,
    place: Option<Place<Position>>,
    limit: i64,
) -> sqlx::Result<Slice<Delivery, Position>> {
    let slice = fetch(connection, webhook, place, limit).await?;
    if slice.is_before_the_start(place) {
        return fetch(connection, webhook, None, limit).await;
    }
    Ok(slice)
}

async fn fetch(
    connection: &mut PgConnection,
    webhook: WebhookId,
    place: Option<Place<Position>>,
    limit: i64,
) -> sqlx::Result<Slice<Delivery, Position>> {
    let (than, direction) = match place {
        Some(Place::Before(_)) => (">", "asc"),
        _ => ("<", "desc"),
    };
    let mut sql = sqlx::QueryBuilder::<sqlx::Postgres>::new(
        "select event_id, type, status, next_try_at, created_at, ended_at from webhook_deliveries
         where webhook_id = ",
    );
    sql.push_bind(webhook.uuid());
    if let Some(Position(micros, event)) = place.map(|place| *place.position()) {
        let time = DateTime::from_timestamp_micros(micros).unwrap_or_default();
        sql.push(format!(" and (created_at, event_id) {than} ("));
        sql.push_bind(time).push(", ").push_bind(event).push(")");
    }
    sql.push(format!(
        " order by created_at {direction}, event_id {direction} limit "
    ));
    sql.push_bind(limit.saturating_add(1));
    let rows: Vec<Row> = sql.build_query_as().fetch_all(&mut *connection).await?;
    let events: Vec<_> = rows.iter().map(|row| row.event_id).collect();
    let mut attempts = attempts(connection, webhook, &events).await?;
    let deliveries = rows
        .into_iter()
        .map(|row| {
            let position = Position(row.created_at.timestamp_micros(), row.event_id);
            let tried = attempts.extract_if(.., |attempt| attempt.event_id == row.event_id);
            let tried = tried.map(attempt).collect();
            Ok((delivery(webhook, row, tried)?, position))
        })
        .collect::<sqlx::Result<Vec<_>>>()?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    Ok(Slice::of(deliveries, place, limit))
}

async fn attempts(
    connection: &mut PgConnection,
    webhook: WebhookId,
    events: &[Uuid],
) -> sqlx::Result<Vec<AttemptRow>> {
    sqlx::query_as(
        "select event_id, number, began_at, took_ms, status, error from webhook_attempts
         where webhook_id = $1 and event_id = any ($2) order by event_id, number",
    )
    .bind(webhook.uuid())
    .bind(events)
    .fetch_all(connection)
    .await
}

fn attempt(row: AttemptRow) -> Attempt {
    Attempt {
        number: row.number,
        status_code: row.status,
        error: row.error,
        took_ms: row.took_ms,
        began_at: rfc3339(row.began_at),
    }
}

fn delivery(webhook: WebhookId, row: Row, attempts: Vec<Attempt>) -> sqlx::Result<Delivery> {
    let status = DeliveryStatus::parse(&row.status)
        .ok_or_else(|| sqlx::Error::Decode(format!("no status {}", row.status).into()))?;
    let waits = status == DeliveryStatus::Pending;
    Ok(Delivery {
        object: "webhook_delivery",
        id: EventId::from_uuid(row.event_id),
        webhook_id: webhook,
        kind: row.r#type,
        status,
        next_try_at: waits.then(|| rfc3339(row.next_try_at)),
        attempts,
        created_at: rfc3339(row.created_at),
        ended_at: row.ended_at.map(rfc3339),
    })
}

/// One of a webhook's.
pub async fn read(
    connection: &mut PgConnection,
    webhook: WebhookId,
    event: EventId,
) -> sqlx::Result<Option<Delivery>> {
    let row: Option<Row> = sqlx::query_as(
        "select event_id, type, status, next_try_at, created_at, ended_at from webhook_deliveries
         where webhook_id = $1 and event_id = $2",
    )
    .bind(webhook.uuid())
    .bind(event.uuid())
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let tried = attempts(connection, webhook, &[row.event_id]).await?;
    let tried = tried.into_iter().map(attempt).collect();
    delivery(webhook, row, tried).map(Some)
}
