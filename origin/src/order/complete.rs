//! The completer: settles payments and refunds whose outcome is unknown, once their clients have
//! stopped asking.
//!
//! A step takes up keys without an answer whose lease is over, asks the provider by our reference,
//! charges under the same key if it knows of no charge and the stock is still held, and runs T2.
//! Without the provider's answer a row is put off, a random while of at most so long, which doubles.
//! Rows are taken up under a lease and passed over while another one takes them, so any number of
//! completers may run.

use std::time::Duration;

use chrono::TimeDelta;
use futures_util::stream::{self, StreamExt};
use uuid::Uuid;

use super::{LEASE_SECONDS, go_on};
use crate::app::Shop;
use crate::refusal::Refusal;
use crate::store::order::open::{self, Open};
use crate::trace::{Span, Work};

/// How often it looks.
const POLL: Duration = Duration::from_secs(1);
/// Rows taken up at once: all of them are worked on at the same time, within one lease.
const BATCH_MAX: i64 = 8;
/// Bound of the first pause of a row; it doubles.
const PAUSE_MS_MIN: u64 = 1_000;
/// Bound of its longest pause.
const PAUSE_MS_MAX: u64 = 60_000;
/// From so many tries on a row counts as stuck, and each further one is told as an error.
const STUCK_TRIES: i32 = 10;

/// Settles what is left over.
pub struct Completer {
    shop: Shop,
    token: Uuid,
}

impl Completer {
    /// A worker of its own, with its own token for leases.
    pub fn new(shop: Shop) -> Self {
        let token = shop.platform.lease_token();
        Self { shop, token }
    }

    /// Takes up what is due. How many were settled or put off: zero means that nothing is due.
    pub async fn step(&self) -> anyhow::Result<usize> {
        let shop = &self.shop;
        let now = shop.platform.now();
        let until = now + TimeDelta::seconds(LEASE_SECONDS);
        let due = open::take_up(&shop.pool, self.token, now, until, BATCH_MAX).await?;
        let number = due.len();
        stream::iter(due)
            .for_each_concurrent(None, |open| self.complete(open))
            .await;
        Ok(number)
    }

    /// Works until the process begins to end, and then to the end of its step.
    pub async fn run(&self) {
        let draining = &self.shop.draining;
        while !draining.is_cancelled() {
            match self.step().await {
                Ok(0) => {}
                Ok(_) => continue,
                Err(error) => tracing::warn!(%error, "the completer's step failed"),
            }
            tokio::select! {
                () = tokio::time::sleep(POLL) => {}
                () = draining.cancelled() => {}
            }
        }
    }

    /// Gives back what was cut off, so that another worker need not wait for the leases' ends.
    pub async fn leave(&self) {
        let now = self.shop.platform.now();
        if let Err(error) = open::give_back(&self.shop.pool, self.token, now).await {
            tracing::warn!(%error, "what the completer had runs out by itself");
        }
    }

    async fn complete(&self, open: Open) {
        let shop = &self.shop;
        let order = open.order_id;
        let span = span(&open);
        let done = go_on(shop, &open.call, order, open.phase, self.token);
        let Err(refusal) = span.around(done).await else {
            tracing::info!(%order, tries = open.tries, "a payment without its client is settled");
            return;
        };
        span.failed();
        self.put_off(&open, &refusal).await;
    }

    async fn put_off(&self, open: &Open, refusal: &Refusal) {
        let (order, tries) = (open.order_id, open.tries);
        if tries >= STUCK_TRIES {
            tracing::error!(%order, tries, ?refusal, "a payment stays unknown");
        } else {
            tracing::warn!(%order, tries, ?refusal, "a payment is put off");
        }
        let mut random = [0; 8];
        self.shop.platform.fill(&mut random);
        let retry_at = self.shop.platform.now() + pause(tries, u64::from_le_bytes(random));
        if let Err(error) = open::put_off(&self.shop.pool, &open.call.id, retry_at).await {
            tracing::warn!(%error, %order, "the payment is due again when its lease is over");
        }
    }
}

/// The span of a try, in the trace of the request that the client has given up.
fn span(open: &Open) -> Span {
    let (order, tries) = (open.order_id.to_string(), open.tries.to_string());
    let facts = [
        ("headgate.order_id", order.as_str()),
        ("headgate.try", tries.as_str()),
    ];
    let name = || format!("complete {}", open.call.kind.as_str());
    Span::of(
        open.call.traceparent.as_deref(),
        Work::Consumer,
        name,
        &facts,
    )
}

/// A random pause below a bound that doubles with each try ("full jitter").
fn pause(tries: i32, random: u64) -> TimeDelta {
    let doublings = u32::try_from(tries.saturating_sub(1)).unwrap_or_default();
    let bound = PAUSE_MS_MIN
        .saturating_mul(1_u64.checked_shl(doublings.min(30)).unwrap_or(u64::MAX))
        .min(PAUSE_MS_MAX);
    TimeDelta::milliseconds(i64::try_from(random % bound).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_are_random_below_a_bound_that_doubles() {
        for (tries, random, ms) in [
            (0, 999, 999),
            (1, 1_000, 0),
            (2, 1_999, 1_999),
            (7, 59_999, 59_999),
            (7, 60_000, 0),
            (
                i32::MAX,
                u64::MAX,
                i64::try_from(u64::MAX % 60_000).unwrap(),
            ),
        ] {
            let expected = TimeDelta::milliseconds(ms);
            assert_eq!(pause(tries, random), expected, "{tries} {random}");
        }
    }
}
