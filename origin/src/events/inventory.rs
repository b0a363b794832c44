//! Keeps the list of products of which little is left.
//!
//! Promise: exactly once, in this database, by the inbox.
//!
//! What an order does to stock is not done here. Reserving is T1 (`place.sql`), selling or giving back
//! is T2 (`settle.sql`), cancelling and expiry are `cancel.sql` and `sweep.sql`: each in the statement
//! that moves the order, so that no consumer's lag can oversell. The same statements write
//! `inventory.low` when a product falls into a scarcer class (`tell_of_stock`). What is left is the
//! notice: who looks after the stock sees it at GET /admin/inventory/low and in the log, and webhooks
//! get the event itself.

use async_trait::async_trait;
use chrono::DateTime;
use serde::Deserialize;
use shared::event::EventType;
use shared::product::Availability;
use sqlx::PgConnection;

use super::{Consumer, Failure};
use crate::store::outbox::Delivery;
use crate::store::stock_notice::{self, Notice};

/// The consumer.
#[derive(Debug, Default)]
pub struct Inventory;

/// What both kinds of events say of a product.
#[derive(Deserialize)]
struct Seen {
    sku: String,
    name: String,
    availability: Availability,
}

#[async_trait]
impl Consumer for Inventory {
    fn name(&self) -> &'static str {
        "inventory"
    }

    fn kinds(&self) -> &'static [EventType] {
        &[
            EventType::InventoryLow,
            EventType::ProductUpdated,
            EventType::ProductDeleted,
        ]
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
        let product = delivery.aggregate;
        if event.kind == EventType::ProductDeleted {
            stock_notice::clear(connection, product).await?;
            return Ok(());
        }
        let seen: Seen = serde_json::from_value(event.data.clone()).map_err(Failure::permanent)?;
        let since = DateTime::parse_from_rfc3339(&event.created_at).map_err(Failure::permanent)?;
        let notice = Notice {
            product,
            sku: &seen.sku,
            name: &seen.name,
            availability: seen.availability,
            since: since.to_utc(),
        };
        match (event.kind, seen.availability) {
            (_, Availability::InStock) => stock_notice::clear(connection, product).await?,
            (EventType::InventoryLow, _) => {
                tracing::warn!(
                    sku = seen.sku,
                    availability = seen.availability.as_str(),
                    "little is left of a product"
                );
                stock_notice::raise(connection, &notice).await?;
            }
            // It has another name, or is no longer quite out.
            _ => stock_notice::amend(connection, &notice).await?,
        }
        Ok(())
    }
}
