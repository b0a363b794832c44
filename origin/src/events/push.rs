//! Tells browsers of the customer what became of an order.
//!
//! Promise: for each browser that the customer has subscribed when the event is read, there is one
//! delivery, exactly once: it commits with the inbox row. What is sent then is at least once for a day,
//! under a `Topic` that is the event's, by which a push service knows a copy that it still holds
//! ([`crate::push::courier`]). Here nothing is sent, so that no push service holds up another.

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::json;
use shared::event::EventType;
use shared::id::UserId;
use shared::order::Order;
use sqlx::PgConnection;
use tokio::sync::Notify;

use super::{Consumer, Failure};
use crate::platform::Platform;
use crate::store::outbox::Delivery;
use crate::store::push::sending::{self, NewPush};

/// The consumer.
pub struct Push {
    platform: Platform,
    wake: Arc<Notify>,
}

impl Push {
    /// Wakes who sends, by `wake`.
    pub const fn new(platform: Platform, wake: Arc<Notify>) -> Self {
        Self { platform, wake }
    }
}

#[async_trait]
impl Consumer for Push {
    fn name(&self) -> &'static str {
        "push"
    }

    fn kinds(&self) -> &'static [EventType] {
        &[
            EventType::OrderConfirmed,
            EventType::PaymentFailed,
            EventType::OrderFulfilled,
            EventType::OrderCancelled,
            EventType::OrderRefunded,
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
        let order: Order =
            serde_json::from_value(event.data.clone()).map_err(Failure::permanent)?;
        let Ok(user) = order.customer_id.parse::<UserId>() else {
            return Ok(());
        };
        // No names, goods or sums: what is shown on a locked screen is the page's choice.
        let body = json!({
            "id": event.id,
            "type": event.kind.as_str(),
            "order": {"id": order.id, "status": order.status},
            "created_at": event.created_at,
        });
        let push = NewPush {
            user,
            event: event.id,
            body: &body.to_string(),
            traceparent: delivery.traceparent.as_deref(),
            now: self.platform.now(),
        };
        if sending::spread(connection, &push).await? > 0 {
            // It commits in a moment. If the look comes too early, the next one is soon.
            self.wake.notify_one();
        }
        Ok(())
    }
}
