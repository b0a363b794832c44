//! Pushes: written by the consumer, taken under lease, and gone when they have ended.

use chrono::{DateTime, Utc};
use shared::id::{EventId, PushSubscriptionId, UserId};
use sqlx::{FromRow, PgConnection, PgPool};
use uuid::Uuid;

use crate::push::courier::Verdict;
use crate::sending::{Claim, Delivery};

/// What a user's browsers are to hear.
#[derive(Debug)]
pub struct NewPush<'a> {
    /// Whose.
    pub user: UserId,
    /// Of which event.
    pub event: EventId,
    /// The text.
    pub body: &'a str,
    /// The trace that it belongs to.
    pub traceparent: Option<&'a str>,
    /// Now.
    pub now: DateTime<Utc>,
}

/// Writes a push for each browser of a user. How many there are.
pub async fn spread(connection: &mut PgConnection, push: &NewPush<'_>) -> sqlx::Result<u64> {
    let written = sqlx::query(
        "insert into push_deliveries
             (subscription_id, event_id, body, traceparent, next_try_at, created_at)
         select id, $2, $3, $4, $5, $5 from push_subscriptions where user_id = $1
         on conflict do nothing",
    )
    .bind(push.user.uuid())
    .bind(push.event.uuid())
    .bind(push.body)
    .bind(push.traceparent)
    .bind(push.now)
    .execute(connection)
    .await?;
    Ok(written.rows_affected())
}

/// A push that a worker has taken.
#[derive(Debug, FromRow)]
pub struct Due {
    subscription_id: Uuid,
    /// The event's id.
    pub event_id: Uuid,
    /// The text.
    pub body: String,
    /// The trace that it belongs to.
    pub traceparent: Option<String>,
    /// How often it was tried, with the try that begins now.
    pub tries: i32,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// Where to.
    pub endpoint: String,
    /// The browser's public key.
    pub p256dh: Vec<u8>,
    /// The browser's secret.
    pub auth: Vec<u8>,
    lease_token: Uuid,
}

impl Delivery for Due {
    fn event(&self) -> EventId {
        EventId::from_uuid(self.event_id)
    }

    fn receiver(&self) -> String {
        PushSubscriptionId::from_uuid(self.subscription_id).to_string()
    }

    fn tries(&self) -> i32 {
        self.tries
    }

    fn traceparent(&self) -> Option<&str> {
        self.traceparent.as_deref()
    }
}

/// Takes what is due: of each browser the oldest.
pub async fn claim(pool: &PgPool, claim: &Claim) -> sqlx::Result<Vec<Due>> {
    sqlx::query_as(
        "with due as (
             select subscription_id, event_id from push_deliveries one
             where next_try_at <= $1 and (lease_until is null or lease_until <= $1)
               and not exists (
                   select 1 from push_deliveries older
                   where older.subscription_id = one.subscription_id
                     and (older.created_at, older.event_id) < (one.created_at, one.event_id))
             order by next_try_at limit $4
             for update skip locked)
         update push_deliveries taken
         set lease_token = $2, lease_until = $3, tries = tries + 1
         from due, push_subscriptions browser
         where taken.subscription_id = due.subscription_id and taken.event_id = due.event_id
           and browser.id = taken.subscription_id
         returning taken.subscription_id, taken.event_id, body, traceparent, tries, taken.created_at,
             endpoint, p256dh, auth, lease_token",
    )
    .bind(claim.now)
    .bind(claim.token)
    .bind(claim.until)
    .bind(claim.limit)
    .fetch_all(pool)
    .await
}

/// Keeps what came of a try, if the worker still has the push.
pub async fn tried(pool: &PgPool, due: &Due, verdict: Verdict) -> sqlx::Result<()> {
    let (sql, at) = match verdict {
        Verdict::Delivered | Verdict::Dropped => (
            "delete from push_deliveries
             where subscription_id = $1 and event_id = $2 and lease_token = $3",
            None,
        ),
        Verdict::Again(at) => (
            "update push_deliveries
             set next_try_at = $4, lease_token = null, lease_until = null
             where subscription_id = $1 and event_id = $2 and lease_token = $3",
            Some(at),
        ),
        // Unless the browser has subscribed anew meanwhile.
        Verdict::Gone => {
            sqlx::query("delete from push_subscriptions where id = $1 and auth = $2")
                .bind(due.subscription_id)
                .bind(&due.auth)
                .execute(pool)
                .await?;
            return Ok(());
        }
    };
    let query = sqlx::query(sql)
        .bind(due.subscription_id)
        .bind(due.event_id)
        .bind(due.lease_token);
    let query = match at {
        Some(at) => query.bind(at),
        None => query,
    };
    query.execute(pool).await?;
    Ok(())
}

/// Forgets what was written before. How much it was.
pub async fn remove(pool: &PgPool, before: DateTime<Utc>) -> sqlx::Result<u64> {
    let removed = sqlx::query("delete from push_deliveries where created_at < $1")
        .bind(before)
        .execute(pool)
        .await?;
    Ok(removed.rows_affected())
}
