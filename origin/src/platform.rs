//! Time and randomness, which come in from outside so that a test or a simulation can drive them; and
//! the places at which a simulation lets the process die.

use std::pin::Pin;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, SubsecRound, Utc};
use shared::id::{
    ApiKeyId, ClientId, DeadLetterId, EventId, PaymentId, PaymentMethodId, PlanId, ProductId,
    PurgeId, PushSubscriptionId, RefundId, RequestId, RevocationId, SessionId, TokenId, UserId,
    WebhookId,
};
use uuid::Uuid;

/// What time it is.
pub trait Clock: Send + Sync {
    /// Now, in whole microseconds: what Postgres keeps, so that a stored time reads back as it was.
    fn now(&self) -> DateTime<Utc>;

    /// Lets so much time pass.
    fn pause(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(tokio::time::sleep(time))
    }
}

/// Where unpredictable bytes come from.
pub trait Random: Send + Sync {
    /// Fills the buffer.
    fn fill(&self, buffer: &mut [u8]);
}

/// A place between two effects, where a crash leaves one done and the other not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failpoint {
    /// T1 committed; the provider was not asked.
    Reserved,
    /// The provider has answered; T2 has not begun.
    Charged,
    /// T2 committed; nobody has the answer.
    Settled,
    /// The provider has paid back; that is not committed.
    PaidBack,
    /// A consumer's effect is done; its inbox row is not committed.
    Delivered,
}

impl Failpoint {
    /// Those that a request to order passes.
    pub const OF_AN_ORDER: [Self; 3] = [Self::Reserved, Self::Charged, Self::Settled];
    /// Those that the relay passes.
    pub const OF_THE_RELAY: [Self; 2] = [Self::PaidBack, Self::Delivered];
}

/// Who hears of failpoints.
pub trait Watcher: Send + Sync {
    /// The process is at this place. It may be its last: by a panic, which undoes what is not
    /// committed, as a death does.
    fn at(&self, point: Failpoint);
}

/// Nobody: as it ships.
#[derive(Debug, Default)]
struct Nobody;

impl Watcher for Nobody {
    fn at(&self, _: Failpoint) {}
}

/// The system's clock.
#[derive(Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one adapter that asks the system"
    )]
    fn now(&self) -> DateTime<Utc> {
        DateTime::from(std::time::SystemTime::now()).trunc_subsecs(6)
    }
}

/// The system's randomness.
#[derive(Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, buffer: &mut [u8]) {
        getrandom::fill(buffer).expect("the system has randomness, or nothing here is safe");
    }
}

/// A clock that stands where it is put.
#[derive(Debug)]
pub struct SetClock(AtomicI64);

impl SetClock {
    /// A clock that stands at this time, in Unix milliseconds.
    pub const fn at(unix_ms: i64) -> Self {
        Self(AtomicI64::new(unix_ms))
    }

    /// Puts it to this time, in Unix milliseconds.
    pub fn set(&self, unix_ms: i64) {
        self.0.store(unix_ms, Ordering::SeqCst);
    }

    /// Moves it on.
    pub fn advance_ms(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for SetClock {
    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0.load(Ordering::SeqCst)).unwrap_or_default()
    }
}

/// `SplitMix64`: the same numbers for the same seed, for catalogues and tests; predictable, so
/// never for keys.
#[derive(Debug)]
pub struct Seeded(AtomicU64);

