//! The relay: ticks, and carries each consumer from its tick to a later one.
//!
//! A step of a consumer:
//! 1. What was put off and is due is tried first, a row at a time (`retry.rs`); any worker may.
//! 2. Take the subscription's lease; while another worker holds it there is nothing to do. What a
//!    worker that died was at counts as tried, and becomes a row.
//! 3. What the later tick sees and the consumer's own does not is delivered in its order
//!    (`deliver.rs`), each event in a transaction of its own with its inbox row, or several in one
//!    where the consumer allows it. A failure puts the event off, and with it what follows for the
//!    same aggregate, but holds up nothing else.
//! 4. Once nothing is left between the ticks, the subscription moves on.
//!
//! A consumer that takes whole steps gets all of 3. at once and in one transaction. When it fails,
//! nothing is put off: the step is tried again after a pause.
//!
//! While the relay runs, each consumer goes its own way, so that a slow one holds up no other, and
//! what is tried again holds up nothing that is new.
//!
//! The database is down: the step fails, nothing is lost, the next one goes on.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::bail;
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::join_all;
use shared::event::EventType;
use sqlx::PgPool;
use tokio::sync::{Notify, watch};
use uuid::Uuid;

use super::Consumer;
use super::pause::Pause;
use crate::platform::Platform;
use crate::store::outbox::{self, Step};
use crate::store::{dead_letters, deliveries};

/// How long a worker holds a subscription or a row without a heartbeat; then another one takes it.
const LEASE: Duration = Duration::from_secs(10);
/// Heartbeats a lease.
const BEATS_A_LEASE: u32 = 4;
/// Events read at once.
pub(super) const BATCH_EVENTS_MAX: i64 = 500;
/// How often the relay looks when nobody wakes it, as when the API is served by another process: a
/// quarter of the time in which a change must be seen at every edge.
const POLL: Duration = Duration::from_millis(500);
/// Least time between two ticks: under load one of them stands for what came meanwhile.
const TICK_PAUSE: Duration = Duration::from_millis(10);

/// Ticker and consumers.
pub struct Relay {
    pub(super) pool: PgPool,
    pub(super) platform: Platform,
    wake: Arc<Notify>,
    consumers: Vec<Subscriber>,
    pub(super) token: Uuid,
    pub(super) lease: Duration,
}

pub(super) struct Subscriber {
    pub(super) consumer: Arc<dyn Consumer>,
    pause: Mutex<Pause>,
}

