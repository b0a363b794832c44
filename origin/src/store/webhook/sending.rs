//! Deliveries under lease, and what came of each try.

use chrono::{DateTime, Utc};
use shared::id::{DeadLetterId, EventId, WebhookId};
use sqlx::{FromRow, PgPool};
use uuid::Uuid;

use super::letter;
use crate::sending::{Claim, Delivery};
use crate::webhook::message::PING;
use crate::webhook::schedule::{Outcome, Verdict};

/// Longest reason that is kept.
const ERROR_CHARS_MAX: usize = 500;
/// Most deliveries that are removed at a time.
const REMOVED_MAX: i64 = 10_000;

/// A delivery that a worker has taken.
#[derive(Debug, FromRow)]
pub struct Due {
    webhook_id: Uuid,
    /// The event's id.
    pub event_id: Uuid,
    /// What happened.
    #[sqlx(rename = "type")]
    pub kind: String,
    /// The text.
    pub body: String,
    /// The trace that it belongs to.
    pub traceparent: Option<String>,
    /// How often it was tried, with the try that begins now.
    pub tries: i32,
    /// Where to.
    pub url: String,
    /// The generations of secrets that sign, the newest first.
    pub generations: Vec<i32>,
    lease_token: Uuid,
}

impl Due {
    /// Which webhook.
    pub const fn webhook(&self) -> WebhookId {
        WebhookId::from_uuid(self.webhook_id)
    }
}

impl Delivery for Due {
    fn event(&self) -> EventId {
        EventId::from_uuid(self.event_id)
    }

    fn receiver(&self) -> String {
        self.webhook().to_string()
    }

    fn tries(&self) -> i32 {
        self.tries
    }

    fn traceparent(&self) -> Option<&str> {
        self.traceparent.as_deref()
    }
}

/// Takes what is due, so that at most `each` are under way to one webhook. Of one aggregate's events a webhook
/// gets the next only once the one before has arrived or is given up.
pub async fn claim(pool: &PgPool, claim: &Claim, each: i64) -> sqlx::Result<Vec<Due>> {
    sqlx::query_as(
        "with due as (
             select webhooks.id, url, event_id from webhooks cross join lateral (
                 select event_id from webhook_deliveries one
                 where webhook_id = webhooks.id and status = 'pending' and next_try_at <= $1
                   and (lease_until is null or lease_until <= $1)
                   and not exists (
                       select 1 from webhook_deliveries earlier
                       where earlier.webhook_id = one.webhook_id and earlier.status = 'pending'
                         and earlier.aggregate_id = one.aggregate_id and earlier.seq < one.seq)
                 order by next_try_at
                 limit greatest(0, $4 - (
                     select count(*) from webhook_deliveries busy
                     where busy.webhook_id = webhooks.id and busy.status = 'pending'
                       and busy.lease_until > $1))
                 for update skip locked) next
             where enabled limit $5)
         update webhook_deliveries taken
         set lease_token = $2, lease_until = $3, tries = tries + 1
         from due where taken.webhook_id = due.id and taken.event_id = due.event_id
         returning taken.webhook_id, taken.event_id, type, body, traceparent, tries, due.url,
             lease_token,
             array(select generation from webhook_secrets
                   where webhook_id = taken.webhook_id
                     and (retires_at is null or retires_at > $1)
                   order by generation desc) as generations",
    )
    .bind(claim.now)
    .bind(claim.token)
    .bind(claim.until)
    .bind(each)
    .bind(claim.limit)
    .fetch_all(pool)
    .await
}

/// What came of a try.
#[derive(Debug)]
pub struct Tried<'a> {
    /// What the receiver said.
    pub outcome: &'a Outcome,
    /// What follows from it.
    pub verdict: Verdict,
    /// When it began.
    pub began_at: DateTime<Utc>,
    /// Now.
    pub now: DateTime<Utc>,
    /// The id of the dead letter, should it become one.
    pub letter: DeadLetterId,
}

/// Keeps it, if the worker still has the delivery.
pub async fn tried(pool: &PgPool, due: &Due, tried: &Tried<'_>) -> sqlx::Result<bool> {
    let (status, next_try_at) = match tried.verdict {
        Verdict::Delivered => ("delivered", None),
        Verdict::Again(at) => ("pending", Some(at)),
        Verdict::Dead | Verdict::Gone => ("dead", None),
    };
    let mut transaction = pool.begin().await?;
    let ours = sqlx::query(
        "update webhook_deliveries
         set status = $4, next_try_at = coalesce($5, next_try_at), lease_token = null,
             lease_until = null, ended_at = case when $4 = 'pending' then null else $6 end
         where webhook_id = $1 and event_id = $2 and lease_token = $3",
    )
    .bind(due.webhook_id)
    .bind(due.event_id)
    .bind(due.lease_token)
    .bind(status)
    .bind(next_try_at)
    .bind(tried.now)
    .execute(&mut *transaction)
    .await?
    .rows_affected()
        == 1;
    if !ours {
        return Ok(false);
    }
    let error = tried.outcome.error();
    let error = error.map(|text| text.chars().take(ERROR_CHARS_MAX).collect::<String>());
    let took_ms = (tried.now - tried.began_at).num_milliseconds();
    sqlx::query(
        "insert into webhook_attempts (webhook_id, event_id, number, began_at, took_ms, status, error)
         select $1, $2, 1 + count(*), $3, $4, $5, $6 from webhook_attempts
         where webhook_id = $1 and event_id = $2",
    )
    .bind(due.webhook_id)
    .bind(due.event_id)
    .bind(tried.began_at)
    .bind(i32::try_from(took_ms).unwrap_or(i32::MAX))
    .bind(tried.outcome.status().and_then(|status| i16::try_from(status).ok()))
    .bind(error)
    .execute(&mut *transaction)
    .await?;
    if tried.verdict == Verdict::Gone {
        sqlx::query(
            "update webhooks set enabled = false, gone = true, updated_at = $2
             where id = $1 and enabled",
        )
        .bind(due.webhook_id)
        .bind(tried.now)
        .execute(&mut *transaction)
        .await?;
    }
    match tried.verdict {
        Verdict::Delivered => letter::settle(&mut transaction, due, tried.now).await?,
        Verdict::Dead | Verdict::Gone if due.kind != PING => {
            letter::bury(&mut transaction, due, tried).await?;
        }
        _ => {}
    }
    transaction.commit().await?;
    Ok(true)
}

/// Removes some of what ended before that, and of what has waited since before that for a webhook that
/// is switched off.
pub async fn remove(pool: &PgPool, before: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query(
        "delete from webhook_deliveries where (webhook_id, event_id) in (
             select webhook_id, event_id from webhook_deliveries
             where status <> 'pending' and ended_at < $1 limit $2)",
    )
    .bind(before)
    .bind(REMOVED_MAX)
    .execute(pool)
    .await?;
    sqlx::query(
        "delete from webhook_deliveries where (webhook_id, event_id) in (
             select webhook_id, event_id
             from webhook_deliveries join webhooks on webhooks.id = webhook_id
             where not enabled and status = 'pending' and webhook_deliveries.created_at < $1
             limit $2)",
    )
    .bind(before)
    .bind(REMOVED_MAX)
    .execute(pool)
    .await?;
    Ok(())
}
