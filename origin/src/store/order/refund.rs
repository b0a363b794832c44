//! Refunds that were asked for.

use chrono::{DateTime, Utc};
use shared::id::{OrderId, PaymentId, RefundId};
use shared::money::Money;
use shared::order::PaymentStatus;
use shared::payment::{Refund, RefundStatus};
use sqlx::{FromRow, PgConnection, PgPool};
use uuid::Uuid;

use crate::platform::rfc3339;

/// A refund, with what asking the provider for it needs.
#[derive(Debug, Clone)]
pub struct Owed {
    /// The refund.
    pub refund: Refund,
    /// Our name for the charge.
    pub reference: String,
    /// The provider's.
    pub charge_id: Option<String>,
}

#[derive(FromRow)]
struct Row {
    id: Uuid,
    payment_id: Uuid,
    order_id: Uuid,
    status: String,
    amount: i64,
    currency: String,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    reference: String,
    charge_id: Option<String>,
}

impl Row {
    fn owed(self) -> sqlx::Result<Owed> {
        let currency = self.currency.parse();
        Ok(Owed {
            reference: self.reference,
            charge_id: self.charge_id,
            refund: Refund {
                object: "refund".to_owned(),
                id: RefundId::from_uuid(self.id),
                payment_id: PaymentId::from_uuid(self.payment_id),
                order_id: OrderId::from_uuid(self.order_id),
                status: if self.status == "succeeded" {
                    RefundStatus::Succeeded
                } else {
                    RefundStatus::Pending
                },
                amount: Money {
                    amount: self.amount,
                    currency: currency.map_err(|_| sqlx::Error::Decode("a currency".into()))?,
                },
                created_at: rfc3339(self.created_at),
                updated_at: rfc3339(self.updated_at),
            },
        })
    }
}

const SELECT: &str = "select refunds.id, payment_id, order_id, refunds.status, refunds.amount,
        refunds.currency, refunds.created_at, refunds.updated_at, reference, charge_id
    from refunds join payments on payments.id = payment_id";

/// What is left of a payment: its amount without all refunds, asked for or done.
pub async fn left(connection: &mut PgConnection, payment: PaymentId) -> sqlx::Result<i64> {
    sqlx::query_scalar(
        "select amount - (select coalesce(sum(amount), 0)::bigint from refunds
                          where payment_id = $1)
         from payments where id = $1",
    )
    .bind(payment.uuid())
    .fetch_one(connection)
    .await
}

/// Writes a refund that is to be asked for.
pub async fn insert(
    connection: &mut PgConnection,
    id: RefundId,
    payment: PaymentId,
    amount: Money,
    provider_key: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query(
        "insert into refunds (id, payment_id, amount, currency, provider_key, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $6)",
    )
    .bind(id.uuid())
    .bind(payment.uuid())
    .bind(amount.amount)
    .bind(amount.currency.as_str())
    .bind(provider_key)
    .bind(now)
    .execute(connection)
    .await?;
    Ok(())
}

/// The refund of that provider's key.
pub async fn by_key(pool: &PgPool, provider_key: &str) -> sqlx::Result<Option<Owed>> {
    let sql = sqlx::AssertSqlSafe(format!("{SELECT} where refunds.provider_key = $1"));
    let row: Option<Row> = sqlx::query_as(sql)
        .bind(provider_key)
        .fetch_optional(pool)
        .await?;
    row.map(Row::owed).transpose()
}

/// The refunds of a payment, oldest first.
pub async fn of_payment(pool: &PgPool, payment: PaymentId) -> sqlx::Result<Vec<Refund>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "{SELECT} where payment_id = $1 order by refunds.created_at, refunds.id"
    ));
    let rows: Vec<Row> = sqlx::query_as(sql)
        .bind(payment.uuid())
        .fetch_all(pool)
        .await?;
    rows.into_iter()
        .map(|row| row.owed().map(|owed| owed.refund))
        .collect()
}

/// Notes that a refund was paid back. True if nothing is left of its payment and its order is
/// refunded by that: the caller has locked the order.
pub async fn paid_back(
    connection: &mut PgConnection,
    refund: &Refund,
    refund_id: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    sqlx::query(
        "update refunds set status = 'succeeded', refund_id = $2, updated_at = $3 where id = $1",
    )
    .bind(refund.id.uuid())
    .bind(refund_id)
    .bind(now)
    .execute(&mut *connection)
    .await?;
    sqlx::query_scalar(
        "with whole as (
             update payments set status = $4, updated_at = $3
             where id = $1 and status = $5
               and amount = (select sum(amount) from refunds
                             where payment_id = $1 and status = 'succeeded')
             returning order_id
         ),
         moved as (
             update orders set status = 'refunded', version = version + 1, updated_at = $3
             from whole where orders.id = whole.order_id and orders.id = $2
         )
         select exists (select 1 from whole)",
    )
    .bind(refund.payment_id.uuid())
    .bind(refund.order_id.uuid())
    .bind(now)
    .bind(PaymentStatus::Refunded.as_str())
    .bind(PaymentStatus::Succeeded.as_str())
    .fetch_one(connection)
    .await
}
