//! Keys without an answer, taken up by others than their clients.

use chrono::{DateTime, Utc};
use shared::caller::Mode;
use shared::id::OrderId;
use shared::idempotency::Key;
use sqlx::{FromRow, PgPool};
use uuid::Uuid;

use super::StockTold;
use super::key::{Call, KeyId, Kind, Phase};

/// A keyed request that was taken up.
#[derive(Debug, Clone)]
pub struct Open {
    /// The request.
    pub call: Call,
    /// Its order.
    pub order_id: OrderId,
    /// How far it has come.
    pub phase: Phase,
    /// How often it was taken up, this time included.
    pub tries: i32,
}

#[derive(FromRow)]
struct Row {
    account: String,
    mode: String,
    key: String,
    kind: String,
    path: String,
    request_id: String,
    traceparent: Option<String>,
    converter: Option<i16>,
    order_id: Uuid,
    phase: String,
    tries: i32,
}

impl From<Row> for Open {
    fn from(row: Row) -> Self {
        let mode = if row.mode == Mode::Test.as_str() {
            Mode::Test
        } else {
            Mode::Live
        };
        Self {
            call: Call {
                id: KeyId {
                    account: row.account,
                    mode,
                    key: Key::from_stored(row.key),
                },
                kind: Kind::parse(&row.kind),
                path: row.path,
                request_id: row.request_id,
                traceparent: row.traceparent,
                converter: super::key::converter(row.converter),
            },
            order_id: OrderId::from_uuid(row.order_id),
            phase: super::key::phase(&row.phase),
            tries: row.tries,
        }
    }
}

/// Takes up what nobody works on and what is due, under one lease. Rows that another one is just
/// taking up are passed over.
pub async fn take_up(
    pool: &PgPool,
    token: Uuid,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
    limit: i64,
) -> sqlx::Result<Vec<Open>> {
    let rows: Vec<Row> = sqlx::query_as(
        "update idempotency_keys keys
         set lease_token = $1, lease_until = $3, tries = tries + 1
         from (select account, mode, key from idempotency_keys
               where phase <> 'done' and lease_until <= $2
                 and (retry_at is null or retry_at <= $2)
               order by lease_until limit $4
               for update skip locked) due
         where keys.account = due.account and keys.mode = due.mode and keys.key = due.key
         returning keys.account, keys.mode, keys.key, kind, path, request_id, traceparent, converter,
                   order_id, phase, tries",
    )
    .bind(token)
    .bind(now)
    .bind(until)
    .bind(limit)
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(Open::from).collect())
}

/// Gives back what was taken up with this token and is open still.
pub async fn give_back(pool: &PgPool, token: Uuid, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query(
        "update idempotency_keys set lease_until = $2
         where lease_token = $1 and phase <> 'done' and lease_until > $2",
    )
    .bind(token)
    .bind(now)
    .execute(pool)
    .await?;
    Ok(())
}

/// Takes up the open key of an order, unless somebody works on it.
pub async fn take_up_of(
    pool: &PgPool,
    order: OrderId,
    token: Uuid,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> sqlx::Result<Option<Open>> {
    let row: Option<Row> = sqlx::query_as(
        "update idempotency_keys set lease_token = $2, lease_until = $4
         where order_id = $1 and phase <> 'done' and phase in ('charging', 'expired')
           and lease_until <= $3
         returning account, mode, key, kind, path, request_id, traceparent, converter, order_id,
                   phase, tries",
    )
    .bind(order.uuid())
    .bind(token)
    .bind(now)
    .bind(until)
    .fetch_optional(pool)
    .await?;
    Ok(row.map(Open::from))
}

/// Says when the completer may take it up again; a client's own retry does not wait for that.
pub async fn put_off(pool: &PgPool, id: &KeyId, retry_at: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query(
        "update idempotency_keys set retry_at = $4
         where account = $1 and mode = $2 and key = $3 and phase <> 'done'",
    )
    .bind(&id.account)
    .bind(id.mode.as_str())
    .bind(id.key.as_str())
    .bind(retry_at)
    .execute(pool)
    .await?;
    Ok(())
}

/// An order whose reservation is over while its payment is unknown.
#[derive(Debug)]
pub struct Overdue {
    /// Which.
    pub order: OrderId,
    /// The trace of the request that asked for it.
    pub traceparent: Option<String>,
}

/// Some of them.
pub async fn overdue(pool: &PgPool, now: DateTime<Utc>, limit: i64) -> sqlx::Result<Vec<Overdue>> {
    let rows: Vec<(Uuid, Option<String>)> = sqlx::query_as(
        "select order_id, traceparent from idempotency_keys keys
         where phase = 'charging' and exists (
             select from reservations held
             where held.order_id = keys.order_id and status = 'held' and expires_at <= $1)
         limit $2",
    )
    .bind(now)
    .bind(limit)
    .fetch_all(pool)
    .await?;
    let overdue = rows.into_iter().map(|(order, traceparent)| Overdue {
        order: OrderId::from_uuid(order),
        traceparent,
    });
    Ok(overdue.collect())
}

/// Gives an order's stock back: see the statement itself. False if it was settled or swept before.
pub async fn sweep(
    pool: &PgPool,
    order: OrderId,
    token: Uuid,
    lease_until: DateTime<Utc>,
    told: &StockTold<'_>,
) -> sqlx::Result<bool> {
    sqlx::query_scalar(include_str!("sweep.sql"))
        .bind(order.uuid())
        .bind(token)
        .bind(lease_until)
        .bind(told.event_ids)
        .bind(told.traceparent)
        .bind(told.now)
        .fetch_one(pool)
        .await
}
