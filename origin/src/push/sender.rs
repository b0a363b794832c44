//! Sends what is due, each delivery by itself.
//!
//! Decides, of one try's outcome:
//! 1. Any 2xx: it is with the push service, and forgotten here.
//! 2. 404 or 410: the browser is gone, and its subscription with it [RFC 8030 §7.3].
//! 3. Not called (a private address, a key that is none): forgotten; no later try would be allowed.
//! 4. Anything else: again, after a pause of anything up to its ceiling, but not before `Retry-After`.
//! 5. Too old by then, or tried too often: forgotten, and said in the log. What a push tells of can be read
//!    from the API; a day later it is no news.
//!
//! A worker takes a delivery under a lease, which counts as a try before anybody is called. A browser gets
//! one at a time, the oldest first. The database is down: nothing is taken.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::stream::{FuturesUnordered, StreamExt};
use shared::id::EventId;
use sqlx::PgPool;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::{FRESH, Note, PushGateway};
use crate::platform::Platform;
use crate::store::push::sending::{self, Claim, Due};
use crate::webhook::schedule::Outcome;

/// Most pushes under way.
const UNDER_WAY_MAX: i64 = 200;
/// How long a worker keeps a delivery: above what a try may take.
const LEASE: TimeDelta = TimeDelta::seconds(60);
/// How often it is looked for what another process has written, or what is due by now.
const POLL: Duration = Duration::from_millis(500);
/// Most tries: beyond what fits into a day, unless each of them kills its worker.
const TRIES_MAX: i32 = 60;
/// The longest pause after the first try, in milliseconds; it doubles.
const PAUSE_MS: i64 = 5_000;
/// The longest pause at all.
const PAUSE_MS_MAX: i64 = 3_600_000;
/// How often what is old is removed.
const REMOVE_EVERY_MS: i64 = 3_600_000;

/// What follows from a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The push service has it.
    Delivered,
    /// Try again at this time.
    Again(DateTime<Utc>),
    /// Forget it.
    Dropped,
    /// Forget the browser.
    Gone,
}

/// Decides about the next step after so many tries; `random` is any number.
pub fn verdict(
    outcome: &Outcome,
    tries: i32,
    fresh_until: DateTime<Utc>,
    now: DateTime<Utc>,
    random: u64,
) -> Verdict {
    let asked = match outcome {
        Outcome::Answered { status, .. } if (200..300).contains(status) => {
            return Verdict::Delivered;
        }
        Outcome::Answered {
            status: 404 | 410, ..
        } => return Verdict::Gone,
        Outcome::Refused(_) => return Verdict::Dropped,
        Outcome::Answered { retry_after, .. } => retry_after.unwrap_or_default(),
        Outcome::NoAnswer(_) => TimeDelta::zero(),
    };
    let doublings = u32::try_from(tries.saturating_sub(1)).unwrap_or_default();
    let ceiling = PAUSE_MS.saturating_mul(1_i64.checked_shl(doublings).unwrap_or(i64::MAX));
    let ceiling = ceiling.clamp(1, PAUSE_MS_MAX);
    let span = u64::try_from(ceiling).unwrap_or_default() + 1;
    let pause = TimeDelta::milliseconds(i64::try_from(random % span).unwrap_or(ceiling));
    match now.checked_add_signed(pause.max(asked)) {
        Some(at) if at < fresh_until && tries < TRIES_MAX => Verdict::Again(at),
        _ => Verdict::Dropped,
    }
}

/// The worker.
pub struct Sender {
    pool: PgPool,
    platform: Platform,
    gateway: Arc<dyn PushGateway>,
    wake: Arc<Notify>,
    draining: CancellationToken,
    removed_at_ms: AtomicI64,
}

impl Sender {
    /// Sends by this gateway; `wake` says that there may be something.
    pub fn new(
        pool: PgPool,
        platform: Platform,
        gateway: Arc<dyn PushGateway>,
        wake: Arc<Notify>,
        draining: CancellationToken,
    ) -> Self {
        Self {
            pool,
            platform,
            gateway,
            wake,
            draining,
            removed_at_ms: AtomicI64::new(0),
        }
    }

    /// Sends all that is due now, and waits for what comes of it. How many there were.
    pub async fn step(&self) -> anyhow::Result<usize> {
        self.remove_old().await?;
        let due = self.claim(UNDER_WAY_MAX).await?;
        let sent = due.len();
        let sending: FuturesUnordered<_> = due.into_iter().map(|due| self.send(due)).collect();
        sending.collect::<()>().await;
        Ok(sent)
    }

