//! T2. See the statement itself.

use chrono::{DateTime, Utc};
use serde_json::Value;
use shared::event::EventType;
use shared::id::EventId;
use shared::order::{OrderStatus, PaymentStatus};
use sqlx::PgPool;
use uuid::Uuid;

use super::REPEATS_MAX;
use super::key::{Answer, Call};
use crate::store::Fault;

/// Everything that T2 writes.
pub struct Settlement<'a> {
    /// The keyed request that this ends.
    pub call: &'a Call,
    /// What became of the payment.
    pub payment: PaymentStatus,
    /// Why it was declined.
    pub decline_code: Option<&'a str>,
    /// The provider's name for the charge.
    pub charge_id: Option<&'a str>,
    /// What becomes of the order.
    pub order: OrderStatus,
    /// What the client gets, now and on each replay.
    pub answer: &'a Answer,
    /// The event's id.
    pub event_id: EventId,
    /// The event's type.
    pub event_type: EventType,
    /// The order after it.
    pub payload: &'a Value,
    /// Of what is told of the products' stock: two a product.
    pub stock_event_ids: &'a [Uuid],
    /// Now.
    pub now: DateTime<Utc>,
}

/// Runs T2. False if the order was settled before: then the stored answer holds, not this one.
pub async fn settle(pool: &PgPool, settlement: &Settlement<'_>) -> sqlx::Result<bool> {
    let mut repeats = 0;
    loop {
        match once(pool, settlement).await {
            Err(error)
                if repeats < REPEATS_MAX
                    && Fault::of(&error) == (Fault::Undone { repeat: true }) =>
            {
                repeats += 1;
            }
            other => return other,
        }
    }
}

async fn once(pool: &PgPool, settlement: &Settlement<'_>) -> sqlx::Result<bool> {
    let stock = match settlement.payment {
        PaymentStatus::Succeeded => "sold",
        _ => "returned",
    };
    sqlx::query_scalar(include_str!("settle.sql"))
        .bind(&settlement.call.id.account)
        .bind(settlement.call.id.mode.as_str())
        .bind(settlement.call.id.key.as_str())
        .bind(settlement.payment.as_str())
        .bind(settlement.decline_code)
        .bind(settlement.charge_id)
        .bind(settlement.order.as_str())
        .bind(stock)
        .bind(settlement.answer.status)
        .bind(sqlx::types::Json(&settlement.answer.fields))
        .bind(&settlement.answer.body[..])
        .bind(settlement.event_id.uuid())
        .bind(settlement.event_type.as_str())
        .bind(settlement.payload)
        .bind(settlement.call.traceparent.as_deref())
        .bind(settlement.now)
        .bind(settlement.stock_event_ids)
        .fetch_one(pool)
        .await
}
