//! Reading orders.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared::caller::Mode;
use shared::id::{OrderId, PaymentId, ProductId};
use shared::money::{Currency, Money};
use shared::order::{Order, OrderItem, OrderStatus, PaymentStatus, PaymentSummary};
use sqlx::{FromRow, PgPool};
use uuid::Uuid;

use crate::platform::rfc3339;
use crate::store::page::{Place, Slice};

#[derive(FromRow)]
struct Row {
    id: Uuid,
    status: String,
    customer_id: String,
    total_amount: i64,
    currency: String,
    shipping_address: Value,
    note: Option<String>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    items: sqlx::types::Json<Vec<ItemRow>>,
    payment_id: Uuid,
    payment_status: String,
    method: String,
    decline_code: Option<String>,
}

#[derive(Deserialize)]
struct ItemRow {
    product_id: Uuid,
    sku: String,
    name: String,
    quantity: u32,
    unit_amount: i64,
    currency: Currency,
}

fn undecodable(what: &str) -> sqlx::Error {
    sqlx::Error::Decode(format!("an order's {what} can't be read").into())
}

impl Row {
    fn order(self) -> sqlx::Result<Order> {
        let items = self.items.0.into_iter().map(|item| {
            let unit_price = Money {
                amount: item.unit_amount,
                currency: item.currency,
            };
            OrderItem {
                product_id: ProductId::from_uuid(item.product_id),
                sku: item.sku,
                name: item.name,
                quantity: item.quantity,
                unit_price,
                line_total: Money {
                    amount: item.unit_amount.saturating_mul(item.quantity.into()),
                    ..unit_price
                },
            }
        });
        Ok(Order {
            object: "order".to_owned(),
            id: OrderId::from_uuid(self.id),
            status: OrderStatus::parse(&self.status).ok_or_else(|| undecodable("status"))?,
            customer_id: self.customer_id,
            items: items.collect(),
            total: Money {
                amount: self.total_amount,
                currency: self.currency.parse().map_err(|_| undecodable("currency"))?,
            },
            payment: PaymentSummary {
                id: PaymentId::from_uuid(self.payment_id),
                status: match self.payment_status.as_str() {
                    "succeeded" => PaymentStatus::Succeeded,
                    "declined" => PaymentStatus::Declined,
                    _ => PaymentStatus::Processing,
                },
                method: self.method,
                decline_code: self.decline_code,
            },
            shipping_address: serde_json::from_value(self.shipping_address)
                .map_err(|_| undecodable("address"))?,
            note: self.note,
            version: self.version,
            created_at: rfc3339(self.created_at),
            updated_at: rfc3339(self.updated_at),
        })
    }
}

/// An order with its items and its last payment.
const SELECT: &str = "select orders.id, orders.status, customer_id, total_amount, orders.currency,
        shipping_address, note, version, orders.created_at, orders.updated_at,
        (select jsonb_agg(jsonb_build_object('product_id', product_id, 'sku', sku, 'name', name,
             'quantity', quantity, 'unit_amount', unit_amount, 'currency', order_items.currency)
             order by product_id)
         from order_items where order_id = orders.id) as items,
        payment.id as payment_id, payment.status as payment_status, method, decline_code
    from orders
    join lateral (select id, status, method, decline_code from payments
        where order_id = orders.id order by attempt desc limit 1) payment on true";

/// One order of that mode.
pub async fn read(pool: &PgPool, id: OrderId, mode: Mode) -> sqlx::Result<Option<Order>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "{SELECT} where orders.id = $1 and orders.mode = $2"
    ));
    let row: Option<Row> = sqlx::query_as(sql)
        .bind(id.uuid())
        .bind(mode.as_str())
        .fetch_optional(pool)
        .await?;
    row.map(Row::order).transpose()
}

/// Where a page of orders ended: Unix microseconds and id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position(i64, Uuid);

/// Orders of a customer, or of everyone, newest first.
pub async fn list(
    pool: &PgPool,
    customer: Option<&str>,
    mode: Mode,
    place: Option<Place<Position>>,
    limit: i64,
) -> sqlx::Result<Slice<Order, Position>> {
    let slice = fetch(pool, customer, mode, place, limit).await?;
    if slice.is_before_the_start(place) {
        return fetch(pool, customer, mode, None, limit).await;
    }
    Ok(slice)
}

async fn fetch(
    pool: &PgPool,
    customer: Option<&str>,
    mode: Mode,
    place: Option<Place<Position>>,
    limit: i64,
) -> sqlx::Result<Slice<Order, Position>> {
    let (than, direction) = match place {
        Some(Place::Before(_)) => (">", "asc"),
        _ => ("<", "desc"),
    };
    let mut sql = sqlx::QueryBuilder::<sqlx::Postgres>::new(SELECT);
    sql.push(" where mode = ").push_bind(mode.as_str());
    if let Some(customer) = customer {
        sql.push(" and customer_id = ").push_bind(customer);
    }
    if let Some(Position(micros, id)) = place.map(|place| *place.position()) {
        let time = DateTime::from_timestamp_micros(micros).unwrap_or_default();
        sql.push(format!(" and (orders.created_at, orders.id) {than} ("));
        sql.push_bind(time).push(", ").push_bind(id).push(")");
    }
    sql.push(format!(
        " order by orders.created_at {direction}, orders.id {direction} limit "
    ));
    sql.push_bind(limit.saturating_add(1));
    let rows: Vec<Row> = sql.build_query_as().fetch_all(pool).await?;
    let orders = rows.into_iter().map(|row| {
        let position = Position(row.created_at.timestamp_micros(), row.id);
        Ok((row.order()?, position))
    });
    let orders = orders.collect::<sqlx::Result<_>>()?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    Ok(Slice::of(orders, place, limit))
}

/// What going on with a payment needs.
#[derive(Debug, Clone, FromRow)]
pub struct Attempt {
    /// Our name for the charge.
    pub reference: String,
    /// The provider's own idempotency key.
    pub provider_key: String,
}

/// The first payment attempt of an order.
pub async fn attempt(pool: &PgPool, order: OrderId) -> sqlx::Result<Attempt> {
    sqlx::query_as(
        "select reference, provider_key from payments where order_id = $1 and attempt = 1",
    )
    .bind(order.uuid())
    .fetch_one(pool)
    .await
}
