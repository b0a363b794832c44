//! The relay: ticks, and carries each consumer from its tick to a later one.
//!
//! A step of a consumer:
//! 1. What was put off and is due is tried first, a row at a time (`retry.rs`); any worker may.
//! 2. Take what is next from the queue ([`crate::queue`]): from the log under the subscription's lease, or
//!    from a broker that another consumer, the publisher, has filled from the log. What a worker that
//!    died was at counts as tried, and becomes a row.
//! 3. It is delivered in its order (`deliver.rs`), each event in a transaction of its own with its inbox
//!    row, or several in one where the consumer allows it. A failure puts the event off, and with it
//!    what follows for the same aggregate, but holds up nothing else.
//! 4. The queue is told that it is settled: the subscription moves on, or the messages are acknowledged.
//!
//! A consumer that takes whole steps gets all of 3. at once and in one transaction. When it fails,
//! nothing is put off: the step is tried again after a pause; if it took too long, in halves, quarters and so
//! on, each in a transaction of its own, so that what is too much at once still gets on.
//!
//! While the relay runs, each consumer goes its own way, so that a slow one holds up no other, and
//! what is tried again holds up nothing that is new.
//!
//! The database is down: the step fails, nothing is lost, the next one goes on.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::join_all;
use sqlx::PgPool;
use tokio::sync::{Notify, Semaphore, watch};
use uuid::Uuid;

use super::Consumer;
use super::deliver::Hold;
use super::pause::Pause;
use super::wake;
use crate::platform::Platform;
use crate::queue::log::Log;
use crate::queue::publish::Publish;
use crate::queue::{Batch, Broker, Queue};
use crate::store::{dead_letters, deliveries, outbox};

/// How long a worker holds a subscription or a row without a heartbeat; then another one takes it.
const LEASE: Duration = Duration::from_secs(10);
/// Before a broker that can't be opened is tried again.
const AGAIN: Duration = Duration::from_secs(1);
/// How often the relay looks when nobody wakes it, as when the API is served by another process: a
/// quarter of the time in which a change must be seen at every edge.
const POLL: Duration = Duration::from_millis(500);
/// Least time between two ticks: under load one of them stands for what came meanwhile.
const TICK_PAUSE: Duration = Duration::from_millis(10);
/// Connections of the pool for each of a consumer's places: those who hold theirs while they wait for
/// somebody outside leave the others enough.
const CONNECTIONS_A_PLACE: u32 = 2;

/// Ticker and consumers.
pub struct Relay {
    pub(super) pool: PgPool,
    pub(super) platform: Platform,
    wake: Arc<Notify>,
    consumers: Vec<Subscriber>,
    log: Log,
    broker: Option<(Arc<dyn Broker>, Subscriber)>,
    pub(super) token: Uuid,
    pub(super) lease: Duration,
}

pub(super) struct Subscriber {
    pub(super) consumer: Arc<dyn Consumer>,
    /// One for each event that it may be at, new or tried again.
    pub(super) places: Semaphore,
    /// Held by the one who tries again: else what runs alone in one place ran beside another's.
    pub(super) retrying: tokio::sync::Mutex<()>,
    pause: Mutex<Pause>,
}

