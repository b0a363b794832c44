//! What happens to an order after it was placed. Each of these is called with the order locked
//! ([`super::lock`]), so that the decision to do it still holds.

use chrono::{DateTime, Utc};
use serde_json::json;
use shared::id::OrderId;
use shared::order::OrderChange;
use sqlx::PgConnection;
use uuid::Uuid;

/// Writes what a customer may change.
pub async fn edit(
    connection: &mut PgConnection,
    id: OrderId,
    change: &OrderChange,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query(
        "update orders set shipping_address = $2, note = $3, version = version + 1,
                updated_at = $4
         where id = $1",
    )
    .bind(id.uuid())
    .bind(json!(change.shipping_address))
    .bind(&change.note)
    .bind(now)
    .execute(connection)
    .await?;
    Ok(())
}

/// Cancels a confirmed order: see the statement itself. False if it is not confirmed. What becomes of
/// its products' stock is told by these events, two a product.
pub async fn cancel(
    connection: &mut PgConnection,
    id: OrderId,
    stock_event_ids: &[Uuid],
    traceparent: Option<&str>,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    sqlx::query_scalar(include_str!("cancel.sql"))
        .bind(id.uuid())
        .bind(now)
        .bind(traceparent)
        .bind(stock_event_ids)
        .fetch_one(connection)
        .await
}

/// Marks a confirmed order as sent. False if it is not confirmed.
pub async fn fulfil(
    connection: &mut PgConnection,
    id: OrderId,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let moved = sqlx::query(
        "update orders set status = 'fulfilled', version = version + 1, updated_at = $2
         where id = $1 and status = 'confirmed'",
    )
    .bind(id.uuid())
    .bind(now)
    .execute(connection)
    .await?;
    Ok(moved.rows_affected() == 1)
}

/// Takes it out of its owner's sight.
pub async fn hide(
    connection: &mut PgConnection,
    id: OrderId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query("update orders set hidden_at = $2 where id = $1 and hidden_at is null")
        .bind(id.uuid())
        .bind(now)
        .execute(connection)
        .await?;
    Ok(())
}