impl Seeded {
    /// The sequence of that seed.
    pub const fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    /// The next number.
    pub fn next(&self) -> u64 {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let state = self.0.fetch_add(STEP, Ordering::SeqCst).wrapping_add(STEP);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

impl Random for Seeded {
    fn fill(&self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(8) {
            for (to, from) in chunk.iter_mut().zip(self.next().to_le_bytes()) {
                *to = from;
            }
        }
    }
}

/// Clock and randomness together, and the ids that are made of both.
#[derive(Clone)]
pub struct Platform {
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    watcher: Arc<dyn Watcher>,
    // UUIDv7 sorts by time; two ids of one millisecond must still differ.
    lock: Arc<Mutex<()>>,
}

impl Platform {
    /// The system's own.
    pub fn system() -> Self {
        Self::new(Arc::new(SystemClock), Arc::new(SystemRandom))
    }

    /// Of these parts.
    pub fn new(clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        Self {
            clock,
            random,
            watcher: Arc::new(Nobody),
            lock: Arc::default(),
        }
    }

    /// With somebody who hears of failpoints.
    #[must_use]
    pub fn watched_by(mut self, watcher: Arc<dyn Watcher>) -> Self {
        self.watcher = watcher;
        self
    }

    /// The work has come to this place.
    pub fn at(&self, point: Failpoint) {
        self.watcher.at(point);
    }

    /// Now, as the clock has it.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Lets so much time pass.
    pub async fn pause(&self, time: Duration) {
        self.clock.pause(time).await;
    }

    /// Fills the buffer with randomness.
    pub fn fill(&self, buffer: &mut [u8]) {
        let _turn = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        self.random.fill(buffer);
    }

    fn parts(&self) -> (u64, [u8; 10]) {
        let mut random = [0; 10];
        self.fill(&mut random);
        let now_ms = self.clock.now().timestamp_millis();
        (u64::try_from(now_ms).unwrap_or_default(), random)
    }

    /// A new request's id.
    pub fn request_id(&self) -> RequestId {
        let (now_ms, random) = self.parts();
        RequestId::new(now_ms, random)
    }

    /// A new product's id.
    pub fn product_id(&self) -> ProductId {
        let (now_ms, random) = self.parts();
        ProductId::new(now_ms, random)
    }

    /// A new payment's id.
    pub fn payment_id(&self) -> PaymentId {
        let (now_ms, random) = self.parts();
        PaymentId::new(now_ms, random)
    }

    /// A new refund's id.
    pub fn refund_id(&self) -> RefundId {
        let (now_ms, random) = self.parts();
        RefundId::new(now_ms, random)
    }

    /// A new user's id.
    pub fn user_id(&self) -> UserId {
        let (now_ms, random) = self.parts();
        UserId::new(now_ms, random)
    }

    /// A new payment method's id.
    pub fn payment_method_id(&self) -> PaymentMethodId {
        let (now_ms, random) = self.parts();
        PaymentMethodId::new(now_ms, random)
    }

    /// A new push subscription's id.
    pub fn push_subscription_id(&self) -> PushSubscriptionId {
        let (now_ms, random) = self.parts();
        PushSubscriptionId::new(now_ms, random)
    }

    /// A new purge's id.
    pub fn purge_id(&self) -> PurgeId {
        let (now_ms, random) = self.parts();
        PurgeId::new(now_ms, random)
    }

    /// A new webhook's id.
    pub fn webhook_id(&self) -> WebhookId {
        let (now_ms, random) = self.parts();
        WebhookId::new(now_ms, random)
    }

    /// A new event's id.
    pub fn event_id(&self) -> EventId {
        let (now_ms, random) = self.parts();
        EventId::new(now_ms, random)
    }

    /// A new dead letter's id.
    pub fn dead_letter_id(&self) -> DeadLetterId {
        let (now_ms, random) = self.parts();
        DeadLetterId::new(now_ms, random)
    }

    /// Two new events' ids for each of so many products, whose class of stock may move: what is told
    /// of it, and that little is left.
    pub fn stock_event_ids(&self, products: usize) -> Vec<Uuid> {
        (0..products.saturating_mul(2))
            .map(|_| self.event_id().uuid())
            .collect()
    }

    /// A new session's id.
    pub fn session_id(&self) -> SessionId {
        let (now_ms, random) = self.parts();
        SessionId::new(now_ms, random)
    }

    /// A new OAuth client's id.
    pub fn client_id(&self) -> ClientId {
        let (now_ms, random) = self.parts();
        ClientId::new(now_ms, random)
    }

    /// A new plan's id.
    pub fn plan_id(&self) -> PlanId {
        let (now_ms, random) = self.parts();
        PlanId::new(now_ms, random)
    }

    /// A new API key's id.
    pub fn api_key_id(&self) -> ApiKeyId {
        let (now_ms, random) = self.parts();
        ApiKeyId::new(now_ms, random)
    }

    /// A new revocation's id.
    pub fn revocation_id(&self) -> RevocationId {
        let (now_ms, random) = self.parts();
        RevocationId::new(now_ms, random)
    }

    /// A new access token's id.
    pub fn token_id(&self) -> TokenId {
        let (now_ms, random) = self.parts();
        TokenId::new(now_ms, random)
    }

    /// A token that fences a lease.
    pub fn lease_token(&self) -> Uuid {
        self.event_id().uuid()
    }
}

/// A time as clients see it: RFC 3339, UTC, milliseconds.
pub fn rfc3339(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_says_no_more_of_the_time_than_postgres_keeps() {
        for _ in 0..100 {
            let now = SystemClock.now();
            assert_eq!(now.timestamp_subsec_nanos() % 1_000, 0, "{now:?}");
        }
    }
}
