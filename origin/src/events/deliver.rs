//! The delivery of what is new to a consumer: one by one, several in a transaction, or all at once.

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::time::Duration;

use chrono::TimeDelta;
use futures_util::FutureExt;
use futures_util::future::{Either, select};
use sqlx::PgConnection;
use uuid::Uuid;

use super::failure::{Next, Told, TookTooLong};
use super::relay::{Relay, Subscriber};
use super::{Consumer, failure, seen};
use crate::platform::Failpoint;
use crate::queue::{Batch, Queue};
use crate::store::dead_letters::{self, Reason};
use crate::store::deliveries::{self, Failed};
use crate::store::outbox::{self, Delivery};

/// How long one delivery may take: below the pool's limit on pauses within a transaction.
pub(super) const DELIVERY_TIMEOUT: Duration = Duration::from_secs(10);

/// Heartbeats a lease.
const BEATS_A_LEASE: u32 = 4;

/// By which right a worker delivers, and what fences it.
#[derive(Clone, Copy)]
pub(super) enum Hold<'a> {
    /// It took a batch of a queue.
    Batch(&'a dyn Queue, &'a Batch),
    /// It has taken the event's row.
    Row,
}

impl Hold<'_> {
    /// The token under which it may write.
    const fn fence(self) -> Option<Uuid> {
        match self {
            Self::Batch(_, batch) => batch.fence,
            Self::Row => None,
        }
    }

    /// Whether what it commits has to be on disk: a broker forgets what was acknowledged.
    const fn on_disk(self) -> bool {
        matches!(self, Self::Batch(_, batch) if batch.fence.is_none())
    }
}

