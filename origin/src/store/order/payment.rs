//! Payments on their own: reading them, and paying back.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use shared::caller::Mode;
use shared::id::{OrderId, PaymentId};
use shared::money::Money;
use shared::order::{Payment, PaymentStatus};
use sqlx::{AssertSqlSafe, FromRow, PgConnection, PgExecutor, PgPool, QueryBuilder};
use uuid::Uuid;

use crate::platform::rfc3339;
use crate::store::page::{Place, Slice};

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
    ordered_at: DateTime<Utc>,
    attempt: i32,
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

impl Row {
    fn payment(self) -> sqlx::Result<(Payment, String)> {
        let payment = Payment {
            object: "payment".to_owned(),
            id: PaymentId::from_uuid(self.id),
            order_id: OrderId::from_uuid(self.order_id),
            status: PaymentStatus::parse(&self.status).ok_or_else(|| undecodable("status"))?,
            method: self.method,
            amount: money(self.amount, &self.currency)?,
            decline_code: self.decline_code,
            created_at: rfc3339(self.created_at),
            updated_at: rfc3339(self.updated_at),
        };
        Ok((payment, self.customer_id))
    }
}

const SELECT: &str = "select payments.id, order_id, customer_id, payments.status, method, amount,
        payments.currency, decline_code, payments.created_at, payments.updated_at,
        orders.created_at as ordered_at, attempt
    from payments join orders on orders.id = order_id";

/// One payment of that mode, and the account that its order belongs to. What was paid stays to be
/// seen when the order was deleted: its owner waits for the refund.
pub async fn read(
    database: impl PgExecutor<'_>,
    id: PaymentId,
    mode: Mode,
) -> sqlx::Result<Option<(Payment, String)>> {
    let sql = AssertSqlSafe(format!("{SELECT} where payments.id = $1 and mode = $2"));
    let row: Option<Row> = sqlx::query_as(sql)
        .bind(id.uuid())
        .bind(mode.as_str())
        .fetch_optional(database)
        .await?;
    row.map(Row::payment).transpose()
}

/// The payments of an order, the latest first.
pub async fn of_order(pool: &PgPool, order: OrderId) -> sqlx::Result<Vec<Payment>> {
    let sql = AssertSqlSafe(format!(
        "{SELECT} where order_id = $1 order by attempt desc"
    ));
    let rows: Vec<Row> = sqlx::query_as(sql)
        .bind(order.uuid())
        .fetch_all(pool)
        .await?;
    rows.into_iter()
        .map(|row| row.payment().map(|(payment, _)| payment))
        .collect()
}

/// Where a page of payments ended: when the order was placed in Unix microseconds, its id, and the
/// number of the attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position(i64, Uuid, i32);

/// A page of an account's payments: those of its newest orders first, of an order the latest first.
pub async fn list(
    pool: &PgPool,
    account: &str,
    mode: Mode,
    place: Option<Place<Position>>,
    limit: i64,
) -> sqlx::Result<Slice<Payment, Position>> {
    let slice = fetch(pool, account, mode, place, limit).await?;
    if slice.is_before_the_start(place) {
        return fetch(pool, account, mode, None, limit).await;
    }
    Ok(slice)
}

async fn fetch(
    pool: &PgPool,
    account: &str,
    mode: Mode,
    place: Option<Place<Position>>,
    limit: i64,
) -> sqlx::Result<Slice<Payment, Position>> {
    let (than, direction) = match place {
        Some(Place::Before(_)) => (">", "asc"),
        _ => ("<", "desc"),
    };
    let mut sql = QueryBuilder::new(SELECT);
    sql.push(" where mode = ").push_bind(mode.as_str());
    sql.push(" and customer_id = ").push_bind(account);
    if let Some(Position(micros, order, attempt)) = place.map(|place| *place.position()) {
        let time = DateTime::from_timestamp_micros(micros).unwrap_or_default();
        sql.push(format!(
            " and (orders.created_at, orders.id, attempt) {than} ("
        ));
        sql.push_bind(time).push(", ").push_bind(order);
        sql.push(", ").push_bind(attempt).push(")");
    }
    sql.push(format!(
        " order by orders.created_at {direction}, orders.id {direction}, attempt {direction} limit "
    ));
    sql.push_bind(limit.saturating_add(1));
    let rows: Vec<Row> = sql.build_query_as().fetch_all(pool).await?;
    let payments = rows.into_iter().map(|row| {
        let position = Position(row.ordered_at.timestamp_micros(), row.order_id, row.attempt);
        Ok((row.payment()?.0, position))
    });
    let payments = payments.collect::<sqlx::Result<_>>()?;
    Ok(Slice::of(
        payments,
        place,
        usize::try_from(limit).unwrap_or(usize::MAX),
    ))
}

/// What is to be paid back for an order.
#[derive(Debug, Clone)]
pub struct Owed {
    /// Which payment.
    pub id: PaymentId,
    /// Our name for its charge.
    pub reference: String,
    /// The provider's.
    pub charge_id: Option<String>,
    /// How much: without what refunds of their own pay back.
    pub amount: Money,
    /// Whose order it is.
    pub mode: Mode,
}

/// What is still to be paid back for a cancelled order.
pub async fn owed(connection: &mut PgConnection, order: OrderId) -> sqlx::Result<Option<Owed>> {
    let row: Option<(Uuid, String, Option<String>, i64, String, String)> = sqlx::query_as(
        "select payments.id, reference, charge_id,
                amount - (select coalesce(sum(refunds.amount), 0)::bigint from refunds
                          where refunds.payment_id = payments.id),
                payments.currency, mode
         from payments join orders on orders.id = order_id
         where order_id = $1 and payments.status = 'refund_pending'",
    )
    .bind(order.uuid())
    .fetch_optional(connection)
    .await?;
    row.map(|(id, reference, charge_id, amount, currency, mode)| {
        Ok(Owed {
            id: PaymentId::from_uuid(id),
            reference,
            charge_id,
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
    refund_id: Option<&str>,
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
