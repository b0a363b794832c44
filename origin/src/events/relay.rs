//! The relay: ticks, and carries each consumer from its tick to the newest.
//!
//! A step of a consumer:
//! 1. Take its lease; while another worker holds it there is nothing to do.
//! 2. What was put off and is due is tried first.
//! 3. What the newest tick sees and the consumer's own does not is delivered in its order, each
//!    event in a transaction of its own with its inbox row. A failure puts the event off, and with
//!    it what follows for the same aggregate, but holds up nothing else.
//! 4. Once nothing is left between the ticks, the subscription moves on with the last inbox row.
//!
//! The database is down: the step fails, nothing is lost, the next one goes on.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use anyhow::bail;
use chrono::TimeDelta;
use futures_util::FutureExt;
use sqlx::PgPool;
use tokio::sync::Notify;
use uuid::Uuid;

use super::Consumer;
use crate::platform::{Failpoint, Platform};
use crate::store::outbox::{self, Delivery, Step};

/// How long a worker holds a subscription; renewed once a third of it is over. Longer than two
/// deliveries, and losing it does no harm: the inbox row decides who was first.
const LEASE_SECONDS: i64 = 30;
/// Events read at once.
const BATCH_EVENTS_MAX: i64 = 500;
/// How long one delivery may take: below the pool's limit on pauses within a transaction.
const DELIVERY_TIMEOUT: Duration = Duration::from_secs(10);
/// First pause before an event is tried again; it doubles.
const RETRY_SECONDS_MIN: i64 = 1;
/// Longest pause.
const RETRY_SECONDS_MAX: i64 = 600;
/// How often the relay looks when nobody wakes it.
const POLL: Duration = Duration::from_secs(1);

/// Ticker and consumers.
pub struct Relay {
    pool: PgPool,
    platform: Platform,
    wake: Arc<Notify>,
    consumers: Vec<Arc<dyn Consumer>>,
    token: Uuid,
}

impl Relay {
    /// A worker of its own, with its own token for leases.
    pub fn new(
        pool: PgPool,
        platform: Platform,
        wake: Arc<Notify>,
        consumers: Vec<Arc<dyn Consumer>>,
    ) -> Self {
        let token = platform.lease_token();
        Self {
            pool,
            platform,
            wake,
            consumers,
            token,
        }
    }

    /// Ticks, and carries every consumer one step further. How many events were handled: zero means
    /// that nothing is left to do now.
    pub async fn step(&self) -> anyhow::Result<usize> {
        outbox::tick(&self.pool, self.platform.now()).await?;
        let mut handled = 0;
        for consumer in &self.consumers {
            handled += self.carry(consumer.as_ref()).await?;
        }
        Ok(handled)
    }

    /// Works until the process ends. Call it in a task that is dropped or aborted at the end: a
    /// step that is cut off is taken up by the next worker.
    pub async fn run(&self) {
        loop {
            match self.step().await {
                Ok(0) => {}
                Ok(_) => continue,
                Err(error) => tracing::warn!(%error, "the relay's step failed"),
            }
            tokio::select! {
                () = self.wake.notified() => {}
                () = tokio::time::sleep(POLL) => {}
            }
        }
    }

    /// Gives every lease back, so that another worker need not wait for their ends.
    pub async fn leave(&self) {
        for consumer in &self.consumers {
            if let Err(error) = outbox::release(&self.pool, consumer.name(), self.token).await {
                tracing::warn!(%error, "the subscription's lease runs out by itself");
            }
        }
    }

    async fn claim(&self, consumer: &dyn Consumer) -> anyhow::Result<Option<Step>> {
        let now = self.platform.now();
        let until = now + TimeDelta::seconds(LEASE_SECONDS);
        let step = outbox::claim(&self.pool, consumer.name(), self.token, now, until).await?;
        if step.is_some_and(|step| !step.same_system) {
            bail!(
                "the outbox's ticks are of another database system (a restored dump?): its \
                 transaction ids can't be compared"
            );
        }
        Ok(step)
    }

