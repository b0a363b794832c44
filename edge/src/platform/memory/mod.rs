//! A platform in memory, for native tests and the simulation: time stands still until it is moved,
//! the origin is a function, and every part can fail.
//!
//! It makes no decisions of its own: buckets and slots go through the same pure functions as the
//! Durable Objects.

mod decoder;
mod everybody;
mod faults;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::{Request, Response};
use shared::idempotency::{Fingerprint, Key};

#[cfg(test)]
pub(crate) use decoder::tests as encoders;
pub use faults::{Faults, Ill, Lost};

use super::{
    Background, Body, CacheStore, Callers, Clock, Down, Entropy, FetchError, Origin, ReadError,
    Signatures, Usage,
};
use crate::cache::record::Record;
use crate::feed::log::Log;
use crate::identity::Algorithm;
use crate::limit::book::{self, Ask, Book, Word};
use crate::limit::terms::Terms;
use crate::replay::{self, Answer, Claim, Slot, Told};
use crate::shield::Shard;
use crate::usage::{self, Use, What};

/// A future that stays on this thread.
pub type Local<T> = Pin<Box<dyn Future<Output = T>>>;
/// The origin, as a function.
pub type OriginFn = dyn Fn(Request<Bytes>) -> Local<Response<Bytes>>;

/// The platform. Clones are handles to one world.
#[derive(Clone)]
pub struct Memory(Rc<World>);

struct World {
    now_ms: Rc<Cell<u64>>,
    entropy: Rc<Cell<u64>>,
    origin: Rc<OriginFn>,
    faults: Rc<RefCell<Faults>>,
    died: Cell<bool>,
    /// By key: the record, its body, and when it ends, Unix milliseconds.
    copies: RefCell<BTreeMap<String, (Record, Bytes, u64)>>,
    books: Rc<RefCell<BTreeMap<String, Book>>>,
    limiter_asks: Rc<Cell<u64>>,
    slots: Rc<RefCell<BTreeMap<(String, String), Slot>>>,
    uses: Rc<RefCell<BTreeMap<String, usage::State>>>,
    feed: Rc<RefCell<Log>>,
    shields: Rc<RefCell<Shard>>,
    calls: Rc<RefCell<BTreeMap<&'static str, u32>>>,
    deferred: RefCell<VecDeque<Local<()>>>,
    lines: RefCell<Vec<String>>,
}

impl Memory {
    /// A world at a time, with a seed for its randomness, before an origin.
    pub fn new(
        now_ms: u64,
        seed: u64,
        origin: impl Fn(Request<Bytes>) -> Local<Response<Bytes>> + 'static,
    ) -> Self {
        Self(Rc::new(World {
            now_ms: Rc::new(Cell::new(now_ms)),
            entropy: Rc::new(Cell::new(seed)),
            origin: Rc::new(origin),
            faults: Rc::default(),
            died: Cell::default(),
            copies: RefCell::default(),
            books: Rc::default(),
            limiter_asks: Rc::default(),
            slots: Rc::default(),
            uses: Rc::default(),
            feed: Rc::new(RefCell::new(Log::new(seed))),
            shields: Rc::default(),
            calls: Rc::default(),
            deferred: RefCell::default(),
            lines: RefCell::default(),
        }))
    }

    /// Another location of the same world: a store of its own, the same objects, clock and origin.
    #[must_use]
    pub fn another_location(&self) -> Self {
        let world = &self.0;
        Self(Rc::new(World {
            now_ms: Rc::clone(&world.now_ms),
            entropy: Rc::clone(&world.entropy),
            origin: Rc::clone(&world.origin),
            faults: Rc::clone(&world.faults),
            died: Cell::default(),
            copies: RefCell::default(),
            books: Rc::clone(&world.books),
            limiter_asks: Rc::clone(&world.limiter_asks),
            slots: Rc::clone(&world.slots),
            uses: Rc::clone(&world.uses),
            feed: Rc::clone(&world.feed),
            shields: Rc::clone(&world.shields),
            calls: Rc::clone(&world.calls),
            deferred: RefCell::default(),
            lines: RefCell::default(),
        }))
    }

    /// Loses the feed's object with all that it kept; another begins.
    pub fn lose_feed(&self) {
        let epoch = self.0.feed.borrow().epoch.wrapping_add(1);
        *self.0.feed.borrow_mut() = Log::new(epoch);
    }