impl Subscriber {
    pub(super) fn pause(&self) -> Pause {
        *self.pause.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set(&self, pause: Pause) {
        *self.pause.lock().unwrap_or_else(PoisonError::into_inner) = pause;
    }
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
            lease: LEASE,
        }
    }

    /// With leases that end after another time, as where workers die every second.
    #[must_use]
    pub fn with_lease(mut self, lease: Duration) -> Self {
        self.lease = lease;
        self
    }

    /// Until when a lease that is taken or renewed now holds.
    pub(super) fn lease_until(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        now + TimeDelta::from_std(self.lease).unwrap_or(TimeDelta::MAX)
    }

    /// How often a lease is renewed while its work goes on.
    pub(super) fn beat(&self) -> Duration {
        self.lease / BEATS_A_LEASE
    }

    /// Ticks, and carries every consumer one step further. How many events were handled: zero means
    /// that nothing is left to do now.
    pub async fn step(&self) -> anyhow::Result<usize> {
        outbox::tick(&self.pool, self.platform.now()).await?;
        let mut handled = 0;
        for subscriber in &self.consumers {
            handled += self.retry(subscriber.consumer.as_ref()).await?;
            handled += self.carry(subscriber).await?;
        }
        Ok(handled)
    }

    /// Takes up what a release before this one had to park because it did not know its schema.
    pub async fn begin(&self) -> anyhow::Result<()> {
        for Subscriber { consumer, .. } in &self.consumers {
            let consumer = consumer.name();
            let events =
                dead_letters::redrive_known(&self.pool, consumer, self.platform.now()).await?;
            if events > 0 {
                tracing::info!(consumer, events, "what was parked is known to this release");
            }
        }
        Ok(())
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
        if let Err(error) = self.begin().await {
            tracing::warn!(%error, "what an older release parked waits for the next start");
        }
        let (ticked, _) = watch::channel(());
        let followers = self
            .consumers
            .iter()
            .map(|subscriber| self.follow(subscriber, ticked.subscribe()));
        let retries = self
            .consumers
            .iter()
            .map(|subscriber| self.follow_retries(subscriber, ticked.subscribe()));
        tokio::join!(self.tick(&ticked), join_all(followers), join_all(retries));
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

    /// Tries again what one consumer could not do.
    async fn follow_retries(&self, subscriber: &Subscriber, mut ticked: watch::Receiver<()>) {
        loop {
            match self.retry(subscriber.consumer.as_ref()).await {
                Ok(0) => {}
                Ok(_) => {
                    self.wake.notify_one();
                    continue;
                }
                Err(error) => {
                    let consumer = subscriber.consumer.name();
                    tracing::warn!(%error, consumer, "the relay's retry failed");
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
            let name = consumer.name();
            let released = async {
                outbox::release(&self.pool, name, self.token).await?;
                deliveries::release(&self.pool, name, self.token).await
            };
            if let Err(error) = released.await {
                tracing::warn!(%error, "the subscription's lease runs out by itself");
            }
        }
    }

    async fn claim(&self, consumer: &dyn Consumer) -> anyhow::Result<Option<Step>> {
        let now = self.platform.now();
        let until = self.lease_until(now);
        let step = outbox::claim(&self.pool, consumer.name(), self.token, now, until).await?;
        if step.is_some_and(|step| !step.same_system) {
            bail!(
                "the outbox's ticks are of another database system (a restored dump?), whose \
                 transaction ids can't be compared with this one's: run `origin events rebase`, \
                 which loses nothing"
            );
        }
        Ok(step)
    }

    async fn carry(&self, subscriber: &Subscriber) -> anyhow::Result<usize> {
        let consumer = subscriber.consumer.as_ref();
        let name = consumer.name();
        if subscriber.pause().holds(self.platform.now()) {
            return Ok(0);
        }
        let Some(step) = self.claim(consumer).await? else {
            return Ok(0);
        };
        let mut handled = 0;
        if step.left_at.is_some() && !consumer.takes_whole_steps() {
            handled += self.blame(consumer, step).await?;
        }
        if step.from_tick == step.to_tick {
            return Ok(handled);
        }
        let mut after = i64::MIN;
        loop {
            let kinds = consumer.kinds();
            let unread =
                outbox::unread(&self.pool, name, kinds, step, after, BATCH_EVENTS_MAX).await?;
            for (event, unknown) in &unread.unknown {
                self.park(consumer, *event, unknown).await?;
            }
            if !self.deliver_all(subscriber, &unread.deliveries).await? {
                return Ok(handled);
            }
            handled += unread.deliveries.len() + unread.unknown.len();
            match unread.last_seq {
                Some(seq) if unread.more => after = seq,
                _ => break,
            }
        }
        let mut connection = self.pool.acquire().await?;
        outbox::advance(&mut connection, name, self.token, step).await?;
        Ok(handled.max(usize::from(!step.newest)))
    }

    /// Counts as tried what a worker that died was at. How many events that is.
    async fn blame(&self, consumer: &dyn Consumer, step: Step) -> anyhow::Result<usize> {
        let batch = i64::try_from(consumer.batch_max()).unwrap_or(BATCH_EVENTS_MAX);
        let kinds: &[EventType] = consumer.kinds();
        let now = self.platform.now();
        let name = consumer.name();
        let events = deliveries::blame(&self.pool, name, kinds, step, batch, now).await?;
        if events > 0 {
            tracing::warn!(consumer = name, events, "a worker ended during a delivery");
        }
        Ok(usize::try_from(events).unwrap_or(usize::MAX))
    }
}
