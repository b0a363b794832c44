//! T1. See the statement itself.

use chrono::{DateTime, Utc};
use serde_json::json;
use shared::id::{EventId, OrderId, PaymentId, ProductId};
use shared::idempotency::Fingerprint;
use shared::money::{Currency, Money};
use shared::order::{NewOrder, OrderItem};
use sqlx::{FromRow, PgPool};
use uuid::Uuid;

use super::REPEATS_MAX;
use super::key::Call;
use crate::platform::rfc3339;
use crate::store::{Fault, pool};

/// Everything that T1 writes.
pub struct Placement<'a> {
    /// The keyed request that orders.
    pub call: &'a Call,
    /// What its key stands for.
    pub fingerprint: &'a Fingerprint,
    /// What is ordered.
    pub order: &'a NewOrder,
    /// Derived from the key.
    pub order_id: OrderId,
    /// The first attempt to charge.
    pub payment_id: PaymentId,
    /// The provider's own idempotency key.
    pub provider_key: &'a str,
    /// Our name for the charge.
    pub reference: &'a str,
    /// Of `order.created`.
    pub event_id: EventId,
    /// Of what is told of the products' stock: two a product.
    pub stock_event_ids: &'a [Uuid],
    /// Fences the worker.
    pub lease_token: Uuid,
    /// Until when the worker may take.
    pub lease_until: DateTime<Utc>,
    /// Until when the stock waits for its payment.
    pub reserved_until: DateTime<Utc>,
    /// Now.
    pub now: DateTime<Utc>,
}

/// One line, as the database sees it.
#[derive(Debug, Clone)]
pub struct Line {
    /// As it was sold.
    pub item: OrderItem,
    /// Whether it can be ordered.
    pub sold: bool,
    /// Units that are free.
    pub available: i64,
}

/// What T1 found.
#[derive(Debug, Clone)]
pub enum Verdict {
    /// Written.
    Accepted {
        /// What was ordered, by product id.
        lines: Vec<Line>,
        /// What it costs.
        total: Money,
    },
    /// The key is taken; nothing was written.
    Known,
    /// Lines can't be ordered.
    ProductUnavailable(Vec<Line>),
    /// Lines have too few units.
    OutOfStock(Vec<Line>),
    /// It costs something else than expected; `None` over two currencies.
    PriceChanged(Option<Money>),
}

#[derive(FromRow)]
struct Row {
    verdict: String,
    total: i64,
    total_currency: String,
    claimed: bool,
    product_id: Uuid,
    sku: String,
    name: String,
    unit_amount: i64,
    currency: String,
    quantity: i32,
    sold: bool,
    available: i32,
}

impl Row {
    fn line(&self) -> Line {
        let unit_price = Money {
            amount: self.unit_amount,
            // A product that does not exist has no currency; its line is never sold.
            currency: self.currency.parse().unwrap_or(Currency::USD),
        };
        let quantity = u32::try_from(self.quantity).unwrap_or_default();
        Line {
            item: OrderItem {
                product_id: ProductId::from_uuid(self.product_id),
                sku: self.sku.clone(),
                name: self.name.clone(),
                quantity,
                unit_price,
                line_total: Money {
                    amount: self.unit_amount.saturating_mul(quantity.into()),
                    ..unit_price
                },
            },
            sold: self.sold,
            available: self.available.into(),
        }
    }
}

/// Runs T1, again if Postgres undid it for the sake of another transaction.
pub async fn place(pool: &PgPool, placement: &Placement<'_>) -> sqlx::Result<Verdict> {
    let mut repeats = 0;
    loop {
        match once(pool, placement).await {
            Err(error)
                if repeats < REPEATS_MAX
                    && Fault::of(&error) == (Fault::Undone { repeat: true }) =>
            {
                repeats += 1;
            }
            other => return other,
        }
    }
}

async fn once(pool: &PgPool, placement: &Placement<'_>) -> sqlx::Result<Verdict> {
    let order = placement.order;
    let quantities = order.quantities();
    let ids: Vec<Uuid> = quantities.keys().map(|id| id.uuid()).collect();
    let shown: Vec<String> = quantities.keys().map(ToString::to_string).collect();
    let units: Vec<i32> = quantities
        .values()
        .map(|&units| i32::try_from(units).unwrap_or(i32::MAX))
        .collect();
    let expected = order.expected_total;
    let statement = sqlx::query_as(include_str!("place.sql"))
        .bind(ids)
        .bind(shown)
        .bind(units)
        .bind(&placement.call.id.account)
        .bind(placement.call.id.mode.as_str())
        .bind(placement.call.id.key.as_str())
        .bind(placement.fingerprint.as_str())
        .bind(&placement.call.request_id)
        .bind(expected.map(|total| total.amount))
        .bind(expected.as_ref().map(|total| total.currency.as_str()))
        .bind(placement.order_id.uuid())
        .bind(placement.order_id.to_string())
        .bind(placement.payment_id.uuid())
        .bind(placement.payment_id.to_string())
        .bind(&order.payment_method)
        .bind(placement.provider_key)
        .bind(placement.reference)
        .bind(json!(order.shipping_address))
        .bind(&order.note)
        .bind(placement.event_id.uuid())
        .bind(placement.call.traceparent.as_deref())
        .bind(placement.now)
        .bind(rfc3339(placement.now))
        .bind(placement.lease_token)
        .bind(placement.lease_until)
        .bind(placement.reserved_until)
        .bind(&placement.call.path)
        .bind(placement.stock_event_ids)
        .bind(super::key::stored(placement.call.converter));
    let rows: Vec<Row> = if pool::tight().is_none() {
        statement
            .fetch_all(&mut *pool::acquire(pool).await?)
            .await?
    } else {
        let mut transaction = pool::begin(pool).await?;
        let rows = statement.fetch_all(&mut *transaction).await?;
        transaction.commit().await?;
        rows
    };
    let first = rows.first().ok_or(sqlx::Error::RowNotFound)?;
    let lines = || rows.iter().map(Row::line).collect();
    let total = first.total_currency.parse().ok().map(|currency| Money {
        amount: first.total,
        currency,
    });
    Ok(match (first.verdict.as_str(), total) {
        ("accepted", Some(total)) if first.claimed => Verdict::Accepted {
            lines: lines(),
            total,
        },
        ("accepted" | "known", _) => Verdict::Known,
        ("product_unavailable", _) => Verdict::ProductUnavailable(lines()),
        ("out_of_stock", _) => Verdict::OutOfStock(lines()),
        (_, total) => {
            let one = rows.iter().all(|row| row.currency == first.currency);
            Verdict::PriceChanged(total.filter(|_| one))
        }
    })
}
