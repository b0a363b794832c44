//! What follows from a change: the outbox is read by the relay, which hands each event to every
//! consumer.
//!
//! A consumer's effect within this database commits with its inbox row, exactly once. Effects
//! outside are at least once, each with a stable key (mail: the Message-ID, refunds: the provider's
//! key; what the edge is told needs none): a crash between effect and commit repeats it.

pub mod alerts;
pub mod analytics;
mod deliver;
pub mod email;
pub mod failure;
pub mod inventory;
pub mod notification;
mod pause;
pub mod purge;
pub mod push;
pub mod refund;
pub mod relay;
pub mod retention;
mod retry;
mod seen;
mod side_by_side;
pub mod untrue;
pub mod wake;

use async_trait::async_trait;
use shared::event::EventType;
use sqlx::PgConnection;

pub use failure::{Failure, TookTooLong};

use crate::store::outbox::Delivery;

/// How often an event is tried before it is a dead letter, unless its consumer says otherwise: over
/// two hours, by the pauses in `pause.rs`.
pub const TRIES_MAX: u32 = 20;

/// Something that follows from events.
#[async_trait]
pub trait Consumer: Send + Sync {
    /// Its name in `subscriptions` and `inbox`.
    fn name(&self) -> &'static str;
    /// What it wants to hear of; other events leave no trace of it.
    fn kinds(&self) -> &'static [EventType];
    /// Whether it takes all events of a step at once, by [`Self::deliver_all`]. Then none of them is
    /// put off: a step that fails is tried again after a pause, in parts if it took too long.
    fn takes_whole_steps(&self) -> bool {
        false
    }
    /// How often an event is tried before it goes to the dead letters.
    fn tries(&self) -> u32 {
        TRIES_MAX
    }
    /// Whether events of one aggregate keep their order: then what failed holds up what follows for
    /// the same aggregate, also as a dead letter, until that is redriven or discarded.
    fn ordered(&self) -> bool {
        true
    }
    /// How many events may share a transaction: more than one only where the effects are in this
    /// database alone. When one fails, all are undone, and each is delivered by itself.
    fn batch_max(&self) -> usize {
        1
    }
    /// How many events of different aggregates it may be at, at once: more than one where it waits for
    /// somebody outside. Each holds a connection, so no consumer gets more than half of the pool.
    fn concurrency(&self) -> usize {
        1
    }
    /// Its effect. What it writes through the connection commits with the inbox row. An error is a
    /// failure to try again, unless it is a [`Failure`], which says more.
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
