//! Another try of what a consumer could not do, a row at a time: its attempt is counted in a commit
//! before the effect begins, so that a message which kills its worker is dead after its tries and
//! does not run once more.

use super::Consumer;
use super::deliver::Hold;
use super::relay::Relay;
use crate::store::dead_letters::Reason;
use crate::store::deliveries::{self, Taken, WORKER_LOST};
use crate::store::outbox;

/// Rows that are tried before whoever asked looks around.
const ROWS_MAX: usize = 50;

impl Relay {
    /// Tries what is due. How many events were handled.
    pub(super) async fn retry(&self, consumer: &dyn Consumer) -> anyhow::Result<usize> {
        let tries = i32::try_from(consumer.tries()).unwrap_or(i32::MAX);
        let mut handled = 0;
        while handled < ROWS_MAX {
            let now = self.platform.now();
            let taken = deliveries::take(
                &self.pool,
                consumer.name(),
                consumer.ordered(),
                tries,
                self.token,
                now,
                self.lease_until(now),
            );
            let Some(taken) = taken.await? else {
                break;
            };
            self.redeliver(consumer, taken).await?;
            handled += 1;
        }
        Ok(handled)
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
        if let Err(error) = self
            .effect(consumer, Hold::Row, &delivery, &mut transaction)
            .await
        {
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
