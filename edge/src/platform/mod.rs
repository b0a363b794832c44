//! What the pipeline needs of the world, one small trait a role. Cloudflare is one platform,
//! [`memory::Memory`] is another; the pipeline never learns which one it runs on.
//!
//! Futures need not be `Send`: a Worker is single-threaded, and native tests run on one thread.

#[cfg(any(test, feature = "test-routes"))]
pub mod conformance;
#[cfg(not(target_arch = "wasm32"))]
pub mod memory;
#[cfg(any(test, feature = "test-routes"))]
pub mod vectors;
pub mod wire;

use bytes::Bytes;
use http::{Request, Response};
use shared::idempotency::{Fingerprint, Key};

use crate::cache::record::Record;
use crate::encoding::Coding;
use crate::encoding::decode::Undecodable;
use crate::feed;
use crate::identity::Algorithm;
use crate::limit::book::{Ask, Word};
use crate::limit::terms::Terms;
use crate::replay::{Answer, Told};
use crate::shield;
use crate::usage::{Use, What};

/// A body: nothing, bytes in memory, or the platform's own stream, which passes through unread.
#[derive(Debug)]
pub enum Body<S> {
    /// No body.
    Empty,
    /// All of it.
    Bytes(Bytes),
    /// As it came, not read yet.
    Stream(S),
}

impl<S> Body<S> {
    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Bytes(bytes) => bytes.is_empty(),
            Self::Stream(_) => false,
        }
    }
}

/// Why a fetch gave no response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The connection could not be made, so nothing was sent.
    #[error("the origin could not be reached")]
    Unreachable,
    /// It was sent, and the connection ended without a complete answer.
    #[error("the connection ended before the answer was complete")]
    Cut,
    /// It was sent, and no answer came in time.
    #[error("the origin did not answer in time")]
    Timeout,
    /// Every origin of the pool is known to fail, so nothing was sent.
    #[error("every origin of the pool is out")]
    Out,
}

/// Why a body could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// It holds more bytes than allowed.
    #[error("the body is over its limit")]
    TooLarge,
    /// It ended early, or did not end in time.
    #[error("the body ended early")]
    Cut,
}

/// A part of the platform (an object, a store) did not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a part of the platform did not answer")]
pub struct Down;

/// The time.
pub trait Clock {
    /// Unix milliseconds. It stands still while a Worker computes.
    fn now_ms(&self) -> u64;
}

/// Randomness.
pub trait Entropy {
    /// Ten bytes from the platform's cryptographic source: the random part of a `UUIDv7`.
    fn random(&self) -> [u8; 10];
}

/// The origin, and the issuers' key documents.
pub trait Origin {
    /// A body that has not been read.
    type Stream: 'static;

    /// Sends a request whose URI is path and query to an origin, by its base URL; it is empty in a world of
    /// one origin. The time covers the wait for the headers; redirects are not followed.
    async fn fetch(
        &self,
        base: &str,
        request: Request<Body<Self::Stream>>,
        timeout_ms: u32,
    ) -> Result<Response<Body<Self::Stream>>, FetchError>;

    /// Reads a body to its end, up to `bytes_max`, within `timeout_ms`.
    async fn read(
        &self,
        body: Body<Self::Stream>,
        bytes_max: usize,
        timeout_ms: u32,
    ) -> Result<Bytes, ReadError>;

    /// A second one of a body that nobody has read; each is read at its own pace.
    fn fork(&self, body: &Body<Self::Stream>) -> Option<Body<Self::Stream>>;

    /// GETs an issuer's key document: an absolute URL, or a path in a world of one origin.
    async fn fetch_keys(&self, url: &str, timeout_ms: u32) -> Result<Bytes, FetchError>;
}

/// An opaque store of responses. It may forget anything at any time; what it holds is decided by
/// [`crate::cache`] alone.
pub trait CacheStore: Origin {
    /// What is stored under the key, with its body unread.
    async fn load(&self, key: &str) -> Option<(Record, Body<Self::Stream>)>;

    /// Keeps a record under the key for `ttl_seconds` at most, in place of what stood there.
    async fn keep(&self, key: &str, record: &Record, body: Bytes, ttl_seconds: u64);
}

