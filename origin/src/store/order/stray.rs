//! Charges that belong to no order.

use chrono::{DateTime, Utc};
use shared::money::Money;
use shared::order::PaymentStatus;
use sqlx::{FromRow, PgConnection, PgPool};
use uuid::Uuid;

use crate::payment::webhook::Notice;

/// A stray that is to be paid back.
#[derive(Debug, Clone)]
pub struct Stray {
    /// The provider's name for it.
    pub charge_id: String,
    /// Our own.
    pub reference: String,
    /// How much.
    pub amount: Money,
}

#[derive(FromRow)]
struct Row {
    charge_id: String,
    reference: String,
    amount: i64,
    currency: String,
}

/// The order and the state of the payment of that reference.
pub async fn payment_of(
    connection: &mut PgConnection,
    reference: &str,
) -> sqlx::Result<Option<(Uuid, PaymentStatus)>> {
    let row: Option<(Uuid, String)> =
        sqlx::query_as("select order_id, status from payments where reference = $1")
            .bind(reference)
            .fetch_optional(connection)
            .await?;
    row.map(|(order, status)| {
        let status = PaymentStatus::parse(&status);
        let status = status.ok_or_else(|| sqlx::Error::Decode("a payment's status".into()))?;
        Ok((order, status))
    })
    .transpose()
}

/// Keeps a stray. False if it is known.
pub async fn keep(
    connection: &mut PgConnection,
    notice: &Notice,
    now: DateTime<Utc>,
    refund_at: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let kept = sqlx::query(
        "insert into stray_charges (charge_id, reference, amount, currency, created_at, retry_at)
         values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
    )
    .bind(&notice.charged.id)
    .bind(&notice.reference)
    .bind(notice.amount.amount)
    .bind(notice.amount.currency.as_str())
    .bind(now)
    .bind(refund_at)
    .execute(connection)
    .await?;
    Ok(kept.rows_affected() == 1)
}

/// Whether the charge is a stray: then it pays for nothing.
pub async fn is_one(pool: &PgPool, charge_id: &str) -> sqlx::Result<bool> {
    sqlx::query_scalar("select exists (select 1 from stray_charges where charge_id = $1)")
        .bind(charge_id)
        .fetch_one(pool)
        .await
}

/// Strays to be paid back now; nobody else takes them until then. One that turned out to pay for an
/// order after all is forgotten.
pub async fn owed(
    pool: &PgPool,
    now: DateTime<Utc>,
    again_at: DateTime<Utc>,
    limit: i64,
) -> sqlx::Result<Vec<Stray>> {
    sqlx::query(
        "delete from stray_charges using payments
         where stray_charges.refund_id is null
           and payments.reference = stray_charges.reference
           and payments.charge_id = stray_charges.charge_id
           and payments.status in ('succeeded', 'refund_pending', 'refunded')",
    )
    .execute(pool)
    .await?;
    let rows: Vec<Row> = sqlx::query_as(
        "update stray_charges strays set retry_at = $2
         from (select charge_id from stray_charges
               where refund_id is null and retry_at <= $1
               order by retry_at limit $3 for update skip locked) due
         where strays.charge_id = due.charge_id
         returning strays.charge_id, reference, amount, currency",
    )
    .bind(now)
    .bind(again_at)
    .bind(limit)
    .fetch_all(pool)
    .await?;
    rows.into_iter()
        .map(|row| {
            let currency = row.currency.parse();
            Ok(Stray {
                charge_id: row.charge_id,
                reference: row.reference,
                amount: Money {
                    amount: row.amount,
                    currency: currency.map_err(|_| sqlx::Error::Decode("a currency".into()))?,
                },
            })
        })
        .collect()
}

/// Notes that it was paid back.
pub async fn paid_back(
    pool: &PgPool,
    charge_id: &str,
    refund_id: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query("update stray_charges set refund_id = $2, refunded_at = $3 where charge_id = $1")
        .bind(charge_id)
        .bind(refund_id)
        .bind(now)
        .execute(pool)
        .await?;
    Ok(())
}
