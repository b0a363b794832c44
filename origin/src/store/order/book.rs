//! Our own book of payments, to hold against the provider's.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use shared::id::OrderId;
use shared::money::Money;
use shared::order::PaymentStatus;
use sqlx::{AssertSqlSafe, FromRow, PgPool};
use uuid::Uuid;

/// A payment, as far as the provider knows of it too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Our name for its charge.
    pub reference: String,
    /// What it pays.
    pub order: OrderId,
    /// Where it stands.
    pub status: PaymentStatus,
    /// How much.
    pub amount: Money,
    /// How much of that was paid back, in minor units.
    pub paid_back: i64,
    /// Whether more is being paid back.
    pub is_paying_back: bool,
}

#[derive(FromRow)]
struct Row {
    reference: String,
    order_id: Uuid,
    status: String,
    amount: i64,
    currency: String,
    paid_back: i64,
    paying_back: bool,
}

impl TryFrom<Row> for Entry {
    type Error = sqlx::Error;

    fn try_from(row: Row) -> sqlx::Result<Self> {
        let undecodable = |what: &str| sqlx::Error::Decode(format!("a payment's {what}").into());
        Ok(Self {
            order: OrderId::from_uuid(row.order_id),
            status: PaymentStatus::parse(&row.status).ok_or_else(|| undecodable("status"))?,
            amount: Money {
                amount: row.amount,
                currency: row.currency.parse().map_err(|_| undecodable("currency"))?,
            },
            paid_back: row.paid_back,
            is_paying_back: row.paying_back,
            reference: row.reference,
        })
    }
}

const SELECT: &str = "select reference, order_id, status, amount, currency,
        case when status = 'refunded' then amount
             else (select coalesce(sum(refunds.amount), 0)::bigint from refunds
                   where payment_id = payments.id and refunds.status = 'succeeded')
        end as paid_back,
        status = 'refund_pending' or exists (select from refunds
            where payment_id = payments.id and refunds.status = 'pending') as paying_back
    from payments";

/// The payments of these references.
pub async fn of(pool: &PgPool, references: &[String]) -> sqlx::Result<HashMap<String, Entry>> {
    let sql = AssertSqlSafe(format!("{SELECT} where reference = any ($1)"));
    let rows: Vec<Row> = sqlx::query_as(sql).bind(references).fetch_all(pool).await?;
    rows.into_iter()
        .map(|row| Ok((row.reference.clone(), row.try_into()?)))
        .collect()
}

/// Payments made from that time on and before the other, behind that reference in their order.
pub async fn made(
    pool: &PgPool,
    since: DateTime<Utc>,
    before: DateTime<Utc>,
    behind: &str,
    limit: i64,
) -> sqlx::Result<Vec<Entry>> {
    let sql = AssertSqlSafe(format!(
        "{SELECT} where created_at >= $1 and created_at < $2 and reference > $3
         order by reference limit $4"
    ));
    let rows: Vec<Row> = sqlx::query_as(sql)
        .bind(since)
        .bind(before)
        .bind(behind)
        .bind(limit)
        .fetch_all(pool)
        .await?;
    rows.into_iter().map(Entry::try_from).collect()
}

/// Which of these charges are strays, and whether each was paid back.
pub async fn strays(pool: &PgPool, charges: &[String]) -> sqlx::Result<HashMap<String, bool>> {
    let rows: Vec<(String, bool)> = sqlx::query_as(
        "select charge_id, refund_id is not null from stray_charges where charge_id = any ($1)",
    )
    .bind(charges)
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().collect())
}
