//! What follows from a change: the outbox is read by the relay, which hands each event to every
//! consumer.
//!
//! A consumer's effect within this database commits with its inbox row, exactly once. Effects
//! outside are at least once, each with a stable key (mail: the Message-ID, refunds: the provider's key): a crash between effect
//! and commit repeats it.

pub mod email;
pub mod refund;
pub mod relay;
pub mod untrue;

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
    /// Its effect. What it writes through the connection commits with the inbox row.
    async fn deliver(
        &self,
        delivery: &Delivery,
        connection: &mut PgConnection,
    ) -> anyhow::Result<()>;
}
