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
//! A consumer that takes whole steps gets all of 3. at once and in one transaction. When it fails,
//! nothing is put off: the step is tried again after a pause.
//!
//! While the relay runs, each consumer goes its own way, so that a slow one holds up no other.
//!
//! The database is down: the step fails, nothing is lost, the next one goes on.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::bail;
use chrono::TimeDelta;
use futures_util::FutureExt;
use futures_util::future::join_all;
use sqlx::PgPool;
use tokio::sync::{Notify, watch};
use uuid::Uuid;

use super::Consumer;
use super::pause::{self, Pause};
use crate::platform::{Failpoint, Platform};
use crate::store::outbox::{self, Delivery, Step};

/// How long a worker holds a subscription; renewed once a third of it is over. Longer than two
/// deliveries, and losing it does no harm: the inbox row decides who was first.
const LEASE_SECONDS: i64 = 30;
/// Events read at once.
const BATCH_EVENTS_MAX: i64 = 500;
/// How long one delivery may take: below the pool's limit on pauses within a transaction.
const DELIVERY_TIMEOUT: Duration = Duration::from_secs(10);
/// How often the relay looks when nobody wakes it, as when the API is served by another process: a
/// quarter of the time in which a change must be seen at every edge.
const POLL: Duration = Duration::from_millis(500);
/// Least time between two ticks: under load one of them stands for what came meanwhile.
const TICK_PAUSE: Duration = Duration::from_millis(10);

/// Ticker and consumers.
pub struct Relay {
    pool: PgPool,
    platform: Platform,
    wake: Arc<Notify>,
    consumers: Vec<Subscriber>,
    token: Uuid,
}

struct Subscriber {
    consumer: Arc<dyn Consumer>,
    pause: Mutex<Pause>,
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
        let subscriber = |consumer| Subscriber {
            consumer,
            pause: Mutex::default(),
        };
        let consumers = consumers.into_iter().map(subscriber).collect();
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
        for subscriber in &self.consumers {
            handled += self.carry(subscriber).await?;
        }
        Ok(handled)
    }

    /// Works until the process ends. Call it in a task that is dropped or aborted at the end: a
    /// step that is cut off is taken up by the next worker.
    pub async fn run(&self) {
        for Subscriber { consumer, .. } in &self.consumers {
            if consumer.kinds().is_empty() {
                let consumer = consumer.name();
                tracing::warn!(consumer, "off: what it would reach is not configured");
            }
        }
        let (ticked, _) = watch::channel(());
        let followers = self
            .consumers
            .iter()
            .map(|subscriber| self.follow(subscriber, ticked.subscribe()));
        let followers = join_all(followers);
        tokio::join!(self.tick(&ticked), followers);
    }

    /// Ticks, and tells those who follow that they may look.
    async fn tick(&self, ticked: &watch::Sender<()>) {
        loop {
            if let Err(error) = outbox::tick(&self.pool, self.platform.now()).await {
                tracing::warn!(%error, "the relay's tick failed");
            }
            ticked.send_replace(());
            tokio::time::sleep(TICK_PAUSE).await;
            tokio::select! {
                () = self.wake.notified() => {}
                () = tokio::time::sleep(POLL) => {}
            }
        }
    }

    /// Carries one consumer on, step by step.
    async fn follow(&self, subscriber: &Subscriber, mut ticked: watch::Receiver<()>) {
        loop {
            match self.carry(subscriber).await {
                Ok(0) => {}
                Ok(_) => {
                    // What it did may have written events of its own.
                    self.wake.notify_one();
                    continue;
                }
                Err(error) => {
                    let consumer = subscriber.consumer.name();
                    tracing::warn!(%error, consumer, "the relay's step failed");
                }
            }
            if ticked.changed().await.is_err() {
                return;
            }
        }
    }

    /// Gives every lease back, so that another worker need not wait for their ends.
    pub async fn leave(&self) {
        for Subscriber { consumer, .. } in &self.consumers {
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

    async fn carry(&self, subscriber: &Subscriber) -> anyhow::Result<usize> {
        let consumer = subscriber.consumer.as_ref();
        if consumer.takes_whole_steps() {
            return self.carry_whole(consumer, &subscriber.pause).await;
        }
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

    /// Delivers what is left of a step at once, and moves the subscription on in the same
    /// transaction.
    async fn carry_whole(
        &self,
        consumer: &dyn Consumer,
        pause: &Mutex<Pause>,
    ) -> anyhow::Result<usize> {
        let name = consumer.name();
        let now = self.platform.now();
        let set = |to: Pause| *pause.lock().unwrap_or_else(PoisonError::into_inner) = to;
        let before = *pause.lock().unwrap_or_else(PoisonError::into_inner);
        if before.holds(now) {
            return Ok(0);
        }
        let Some(step) = self.claim(consumer).await? else {
            return Ok(0);
        };
        if step.from_tick == step.to_tick {
            return Ok(0);
        }
        let unread =
            outbox::unread(&self.pool, name, consumer.kinds(), step, BATCH_EVENTS_MAX).await?;
        let whole = i64::try_from(unread.len()).unwrap_or(i64::MAX) < BATCH_EVENTS_MAX;
        let mut transaction = self.pool.begin().await?;
        if !unread.is_empty() {
            outbox::open(&mut transaction).await?;
            if let Err(error) = bounded(consumer.deliver_all(&unread, &mut transaction)).await {
                transaction.rollback().await?;
                set(before.failed(now));
                tracing::warn!(consumer = name, events = unread.len(), error, "put off");
                return Ok(0);
            }
            if !outbox::all_done(&mut transaction, name, &unread, now).await? {
                // Another worker did some of it; what this one wrote must not stay.
                transaction.rollback().await?;
                return Ok(unread.len());
            }
        }
        if whole {
            outbox::advance(&mut transaction, name, self.token, step).await?;
        }
        transaction.commit().await?;
        set(Pause::default());
        Ok(unread.len())
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
        let effect = async {
            consumer.deliver(delivery, &mut transaction).await?;
            self.platform.at(Failpoint::Delivered);
            anyhow::Ok(())
        };
        if let Err(error) = bounded(effect).await {
            transaction.rollback().await?;
            let attempts = delivery.attempts.saturating_add(1);
            let retry_at = now + pause::of_event(attempts);
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

/// Waits for an effect, and says in words why it failed. A panic is one delivery's failure, not the
/// relay's end: what it may have left half-done is the transaction, which is rolled back.
async fn bounded(effect: impl Future<Output = anyhow::Result<()>>) -> Result<(), String> {
    let effect = AssertUnwindSafe(effect).catch_unwind();
    match tokio::time::timeout(DELIVERY_TIMEOUT, effect).await {
        Ok(Ok(Ok(()))) => Ok(()),
        Ok(Ok(Err(error))) => Err(format!("{error:#}")),
        Ok(Err(_)) => Err("panicked".to_owned()),
        Err(_) => Err(format!("took over {} s", DELIVERY_TIMEOUT.as_secs())),
    }
}
