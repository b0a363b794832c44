//! Several deliveries of one consumer at once, where each waits for somebody outside.
//!
//! They begin in the log's order, and none begins before an earlier one of its aggregate has ended. So
//! what a worker that dies was at are always the first that are not done, and no more than the consumer
//! may be at: those are blamed.

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use super::deliver::Hold;
use super::relay::{Relay, Subscriber};
use crate::store::outbox::Delivery;

impl Relay {
    /// Delivers what is new, as many at once as the consumer has places. What has begun is ended in any
    /// case: false, or the first error, only keeps the rest from beginning.
    pub(super) async fn deliver_side_by_side(
        &self,
        subscriber: &Subscriber,
        hold: Hold<'_>,
        deliveries: &[Delivery],
    ) -> anyhow::Result<bool> {
        let consumer = subscriber.consumer.as_ref();
        let mut waiting = deliveries.iter().peekable();
        let mut under_way = FuturesUnordered::new();
        let mut busy = Vec::new();
        let mut ours = Ok(true);
        loop {
            let may_begin = matches!(ours, Ok(true)) && busy.len() < consumer.concurrency();
            let next =
                waiting.next_if(|next: &&Delivery| may_begin && !busy.contains(&next.aggregate));
            if let Some(delivery) = next {
                busy.push(delivery.aggregate);
                under_way.push(async move {
                    let done = async {
                        let _place = subscriber.places.acquire().await?;
                        self.deliver(consumer, hold, delivery).await
                    };
                    (delivery.aggregate, done.await)
                });
                continue;
            }
            let Some((aggregate, done)) = under_way.next().await else {
                return ours;
            };
            busy.retain(|one| *one != aggregate);
            if matches!(ours, Ok(true)) {
                ours = done;
            }
        }
    }
}
