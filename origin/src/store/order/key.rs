//! Idempotency keys: what is known of one, and the lease on one that is under way.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use shared::caller::Principal;
use shared::id::OrderId;
use shared::idempotency::{Fingerprint, Key};
use sqlx::PgPool;
use uuid::Uuid;

/// A committed answer, as it is replayed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: i16,
    /// Fields that a replay repeats, names in lower case.
    pub fields: Vec<(String, String)>,
    /// The body's bytes.
    pub body: Bytes,
}

/// A key's row.
#[derive(Debug, Clone)]
pub struct KeyRow {
    /// What the key stands for.
    pub fingerprint: Fingerprint,
    /// The order that it made.
    pub order_id: OrderId,
    /// The request that did the work.
    pub request_id: String,
    /// The answer, once there is one.
    pub answer: Option<Answer>,
    /// Who works on it.
    pub lease_token: Uuid,
    /// Until when nobody else may.
    pub lease_until: DateTime<Utc>,
}

#[derive(sqlx::FromRow)]
struct Row {
    fingerprint: String,
    order_id: Uuid,
    request_id: String,
    lease_token: Uuid,
    lease_until: DateTime<Utc>,
    status: Option<i16>,
    headers: Option<sqlx::types::Json<Vec<(String, String)>>>,
    body: Option<Vec<u8>>,
}

/// The key's row, if the key is taken.
pub async fn read(pool: &PgPool, principal: &Principal, key: &Key) -> sqlx::Result<Option<KeyRow>> {
    let row: Option<Row> = sqlx::query_as(
        "select fingerprint, order_id, request_id, lease_token, lease_until, status, headers, body
         from idempotency_keys where account = $1 and mode = $2 and key = $3",
    )
    .bind(&principal.account)
    .bind(principal.mode.as_str())
    .bind(key.as_str())
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|row| KeyRow {
        fingerprint: Fingerprint::from_stored(row.fingerprint),
        order_id: OrderId::from_uuid(row.order_id),
        request_id: row.request_id,
        answer: match (row.status, row.headers, row.body) {
            (Some(status), Some(fields), Some(body)) => Some(Answer {
                status,
                fields: fields.0,
                body: body.into(),
            }),
            _ => None,
        },
        lease_token: row.lease_token,
        lease_until: row.lease_until,
    }))
}

/// Takes over a key whose lease is over. False if another one was faster, or it is done.
pub async fn take_over(
    pool: &PgPool,
    principal: &Principal,
    key: &Key,
    token: Uuid,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let updated = sqlx::query(
        "update idempotency_keys set lease_token = $4, lease_until = $6
         where account = $1 and mode = $2 and key = $3 and phase = 'charging'
           and lease_until <= $5",
    )
    .bind(&principal.account)
    .bind(principal.mode.as_str())
    .bind(key.as_str())
    .bind(token)
    .bind(now)
    .bind(until)
    .execute(pool)
    .await?;
    Ok(updated.rows_affected() == 1)
}

/// Gives the lease back, so that the next request with the key goes on at once.
pub async fn release(
    pool: &PgPool,
    principal: &Principal,
    key: &Key,
    token: Uuid,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query(
        "update idempotency_keys set lease_until = $5
         where account = $1 and mode = $2 and key = $3 and lease_token = $4
           and phase = 'charging'",
    )
    .bind(&principal.account)
    .bind(principal.mode.as_str())
    .bind(key.as_str())
    .bind(token)
    .bind(now)
    .execute(pool)
    .await?;
    Ok(())
}
