//! Sends what consumers have written for servers of others, each delivery by itself: what webhooks and pushes
//! have in common. How one is taken, made and settled is its [`Courier`]'s.
//!
//! 1. A delivery is taken under a lease, which counts as a try before anybody is called: one that kills its
//!    worker comes to its end as well.
//! 2. Many are under way at once, and none waits for another.
//! 3. What is cut off is sent again once its lease is over; so anything may be sent twice.
//! 4. A try is a span of the trace that the event belongs to.
//!
//! The database is down: nothing is taken. It does not keep what came of a try: the next one comes when the
//! lease is over.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::stream::{FuturesUnordered, StreamExt};
use shared::id::EventId;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::platform::Platform;
use crate::trace::{Span, Work};
use crate::webhook::schedule::Outcome;

/// How long a worker keeps a delivery: above what a try may take.
const LEASE: TimeDelta = TimeDelta::seconds(60);
/// How often it is looked for what another process has written, or what is due by now, or old.
const POLL: Duration = Duration::from_millis(500);
const POLL_MS: i64 = 500;
const HOUR_MS: i64 = 3_600_000;

/// How much a worker takes.
#[derive(Debug)]
pub struct Claim {
    /// Its token, new for each claim.
    pub token: Uuid,
    /// When its lease is over.
    pub until: DateTime<Utc>,
    /// Most that it takes.
    pub limit: i64,
    /// Now.
    pub now: DateTime<Utc>,
}

/// What is sent.
pub trait Delivery: Send + Sync {
    /// The event that it tells of.
    fn event(&self) -> EventId;
    /// Whom it is for.
    fn receiver(&self) -> String;
    /// How often it was tried, with the try that begins now.
    fn tries(&self) -> i32;
    /// The trace that it belongs to.
    fn traceparent(&self) -> Option<&str>;
}

/// A try that was made.
#[derive(Debug)]
pub struct Try<'a> {
    /// What came of it.
    pub outcome: &'a Outcome,
    /// When it began.
    pub began_at: DateTime<Utc>,
    /// Now.
    pub now: DateTime<Utc>,
    /// Any number.
    pub random: u64,
}

/// Who knows what is due, and how it is delivered.
#[async_trait]
pub trait Courier: Send + Sync {
    /// What it delivers.
    type Due: Delivery;
    /// How one is called in the log.
    const WHAT: &'static str;
    /// Most under way.
    const UNDER_WAY_MAX: i64;

    /// Takes what is due.
    async fn claim(&self, claim: &Claim) -> sqlx::Result<Vec<Self::Due>>;

    /// Makes a try. An error is ours: nobody was called.
    async fn call(&self, due: &Self::Due, now: DateTime<Utc>) -> anyhow::Result<Outcome>;

    /// Decides what follows from it, says so in the log, and keeps it.
    async fn settle(&self, due: &Self::Due, made: &Try<'_>) -> sqlx::Result<()>;

    /// Sees to what is old.
    async fn look_back(&self, now: DateTime<Utc>) -> sqlx::Result<()>;
}

/// What is done again after an hour at the earliest, by the clock of one process.
#[derive(Debug, Default)]
pub struct Hourly(AtomicI64);

impl Hourly {
    /// Whether it is time.
    pub fn is_due(&self, now: DateTime<Utc>) -> bool {
        now.timestamp_millis() - self.0.load(Ordering::Relaxed) >= HOUR_MS
    }

    /// It was done now.
    pub fn done(&self, now: DateTime<Utc>) {
        self.0.store(now.timestamp_millis(), Ordering::Relaxed);
    }
}

/// The worker.
pub struct Sender<C> {
    courier: C,
    platform: Platform,
    wake: Arc<Notify>,
    draining: CancellationToken,
    looked_back_at_ms: AtomicI64,
}

impl<C: Courier> Sender<C> {
    /// Sends by this courier; `wake` says that there may be something.
    pub fn new(
        courier: C,
        platform: Platform,
        wake: Arc<Notify>,
        draining: CancellationToken,
    ) -> Self {
        Self {
            courier,
            platform,
            wake,
            draining,
            looked_back_at_ms: AtomicI64::new(0),
        }
    }

    /// Sends all that is due now, and waits for what comes of it. How many there were.
    pub async fn step(&self) -> anyhow::Result<usize> {
        self.courier.look_back(self.platform.now()).await?;
        let due = self.claim(C::UNDER_WAY_MAX).await?;
        let sent = due.len();
        let sending: FuturesUnordered<_> = due.into_iter().map(|due| self.send(due)).collect();
        sending.collect::<()>().await;
        Ok(sent)
    }

    /// Works until the process begins to end, and then to the end of what is being sent.
    pub async fn run(&self) {
        let mut sending = FuturesUnordered::new();
        while !self.draining.is_cancelled() {
            self.look_back().await;
            let under_way = i64::try_from(sending.len()).unwrap_or(C::UNDER_WAY_MAX);
            match self.claim(C::UNDER_WAY_MAX - under_way).await {
                Ok(due) => sending.extend(due.into_iter().map(|due| self.send(due))),
                Err(error) => tracing::warn!(%error, what = C::WHAT, "what is due can't be read"),
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

    async fn look_back(&self) {
        let now = self.platform.now();
        let now_ms = now.timestamp_millis();
        if now_ms - self.looked_back_at_ms.load(Ordering::Relaxed) < POLL_MS {
            return;
        }
        self.looked_back_at_ms.store(now_ms, Ordering::Relaxed);
        if let Err(error) = self.courier.look_back(now).await {
            tracing::warn!(%error, what = C::WHAT, "what is old is as it was");
        }
    }

    async fn claim(&self, limit: i64) -> sqlx::Result<Vec<C::Due>> {
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
        self.courier.claim(&claim).await
    }

    async fn send(&self, due: C::Due) {
        let (what, event) = (C::WHAT, due.event());
        let began_at = self.platform.now();
        let span = span(what, &due);
        let outcome = match span.around(self.courier.call(&due, began_at)).await {
            Ok(outcome) => outcome,
            Err(error) => {
                span.failed();
                tracing::warn!(%error, what, %event, "a try has to wait for its lease to end");
                return;
            }
        };
        if let Some(status) = outcome.status() {
            span.say("http.response.status_code", &status.to_string());
        }
        if outcome.error().is_some() {
            span.failed();
        }
        let mut random = [0; 8];
        self.platform.fill(&mut random);
        let made = Try {
            outcome: &outcome,
            began_at,
            now: self.platform.now(),
            random: u64::from_be_bytes(random),
        };
        if let Err(error) = self.courier.settle(&due, &made).await {
            tracing::warn!(%error, what, %event, "it is not kept what came of a try");
        }
    }
}

/// The span of a try.
fn span(what: &str, due: &impl Delivery) -> Span {
    let (event, tries) = (due.event().to_string(), due.tries().to_string());
    let receiver = due.receiver();
    let facts = [
        ("messaging.message.id", event.as_str()),
        ("headgate.receiver", receiver.as_str()),
        ("headgate.try", tries.as_str()),
    ];
    Span::of(
        due.traceparent(),
        Work::Client,
        || format!("{what} send"),
        &facts,
    )
}