impl Relay {
    /// Delivers what is new. False if it has to be left: it is another worker's, or a whole step failed.
    pub(super) async fn deliver_all(
        &self,
        subscriber: &Subscriber,
        hold: Hold<'_>,
        deliveries: &[Delivery],
    ) -> anyhow::Result<bool> {
        let consumer = subscriber.consumer.as_ref();
        if consumer.takes_whole_steps() {
            return self.deliver_whole(subscriber, hold, deliveries).await;
        }
        if consumer.concurrency() > 1 {
            return self
                .deliver_side_by_side(subscriber, hold, deliveries)
                .await;
        }
        for batch in deliveries.chunks(consumer.batch_max().max(1)) {
            if batch.len() > 1 && self.deliver_batch(consumer, hold, batch).await? {
                continue;
            }
            for delivery in batch {
                if !self.deliver(consumer, hold, delivery).await? {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// One event, with its inbox row. False if it is another worker's to deliver.
    pub(super) async fn deliver(
        &self,
        consumer: &dyn Consumer,
        hold: Hold<'_>,
        delivery: &Delivery,
    ) -> anyhow::Result<bool> {
        let name = consumer.name();
        let mut transaction = self.pool.begin().await?;
        let waits = deliveries::waits(&mut transaction, name, delivery, hold.on_disk()).await?;
        if waits && consumer.ordered() {
            transaction.rollback().await?;
            return self.put_off(consumer, hold, delivery).await;
        }
        let effect = self.effect(consumer, delivery, &mut transaction);
        if let Err(error) = effect.await {
            transaction.rollback().await?;
            let mut tried = delivery.clone();
            tried.attempts = tried.attempts.saturating_add(1);
            return self.fail(consumer, hold, &tried, error).await;
        }
        let now = self.platform.now();
        if outbox::all_done(&mut transaction, name, hold.fence(), &[delivery], now).await? {
            transaction.commit().await?;
            return Ok(true);
        }
        // Another worker did it; what this one wrote must not stay.
        transaction.rollback().await?;
        self.renew(name, hold, None).await
    }

    /// Several events and their inbox rows in one transaction. False if they have to go one by one:
    /// one of them failed, waits behind another, or was done before.
    async fn deliver_batch(
        &self,
        consumer: &dyn Consumer,
        hold: Hold<'_>,
        batch: &[Delivery],
    ) -> anyhow::Result<bool> {
        let name = consumer.name();
        let mut transaction = self.pool.begin().await?;
        let held_up = deliveries::held_up(&mut transaction, name, batch, hold.on_disk()).await?;
        if !held_up.is_empty() && consumer.ordered() {
            transaction.rollback().await?;
            return Ok(false);
        }
        let spans = seen::spans(name, batch);
        let effect = spans.around(held(async {
            consumer.deliver_all(batch, &mut transaction).await?;
            self.platform.at(Failpoint::Delivered);
            anyhow::Ok(())
        }));
        if let Err(error) = effect.await {
            tracing::info!(consumer = name, events = batch.len(), %error, "goes one by one");
            transaction.rollback().await?;
            return Ok(false);
        }
        let all: Vec<_> = batch.iter().collect();
        let now = self.platform.now();
        if !outbox::all_done(&mut transaction, name, hold.fence(), &all, now).await? {
            transaction.rollback().await?;
            return Ok(false);
        }
        transaction.commit().await?;
        Ok(true)
    }

    /// All that is left of a step at once, or in parts of it if that took too long. False if one failed.
    async fn deliver_whole(
        &self,
        subscriber: &Subscriber,
        hold: Hold<'_>,
        unread: &[Delivery],
    ) -> anyhow::Result<bool> {
        let at_once = subscriber.pause().at_once(unread.len());
        for part in unread.chunks(at_once) {
            if !self.deliver_part(subscriber, hold, part).await? {
                return Ok(false);
            }
        }
        subscriber.set(subscriber.pause().done());
        Ok(true)
    }

    /// A part of a step, in one transaction. False if it failed, or if it is another worker's.
    async fn deliver_part(
        &self,
        subscriber: &Subscriber,
        hold: Hold<'_>,
        part: &[Delivery],
    ) -> anyhow::Result<bool> {
        let consumer = subscriber.consumer.as_ref();
        let name = consumer.name();
        let mut transaction = self.pool.begin().await?;
        outbox::open(&mut transaction, hold.on_disk()).await?;
        let spans = seen::spans(name, part);
        let effect = spans.around(held(consumer.deliver_all(part, &mut transaction)));
        if let Err(error) = effect.await {
            transaction.rollback().await?;
            let too_much = error.is::<TookTooLong>();
            subscriber.set(subscriber.pause().failed(self.platform.now(), too_much));
            let error = format!("{error:#}");
            tracing::warn!(consumer = name, events = part.len(), error, "put off");
            return Ok(false);
        }
        let all: Vec<_> = part.iter().collect();
        let now = self.platform.now();
        if !outbox::all_done(&mut transaction, name, hold.fence(), &all, now).await? {
            // Another worker did some of it; what this one wrote must not stay.
            transaction.rollback().await?;
            return Ok(false);
        }
        transaction.commit().await?;
        Ok(true)
    }

    /// The effect of one event.
    pub(super) async fn effect(
        &self,
        consumer: &dyn Consumer,
        delivery: &Delivery,
        transaction: &mut PgConnection,
    ) -> anyhow::Result<()> {
        let spans = seen::spans(consumer.name(), std::slice::from_ref(delivery));
        let effect = held(async {
            consumer.deliver(delivery, transaction).await?;
            self.platform.at(Failpoint::Delivered);
            Ok(())
        });
        spans.around(effect).await
    }

    /// Waits for work, and meanwhile keeps the right to do it: of a batch, or of an event's row. The work
    /// goes on while a heartbeat waits for its answer, and ends without it: what is given back then may
    /// have to wait for the end of a lease that was still renewed.
    pub(super) async fn beating<T>(
        &self,
        consumer: &dyn Consumer,
        hold: Hold<'_>,
        event: Option<Uuid>,
        work: impl Future<Output = T>,
    ) -> T {
        let beats = pin!(self.beats(consumer.name(), hold, event));
        match select(pin!(work), beats).await {
            Either::Left((done, _)) => done,
            Either::Right((never, _)) => match never {},
        }
    }

    async fn beats(&self, consumer: &str, hold: Hold<'_>, event: Option<Uuid>) -> Infallible {
        let lease = match hold {
            Hold::Batch(queue, _) => queue.lease(),
            Hold::Row => self.lease,
        };
        loop {
            tokio::time::sleep(lease / BEATS_A_LEASE).await;
            if let Err(error) = self.renew(consumer, hold, event).await {
                tracing::warn!(%error, consumer, "a heartbeat failed");
            }
        }
    }

    /// Keeps the right to deliver. False if it is another worker's by now.
    async fn renew(
        &self,
        consumer: &str,
        hold: Hold<'_>,
        event: Option<Uuid>,
    ) -> anyhow::Result<bool> {
        match (hold, event) {
            (Hold::Batch(queue, batch), _) => queue.renew(consumer, batch).await,
            (Hold::Row, Some(event)) => {
                let until = self.lease_until(self.platform.now());
                Ok(deliveries::renew(&self.pool, consumer, event, self.token, until).await?)
            }
            (Hold::Row, None) => Ok(false),
        }
    }

    /// Puts an event behind an earlier one of its aggregate. False if it is another worker's to deliver.
    async fn put_off(
        &self,
        consumer: &dyn Consumer,
        hold: Hold<'_>,
        delivery: &Delivery,
    ) -> anyhow::Result<bool> {
        let now = self.platform.now();
        let waiting = Failed {
            attempts: delivery.attempts,
            retry_at: now,
            error: None,
            now,
        };
        let mut connection = self.pool.acquire().await?;
        let name = consumer.name();
        let noted =
            deliveries::put_off(&mut connection, name, hold.fence(), delivery, &waiting).await?;
        Ok(noted || self.renew(name, hold, None).await?)
    }

    /// Notes that a try failed, and what follows. False if the right to deliver is another worker's.
    pub(super) async fn fail(
        &self,
        consumer: &dyn Consumer,
        hold: Hold<'_>,
        tried: &Delivery,
        error: anyhow::Error,
    ) -> anyhow::Result<bool> {
        let told = Told::of(&error);
        if told.is_outage && matches!(hold, Hold::Batch(..)) {
            // The database went, not the effect: nobody counts that.
            return Err(error);
        }
        let now = self.platform.now();
        let next = failure::next(&told, tried.attempts, consumer.tries());
        let retry_at = match next {
            Next::Again(pause) => now.checked_add_signed(pause).unwrap_or(now),
            Next::Dead(_) => now,
        };
        let failed = Failed {
            attempts: tried.attempts,
            retry_at,
            error: Some(&told.words),
            now,
        };
        let (name, event) = (consumer.name(), tried.event.id.uuid());
        let mut transaction = self.pool.begin().await?;
        let noted = match hold {
            Hold::Batch(..) => {
                deliveries::put_off(&mut transaction, name, hold.fence(), tried, &failed).await?
            }
            Hold::Row => {
                deliveries::failed(&mut transaction, name, self.token, event, &failed).await?
            }
        };
        if !noted {
            transaction.rollback().await?;
            return self.renew(name, hold, Some(event)).await;
        }
        if let Next::Dead(reason) = next {
            self.bury(&mut transaction, name, event, reason, &told.words)
                .await?;
        } else {
            let pause_ms = (retry_at - now).num_milliseconds();
            let (attempts, error) = (tried.attempts, &told.words);
            tracing::warn!(consumer = name, event = %tried.event.id, attempts, pause_ms, error, "put off");
        }
        transaction.commit().await?;
        Ok(true)
    }

    /// Makes a row a dead letter and says so; the alert is raised by who watches the table.
    pub(super) async fn bury(
        &self,
        connection: &mut PgConnection,
        consumer: &str,
        event: Uuid,
        reason: Reason,
        error: &str,
    ) -> sqlx::Result<()> {
        let id = self.platform.dead_letter_id();
        let now = self.platform.now();
        dead_letters::bury(connection, id.uuid(), consumer, event, reason, now).await?;
        let event = shared::id::EventId::from_uuid(event);
        let reason = reason.as_str();
        tracing::error!(consumer, %event, letter = %id, reason, error, "a dead letter");
        Ok(())
    }

    /// Parks an event that this release does not know, for one that does.
    pub(super) async fn park(
        &self,
        consumer: &dyn Consumer,
        event: Uuid,
        unknown: &str,
    ) -> anyhow::Result<()> {
        let name = consumer.name();
        let mut transaction = self.pool.begin().await?;
        deliveries::park(&mut transaction, name, event, unknown, self.platform.now()).await?;
        self.bury(
            &mut transaction,
            name,
            event,
            Reason::SchemaUnknown,
            unknown,
        )
        .await?;
        transaction.commit().await?;
        Ok(())
    }
}

/// Waits for an effect, bounded. A panic is one delivery's failure, not the relay's end: what it may have
/// left half-done is the transaction, which is rolled back.
async fn held(effect: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    let effect = AssertUnwindSafe(effect).catch_unwind();
    match tokio::time::timeout(DELIVERY_TIMEOUT, effect).await {
        Ok(Ok(done)) => done,
        Ok(Err(_)) => Err(anyhow::anyhow!("panicked")),
        Err(_) => Err(TookTooLong(DELIVERY_TIMEOUT).into()),
    }
}

/// A pause as the tables keep it.
pub(super) fn pause_of(time: Duration) -> TimeDelta {
    TimeDelta::from_std(time).unwrap_or(TimeDelta::days(1))
}