/// Callers, each an object whose questions come one by one: its book, and the committed answers under its
/// keys. It elects among concurrent duplicates and never decides that work happened.
pub trait Callers {
    /// Asks a caller's book ([`crate::limit::book`]).
    async fn ask_limiter(&self, bucket: &str, terms: &Terms, ask: &Ask) -> Result<Word, Down>;

    /// Asks its book, where there is a question, and then for the answer under a key; a request that the
    /// book refuses asks no more. Waits up to [`crate::replay::WAIT_MS`] while another request leads.
    async fn claim(
        &self,
        bucket: &str,
        limit: Option<(&Terms, &Ask)>,
        key: &Key,
        fingerprint: &Fingerprint,
    ) -> Result<Told, Down>;

    /// The leader's end: the committed answer, or `None` when nothing was committed and the key is
    /// free. What the book is to know goes along.
    async fn settle(
        &self,
        bucket: &str,
        limit: Option<(&Terms, &Ask)>,
        key: &Key,
        fingerprint: &Fingerprint,
        answer: Option<Answer>,
    ) -> Result<(), Down>;
}

/// What of the deprecated versions each account used.
pub trait Usage {
    /// Adds so many requests.
    async fn note_use(&self, account: &str, what: What, requests: u64) -> Result<(), Down>;

    /// All uses of the last [`crate::usage::KEEP_DAYS`].
    async fn uses(&self, account: &str) -> Result<Vec<Use>, Down>;
}

/// What is no longer true, in one order for everybody ([`crate::feed`]).
pub trait Feed {
    /// Adds a change; the last number.
    async fn append(&self, change: &feed::Change) -> Result<u64, Down>;

    /// What came after a number, a page of it, within `timeout_ms`.
    async fn since(&self, seq: u64, timeout_ms: u32) -> Result<feed::Told, Down>;
}

/// Who of many asks the origin ([`crate::shield`]).
pub trait Shield {
    /// What somebody is to do who wants what a key stands for. Waits for the flight that is waited for,
    /// for a lease at most.
    async fn join(
        &self,
        key: &str,
        beyond: u64,
        waiting: Option<u64>,
    ) -> Result<shield::Turn, Down>;

    /// A leader's end.
    async fn settle_flight(&self, key: &str, number: u64, end: shield::End) -> Result<(), Down>;
}

/// Checks of asymmetric signatures, which the platform does faster than we could.
pub trait Signatures {
    /// Whether the signature over `message` holds under a public key given as a JWK.
    async fn verify(
        &self,
        algorithm: Algorithm,
        jwk: &serde_json::Value,
        message: &[u8],
        signature: &[u8],
    ) -> bool;
}

/// Content codings of request bodies.
pub trait Decoder {
    /// The body as it was before it was encoded; ends with the first byte over `bytes_max`, since a
    /// small body may stand for an enormous one.
    fn decode(&self, coding: Coding, body: &[u8], bytes_max: usize) -> Result<Bytes, Undecodable>;
}

/// The access log.
pub trait Log {
    /// Writes one line of JSON.
    fn log(&self, line: &str);
}

/// Work that may outlive the answer.
pub trait Background {
    /// Waits.
    async fn pause(&self, ms: u32);

    /// Runs the future to its end after the answer was given.
    fn defer(&self, work: impl Future<Output = ()> + 'static);

    /// Runs the future to its end even when the client leaves; `None` if it did not get there.
    async fn finish<T: 'static>(&self, work: impl Future<Output = T> + 'static) -> Option<T>;
}

/// All of it. Clones are handles to the same platform.
pub trait Platform:
    Clock
    + Entropy
    + Origin
    + CacheStore
    + Callers
    + Usage
    + Feed
    + Shield
    + Signatures
    + Decoder
    + Log
    + Background
    + Clone
    + 'static
{
}

impl<P> Platform for P where
    P: Clock
        + Entropy
        + Origin
        + CacheStore
        + Callers
        + Usage
        + Feed
        + Shield
        + Signatures
        + Decoder
        + Log
        + Background
        + Clone
        + 'static
{
}
