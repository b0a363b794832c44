//! Takes pushes to browsers.
//!
//! Decides, of one try's outcome:
//! 1. Any 2xx: it is with the push service, and forgotten here.
//! 2. 404 or 410: the browser is gone, and its subscription with it [RFC 8030 §7.3].
//! 3. Not called (a private address, a key that is none): forgotten; no later try would be allowed.
//! 4. Anything else: again, after a pause of anything up to its ceiling, but not before `Retry-After`.
//! 5. Too old by then, or tried too often: forgotten, and said in the log. What a push tells of can be read
//!    from the API; a day later it is no news.
//!
//! A browser gets one at a time, the oldest first.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgPool;

use super::{FRESH, Note, PushGateway};
use crate::sending::{Claim, Courier, Delivery, Hourly, Try};
use crate::store::push::sending::{self, Due};
use crate::webhook::schedule::Outcome;

/// Most tries: beyond what fits into a day, unless each of them kills its worker.
const TRIES_MAX: i32 = 60;
/// The longest pause after the first try, in milliseconds; it doubles.
const PAUSE_MS: i64 = 5_000;
/// The longest pause at all.
const PAUSE_MS_MAX: i64 = 3_600_000;

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

/// The courier.
pub struct Pushes {
    pool: PgPool,
    gateway: Arc<dyn PushGateway>,
    removed: Hourly,
}

impl Pushes {
    /// Sends by this gateway.
    pub fn new(pool: PgPool, gateway: Arc<dyn PushGateway>) -> Self {
        Self {
            pool,
            gateway,
            removed: Hourly::default(),
        }
    }
}

#[async_trait]
impl Courier for Pushes {
    type Due = Due;
    const WHAT: &'static str = "push";
    const UNDER_WAY_MAX: i64 = 200;

    async fn claim(&self, claim: &Claim) -> sqlx::Result<Vec<Due>> {
        sending::claim(&self.pool, claim).await
    }

    async fn call(&self, due: &Due, now: DateTime<Utc>) -> anyhow::Result<Outcome> {
        if due.tries > TRIES_MAX {
            return Ok(Outcome::Refused("its worker died at each try".to_owned()));
        }
        let note = Note {
            endpoint: &due.endpoint,
            p256dh: &due.p256dh,
            auth: &due.auth,
            event: due.event(),
            body: &due.body,
            fresh_until: due.created_at + FRESH,
        };
        self.gateway.push(&note, now).await
    }

    async fn settle(&self, due: &Due, made: &Try<'_>) -> sqlx::Result<()> {
        let Try { outcome, now, .. } = *made;
        let fresh_until = due.created_at + FRESH;
        let verdict = verdict(outcome, due.tries, fresh_until, now, made.random);
        let (event, error, tries) = (due.event(), outcome.error(), due.tries);
        let trace = due.traceparent.as_deref();
        match verdict {
            Verdict::Delivered | Verdict::Gone => {
                tracing::info!(%event, tries, ?verdict, trace, "a push ended");
            }
            Verdict::Again(at) => {
                tracing::info!(%event, tries, error, %at, trace, "a push is put off");
            }
            Verdict::Dropped => tracing::warn!(%event, tries, error, trace, "a push is given up"),
        }
        sending::tried(&self.pool, due, verdict).await
    }

    /// Forgets what is no news any more.
    async fn look_back(&self, now: DateTime<Utc>) -> sqlx::Result<()> {
        if self.removed.is_due(now) {
            let removed = sending::remove(&self.pool, now - FRESH).await?;
            if removed > 0 {
                tracing::warn!(removed, "pushes were not taken within a day");
            }
            self.removed.done(now);
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