    /// Forgets who leads and every copy of the upper tier, as objects that restart do.
    pub fn restart_shields(&self) {
        *self.0.shields.borrow_mut() = Shard::default();
    }

    /// Moves the time on.
    pub fn advance_ms(&self, ms: u64) {
        self.0.now_ms.set(self.0.now_ms.get().saturating_add(ms));
    }

    /// What fails from now on.
    pub fn set_faults(&self, faults: Faults) {
        *self.0.faults.borrow_mut() = faults;
    }

    /// Ends when the isolate dies ([`Lost::Isolate`]). Polled beside what it does, which then never
    /// ends and is to be dropped.
    pub async fn death(&self) {
        std::future::poll_fn(|_| {
            if self.0.died.take() {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
    }

    /// Tells [`Self::death`], and goes no further.
    async fn die(&self) {
        self.0.died.set(true);
        std::future::pending::<()>().await;
    }

    /// How often each object was called.
    pub fn calls(&self) -> BTreeMap<&'static str, u32> {
        self.0.calls.borrow().clone()
    }

    fn called(&self, object: &'static str) {
        let mut calls = self.0.calls.borrow_mut();
        let times = calls.entry(object).or_default();
        *times = times.saturating_add(1);
    }

    /// Runs what was put off until after the answers.
    pub async fn run_deferred(&self) {
        loop {
            let next = self.0.deferred.borrow_mut().pop_front();
            match next {
                Some(work) => work.await,
                None => return,
            }
        }
    }

    /// What is wrong with the origin of a URI.
    fn ill(&self, uri: &http::Uri) -> Option<Ill> {
        self.0.faults.borrow().origins.get(uri.host()?).copied()
    }

    /// The isolate dies before it did what was put off.
    pub fn drop_deferred(&self) {
        self.0.deferred.borrow_mut().clear();
    }

    /// Forgets every copy, as a store may at any time.
    pub fn evict_copies(&self) {
        self.0.copies.borrow_mut().clear();
    }

    /// Forgets one of them.
    pub fn evict_copy(&self, key: &str) {
        self.0.copies.borrow_mut().remove(key);
    }

    /// Forgets who leads, as an object that restarts does; its answers are on disk.
    pub fn restart_callers(&self) {
        self.0
            .slots
            .borrow_mut()
            .retain(|_, slot| matches!(slot, Slot::Answered { .. }));
    }

    /// Loses all answers that callers' objects kept.
    pub fn lose_answers(&self) {
        self.0.slots.borrow_mut().clear();
    }

    /// How often a caller's book was asked.
    pub fn limiter_asks(&self) -> u64 {
        self.0.limiter_asks.get()
    }

    /// The access log since the last call.
    pub fn take_log(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lines.borrow_mut())
    }
}

impl Clock for Memory {
    fn now_ms(&self) -> u64 {
        self.0.now_ms.get()
    }
}

impl Entropy for Memory {
    /// `SplitMix64`, so that a seed replays a run.
    fn random(&self) -> [u8; 10] {
        let mut bytes = [0; 10];
        for half in bytes.chunks_mut(8) {
            let state = self.0.entropy.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
            self.0.entropy.set(state);
            let mut mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            mixed ^= mixed >> 31;
            half.iter_mut()
                .zip(mixed.to_be_bytes())
                .for_each(|(to, from)| *to = from);
        }
        bytes
    }
}

impl Origin for Memory {
    type Stream = Bytes;

    async fn fetch(
        &self,
        base: &str,
        mut request: Request<Body<Bytes>>,
        timeout_ms: u32,
    ) -> Result<Response<Body<Bytes>>, FetchError> {
        if let Ok(uri) = format!("{base}{}", request.uri()).parse() {
            *request.uri_mut() = uri;
        }
        let ill = self.ill(request.uri());
        let lost = self.0.faults.borrow_mut().next_fetch(request.uri().path());
        match lost {
            Some(Lost::Request) => return Err(FetchError::Unreachable),
            Some(Lost::IsolateBefore) => self.die().await,
            _ => {}
        }
        if ill == Some(Ill::Refuses) {
            return Err(FetchError::Unreachable);
        }
        if ill == Some(Ill::Hangs) {
            self.advance_ms(timeout_ms.into());
            return Err(FetchError::Timeout);
        }
        let (parts, body) = request.into_parts();
        let response = (self.0.origin)(Request::from_parts(parts, all(body))).await;
        match lost {
            Some(Lost::Reply) => return Err(FetchError::Cut),
            Some(Lost::Isolate) => self.die().await,
            _ if ill == Some(Ill::Cuts) => return Err(FetchError::Cut),
            _ => {}
        }
        Ok(response.map(Body::Stream))
    }

