//! Reading orders.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared::caller::{Mode, Principal};
use shared::id::{OrderId, PaymentId, ProductId};
use shared::money::{Currency, Money};
use shared::order::{Order, OrderItem, OrderStatus, PaymentStatus, PaymentSummary};
use sqlx::{FromRow, PgConnection, PgExecutor, PgPool, Postgres, QueryBuilder};
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
                status: PaymentStatus::parse(&self.payment_status)
                    .ok_or_else(|| undecodable("payment's status"))?,
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

/// One order of that mode, whoever asks.
pub async fn read(
    database: impl PgExecutor<'_>,
    id: OrderId,
    mode: Mode,
) -> sqlx::Result<Option<Order>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "{SELECT} where orders.id = $1 and orders.mode = $2"
    ));
    let row: Option<Row> = sqlx::query_as(sql)
        .bind(id.uuid())
        .bind(mode.as_str())
        .fetch_optional(database)
        .await?;
    row.map(Row::order).transpose()
}

/// Whose eyes orders are seen with: an owner does not see what it has deleted, and others see
/// nothing without the scope for it.
#[derive(Debug, Clone, Copy)]
pub struct Viewer<'a> {
    account: &'a str,
    mode: Mode,
    everyones: bool,
}

impl<'a> Viewer<'a> {
    /// The principal's eyes.
    pub fn of(principal: &'a Principal) -> Self {
        Self {
            account: &principal.account,
            mode: principal.mode,
            everyones: principal.may("orders:read:any"),
        }
    }

    /// Adds which orders it sees.
    fn push(self, sql: &mut QueryBuilder<Postgres>) {
        sql.push(" where orders.mode = ")
            .push_bind(self.mode.as_str());
        if self.everyones {
            sql.push(" and (hidden_at is null or customer_id <> ");
            sql.push_bind(self.account.to_owned()).push(")");
        } else {
            sql.push(" and hidden_at is null and customer_id = ");
            sql.push_bind(self.account.to_owned());
        }
    }
}

/// One order that the viewer may see.
pub async fn view(
    database: impl PgExecutor<'_>,
    id: OrderId,
    viewer: Viewer<'_>,
) -> sqlx::Result<Option<Order>> {
    let mut sql = QueryBuilder::new(SELECT);
    viewer.push(&mut sql);
    sql.push(" and orders.id = ").push_bind(id.uuid());
    let row: Option<Row> = sql.build_query_as().fetch_optional(database).await?;
    row.map(Row::order).transpose()
}

/// The same, locked against other changes until the transaction ends.
///
/// The lock comes in a statement of its own: one that waits for it would go on with what it had
/// read before of the order's payment, not with what the other has committed.
pub async fn lock(
    connection: &mut PgConnection,
    id: OrderId,
    viewer: Viewer<'_>,
) -> sqlx::Result<Option<Order>> {
    sqlx::query("select from orders where id = $1 for no key update")
        .bind(id.uuid())
        .execute(&mut *connection)
        .await?;
    view(connection, id, viewer).await
}

/// Where a page of orders ended: Unix microseconds and id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position(i64, Uuid);

/// Which of the orders that the viewer may see.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter<'a> {
    /// One customer's.
    pub customer: Option<&'a str>,
    /// Those that stand there.
    pub status: Option<OrderStatus>,
    /// Where the page stands.
    pub place: Option<Place<Position>>,
    /// Most rows.
    pub limit: i64,
}

/// A page of orders, newest first.
pub async fn list(
    pool: &PgPool,
    viewer: Viewer<'_>,
    filter: Filter<'_>,
) -> sqlx::Result<Slice<Order, Position>> {
    let slice = fetch(pool, viewer, filter).await?;
    if slice.is_before_the_start(filter.place) {
        let first = Filter {
            place: None,
            ..filter
        };
        return fetch(pool, viewer, first).await;
    }
    Ok(slice)
}

/// How Postgres means to read the page, for tests.
pub async fn plan(
    pool: &PgPool,
    viewer: Viewer<'_>,
    filter: Filter<'_>,
) -> sqlx::Result<serde_json::Value> {
    statement("explain (format json) ", viewer, filter)
        .build_query_scalar()
        .fetch_one(pool)
        .await
}

fn statement(prefix: &str, viewer: Viewer<'_>, filter: Filter<'_>) -> QueryBuilder<Postgres> {
    let (than, direction) = match filter.place {
        Some(Place::Before(_)) => (">", "asc"),
        _ => ("<", "desc"),
    };
    let mut sql = QueryBuilder::new(format!("{prefix}{SELECT}"));
    viewer.push(&mut sql);
    if let Some(customer) = filter.customer {
        sql.push(" and customer_id = ")
            .push_bind(customer.to_owned());
    }
    if let Some(status) = filter.status {
        sql.push(" and orders.status = ").push_bind(status.as_str());
    }
    if let Some(Position(micros, id)) = filter.place.map(|place| *place.position()) {
        let time = DateTime::from_timestamp_micros(micros).unwrap_or_default();
        sql.push(format!(" and (orders.created_at, orders.id) {than} ("));
        sql.push_bind(time).push(", ").push_bind(id).push(")");
    }
    sql.push(format!(
        " order by orders.created_at {direction}, orders.id {direction} limit "
    ));
    sql.push_bind(filter.limit.saturating_add(1));
    sql
}

async fn fetch(
    pool: &PgPool,
    viewer: Viewer<'_>,
    filter: Filter<'_>,
) -> sqlx::Result<Slice<Order, Position>> {
    let mut sql = statement("", viewer, filter);
    let rows: Vec<Row> = sql.build_query_as().fetch_all(pool).await?;
    let orders = rows.into_iter().map(|row| {
        let position = Position(row.created_at.timestamp_micros(), row.id);
        Ok((row.order()?, position))
    });
    let orders = orders.collect::<sqlx::Result<_>>()?;
    let limit = usize::try_from(filter.limit).unwrap_or(usize::MAX);
    Ok(Slice::of(orders, filter.place, limit))
}

/// What going on with a payment needs.
#[derive(Debug, Clone, FromRow)]
pub struct Attempt {
    /// Our name for the charge.
    pub reference: String,
    /// The provider's own idempotency key.
    pub provider_key: String,
    /// When it began.
    pub created_at: DateTime<Utc>,
}

/// The latest payment attempt of an order.
pub async fn attempt(pool: &PgPool, order: OrderId) -> sqlx::Result<Attempt> {
    sqlx::query_as(
        "select reference, provider_key, created_at from payments
         where order_id = $1 order by attempt desc limit 1",
    )
    .bind(order.uuid())
    .fetch_one(pool)
    .await
}
