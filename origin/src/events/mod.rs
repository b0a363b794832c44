//! What follows from a change: the outbox is read by the relay, which hands each event to every
//! consumer.
//!
//! A consumer's effect within this database commits with its inbox row, exactly once. Effects
//! outside are at least once, each with a stable key (mail: the Message-ID, refunds: the provider's
//! key; what the edge is told needs none): a crash between effect and commit repeats it.

pub mod email;
pub mod notification;
mod pause;
pub mod purge;
pub mod refund;
pub mod relay;

use async_trait::async_trait;
use shared::event::EventType;
use sqlx::PgConnection;

use crate::store::outbox::Delivery;

/// Something that follows from events.
#[async_trait]
pub trait Consumer: Send + Sync {
    /// Its name in `subscriptions` and `inbox`.
    fn name(&self) -> &'static str;
    /// What it wants to hear of; other events leave no trace of it.
    fn kinds(&self) -> &'static [EventType];
    /// Whether it takes all events of a step at once, by [`Self::deliver_all`]. Then none of them is
    /// put off: a step that fails is tried again as a whole, after a pause.
    fn takes_whole_steps(&self) -> bool {
        false
    }
    /// Its effect. What it writes through the connection commits with the inbox row.
    async fn deliver(
        &self,
        delivery: &Delivery,
        connection: &mut PgConnection,
    ) -> anyhow::Result<()>;
    /// The effect of several, in their order. What it writes commits with the inbox rows of all.
    async fn deliver_all(
        &self,
        deliveries: &[Delivery],
        connection: &mut PgConnection,
    ) -> anyhow::Result<()> {
        for delivery in deliveries {
            self.deliver(delivery, connection).await?;
        }
        Ok(())
    }
}
