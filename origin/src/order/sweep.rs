//! The sweeper: gives stock back whose reservation is over while nobody knows whether it was paid.
//!
//! The order stays `processing` and its payment open, but nothing is charged for it any more. The
//! completer asks the provider once every charge that may be under way has ended, and then
//! - it was paid: the stock is taken anew and the order confirmed, or, if it is sold by now, the order
//!   is cancelled and paid back;
//! - it was declined, or never charged: the order has failed.
//!
//! A charge that the provider makes even later belongs to no order: its webhook has it paid back.

use std::time::Duration;

use chrono::TimeDelta;
use shared::id::OrderId;
use shared::order::ITEMS_MAX;

use crate::app::Shop;
use crate::store::order::StockTold;
use crate::store::order::open::{self, Overdue};
use crate::trace::{self, Span, Work};

/// How often it looks.
const POLL: Duration = Duration::from_secs(5);
/// Orders a step.
const BATCH_MAX: i64 = 100;
/// How long after the sweep the provider is asked: above the longest charge that may be under way.
pub const GRACE_SECONDS: i64 = 60;

/// Gives stock back.
pub struct Sweeper {
    shop: Shop,
}

impl Sweeper {
    /// A worker of its own. Any number may run: the row's phase decides who was first.
    pub const fn new(shop: Shop) -> Self {
        Self { shop }
    }

    /// Gives back what is overdue. How many orders were looked at: zero means that none is.
    pub async fn step(&self) -> anyhow::Result<usize> {
        let shop = &self.shop;
        let now = shop.platform.now();
        let overdue = open::overdue(&shop.pool, now, BATCH_MAX).await?;
        for Overdue { order, traceparent } in &overdue {
            let token = shop.platform.lease_token();
            let until = now + TimeDelta::seconds(GRACE_SECONDS);
            let event_ids = shop.platform.stock_event_ids(ITEMS_MAX);
            let told = StockTold {
                event_ids: &event_ids,
                traceparent: traceparent.as_deref(),
                now,
            };
            let span = span(*order, told.traceparent);
            let swept = open::sweep(&shop.pool, *order, token, until, &told);
            let swept = span.around(trace::database("sweep", swept)).await;
            if swept.inspect_err(|_| span.failed())? {
                tracing::warn!(%order, "a reservation is over, its payment unknown: stock is free");
            }
        }
        Ok(overdue.len())
    }

    /// Works until the process ends.
    pub async fn run(&self) {
        loop {
            match self.step().await {
                Ok(0) => {}
                Ok(_) => continue,
                Err(error) => tracing::warn!(%error, "the sweeper's step failed"),
            }
            tokio::time::sleep(POLL).await;
        }
    }
}

/// The span of giving back, in the trace of the request that nobody has paid for.
fn span(order: OrderId, traceparent: Option<&str>) -> Span {
    let order = order.to_string();
    let facts = [("headgate.order_id", order.as_str())];
    Span::of(
        traceparent,
        Work::Consumer,
        || "sweep order".to_owned(),
        &facts,
    )
}
