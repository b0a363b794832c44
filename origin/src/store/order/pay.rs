//! Paying an order again, and paying back: called with the order locked ([`super::lock`]).

use chrono::{DateTime, Utc};
use shared::id::{OrderId, PaymentId};
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

use super::{Attempt, StockTold};

/// A line of an order that there is too little of.
#[derive(Debug, Clone, FromRow)]
pub struct Short {
    /// What is short.
    pub sku: String,
    /// How many are ordered.
    pub quantity: i32,
    /// How many are left; none if it is no longer sold.
    pub available: i32,
}

/// How often somebody tried to pay the order.
pub async fn attempts(connection: &mut PgConnection, order: OrderId) -> sqlx::Result<i32> {
    sqlx::query_scalar("select coalesce(max(attempt), 0) from payments where order_id = $1")
        .bind(order.uuid())
        .fetch_one(connection)
        .await
}

/// Takes the order's stock anew, all of it or nothing: what is short, or nothing. Stock rows are
/// locked in the order of their ids.
pub async fn reserve(
    connection: &mut PgConnection,
    order: OrderId,
    until: DateTime<Utc>,
    told: &StockTold<'_>,
) -> sqlx::Result<Vec<Short>> {
    // The lock comes first and by itself, so that the next statement sees what is left by then.
    sqlx::query(
        "select from inventory
         where product_id in (select product_id from order_items where order_id = $1)
         order by product_id for no key update",
    )
    .bind(order.uuid())
    .execute(&mut *connection)
    .await?;
    let short: Vec<Short> = sqlx::query_as(
        "select order_items.sku, quantity,
                case when products.active then coalesce(available, 0) else 0 end as available
         from order_items
         left join products on products.id = order_items.product_id
         left join inventory on inventory.product_id = order_items.product_id
         where order_id = $1 and (products.active is not true or coalesce(available, 0) < quantity)
         order by order_items.sku",
    )
    .bind(order.uuid())
    .fetch_all(&mut *connection)
    .await?;
    if short.is_empty() {
        sqlx::query(
            "with again as (
                 update reservations set status = 'held', expires_at = $2
                 where order_id = $1 and status = 'returned'
                 returning product_id, quantity
             ),
             stock as (
                 select product_id, available as was, available - quantity as becomes, quantity,
                        2 * row_number() over (order by product_id) as event
                 from again join inventory using (product_id)
             ),
             moved as (
                 update inventory
                 set available = stock.becomes, reserved = inventory.reserved + stock.quantity
                 from stock where inventory.product_id = stock.product_id
             )
             select tell_of_stock(product_id, was, becomes, ($3::uuid[])[event - 1],
                                  ($3::uuid[])[event], $4, $5)
             from stock where stock_class(was) <> stock_class(becomes)",
        )
        .bind(order.uuid())
        .bind(until)
        .bind(told.event_ids)
        .bind(told.traceparent)
        .bind(told.now)
        .execute(connection)
        .await?;
    }
    Ok(short)
}

/// A payment attempt to write.
#[derive(Debug, Clone, Copy)]
pub struct NewAttempt<'a> {
    /// Its id.
    pub id: PaymentId,
    /// What it pays.
    pub order: OrderId,
    /// The how manyth.
    pub number: i32,
    /// With what.
    pub method: &'a str,
    /// How the provider is to know it.
    pub attempt: &'a Attempt,
}

/// Writes it; the order is `processing` again.
pub async fn begin(connection: &mut PgConnection, new: &NewAttempt<'_>) -> sqlx::Result<()> {
    sqlx::query(
        "with again as (
             update orders set status = 'processing', version = version + 1, updated_at = $7
             where id = $2 and status = 'payment_failed'
             returning id, total_amount, currency
         )
         insert into payments (id, order_id, attempt, status, method, amount, currency, provider_key,
                               reference, created_at, updated_at)
         select $1, id, $3, 'processing', $4, total_amount, currency, $5, $6, $7, $7 from again",
    )
    .bind(new.id.uuid())
    .bind(new.order.uuid())
    .bind(new.number)
    .bind(new.method)
    .bind(&new.attempt.provider_key)
    .bind(&new.attempt.reference)
    .bind(new.attempt.created_at)
    .execute(connection)
    .await?;
    Ok(())
}

/// An order by one of its payments, locked: its id. As everywhere, the order's row comes first.
pub async fn lock_order_of(
    connection: &mut PgConnection,
    payment: PaymentId,
) -> sqlx::Result<Option<OrderId>> {
    let order: Option<Uuid> = sqlx::query_scalar(
        "select id from orders where id = (select order_id from payments where id = $1)
         for no key update",
    )
    .bind(payment.uuid())
    .fetch_optional(connection)
    .await?;
    Ok(order.map(OrderId::from_uuid))
}
