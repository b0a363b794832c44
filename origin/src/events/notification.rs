//! Tells webhooks.
//!
//! Promise: for each webhook that wants an event, and is switched on when the event is read, there is
//! one delivery, exactly once: it commits with the inbox row. What is sent then is at least once,
//! under the event's id (`webhook-id`), by which a receiver knows a message that it has
//! ([`crate::webhook::courier`]). Here nothing is sent, so that no receiver holds up another.

use std::sync::Arc;

use async_trait::async_trait;
use shared::event::EventType;
use sqlx::PgConnection;
use tokio::sync::Notify;

use super::Consumer;
use crate::platform::Platform;
use crate::store::outbox::Delivery;
use crate::store::webhook::delivery::{self, NewMessage};
use crate::webhook::message;

/// The consumer.
pub struct Notification {
    platform: Platform,
    wake: Arc<Notify>,
}

impl Notification {
    /// Wakes who sends, by `wake`.
    pub const fn new(platform: Platform, wake: Arc<Notify>) -> Self {
        Self { platform, wake }
    }
}

/// All that is not for the platform itself.
const TOLD: [EventType; 11] = [
    EventType::OrderCreated,
    EventType::OrderConfirmed,
    EventType::PaymentFailed,
    EventType::OrderCancelled,
    EventType::OrderFulfilled,
    EventType::OrderRefunded,
    EventType::OrderRejected,
    EventType::ProductCreated,
    EventType::ProductUpdated,
    EventType::ProductDeleted,
    EventType::InventoryLow,
];

#[async_trait]
impl Consumer for Notification {
    fn name(&self) -> &'static str {
        "notification"
    }

    fn kinds(&self) -> &'static [EventType] {
        &TOLD
    }

    /// Nothing waits here: a webhook's own deliveries keep the order.
    fn batch_max(&self) -> usize {
        100
    }

    async fn deliver(
        &self,
        delivery: &Delivery,
        connection: &mut PgConnection,
    ) -> anyhow::Result<()> {
        let event = &delivery.event;
        let kind = event.kind.as_str();
        let message = NewMessage {
            event: event.id,
            kind,
            schema_version: event.schema_version,
            aggregate: delivery.aggregate,
            seq: delivery.seq,
            body: &message::body(kind, &event.created_at, &event.data),
            traceparent: delivery.traceparent.as_deref(),
            now: self.platform.now(),
        };
        if delivery::spread(connection, &message).await? > 0 {
            // It commits in a moment. If the look comes too early, the next one is soon.
            self.wake.notify_one();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_is_not_internal_is_told() {
        for kind in EventType::ALL {
            assert_eq!(TOLD.contains(&kind), !kind.is_internal(), "{kind:?}");
        }
    }
}
