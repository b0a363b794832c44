//! Takes messages to webhooks.
//!
//! What came of a try is kept only by who still holds the lease. What is given up is a dead letter of
//! `webhook.` and the webhook's id, and comes back when it is redriven. So a message may be sent twice, under
//! one id, and is never lost. At most [`UNDER_WAY_EACH`] are under way to one webhook, and as many times
//! [`WEBHOOKS_MAX`] at all: one that is slow takes no place from another.

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use shared::idempotency::DerivationKey;
use sqlx::PgPool;

use super::WEBHOOKS_MAX;
use super::message::{Keys, PING, signature};
use super::post::{Message, Poster};
use super::schedule::{Outcome, Verdict, tries_max, verdict};
use crate::platform::Platform;
use crate::sending::{Claim, Courier, Delivery, Hourly, Try};
use crate::store::webhook::letter;
use crate::store::webhook::sending::{self, Due, Tried};

/// Most messages under way to one webhook.
const UNDER_WAY_EACH: i64 = 4;
/// How long ended deliveries can be looked at, and how long a webhook that is switched off keeps what
/// waits for it.
const KEPT: TimeDelta = TimeDelta::days(30);

/// The courier.
pub struct Webhooks {
    pool: PgPool,
    platform: Platform,
    poster: Poster,
    derivation_key: DerivationKey,
    removed: Hourly,
}

impl Webhooks {
    /// Calls by this poster, with secrets that derive from that key.
    pub fn new(
        pool: PgPool,
        platform: Platform,
        poster: Poster,
        derivation_key: DerivationKey,
    ) -> Self {
        Self {
            pool,
            platform,
            poster,
            derivation_key,
            removed: Hourly::default(),
        }
    }
}

#[async_trait]
impl Courier for Webhooks {
    type Due = Due;
    const WHAT: &'static str = "webhook";
    const UNDER_WAY_MAX: i64 = UNDER_WAY_EACH * WEBHOOKS_MAX;

    async fn claim(&self, claim: &Claim) -> sqlx::Result<Vec<Due>> {
        sending::claim(&self.pool, claim, UNDER_WAY_EACH).await
    }

    async fn call(&self, due: &Due, now: DateTime<Utc>) -> anyhow::Result<Outcome> {
        // The tries that killed their workers are used up, too.
        if due.tries > tries_max(&due.kind) {
            return Ok(Outcome::Refused("its worker died at each try".to_owned()));
        }
        let id = due.event().to_string();
        let keys: Vec<_> = due
            .generations
            .iter()
            .filter_map(|generation| u32::try_from(*generation).ok())
            .map(|generation| Keys::derive(&self.derivation_key, due.webhook(), generation))
            .collect();
        let timestamp = now.timestamp();
        let message = Message {
            url: &due.url,
            id: &id,
            timestamp,
            signature: &signature(&keys, &id, timestamp, &due.body),
            body: &due.body,
        };
        Ok(self.poster.post(&message, now).await)
    }

    async fn settle(&self, due: &Due, made: &Try<'_>) -> sqlx::Result<()> {
        let Try { outcome, now, .. } = *made;
        let verdict = verdict(outcome, &due.kind, due.tries, now, made.random);
        tell(due, outcome, verdict);
        let tried = Tried {
            outcome,
            verdict,
            began_at: made.began_at,
            now,
            letter: self.platform.dead_letter_id(),
        };
        if !sending::tried(&self.pool, due, &tried).await? {
            tracing::info!(event = %due.event(), "another worker has taken the delivery over");
        }
        Ok(())
    }

    /// Takes back what was redriven, and forgets what ended long ago.
    async fn look_back(&self, now: DateTime<Utc>) -> sqlx::Result<()> {
        letter::take_back(&self.pool, now).await?;
        if self.removed.is_due(now) {
            sending::remove(&self.pool, now - KEPT).await?;
            self.removed.done(now);
        }
        Ok(())
    }
}

/// Says it in the log.
fn tell(due: &Due, outcome: &Outcome, verdict: Verdict) {
    let (webhook, event) = (due.webhook(), due.event());
    let (error, tries, trace) = (outcome.error(), due.tries, due.traceparent.as_deref());
    match verdict {
        Verdict::Delivered => tracing::info!(%webhook, %event, tries, trace, "delivered"),
        Verdict::Again(at) => {
            tracing::info!(%webhook, %event, tries, error, %at, trace, "put off");
        }
        Verdict::Dead if due.kind == PING => {
            tracing::info!(%webhook, %event, error, trace, "a ping did not arrive");
        }
        Verdict::Dead | Verdict::Gone => {
            tracing::error!(%webhook, %event, tries, error, trace, "a delivery is given up");
        }
    }
}
