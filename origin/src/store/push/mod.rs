//! Browsers that hear of their users' orders.

pub mod key;
pub mod sending;

use chrono::{DateTime, Utc};
use shared::id::{PushSubscriptionId, UserId};
use sqlx::{FromRow, PgConnection, PgPool, Postgres, QueryBuilder};
use uuid::Uuid;

use crate::platform::rfc3339;
use crate::push::{PushSubscription, SUBSCRIPTIONS_MAX};
use crate::store::page::{self, Place, Slice};

#[derive(FromRow)]
struct Row {
    id: Uuid,
    user_id: Uuid,
    endpoint: String,
    created_at: DateTime<Utc>,
}

impl Row {
    fn shown(self) -> PushSubscription {
        PushSubscription {
            object: "push_subscription",
            id: PushSubscriptionId::from_uuid(self.id),
            user_id: UserId::from_uuid(self.user_id),
            endpoint: self.endpoint,
            created_at: rfc3339(self.created_at),
        }
    }
}

/// A page of a user's, newest first.
pub async fn list(
    pool: &PgPool,
    user: UserId,
    place: Option<Place<Uuid>>,
    limit: i64,
) -> sqlx::Result<Slice<PushSubscription, Uuid>> {
    let slice = fetch(pool, user, place, limit).await?;
    if slice.is_before_the_start(place) {
        return fetch(pool, user, None, limit).await;
    }
    Ok(slice)
}

async fn fetch(
    pool: &PgPool,
    user: UserId,
    place: Option<Place<Uuid>>,
    limit: i64,
) -> sqlx::Result<Slice<PushSubscription, Uuid>> {
    let mut sql = QueryBuilder::<Postgres>::new(
        "select id, user_id, endpoint, created_at from push_subscriptions where user_id = ",
    );
    sql.push_bind(user.uuid());
    page::by_id(&mut sql, place, limit);
    let rows: Vec<Row> = sql.build_query_as().fetch_all(pool).await?;
    let shown = rows.into_iter().map(|row| {
        let id = row.id;
        (row.shown(), id)
    });
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    Ok(Slice::of(shown.collect(), place, limit))
}

/// One of a user's.
pub async fn read(
    pool: &PgPool,
    user: UserId,
    id: PushSubscriptionId,
) -> sqlx::Result<Option<PushSubscription>> {
    let row: Option<Row> = sqlx::query_as(
        "select id, user_id, endpoint, created_at from push_subscriptions
         where user_id = $1 and id = $2",
    )
    .bind(user.uuid())
    .bind(id.uuid())
    .fetch_optional(pool)
    .await?;
    Ok(row.map(Row::shown))
}

/// A browser, as it is to be kept.
#[derive(Debug)]
pub struct New<'a> {
    /// Its id, should it be a new one.
    pub id: PushSubscriptionId,
    /// Whose it is from now on.
    pub user: UserId,
    /// Its endpoint.
    pub endpoint: &'a str,
    /// Its public key.
    pub p256dh: &'a [u8],
    /// Its secret.
    pub auth: &'a [u8],
    /// Now.
    pub now: DateTime<Utc>,
}

/// Keeps one; an endpoint that is there gets the new keys, and belongs to whoever uses the browser now:
/// what waits for the one before is gone. `None` if the user has as many as it may. Call it with the user
/// locked, so that two of them can't both be the last.
pub async fn put(
    connection: &mut PgConnection,
    new: &New<'_>,
) -> sqlx::Result<Option<PushSubscription>> {
    sqlx::query("delete from push_subscriptions where endpoint = $1 and user_id <> $2")
        .bind(new.endpoint)
        .bind(new.user.uuid())
        .execute(&mut *connection)
        .await?;
    let others: i64 = sqlx::query_scalar(
        "select count(*) from push_subscriptions where user_id = $1 and endpoint <> $2",
    )
    .bind(new.user.uuid())
    .bind(new.endpoint)
    .fetch_one(&mut *connection)
    .await?;
    if others >= SUBSCRIPTIONS_MAX {
        return Ok(None);
    }
    let row: Row = sqlx::query_as(
        "insert into push_subscriptions (id, user_id, endpoint, p256dh, auth, created_at)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (endpoint) do update
         set user_id = excluded.user_id, p256dh = excluded.p256dh, auth = excluded.auth
         returning id, user_id, endpoint, created_at",
    )
    .bind(new.id.uuid())
    .bind(new.user.uuid())
    .bind(new.endpoint)
    .bind(new.p256dh)
    .bind(new.auth)
    .bind(new.now)
    .fetch_one(connection)
    .await?;
    Ok(Some(row.shown()))
}

/// Removes one, with what waits for it. False if there is none.
pub async fn delete(
    connection: &mut PgConnection,
    user: UserId,
    id: PushSubscriptionId,
) -> sqlx::Result<bool> {
    let deleted = sqlx::query("delete from push_subscriptions where user_id = $1 and id = $2")
        .bind(user.uuid())
        .bind(id.uuid())
        .execute(connection)
        .await?;
    Ok(deleted.rows_affected() == 1)
}
