//! Idempotency keys: what is known of one, and the lease on one that is under way.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use shared::caller::Mode;
use shared::header::CONVERTER;
use shared::id::OrderId;
use shared::idempotency::{Fingerprint, Key};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// Whose key: unique on these three.
#[derive(Debug, Clone)]
pub struct KeyId {
    /// The account, not the token: a refreshed token replays.
    pub account: String,
    /// Live and test keys are apart.
    pub mode: Mode,
    /// The client's key.
    pub key: Key,
}

/// What a keyed request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An order, paid for the first time.
    Order,
    /// Another payment of an order.
    Payment,
    /// A refund of a payment.
    Refund,
    /// Any other change, which commits with its answer.
    Change,
}

impl Kind {
    /// As it stands in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Order => "order",
            Self::Payment => "payment",
            Self::Refund => "refund",
            Self::Change => "change",
        }
    }

    /// The kind of that name.
    pub fn parse(text: &str) -> Self {
        match text {
            "payment" => Self::Payment,
            "refund" => Self::Refund,
            "change" => Self::Change,
            _ => Self::Order,
        }
    }
}

/// A keyed request, as far as going on with it and its answer need it.
#[derive(Debug, Clone)]
pub struct Call {
    /// Its key.
    pub id: KeyId,
    /// What it asks for.
    pub kind: Kind,
    /// The path as its client sent it.
    pub path: String,
    /// Our id of it.
    pub request_id: String,
    /// The trace.
    pub traceparent: Option<String>,
    /// By which revision of the converters its answer is carried down, where that is needed. Whoever
    /// settles names it in the answer, and from then on all replays go by that.
    pub converter: Option<u16>,
}

/// How far it has come while there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Stock is reserved; the provider may have been asked.
    Charging,
    /// The same, but the stock was given back: nothing is charged any more.
    Expired,
    /// A refund is written; the provider may have been asked.
    Refunding,
    /// Within the transaction that changes something; no other sees it.
    Changing,
}

impl Phase {
    /// As it stands in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Charging => "charging",
            Self::Expired => "expired",
            Self::Refunding => "refunding",
            Self::Changing => "changing",
        }
    }
}

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

impl Answer {
    /// The same, naming the revision of the converters that its replays need.
    #[must_use]
    pub fn carried_down_by(mut self, converter: Option<u16>) -> Self {
        let named = converter.map(|number| (CONVERTER.to_owned(), number.to_string()));
        self.fields.extend(named);
        self
    }
}

/// A key's row.
#[derive(Debug, Clone)]
pub struct KeyRow {
    /// What the key stands for.
    pub fingerprint: Fingerprint,
    /// The order that it made or pays; a change has none.
    pub order_id: Option<OrderId>,
    /// The request that did the work.
    pub request_id: String,
    /// The answer, once there is one.
    pub answer: Option<Answer>,
    /// How far it has come without one.
    pub phase: Phase,
    /// Who works on it.
    pub lease_token: Uuid,
    /// Until when nobody else may.
    pub lease_until: DateTime<Utc>,
}

#[derive(sqlx::FromRow)]
struct Row {
    fingerprint: String,
    order_id: Option<Uuid>,
    request_id: String,
    phase: String,
    lease_token: Uuid,
    lease_until: DateTime<Utc>,
    status: Option<i16>,
    headers: Option<sqlx::types::Json<Vec<(String, String)>>>,
    body: Option<Vec<u8>>,
}

/// A revision, as it stands in the database.
pub(super) fn stored(converter: Option<u16>) -> Option<i16> {
    converter.and_then(|number| number.try_into().ok())
}

/// The reverse of [`stored`].
pub(super) fn converter(stored: Option<i16>) -> Option<u16> {
    stored.and_then(|number| number.try_into().ok())
}

pub(super) fn phase(text: &str) -> Phase {
    match text {
        "expired" => Phase::Expired,
        "refunding" => Phase::Refunding,
        "changing" => Phase::Changing,
        _ => Phase::Charging,
    }
}

/// The key's row, if the key is taken.
pub async fn read(pool: &PgPool, id: &KeyId) -> sqlx::Result<Option<KeyRow>> {
    let row: Option<Row> = sqlx::query_as(
        "select fingerprint, order_id, request_id, phase, lease_token, lease_until, status, headers,
                body
         from idempotency_keys where account = $1 and mode = $2 and key = $3",
    )
    .bind(&id.account)
    .bind(id.mode.as_str())
    .bind(id.key.as_str())
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|row| KeyRow {
        fingerprint: Fingerprint::from_stored(row.fingerprint),
        order_id: row.order_id.map(OrderId::from_uuid),
        request_id: row.request_id,
        answer: match (row.status, row.headers, row.body) {
            (Some(status), Some(fields), Some(body)) => Some(Answer {
                status,
                fields: fields.0,
                body: body.into(),
            }),
            _ => None,
        },
        phase: phase(&row.phase),
        lease_token: row.lease_token,
        lease_until: row.lease_until,
    }))
}