    async fn read(
        &self,
        body: Body<Bytes>,
        bytes_max: usize,
        _timeout_ms: u32,
    ) -> Result<Bytes, ReadError> {
        let bytes = all(body);
        if bytes.len() > bytes_max {
            Err(ReadError::TooLarge)
        } else {
            Ok(bytes)
        }
    }

    fn fork(&self, body: &Body<Bytes>) -> Option<Body<Bytes>> {
        Some(match body {
            Body::Empty => Body::Empty,
            Body::Bytes(bytes) => Body::Bytes(bytes.clone()),
            Body::Stream(bytes) => Body::Stream(bytes.clone()),
        })
    }

    async fn fetch_keys(&self, url: &str, _timeout_ms: u32) -> Result<Bytes, FetchError> {
        if self.0.faults.borrow().keys_down {
            return Err(FetchError::Unreachable);
        }
        let mut request = Request::new(Bytes::new());
        *request.uri_mut() = url.parse().map_err(|_| FetchError::Unreachable)?;
        if self.ill(request.uri()).is_some() {
            return Err(FetchError::Unreachable);
        }
        Ok((self.0.origin)(request).await.into_body())
    }
}

/// Lets whatever runs beside go on first, as a store does that is asked over a wire.
async fn others_first() {
    let mut waited = false;
    std::future::poll_fn(|context| {
        if std::mem::replace(&mut waited, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

fn all(body: Body<Bytes>) -> Bytes {
    match body {
        Body::Empty => Bytes::new(),
        Body::Bytes(bytes) | Body::Stream(bytes) => bytes,
    }
}

impl CacheStore for Memory {
    async fn load(&self, key: &str) -> Option<(Record, Body<Bytes>)> {
        others_first().await;
        let copies = self.0.copies.borrow();
        copies
            .get(key)
            .filter(|(_, _, end_ms)| *end_ms > self.now_ms())
            .map(|(record, body, _)| (record.clone(), Body::Stream(body.clone())))
    }

    async fn keep(&self, key: &str, record: &Record, body: Bytes, ttl_seconds: u64) {
        others_first().await;
        let ttl_ms = ttl_seconds.saturating_mul(1000);
        let copy = (record.clone(), body, self.now_ms().saturating_add(ttl_ms));
        self.0.copies.borrow_mut().insert(key.to_owned(), copy);
    }
}

impl Memory {
    fn book(&self, bucket: &str, terms: &Terms, ask: &Ask, refused: Option<&Word>) -> Word {
        self.0.limiter_asks.set(self.0.limiter_asks.get() + 1);
        let mut books = self.0.books.borrow_mut();
        let book = books.entry(bucket.to_owned()).or_default();
        let (word, next) = match refused {
            None => book::ask(book, terms, ask, self.now_ms()),
            Some(refused) => book::ask_freely(book, terms, ask, refused, self.now_ms()),
        };
        *book = next;
        word
    }

    fn reach_caller(&self) -> Result<(), Down> {
        self.called("caller");
        if self.0.faults.borrow().limiter_down {
            return Err(Down);
        }
        Ok(())
    }
}

impl Callers for Memory {
    async fn ask_limiter(&self, bucket: &str, terms: &Terms, ask: &Ask) -> Result<Word, Down> {
        self.reach_caller()?;
        Ok(self.book(bucket, terms, ask, None))
    }

    /// Answers [`Claim::Wait`] at once: time stands still here, so waiting would never end.
    async fn claim(
        &self,
        bucket: &str,
        limit: Option<(&Terms, &Ask)>,
        key: &Key,
        fingerprint: &Fingerprint,
    ) -> Result<Told, Down> {
        self.reach_caller()?;
        let word = limit.map(|(terms, ask)| self.book(bucket, terms, ask, None));
        if self.0.faults.borrow().answers_down {
            return Ok(Told { word, claim: None });
        }
        let mut slots = self.0.slots.borrow_mut();
        let name = (bucket.to_owned(), key.as_str().to_owned());
        if !replay::asks_on(word.as_ref()) {
            let refused = word.filter(|word| word.violated.quota_alone());
            let claim = refused
                .and_then(|_| replay::kept(slots.get(&name), fingerprint.as_str(), self.now_ms()));
            let word = match (limit, &claim) {
                (Some((terms, ask)), Some(_)) => {
                    Some(self.book(bucket, terms, ask, refused.as_ref()))
                }
                _ => word,
            };
            return Ok(Told { word, claim });
        }
        let claim = replay::claim(slots.get(&name), fingerprint.as_str(), self.now_ms());
        if claim == Claim::Lead {
            slots.insert(name, replay::lead(fingerprint.as_str(), self.now_ms()));
        }
        let claim = Some(claim);
        Ok(Told { word, claim })
    }

    async fn settle(
        &self,
        bucket: &str,
        limit: Option<(&Terms, &Ask)>,
        key: &Key,
        fingerprint: &Fingerprint,
        answer: Option<Answer>,
    ) -> Result<(), Down> {
        self.reach_caller()?;
        if let Some((terms, ask)) = limit {
            self.book(bucket, terms, ask, None);
        }
        if self.0.faults.borrow().answers_down {
            return Err(Down);
        }
        let mut slots = self.0.slots.borrow_mut();
        let name = (bucket.to_owned(), key.as_str().to_owned());
        let slot = slots.remove(&name);
        if let Some(slot) = replay::settle(slot, fingerprint.as_str(), answer, self.now_ms()) {
            slots.insert(name, slot);
        }
        Ok(())
    }
}

impl Usage for Memory {
    async fn note_use(&self, account: &str, what: What, requests: u64) -> Result<(), Down> {
        self.called("usage");
        if self.0.faults.borrow().usage_down {
            return Err(Down);
        }
        let mut uses = self.0.uses.borrow_mut();
        let state = uses.entry(account.to_owned()).or_default();
        *state = usage::note(std::mem::take(state), what, requests, self.now_ms());
        Ok(())
    }

    async fn uses(&self, account: &str) -> Result<Vec<Use>, Down> {
        if self.0.faults.borrow().usage_down {
            return Err(Down);
        }
        let state = self.0.uses.borrow().get(account).cloned();
        Ok(usage::report(state.unwrap_or_default(), self.now_ms()))
    }
}

impl Signatures for Memory {
    /// Ed25519 alone, which is what our own issuer signs with.
    async fn verify(
        &self,
        algorithm: Algorithm,
        jwk: &serde_json::Value,
        message: &[u8],
        signature: &[u8],
    ) -> bool {
        let key = jwk
            .get("x")
            .and_then(serde_json::Value::as_str)
            .and_then(|text| URL_SAFE_NO_PAD.decode(text).ok())
            .and_then(|bytes| ed25519_compact::PublicKey::from_slice(&bytes).ok());
        let signature = ed25519_compact::Signature::from_slice(signature).ok();
        match (algorithm, key, signature) {
            (Algorithm::EdDsa, Some(key), Some(signature)) => {
                key.verify(message, &signature).is_ok()
            }
            _ => false,
        }
    }
}

impl super::Log for Memory {
    fn log(&self, line: &str) {
        self.0.lines.borrow_mut().push(line.to_owned());
    }
}

impl Background for Memory {
    /// The time that it takes passes for everybody.
    async fn pause(&self, ms: u32) {
        self.advance_ms(ms.into());
    }

    fn defer(&self, work: impl Future<Output = ()> + 'static) {
        self.0.deferred.borrow_mut().push_back(Box::pin(work));
    }

    /// In the request itself: dropping that is the isolate's death.
    async fn finish<T: 'static>(&self, work: impl Future<Output = T> + 'static) -> Option<T> {
        Some(work.await)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::{conformance, vectors};

    #[tokio::test]
    async fn the_signatures_conform() {
        let memory = Memory::new(1_800_000_000_000, 1, |_| {
            Box::pin(async { Response::default() })
        });
        let faults = vectors::faults(&memory, &[Algorithm::EdDsa]).await;
        assert_eq!(faults, [""; 0]);
    }

    #[tokio::test]
    async fn the_store_conforms() {
        let memory = Memory::new(1_800_000_000_000, 1, |_| {
            Box::pin(async { Response::default() })
        });
        assert_eq!(conformance::faults(&memory).await, [""; 0]);
        memory.advance_ms(60_000);
        assert!(memory.load("/a").await.is_none());
    }
}