    /// Works until the process begins to end, and then to the end of what is being sent. What is cut off
    /// is sent again once its lease is over.
    pub async fn run(&self) {
        let mut sending = FuturesUnordered::new();
        while !self.draining.is_cancelled() {
            if let Err(error) = self.remove_old().await {
                tracing::warn!(%error, "old pushes are as they were");
            }
            let under_way = i64::try_from(sending.len()).unwrap_or(UNDER_WAY_MAX);
            match self.claim(UNDER_WAY_MAX - under_way).await {
                Ok(due) => sending.extend(due.into_iter().map(|due| self.send(due))),
                Err(error) => tracing::warn!(%error, "pushes can't be read"),
            }
            tokio::select! {
                Some(()) = sending.next() => {}
                () = self.wake.notified() => {}
                () = self.draining.cancelled() => {}
                () = tokio::time::sleep(POLL) => {}
            }
        }
        sending.collect::<()>().await;
    }

    async fn claim(&self, limit: i64) -> sqlx::Result<Vec<Due>> {
        if limit <= 0 {
            return Ok(vec![]);
        }
        let now = self.platform.now();
        let claim = Claim {
            token: self.platform.lease_token(),
            until: now + LEASE,
            limit,
            now,
        };
        sending::claim(&self.pool, &claim).await
    }

    async fn send(&self, due: Due) {
        let began_at = self.platform.now();
        let event = EventId::from_uuid(due.event_id);
        let note = Note {
            endpoint: &due.endpoint,
            p256dh: &due.p256dh,
            auth: &due.auth,
            event,
            body: &due.body,
            fresh_until: due.created_at + FRESH,
        };
        let outcome = if due.tries > TRIES_MAX {
            Ok(Outcome::Refused("its worker died at each try".to_owned()))
        } else {
            self.gateway.push(&note, began_at).await
        };
        let outcome = match outcome {
            Ok(outcome) => outcome,
            Err(error) => {
                tracing::warn!(%error, %event, "a push has to wait for its lease to end");
                return;
            }
        };
        let now = self.platform.now();
        let mut random = [0; 8];
        self.platform.fill(&mut random);
        let random = u64::from_be_bytes(random);
        let verdict = verdict(&outcome, due.tries, note.fresh_until, now, random);
        let (error, tries) = (outcome.error(), due.tries);
        match verdict {
            Verdict::Delivered | Verdict::Gone => {
                tracing::info!(%event, tries, ?verdict, "a push ended");
            }
            Verdict::Again(at) => tracing::info!(%event, tries, error, %at, "a push is put off"),
            Verdict::Dropped => tracing::warn!(%event, tries, error, "a push is given up"),
        }
        if let Err(error) = sending::tried(&self.pool, &due, verdict).await {
            tracing::warn!(%error, %event, "it is not kept what came of a push");
        }
    }

    /// Forgets what is no news any more.
    async fn remove_old(&self) -> sqlx::Result<()> {
        let now = self.platform.now();
        let last = self.removed_at_ms.load(Ordering::Relaxed);
        if now.timestamp_millis() - last >= REMOVE_EVERY_MS {
            let removed = sending::remove(&self.pool, now - FRESH).await?;
            if removed > 0 {
                tracing::warn!(removed, "pushes were not taken within a day");
            }
            self.removed_at_ms
                .store(now.timestamp_millis(), Ordering::Relaxed);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let fresh_until = now + FRESH;
        let answered = |status, seconds: Option<i64>| Outcome::Answered {
            status,
            retry_after: seconds.map(TimeDelta::seconds),
        };
        let again = |ms| Verdict::Again(now + TimeDelta::milliseconds(ms));
        let (silent, refused) = (
            Outcome::NoAnswer("reset".to_owned()),
            Outcome::Refused("private".to_owned()),
        );
        for (outcome, tries, random, expected) in [
            (answered(201, None), 1, 0, Verdict::Delivered),
            (answered(404, None), 1, 0, Verdict::Gone),
            (answered(410, None), 1, 0, Verdict::Gone),
            (answered(500, None), 1, 0, again(0)),
            (answered(500, None), 1, 5_000, again(5_000)),
            (answered(500, None), 1, 5_001, again(0)),
            (answered(500, None), 2, 10_000, again(10_000)),
            (answered(500, None), 40, 3_600_000, again(3_600_000)),
            (answered(429, Some(120)), 1, 7, again(120_000)),
            (answered(301, None), 1, 0, again(0)),
            (silent.clone(), 3, 0, again(0)),
            (silent, TRIES_MAX, 0, Verdict::Dropped),
            // By then it is no news.
            (answered(503, Some(24 * 3600)), 1, 0, Verdict::Dropped),
            (refused, 1, 0, Verdict::Dropped),
        ] {
            let found = verdict(&outcome, tries, fresh_until, now, random);
            assert_eq!(found, expected, "{outcome:?} {tries} {random}");
        }
    }
}
