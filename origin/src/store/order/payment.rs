//! Payments on their own: reading one, and paying back.

use chrono::{DateTime, Utc};
use shared::caller::Mode;
use shared::id::{OrderId, PaymentId};
use shared::money::Money;
use shared::order::{Payment, PaymentStatus};
use sqlx::{FromRow, PgConnection, PgPool};
use uuid::Uuid;

use crate::platform::rfc3339;

#[derive(FromRow)]
struct Row {
    id: Uuid,
    order_id: Uuid,
    customer_id: String,
    status: String,
    method: String,
    amount: i64,
    currency: String,
    decline_code: Option<String>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

fn undecodable(what: &str) -> sqlx::Error {
    sqlx::Error::Decode(format!("a payment's {what} can't be read").into())
}

fn money(amount: i64, currency: &str) -> sqlx::Result<Money> {
    Ok(Money {
        amount,
        currency: currency.parse().map_err(|_| undecodable("currency"))?,
    })
}

/// One payment of that mode, and the account that its order belongs to. What was paid stays to be
/// seen when the order was deleted: its owner waits for the refund.
pub async fn read(
    pool: &PgPool,
    id: PaymentId,
    mode: Mode,
) -> sqlx::Result<Option<(Payment, String)>> {
    let row: Option<Row> = sqlx::query_as(
        "select payments.id, order_id, customer_id, payments.status, method, amount,
                payments.currency, decline_code, payments.created_at, payments.updated_at
         from payments join orders on orders.id = order_id
         where payments.id = $1 and mode = $2",
    )
    .bind(id.uuid())
    .bind(mode.as_str())
    .fetch_optional(pool)
    .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let payment = Payment {
        object: "payment".to_owned(),
        id: PaymentId::from_uuid(row.id),
        order_id: OrderId::from_uuid(row.order_id),
        status: PaymentStatus::parse(&row.status).ok_or_else(|| undecodable("status"))?,
        method: row.method,
        amount: money(row.amount, &row.currency)?,
        decline_code: row.decline_code,
        created_at: rfc3339(row.created_at),
        updated_at: rfc3339(row.updated_at),
    };
    Ok(Some((payment, row.customer_id)))
}

/// What is to be paid back for an order.
#[derive(Debug, Clone)]
pub struct Owed {
    /// Which payment.
    pub id: PaymentId,
    /// Our name for its charge.
    pub reference: String,
    /// How much.
    pub amount: Money,
    /// Whose order it is.
    pub mode: Mode,
}

/// What is still to be paid back for a cancelled order.
pub async fn owed(connection: &mut PgConnection, order: OrderId) -> sqlx::Result<Option<Owed>> {
    let row: Option<(Uuid, String, i64, String, String)> = sqlx::query_as(
        "select payments.id, reference, amount, payments.currency, mode
         from payments join orders on orders.id = order_id
         where order_id = $1 and payments.status = 'refund_pending'",
    )
    .bind(order.uuid())
    .fetch_optional(connection)
    .await?;
    row.map(|(id, reference, amount, currency, mode)| {
        Ok(Owed {
            id: PaymentId::from_uuid(id),
            reference,
            amount: money(amount, &currency)?,
            mode: if mode == Mode::Test.as_str() {
                Mode::Test
            } else {
                Mode::Live
            },
        })
    })
    .transpose()
}

/// Notes that the payment was paid back. False if that was noted before. The order's row is locked
/// first, as everywhere; its version grows, since it shows its payment.
pub async fn paid_back(
    connection: &mut PgConnection,
    order: OrderId,
    payment: PaymentId,
    refund_id: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    sqlx::query("select from orders where id = $1 for no key update")
        .bind(order.uuid())
        .execute(&mut *connection)
        .await?;
    sqlx::query_scalar(
        "with repaid as (
             update payments set status = 'refunded', refund_id = $3, updated_at = $4
             where id = $2 and status = 'refund_pending'
             returning order_id
         ),
         shown as (
             update orders set version = version + 1, updated_at = $4
             from repaid where orders.id = repaid.order_id and orders.id = $1
         )
         select exists (select 1 from repaid)",
    )
    .bind(order.uuid())
    .bind(payment.uuid())
    .bind(refund_id)
    .bind(now)
    .fetch_one(connection)
    .await
}
