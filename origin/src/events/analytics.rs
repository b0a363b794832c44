//! Counts what became of orders that were placed in live mode, by day and currency.
//!
//! Promise: exactly once, in this database, by the inbox. The sums can be made anew from the log for
//! every day that it still holds (`origin analytics rebuild`).

use anyhow::Context;
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate};
use shared::event::EventType;
use shared::id::EventId;
use shared::order::Order;
use sqlx::PgConnection;

use super::{Consumer, Failure};
use crate::store::analytics::{self, Counted};
use crate::store::outbox::Delivery;

/// The consumer.
#[derive(Debug, Default)]
pub struct Analytics;

/// The day on which an event's id was made. The log is cut by that time, so a day is there as a whole
/// or not at all.
fn day(event: EventId) -> Option<NaiveDate> {
    let (seconds, _) = event.uuid().get_timestamp()?.to_unix();
    let made_at = DateTime::from_timestamp(i64::try_from(seconds).ok()?, 0)?;
    Some(made_at.date_naive())
}

/// What an event adds to its day.
fn counted(kind: EventType, order: &Order) -> Counted {
    let amount = order.total.amount;
    match kind {
        EventType::OrderConfirmed => Counted {
            orders: 1,
            revenue: amount,
            ..Counted::default()
        },
        EventType::OrderCancelled => Counted {
            cancelled: 1,
            ..Counted::default()
        },
        EventType::OrderRefunded => Counted {
            refunded: 1,
            refunds: amount,
            ..Counted::default()
        },
        _ => Counted::default(),
    }
}

#[async_trait]
impl Consumer for Analytics {
    fn name(&self) -> &'static str {
        "analytics"
    }

    fn kinds(&self) -> &'static [EventType] {
        &[
            EventType::OrderConfirmed,
            EventType::OrderCancelled,
            EventType::OrderRefunded,
        ]
    }

    /// Sums do not depend on an order.
    fn ordered(&self) -> bool {
        false
    }

    fn batch_max(&self) -> usize {
        100
    }

    async fn deliver(
        &self,
        delivery: &Delivery,
        connection: &mut PgConnection,
    ) -> anyhow::Result<()> {
        let event = &delivery.event;
        let order: Order =
            serde_json::from_value(event.data.clone()).map_err(Failure::permanent)?;
        let day = day(event.id).context("the event's id holds no time");
        let day = day.map_err(Failure::permanent)?;
        let currency = order.total.currency.as_str();
        let counted = counted(event.kind, &order);
        analytics::count(connection, order.id, day, currency, counted).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_utc_and_of_the_id() {
        for (ms, expected) in [
            (1_798_761_599_999, "2026-12-31"),
            (1_798_761_600_000, "2027-01-01"),
        ] {
            let id = EventId::new(ms, [7; 10]);
            assert_eq!(day(id).unwrap().to_string(), expected);
        }
        assert_eq!(day(EventId::from_uuid(uuid::Uuid::nil())), None);
    }
}
