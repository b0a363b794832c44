//! Webhooks, and the generations of their secrets.

pub mod delivery;
pub mod letter;
pub mod sending;

use chrono::{DateTime, Utc};
use shared::id::WebhookId;
use sqlx::{FromRow, PgConnection, PgPool};
use uuid::Uuid;

use crate::store::page::{Place, Slice};
use crate::webhook::{NewWebhook, WEBHOOKS_MAX};

/// The advisory lock under which webhooks are counted and added, so that two can't both be the last.
const COUNT_LOCK: i64 = 0x6865_6164_7765_6201;
/// Most generations of secrets that sign at a time.
const GENERATIONS_MAX: i64 = 5;

/// A webhook as it is stored.
#[derive(Debug, Clone, FromRow)]
pub struct Stored {
    id: Uuid,
    /// Where events are sent.
    pub url: String,
    /// Which events.
    pub events: Vec<String>,
    /// Whether it hears of them.
    pub enabled: bool,
    /// Whether it was switched off by a 410.
    pub gone: bool,
    /// The newest generation of its secrets.
    pub generation: i32,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When an admin, or a 410, last changed it.
    pub updated_at: DateTime<Utc>,
}

impl Stored {
    /// Its id.
    pub const fn id(&self) -> WebhookId {
        WebhookId::from_uuid(self.id)
    }

    /// What an admin may write of it.
    pub fn document(&self) -> NewWebhook {
        NewWebhook {
            url: self.url.clone(),
            events: self.events.clone(),
            enabled: self.enabled,
        }
    }
}

/// Where a page of webhooks ended: its id, which sorts by time.
pub type Position = Uuid;

/// A page of all, newest first.
pub async fn list(
    pool: &PgPool,
    place: Option<Place<Position>>,
    limit: i64,
) -> sqlx::Result<Slice<Stored, Position>> {
    let slice = fetch(pool, place, limit).await?;
    if slice.is_before_the_start(place) {
        return fetch(pool, None, limit).await;
    }
    Ok(slice)
}

async fn fetch(
    pool: &PgPool,
    place: Option<Place<Position>>,
    limit: i64,
) -> sqlx::Result<Slice<Stored, Position>> {
    let than = place.map(|place| *place.position());
    let backwards = place.is_some_and(|place| place.is_backwards());
    let rows: Vec<Stored> = sqlx::query_as(
        "select id, url, events, enabled, gone, created_at, updated_at,
             (select max(generation) from webhook_secrets where webhook_id = id) as generation
         from webhooks
         where $1::uuid is null or (not $2 and id < $1) or ($2 and id > $1)
         order by case when $2 then id end asc, id desc limit $3",
    )
    .bind(than)
    .bind(backwards)
    .bind(limit.saturating_add(1))
    .fetch_all(pool)
    .await?;
    let rows = rows.into_iter().map(|row| {
        let position = row.id;
        (row, position)
    });
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    Ok(Slice::of(rows.collect(), place, limit))
}

/// One of them.
pub async fn read(
    connection: &mut PgConnection,
    id: WebhookId,
    lock: bool,
) -> sqlx::Result<Option<Stored>> {
    if lock {
        sqlx::query("select 1 from webhooks where id = $1 for no key update")
            .bind(id.uuid())
            .execute(&mut *connection)
            .await?;
    }
    sqlx::query_as(
        "select id, url, events, enabled, gone, created_at, updated_at,
             (select max(generation) from webhook_secrets where webhook_id = id) as generation
         from webhooks where id = $1",
    )
    .bind(id.uuid())
    .fetch_optional(connection)
    .await
}

/// Adds one, with its first secret. False if there are as many as there may be.
pub async fn insert(
    connection: &mut PgConnection,
    id: WebhookId,
    new: &NewWebhook,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    sqlx::query("select pg_advisory_xact_lock($1)")
        .bind(COUNT_LOCK)
        .execute(&mut *connection)
        .await?;
    let added = sqlx::query(
        "with added as (
             insert into webhooks (id, url, events, enabled, created_at, updated_at)
             select $1, $2, $3, $4, $5, $5 where (select count(*) from webhooks) < $6
             returning id)
         insert into webhook_secrets (webhook_id, generation) select id, 1 from added",
    )
    .bind(id.uuid())
    .bind(&new.url)
    .bind(&new.events)
    .bind(new.enabled)
    .bind(now)
    .bind(WEBHOOKS_MAX)
    .execute(connection)
    .await?;
    Ok(added.rows_affected() == 1)
}

/// Changes one. Switched on again, it is no longer gone.
pub async fn change(
    connection: &mut PgConnection,
    id: WebhookId,
    new: &NewWebhook,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query(
        "update webhooks set url = $2, events = $3, enabled = $4, gone = gone and not $4,
             updated_at = $5
         where id = $1",
    )
    .bind(id.uuid())
    .bind(&new.url)
    .bind(&new.events)
    .bind(new.enabled)
    .bind(now)
    .execute(connection)
    .await?;
    Ok(())
}

/// Removes one, and all that waits for it. False if there is none.
pub async fn delete(
    connection: &mut PgConnection,
    id: WebhookId,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let deleted = sqlx::query("delete from webhooks where id = $1")
        .bind(id.uuid())
        .execute(&mut *connection)
        .await?;
    letter::discard_all(connection, id, now).await?;
    Ok(deleted.rows_affected() == 1)
}

/// Makes a new generation of secrets; the one before goes on until then. Call it with the webhook
/// locked.
pub async fn rotate(
    connection: &mut PgConnection,
    id: WebhookId,
    until: DateTime<Utc>,
    now: DateTime<Utc>,
) -> sqlx::Result<i32> {
    sqlx::query(
        "update webhook_secrets set retires_at = $2 where webhook_id = $1 and retires_at is null",
    )
    .bind(id.uuid())
    .bind(until)
    .execute(&mut *connection)
    .await?;
    let generation: i32 = sqlx::query_scalar(
        "insert into webhook_secrets (webhook_id, generation)
         select $1, max(generation) + 1 from webhook_secrets where webhook_id = $1
         returning generation",
    )
    .bind(id.uuid())
    .fetch_one(&mut *connection)
    .await?;
    // Those that are over, and the oldest beyond as many as a field should hold.
    sqlx::query(
        "delete from webhook_secrets
         where webhook_id = $1 and (retires_at <= $2 or generation <= $3 - $4)",
    )
    .bind(id.uuid())
    .bind(now)
    .bind(i64::from(generation))
    .bind(GENERATIONS_MAX)
    .execute(&mut *connection)
    .await?;
    sqlx::query("update webhooks set updated_at = $2 where id = $1")
        .bind(id.uuid())
        .bind(now)
        .execute(connection)
        .await?;
    Ok(generation)
}
