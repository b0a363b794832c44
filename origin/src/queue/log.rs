//! The log as a queue: each consumer reads it in place, from tick to tick.
//!
//! Order: kept. One worker a consumer holds the subscription's lease, and reads in the log's order;
//! others take it over when its lease is over.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::bail;
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgPool;
use uuid::Uuid;

use super::{Batch, Promise, Queue};
use crate::events::Consumer;
use crate::platform::Platform;
use crate::store::deliveries;
use crate::store::outbox::{self, Step};

/// Events read at once.
pub const BATCH_EVENTS_MAX: i64 = 500;

/// The log, read by one worker.
pub struct Log {
    pool: PgPool,
    platform: Platform,
    token: Uuid,
    lease: Duration,
    /// How far within a step a consumer has been read.
    within: Mutex<HashMap<&'static str, (i64, i64)>>,
}

/// What was read of which step.
#[derive(Debug, Clone, Copy)]
struct Read {
    name: &'static str,
    step: Step,
    /// The last place, if there may be more behind it.
    on_from: Option<i64>,
}

impl Log {
    /// For the worker of this token.
    pub fn new(pool: PgPool, platform: Platform, token: Uuid, lease: Duration) -> Self {
        Self {
            pool,
            platform,
            token,
            lease,
            within: Mutex::default(),
        }
    }

    fn until(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        now + TimeDelta::from_std(self.lease).unwrap_or(TimeDelta::MAX)
    }

    fn within(&self, name: &'static str, step: Step) -> i64 {
        let within = self.within.lock().unwrap_or_else(PoisonError::into_inner);
        // Another worker, or whoever moved the subscription, was there in between: from the beginning.
        let place = within
            .get(name)
            .filter(|(to, _)| step.ours && *to == step.to_tick);
        place.map_or(i64::MIN, |(_, seq)| *seq)
    }

    /// Counts as tried what a worker that died was at.
    async fn blame(&self, consumer: &dyn Consumer, step: Step) -> anyhow::Result<usize> {
        let at_once = consumer.batch_max().max(consumer.concurrency());
        let batch = i64::try_from(at_once).unwrap_or(BATCH_EVENTS_MAX);
        let (name, now) = (consumer.name(), self.platform.now());
        let kinds = consumer.kinds();
        let events = deliveries::blame(&self.pool, name, kinds, step, batch, now).await?;
        if events > 0 {
            tracing::warn!(consumer = name, events, "a worker ended during a delivery");
        }
        Ok(usize::try_from(events).unwrap_or(usize::MAX))
    }
}

#[async_trait]
impl Queue for Log {
    fn promise(&self) -> Promise {
        Promise::Kept
    }

    fn lease(&self) -> Duration {
        self.lease
    }

    async fn take(&self, consumer: &dyn Consumer) -> anyhow::Result<Option<Batch>> {
        let name = consumer.name();
        let now = self.platform.now();
        let step = outbox::claim(&self.pool, name, self.token, now, self.until(now)).await?;
        let Some(step) = step else {
            return Ok(None);
        };
        if !step.same_system {
            bail!(
                "the outbox's ticks are of another database system (a restored dump?), whose \
                 transaction ids can't be compared with this one's: run `origin events rebase`, \
                 which loses nothing"
            );
        }
        let mut progress = 0;
        if step.left_at.is_some() && !consumer.takes_whole_steps() {
            progress += self.blame(consumer, step).await?;
        }
        let mut batch = Batch {
            deliveries: Vec::new(),
            unknown: Vec::new(),
            suspects: Vec::new(),
            blamed: progress > 0,
            progress,
            fence: Some(self.token),
            receipt: Box::new(()),
        };
        if batch.blamed {
            // Nothing is read until these are tried; the step stays as it is.
            return Ok(Some(batch));
        }
        if step.from_tick >= step.to_tick {
            return Ok(None);
        }
        let after = self.within(name, step);
        let kinds = consumer.kinds();
        let unread = outbox::unread(&self.pool, name, kinds, step, after, BATCH_EVENTS_MAX).await?;
        let on_from = unread.last_seq.filter(|_| unread.more);
        batch.progress += unread.deliveries.len() + unread.unknown.len();
        batch.progress += usize::from(unread.more || !step.newest);
        batch.deliveries = unread.deliveries;
        batch.unknown = unread.unknown;
        batch.receipt = Box::new(Read {
            name,
            step,
            on_from,
        });
        Ok(Some(batch))
    }

    async fn renew(&self, consumer: &str, _: &Batch) -> anyhow::Result<bool> {
        let until = self.until(self.platform.now());
        Ok(outbox::renew(&self.pool, consumer, self.token, until).await?)
    }

    async fn settle(&self, consumer: &str, batch: Batch) -> anyhow::Result<()> {
        let Some(Read {
            name,
            step,
            on_from,
        }) = batch.receipt.downcast_ref().copied()
        else {
            return Ok(());
        };
        {
            let mut within = self.within.lock().unwrap_or_else(PoisonError::into_inner);
            match on_from {
                Some(seq) => within.insert(name, (step.to_tick, seq)),
                None => within.remove(name),
            };
        }
        if on_from.is_none() && step.from_tick < step.to_tick {
            let mut connection = self.pool.acquire().await?;
            outbox::advance(&mut connection, consumer, self.token, step).await?;
        }
        Ok(())
    }

    async fn give_back(&self, _: &str, _: Batch) -> anyhow::Result<()> {
        // The subscription has not moved.
        Ok(())
    }

    async fn leave(&self, consumer: &str) -> anyhow::Result<()> {
        Ok(outbox::release(&self.pool, consumer, self.token).await?)
    }
}
