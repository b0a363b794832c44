//! Another try of what a consumer could not do, a row at a time: its attempt is counted in a commit
//! before the effect begins, so that a message which kills its worker is dead after its tries and
//! does not run once more.

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use super::Consumer;
use super::deliver::Hold;
use super::relay::{Relay, Subscriber};
use crate::store::dead_letters::Reason;
use crate::store::deliveries::{self, Due, Taken, WORKER_LOST};
use crate::store::outbox;

/// Rows that are tried before whoever asked looks around.
const ROWS_MAX: usize = 50;

impl Relay {
    /// Tries what is due, as much of it at once as the consumer has places. How many events were handled.
    pub(super) async fn retry(&self, subscriber: &Subscriber) -> anyhow::Result<usize> {
        let _turn = subscriber.retrying.lock().await;
        let consumer = subscriber.consumer.as_ref();
        let mut under_way = FuturesUnordered::new();
        let (mut handled, mut over, mut fault) = (0, false, None);
        loop {
            let place = subscriber.places.try_acquire().ok();
            if !over && (place.is_some() || under_way.is_empty()) {
                let place = match place {
                    Some(place) => place,
                    None => subscriber.places.acquire().await?,
                };
                let beside = !under_way.is_empty();
                match self.take_row(consumer, beside).await {
                    Ok(Some(taken)) => {
                        // What may have ended its worker runs alone: else what runs beside it would be
                        // blamed as often as it is.
                        over |= taken.suspect;
                        under_way.push(async move {
                            let _place = place;
                            self.redeliver(consumer, taken).await
                        });
                    }
                    Ok(None) => over = true,
                    Err(error) => {
                        over = true;
                        fault = Some(error.into());
                    }
                }
                continue;
            }
            drop(place);
            // What was begun is ended in any case.
            match under_way.next().await {
                Some(Ok(())) => handled += 1,
                Some(Err(error)) => fault = fault.or(Some(error)),
                None => return fault.map_or(Ok(handled), Err),
            }
            over |= fault.is_some() || handled >= ROWS_MAX;
        }
    }

    /// Takes the first row that is due.
    async fn take_row(&self, consumer: &dyn Consumer, beside: bool) -> sqlx::Result<Option<Taken>> {
        let due = Due {
            consumer: consumer.name(),
            ordered: consumer.ordered(),
            tries: i32::try_from(consumer.tries()).unwrap_or(i32::MAX),
            beside,
        };
        let now = self.platform.now();
        deliveries::take(&self.pool, due, self.token, now, self.lease_until(now)).await
    }

    async fn redeliver(&self, consumer: &dyn Consumer, taken: Taken) -> anyhow::Result<()> {
        let name = consumer.name();
        let mut delivery = match taken.delivery {
            Ok(delivery) => delivery,
            Err((event, unknown)) => return self.park(consumer, event, &unknown).await,
        };
        let event = delivery.event.id.uuid();
        if !consumer.kinds().contains(&delivery.event.kind) {
            // Parked by a release that could not know whether it would be wanted.
            return Ok(deliveries::drop_taken(&self.pool, name, self.token, event).await?);
        }
        if taken.over {
            let reason = if taken.lost {
                Reason::WorkerLost
            } else {
                Reason::Tries
            };
            let mut connection = self.pool.acquire().await?;
            return Ok(self
                .bury(&mut connection, name, event, reason, WORKER_LOST)
                .await?);
        }
        let tried = delivery.clone();
        delivery.attempts = delivery.attempts.saturating_sub(1);
        let mut transaction = self.pool.begin().await?;
        outbox::open(&mut transaction, false).await?;
        let effect = self.effect(consumer, &delivery, &mut transaction);
        let effect = self.beating(consumer, Hold::Row, Some(event), effect);
        if let Err(error) = effect.await {
            transaction.rollback().await?;
            self.fail(consumer, Hold::Row, &tried, error).await?;
            return Ok(());
        }
        let now = self.platform.now();
        if deliveries::done(&mut transaction, name, self.token, event, now).await? {
            transaction.commit().await?;
            return Ok(());
        }
        // Another worker has the row, or did it before; what this one wrote must not stay.
        transaction.rollback().await?;
        let mut connection = self.pool.acquire().await?;
        if outbox::is_done(&mut connection, name, event).await? {
            deliveries::drop_taken(&self.pool, name, self.token, event).await?;
        }
        Ok(())
    }
}
