//! Settling an order whose stock was given back before its payment was known.

use shared::id::OrderId;
use sqlx::{PgConnection, PgPool, Postgres, Transaction};

use super::StockTold;

use super::key::KeyId;
use super::settle::Settlement;

/// Opens the transaction and locks the key's row; `None` if another one has settled it.
pub async fn begin(
    pool: &PgPool,
    id: &KeyId,
) -> sqlx::Result<Option<Transaction<'static, Postgres>>> {
    let mut transaction = pool.begin().await?;
    let row = sqlx::query(
        "select from idempotency_keys
         where account = $1 and mode = $2 and key = $3 and phase = 'expired'
         for no key update",
    )
    .bind(&id.account)
    .bind(id.mode.as_str())
    .bind(id.key.as_str())
    .fetch_optional(&mut *transaction)
    .await?;
    Ok(row.map(|_| transaction))
}

/// Takes the stock anew: see the statement itself. False if there is too little of anything.
pub async fn reclaim(
    connection: &mut PgConnection,
    order: OrderId,
    told: &StockTold<'_>,
) -> sqlx::Result<bool> {
    sqlx::query_scalar(include_str!("reclaim.sql"))
        .bind(order.uuid())
        .bind(told.event_ids)
        .bind(told.traceparent)
        .bind(told.now)
        .fetch_one(connection)
        .await
}

/// Ends it: see the statement itself.
pub async fn close(
    connection: &mut PgConnection,
    settlement: &Settlement<'_>,
) -> sqlx::Result<bool> {
    sqlx::query_scalar(include_str!("late.sql"))
        .bind(&settlement.call.id.account)
        .bind(settlement.call.id.mode.as_str())
        .bind(settlement.call.id.key.as_str())
        .bind(settlement.payment.as_str())
        .bind(settlement.decline_code)
        .bind(settlement.charge_id)
        .bind(settlement.order.as_str())
        .bind(settlement.answer.status)
        .bind(sqlx::types::Json(&settlement.answer.fields))
        .bind(&settlement.answer.body[..])
        .bind(settlement.event_id.uuid())
        .bind(settlement.event_type.as_str())
        .bind(settlement.payload)
        .bind(settlement.call.traceparent.as_deref())
        .bind(settlement.now)
        .fetch_one(connection)
        .await
}