impl Subscriber {
    fn new(consumer: Arc<dyn Consumer>, pool: &PgPool) -> Self {
        let connections = pool.options().get_max_connections() / CONNECTIONS_A_PLACE;
        let share = usize::try_from(connections).unwrap_or(usize::MAX);
        let places = consumer.concurrency().min(share).max(1);
        Self {
            consumer,
            places: Semaphore::new(places),
            retrying: tokio::sync::Mutex::default(),
            pause: Mutex::default(),
        }
    }

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
        Self {
            log: Log::new(pool.clone(), platform.clone(), token, LEASE),
            broker: None,
            consumers: consumers
                .into_iter()
                .map(|consumer| Subscriber::new(consumer, &pool))
                .collect(),
            pool,
            platform,
            wake,
            token,
            lease: LEASE,
        }
    }

    /// With leases that end after another time, as where workers die every second.
    #[must_use]
    pub fn with_lease(mut self, lease: Duration) -> Self {
        self.lease = lease;
        self.log = Log::new(self.pool.clone(), self.platform.clone(), self.token, lease);
        self
    }

    /// With a broker between the log and the consumers.
    #[must_use]
    pub fn with_broker(mut self, broker: Option<Arc<dyn Broker>>) -> Self {
        let consumers: Vec<_> = self
            .consumers
            .iter()
            .map(|one| one.consumer.clone())
            .collect();
        self.broker = broker.map(|broker| {
            let publisher = Arc::new(Publish::new(broker.clone(), &consumers));
            (broker, Subscriber::new(publisher, &self.pool))
        });
        self
    }

    /// Where consumers take from.
    fn queue(&self) -> &dyn Queue {
        match &self.broker {
            Some((broker, _)) => broker.as_ref(),
            None => &self.log,
        }
    }

    fn names(&self) -> Vec<&'static str> {
        self.consumers
            .iter()
            .map(|one| one.consumer.name())
            .collect()
    }

    /// Everyone who has a subscription.
    fn subscribers(&self) -> impl Iterator<Item = &Subscriber> {
        self.consumers
            .iter()
            .chain(self.broker.as_ref().map(|(_, publisher)| publisher))
    }

    /// Until when a lease that is taken or renewed now holds.
    pub(super) fn lease_until(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        now + TimeDelta::from_std(self.lease).unwrap_or(TimeDelta::MAX)
    }

    /// Ticks, and carries every consumer one step further. How many events were handled: zero means
    /// that nothing is left to do now.
    pub async fn step(&self) -> anyhow::Result<usize> {
        outbox::tick(&self.pool, self.platform.now()).await?;
        let mut handled = self.publish().await?;
        for subscriber in self.subscribers() {
            handled += self.retry(subscriber).await?;
        }
        for subscriber in &self.consumers {
            handled += self.carry(self.queue(), subscriber).await?;
        }
        Ok(handled)
    }

    /// Opens the broker, if there is one, and takes up what a release before this one had to park because
    /// it did not know its schema.
    pub async fn begin(&self) -> anyhow::Result<()> {
        if let Some((broker, publisher)) = &self.broker {
            let names = self.names();
            broker.open(&names).await?;
            outbox::enlist(&self.pool, publisher.consumer.name(), &names).await?;
        }
        for Subscriber { consumer, .. } in self.subscribers() {
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
        while let Err(error) = self.begin().await {
            let error = format!("{error:#}");
            tracing::warn!(error, "the relay can't begin yet");
            tokio::time::sleep(AGAIN).await;
        }
        let (ticked, _) = watch::channel(());
        let followers = self
            .consumers
            .iter()
            .map(|subscriber| self.follow(subscriber, ticked.subscribe()));
        let retries = self
            .subscribers()
            .map(|subscriber| self.follow_retries(subscriber, ticked.subscribe()));
        tokio::join!(
            // On the heap: a connection of its own makes a future of kilobytes.
            Box::pin(wake::listen(&self.pool, &self.wake)),
            self.tick(&ticked),
            self.follow_log(ticked.subscribe()),
            join_all(followers),
            join_all(retries)
        );
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
            match self.carry(self.queue(), subscriber).await {
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

    /// Publishes what the log has, if there is a broker.
    async fn follow_log(&self, mut ticked: watch::Receiver<()>) {
        while self.broker.is_some() {
            match self.publish().await {
                Ok(0) => {}
                Ok(_) => {
                    self.wake.notify_one();
                    continue;
                }
                Err(error) => {
                    let error = format!("{error:#}");
                    tracing::warn!(error, "the log was not published");
                }
            }
            if ticked.changed().await.is_err() {
                return;
            }
        }
    }

    /// Carries the publisher one step on, and its consumers' subscriptions with it.
    async fn publish(&self) -> anyhow::Result<usize> {
        let Some((_, publisher)) = &self.broker else {
            return Ok(0);
        };
        let handled = self.carry(&self.log, publisher).await?;
        let name = publisher.consumer.name();
        outbox::bring_along(&self.pool, name, &self.names()).await?;
        Ok(handled)
    }

    /// Tries again what one consumer could not do.
    async fn follow_retries(&self, subscriber: &Subscriber, mut ticked: watch::Receiver<()>) {
        loop {
            match self.retry(subscriber).await {
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
        for Subscriber { consumer, .. } in self.subscribers() {
            let name = consumer.name();
            let released = async {
                self.log.leave(name).await?;
                if let Some((broker, _)) = &self.broker {
                    broker.leave(name).await?;
                }
                deliveries::release(&self.pool, name, self.token).await?;
                anyhow::Ok(())
            };
            if let Err(error) = released.await {
                tracing::warn!(%error, "the subscription's lease runs out by itself");
            }
        }
    }

    /// Takes what is next from the queue and works on it. How many events were handled.
    async fn carry(&self, queue: &dyn Queue, subscriber: &Subscriber) -> anyhow::Result<usize> {
        let consumer = subscriber.consumer.as_ref();
        if subscriber.pause().holds(self.platform.now()) {
            return Ok(0);
        }
        let Some(batch) = queue.take(consumer).await? else {
            return Ok(0);
        };
        let progress = batch.progress;
        let worked = self.work_on(queue, subscriber, &batch).await;
        if matches!(worked, Ok(true)) {
            queue.settle(consumer.name(), batch).await?;
            return Ok(progress);
        }
        if let Err(error) = queue.give_back(consumer.name(), batch).await {
            tracing::debug!(%error, "it comes again when its lease is over");
        }
        worked.map(|_| 0)
    }

    /// False if it has to be left.
    async fn work_on(
        &self,
        queue: &dyn Queue,
        subscriber: &Subscriber,
        batch: &Batch,
    ) -> anyhow::Result<bool> {
        let consumer = subscriber.consumer.as_ref();
        let hold = Hold::Batch(queue, batch);
        for (event, unknown) in &batch.unknown {
            self.park(consumer, *event, unknown).await?;
        }
        for suspect in &batch.suspects {
            let mut tried = suspect.clone();
            tried.attempts = 1;
            let lost = anyhow::anyhow!(deliveries::WORKER_LOST);
            self.fail(consumer, hold, &tried, lost).await?;
        }
        while batch.blamed && self.retry(subscriber).await? > 0 {
            if !queue.renew(consumer.name(), batch).await? {
                return Ok(false);
            }
        }
        let work = self.deliver_all(subscriber, hold, &batch.deliveries);
        self.beating(consumer, hold, None, work).await
    }
}