/// Claims a key in the transaction of its work, with a lease. False if it is taken: then whoever has
/// it has committed by now.
pub async fn claim(
    connection: &mut PgConnection,
    call: &Call,
    claim: &Claim<'_>,
) -> sqlx::Result<bool> {
    let inserted = sqlx::query(
        "insert into idempotency_keys (account, mode, key, fingerprint, kind, phase, order_id,
                                       request_id, path, traceparent, lease_token, lease_until,
                                       created_at, converter)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
         on conflict do nothing",
    )
    .bind(&call.id.account)
    .bind(call.id.mode.as_str())
    .bind(call.id.key.as_str())
    .bind(claim.fingerprint.as_str())
    .bind(call.kind.as_str())
    .bind(claim.phase.as_str())
    .bind(claim.order_id.map(OrderId::uuid))
    .bind(&call.request_id)
    .bind(&call.path)
    .bind(&call.traceparent)
    .bind(claim.lease_token)
    .bind(claim.lease_until)
    .bind(claim.now)
    .bind(stored(call.converter))
    .execute(connection)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// What a key is claimed for.
#[derive(Debug, Clone, Copy)]
pub struct Claim<'a> {
    /// What the key stands for.
    pub fingerprint: &'a Fingerprint,
    /// How far the work is once the claim commits.
    pub phase: Phase,
    /// Of which order it is, if of one.
    pub order_id: Option<OrderId>,
    /// Fences the worker.
    pub lease_token: Uuid,
    /// Until when the worker may take.
    pub lease_until: DateTime<Utc>,
    /// Now.
    pub now: DateTime<Utc>,
}

/// Keeps the answer with a key whose work commits in the same transaction. False if it has one.
pub async fn finish(
    connection: &mut PgConnection,
    id: &KeyId,
    phase: Phase,
    answer: &Answer,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let updated = sqlx::query(
        "update idempotency_keys
         set phase = 'done', status = $5, headers = $6, body = $7, completed_at = $8,
             lease_until = $8
         where account = $1 and mode = $2 and key = $3 and phase = $4",
    )
    .bind(&id.account)
    .bind(id.mode.as_str())
    .bind(id.key.as_str())
    .bind(phase.as_str())
    .bind(answer.status)
    .bind(sqlx::types::Json(&answer.fields))
    .bind(&answer.body[..])
    .bind(now)
    .execute(connection)
    .await?;
    Ok(updated.rows_affected() == 1)
}

/// Takes over a key whose lease is over. False if another one was faster, or it is done.
pub async fn take_over(
    pool: &PgPool,
    id: &KeyId,
    token: Uuid,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let updated = sqlx::query(
        "update idempotency_keys set lease_token = $4, lease_until = $6
         where account = $1 and mode = $2 and key = $3 and phase <> 'done'
           and lease_until <= $5",
    )
    .bind(&id.account)
    .bind(id.mode.as_str())
    .bind(id.key.as_str())
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
    id: &KeyId,
    token: Uuid,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query(
        "update idempotency_keys set lease_until = $5
         where account = $1 and mode = $2 and key = $3 and lease_token = $4
           and phase <> 'done'",
    )
    .bind(&id.account)
    .bind(id.mode.as_str())
    .bind(id.key.as_str())
    .bind(token)
    .bind(now)
    .execute(pool)
    .await?;
    Ok(())
}

/// What its caller may know of a key.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Seen {
    /// `order`, `payment`, `refund` or `change`.
    pub kind: String,
    /// Whether there is an answer.
    pub is_done: bool,
    /// The order that it made or pays, if any.
    pub order_id: Option<Uuid>,
    /// The path of the request that did the work.
    pub path: String,
    /// Our id of it.
    pub request_id: String,
    /// The answer's status.
    pub status: Option<i16>,
    /// When the key came first.
    pub created_at: DateTime<Utc>,
    /// Since when there is an answer.
    pub completed_at: Option<DateTime<Utc>>,
}

/// Looks at a key.
pub async fn see(pool: &PgPool, id: &KeyId) -> sqlx::Result<Option<Seen>> {
    sqlx::query_as(
        "select kind, phase = 'done' as is_done, order_id, path, request_id, status, created_at,
                completed_at
         from idempotency_keys where account = $1 and mode = $2 and key = $3",
    )
    .bind(&id.account)
    .bind(id.mode.as_str())
    .bind(id.key.as_str())
    .fetch_optional(pool)
    .await
}