    async fn carry(&self, consumer: &dyn Consumer) -> anyhow::Result<usize> {
        let name = consumer.name();
        let Some(step) = self.claim(consumer).await? else {
            return Ok(0);
        };
        let mut claimed = self.platform.now();
        let mut handled = 0;
        for delivery in outbox::due(&self.pool, name, claimed, BATCH_EVENTS_MAX).await? {
            self.deliver(consumer, &delivery, None).await?;
            handled += 1;
        }
        if step.from_tick == step.to_tick {
            return Ok(handled);
        }
        let unread =
            outbox::unread(&self.pool, name, consumer.kinds(), step, BATCH_EVENTS_MAX).await?;
        let whole = i64::try_from(unread.len()).unwrap_or(i64::MAX) < BATCH_EVENTS_MAX;
        let last = unread.len().saturating_sub(1);
        let mut moved = false;
        for (place, delivery) in unread.iter().enumerate() {
            if self.platform.now() - claimed > TimeDelta::seconds(LEASE_SECONDS / 3) {
                if self.claim(consumer).await?.is_none() {
                    return Ok(handled);
                }
                claimed = self.platform.now();
            }
            let advance = (whole && place == last).then_some(step);
            moved |= self.deliver(consumer, delivery, advance).await?;
            handled += 1;
        }
        if whole && !moved {
            let mut connection = self.pool.acquire().await?;
            outbox::advance(&mut connection, name, self.token, step).await?;
        }
        Ok(handled)
    }

    /// Delivers one event and moves the subscription on if it is the step's last. True if it moved.
    async fn deliver(
        &self,
        consumer: &dyn Consumer,
        delivery: &Delivery,
        advance: Option<Step>,
    ) -> anyhow::Result<bool> {
        let name = consumer.name();
        let now = self.platform.now();
        let mut transaction = self.pool.begin().await?;
        if outbox::waits(&mut transaction, name, delivery).await? {
            transaction.rollback().await?;
            outbox::put_off(&self.pool, name, delivery, delivery.attempts, now, None).await?;
            return Ok(false);
        }
        // A panic is one event's failure, not the relay's end. What it may have left half-done is
        // the transaction, which is rolled back.
        let effect = async {
            consumer.deliver(delivery, &mut transaction).await?;
            self.platform.at(Failpoint::Delivered);
            anyhow::Ok(())
        };
        let effect = AssertUnwindSafe(effect).catch_unwind();
        let failure = match tokio::time::timeout(DELIVERY_TIMEOUT, effect).await {
            Ok(Ok(Ok(()))) => None,
            Ok(Ok(Err(error))) => Some(format!("{error:#}")),
            Ok(Err(_)) => Some("panicked".to_owned()),
            Err(_) => Some(format!("took over {} s", DELIVERY_TIMEOUT.as_secs())),
        };
        if let Some(error) = failure {
            transaction.rollback().await?;
            let attempts = delivery.attempts.saturating_add(1);
            let retry_at = now + pause(attempts);
            tracing::warn!(consumer = name, event = %delivery.event.id, attempts, error, "put off");
            let noted = Some(error.as_str());
            outbox::put_off(&self.pool, name, delivery, attempts, retry_at, noted).await?;
            return Ok(false);
        }
        let first = outbox::done(&mut transaction, name, delivery.event.id.uuid(), now).await?;
        if !first {
            // Another worker did it; what this one wrote must not stay.
            transaction.rollback().await?;
            return Ok(false);
        }
        let moved = match advance {
            Some(step) => outbox::advance(&mut transaction, name, self.token, step).await?,
            None => false,
        };
        transaction.commit().await?;
        Ok(moved)
    }
}

/// The pause before the next attempt.
fn pause(attempts: i32) -> TimeDelta {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or_default();
    let seconds = RETRY_SECONDS_MIN
        .checked_shl(doublings.min(30))
        .unwrap_or(RETRY_SECONDS_MAX);
    TimeDelta::seconds(seconds.min(RETRY_SECONDS_MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_limit() {
        for (attempts, seconds) in [(0, 1), (1, 1), (2, 2), (5, 16), (11, 600), (i32::MAX, 600)] {
            assert_eq!(pause(attempts), TimeDelta::seconds(seconds), "{attempts}");
        }
    }
}
