//! Deliveries that were given up, among the other dead letters: each of a consumer that is named after
//! its webhook. Redriven or edited there, they come back here.

use chrono::{DateTime, Utc};
use serde_json::Value;
use shared::id::WebhookId;
use sqlx::{FromRow, PgConnection, PgPool};
use uuid::Uuid;

use super::sending::{Due, Tried};
use crate::platform::rfc3339;
use crate::store::dead_letters::{self, Reason};
use crate::webhook::message;
use crate::webhook::schedule::{Outcome, Verdict, tries_max};

/// All webhooks together, where each of them would be one too many.
pub const WEBHOOKS: &str = "webhook";
/// What the consumers' names begin with.
const PREFIX: &str = "webhook.";
/// Most letters that are taken back at a time.
const TAKEN_BACK_MAX: i64 = 100;

/// The name of a webhook as a consumer.
pub fn consumer(webhook: WebhookId) -> String {
    format!("{PREFIX}{webhook}")
}

/// The consumer, or `webhook` for one that is named after its webhook: there are few of these names, whatever
/// webhooks there are.
pub fn kind(consumer: &str) -> &str {
    if consumer.starts_with(PREFIX) {
        WEBHOOKS
    } else {
        consumer
    }
}

/// Makes a delivery a dead letter.
pub(super) async fn bury(
    connection: &mut PgConnection,
    due: &Due,
    tried: &Tried<'_>,
) -> sqlx::Result<()> {
    let consumer = consumer(due.webhook());
    // The row that a redrive sets free, with all that is needed to send it.
    sqlx::query(
        "insert into deliveries (consumer, event_id, aggregate_id, seq, type, schema_version,
             payload, traceparent, created_at, attempts, retry_at, last_error, history, dead)
         select $1, event_id, aggregate_id, seq, type, schema_version, body::jsonb -> 'data',
             traceparent, (body::jsonb ->> 'timestamp')::timestamptz, tries, $4, $5,
             coalesce((select jsonb_agg(jsonb_build_object('at', shown_time(began_at),
                     'error', error) order by number)
                 from webhook_attempts tried
                 where tried.webhook_id = sent.webhook_id and tried.event_id = sent.event_id), '[]'),
             true
         from webhook_deliveries sent where webhook_id = $2 and event_id = $3
         on conflict (consumer, event_id) do update
         set attempts = excluded.attempts, retry_at = excluded.retry_at,
             last_error = excluded.last_error, history = excluded.history, dead = true",
    )
    .bind(&consumer)
    .bind(due.webhook().uuid())
    .bind(due.event_id)
    .bind(tried.now)
    .bind(tried.outcome.error())
    .execute(&mut *connection)
    .await?;
    let reason = match (tried.verdict, tried.outcome) {
        _ if due.tries > tries_max(&due.kind) => Reason::WorkerLost,
        (Verdict::Gone, _) | (_, Outcome::Refused(_)) => Reason::Permanent,
        _ => Reason::Tries,
    };
    let id = tried.letter.uuid();
    dead_letters::bury(connection, id, &consumer, due.event_id, reason, tried.now).await?;
    Ok(())
}

/// Notes that what was redriven has arrived.
pub(super) async fn settle(
    connection: &mut PgConnection,
    due: &Due,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query(
        "update dead_letters set status = 'done', settled_at = $3
         where consumer = $1 and event_id = $2 and status = 'redriven'",
    )
    .bind(consumer(due.webhook()))
    .bind(due.event_id)
    .bind(now)
    .execute(connection)
    .await?;
    Ok(())
}

/// Discards the letters of a webhook that is deleted: there is nobody to send them to.
pub(super) async fn discard_all(
    connection: &mut PgConnection,
    webhook: WebhookId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query(
        "with ended as (delete from deliveries where consumer = $1)
         update dead_letters
         set status = 'discarded', settled_at = $2, note = 'the webhook was deleted'
         where consumer = $1 and status in ('dead', 'redriven')",
    )
    .bind(consumer(webhook))
    .bind(now)
    .execute(connection)
    .await?;
    Ok(())
}

#[derive(FromRow)]
struct Redriven {
    consumer: String,
    event_id: Uuid,
    aggregate_id: Uuid,
    seq: i64,
    r#type: String,
    schema_version: i16,
    payload: Value,
    traceparent: Option<String>,
    created_at: DateTime<Utc>,
}

/// Takes back what was redriven and is due: it is sent anew, with all its tries, and as it was edited.
pub async fn take_back(pool: &PgPool, now: DateTime<Utc>) -> sqlx::Result<()> {
    let mut transaction = pool.begin().await?;
    let redriven: Vec<Redriven> = sqlx::query_as(
        "delete from deliveries where (consumer, event_id) in (
             select consumer, event_id from deliveries
             where consumer like 'webhook.%' and not dead and retry_at <= $1
             limit $2 for update skip locked)
         returning consumer, event_id, aggregate_id, seq, type, schema_version, payload,
             traceparent, created_at",
    )
    .bind(now)
    .bind(TAKEN_BACK_MAX)
    .fetch_all(&mut *transaction)
    .await?;
    for row in redriven {
        let webhook = row.consumer.strip_prefix(PREFIX);
        let Some(Ok(webhook)) = webhook.map(str::parse::<WebhookId>) else {
            continue;
        };
        sqlx::query(
            "insert into webhook_deliveries (webhook_id, event_id, aggregate_id, seq, type,
                 schema_version, body, traceparent, next_try_at, created_at)
             select id, $2, $3, $4, $5, $6, $7, $8, $9, $10 from webhooks where id = $1
             on conflict (webhook_id, event_id) do update
             set status = 'pending', tries = 0, body = excluded.body, ended_at = null,
                 next_try_at = excluded.next_try_at",
        )
        .bind(webhook.uuid())
        .bind(row.event_id)
        .bind(row.aggregate_id)
        .bind(row.seq)
        .bind(&row.r#type)
        .bind(row.schema_version)
        .bind(message::body(
            &row.r#type,
            &rfc3339(row.created_at),
            &row.payload,
        ))
        .bind(row.traceparent)
        .bind(now)
        .bind(row.created_at)
        .execute(&mut *transaction)
        .await?;
    }
    transaction.commit().await
}
