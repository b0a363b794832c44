//! Sends what is due, each delivery by itself.
//!
//! A worker takes a delivery under a lease, which counts as a try before the receiver is called: one
//! that kills its worker is dead after its tries. What came of it is kept only by who still holds the
//! lease. What is given up is a dead letter of `webhook.` and the webhook's id, and comes back when
//! it is redriven. So a message may be sent twice, under one id, and is never lost. At most
//! [`UNDER_WAY_EACH`] are under way to one webhook, and as many times [`WEBHOOKS_MAX`] at all: one
//! that is slow takes no place from another.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::TimeDelta;
use futures_util::stream::{FuturesUnordered, StreamExt};
use shared::id::EventId;
use shared::idempotency::DerivationKey;
use sqlx::PgPool;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::WEBHOOKS_MAX;
use super::message::{Keys, PING, signature};
use super::post::{Message, Poster};
use super::schedule::{Outcome, Verdict, tries_max, verdict};
use crate::platform::Platform;
use crate::store::webhook::letter;
use crate::store::webhook::sending::{self, Claim, Due, Tried};

/// Most messages under way to one webhook.
const UNDER_WAY_EACH: i64 = 4;
/// Most messages under way.
const UNDER_WAY_MAX: i64 = UNDER_WAY_EACH * WEBHOOKS_MAX;
/// How long a worker keeps a delivery: above what a try may take.
const LEASE: TimeDelta = TimeDelta::seconds(60);
/// How often it is looked for what another process has written, or what is due by now.
const POLL: Duration = Duration::from_millis(500);
/// How often it is looked for what was redriven.
const LOOK_BACK_EVERY_MS: i64 = 500;
/// How long ended deliveries can be looked at, and how long a webhook that is switched off keeps what
/// waits for it.
const KEPT: TimeDelta = TimeDelta::days(30);
/// How often those that are older are removed.
const REMOVE_EVERY_MS: i64 = 3_600_000;

/// The worker.
pub struct Sender {
    pool: PgPool,
    platform: Platform,
    poster: Poster,
    derivation_key: DerivationKey,
    wake: Arc<Notify>,
    draining: CancellationToken,
    looked_back_at_ms: AtomicI64,
    removed_at_ms: AtomicI64,
}

impl Sender {
    /// Sends by this poster; `wake` says that there may be something.
    pub fn new(
        pool: PgPool,
        platform: Platform,
        poster: Poster,
        derivation_key: DerivationKey,
        wake: Arc<Notify>,
        draining: CancellationToken,
    ) -> Self {
        Self {
            pool,
            platform,
            poster,
            derivation_key,
            wake,
            draining,
            looked_back_at_ms: AtomicI64::new(0),
            removed_at_ms: AtomicI64::new(0),
        }
    }

    /// Sends all that is due now, and waits for what comes of it. How many there were.
    pub async fn step(&self) -> anyhow::Result<usize> {
        self.look_back().await?;
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
            let now_ms = self.platform.now().timestamp_millis();
            if now_ms - self.looked_back_at_ms.load(Ordering::Relaxed) >= LOOK_BACK_EVERY_MS {
                self.looked_back_at_ms.store(now_ms, Ordering::Relaxed);
                if let Err(error) = self.look_back().await {
                    tracing::warn!(%error, "old deliveries to webhooks are as they were");
                }
            }
            let under_way = i64::try_from(sending.len()).unwrap_or(UNDER_WAY_MAX);
            match self.claim(UNDER_WAY_MAX - under_way).await {
                Ok(due) => sending.extend(due.into_iter().map(|due| self.send(due))),
                Err(error) => tracing::warn!(%error, "deliveries to webhooks can't be read"),
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
            each: UNDER_WAY_EACH,
            limit,
            now,
        };
        sending::claim(&self.pool, &claim).await
    }

    async fn send(&self, due: Due) {
        let began_at = self.platform.now();
        let id = EventId::from_uuid(due.event_id).to_string();
        // The tries that killed their workers are used up, too.
        let outcome = if due.tries > tries_max(&due.kind) {
            Outcome::Refused("its worker died at each try".to_owned())
        } else {
            let keys: Vec<_> = due
                .generations
                .iter()
                .filter_map(|generation| u32::try_from(*generation).ok())
                .map(|generation| Keys::derive(&self.derivation_key, due.webhook(), generation))
                .collect();
            let timestamp = began_at.timestamp();
            let message = Message {
                url: &due.url,
                id: &id,
                timestamp,
                signature: &signature(&keys, &id, timestamp, &due.body),
                body: &due.body,
            };
            self.poster.post(&message, began_at).await
        };
        let now = self.platform.now();
        let mut random = [0; 8];
        self.platform.fill(&mut random);
        let random = u64::from_be_bytes(random);
        let verdict = verdict(&outcome, &due.kind, due.tries, now, random);
        tell(&due, &outcome, verdict);
        let tried = Tried {
            outcome: &outcome,
            verdict,
            began_at,
            now,
            letter: self.platform.dead_letter_id(),
        };
        match sending::tried(&self.pool, &due, &tried).await {
            Ok(true) => {}
            Ok(false) => tracing::info!(event = id, "another worker has taken the delivery over"),
            Err(error) => {
                tracing::warn!(%error, event = id, "it is not kept what came of a delivery");
            }
        }
    }

    /// Takes back what was redriven, and forgets what ended long ago.
    async fn look_back(&self) -> sqlx::Result<()> {
        let now = self.platform.now();
        letter::take_back(&self.pool, now).await?;
        let last = self.removed_at_ms.load(Ordering::Relaxed);
        if now.timestamp_millis() - last >= REMOVE_EVERY_MS {
            sending::remove(&self.pool, now - KEPT).await?;
            self.removed_at_ms
                .store(now.timestamp_millis(), Ordering::Relaxed);
        }
        Ok(())
    }
}

/// Says it in the log.
fn tell(due: &Due, outcome: &Outcome, verdict: Verdict) {
    let (webhook, event) = (due.webhook(), EventId::from_uuid(due.event_id));
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
