//! What carries the log to a broker: a consumer of the log like any other, with a subscription of its own.
//!
//! Outside effects are at least once: a crash behind the broker's word publishes again, under the same
//! message ids, and the inbox row of whoever takes a message twice says so. The broker is down: the
//! step is tried again and grows meanwhile; the log keeps it.

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::future::try_join_all;
use shared::event::EventType;
use sqlx::PgConnection;

use super::Broker;
use crate::events::Consumer;
use crate::store::outbox::Delivery;

/// Its name among the subscriptions.
pub const NAME: &str = "queue";

/// The consumer.
pub struct Publish {
    broker: Arc<dyn Broker>,
    consumers: Vec<(&'static str, &'static [EventType])>,
}

impl Publish {
    /// For these consumers.
    pub fn new(broker: Arc<dyn Broker>, consumers: &[Arc<dyn Consumer>]) -> Self {
        let consumers = consumers.iter();
        Self {
            broker,
            consumers: consumers.map(|one| (one.name(), one.kinds())).collect(),
        }
    }
}

#[async_trait]
impl Consumer for Publish {
    fn name(&self) -> &'static str {
        NAME
    }

    fn kinds(&self) -> &'static [EventType] {
        &EventType::ALL
    }

    fn takes_whole_steps(&self) -> bool {
        true
    }

    async fn deliver(
        &self,
        delivery: &Delivery,
        connection: &mut PgConnection,
    ) -> anyhow::Result<()> {
        self.deliver_all(std::slice::from_ref(delivery), connection)
            .await
    }

    async fn deliver_all(&self, events: &[Delivery], _: &mut PgConnection) -> anyhow::Result<()> {
        let publishing = self.consumers.iter().map(|(consumer, kinds)| async {
            let wanted = |event: &&Delivery| kinds.contains(&event.event.kind);
            let wanted: Vec<_> = events.iter().filter(wanted).cloned().collect();
            if wanted.is_empty() {
                return Ok(());
            }
            self.broker.publish(consumer, &wanted).await
        });
        try_join_all(publishing).await?;
        Ok(())
    }
}
