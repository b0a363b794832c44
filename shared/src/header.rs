//! Names of the header fields that we define or that `http` has no constant for.
//!
//! All in lower case, so that they serve `http::HeaderName::from_static` and JS alike.

/// Our id of a request; the client's own is kept apart, in the log.
pub const REQUEST_ID: &str = "x-request-id";
/// Key of an unsafe request [draft-ietf-httpapi-idempotency-key-header-07].
pub const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// `true` on a replayed answer, `false` on a first one.
pub const IDEMPOTENT_REPLAYED: &str = "idempotent-replayed";
/// On a replay, the id of the request that did the work.
pub const ORIGINAL_REQUEST_ID: &str = "original-request-id";
/// The problem's code, for HEAD and logs.
pub const ERROR_CODE: &str = "error-code";
/// Which version of the API answered.
pub const API_VERSION: &str = "api-version";
/// How the cache treated the request [RFC 9211].
pub const CACHE_STATUS: &str = "cache-status";
/// Freshness for shared caches of our kind [RFC 9213].
pub const CDN_CACHE_CONTROL: &str = "cdn-cache-control";
/// Surrogate tags of a response, separated by spaces; the edge keeps them and strips the field.
pub const CACHE_TAG: &str = "cache-tag";
/// Policies of the limits in force [draft-ietf-httpapi-ratelimit-headers-10].
pub const RATE_LIMIT_POLICY: &str = "ratelimit-policy";
/// What is left under those policies.
pub const RATE_LIMIT: &str = "ratelimit";
/// How long whom an answer took [Server Timing, W3C], milliseconds.
pub const SERVER_TIMING: &str = "server-timing";
/// An alternative place for an API key.
pub const API_KEY: &str = "x-api-key";
/// Of an answer to a change of products: the place in the database's log behind it
/// ([`crate::feed::Position`]). Of a read of products: the place that its answer must not be older than.
pub const POSITION: &str = "headgate-position";

/// Edge to origin: the signed caller. See [`crate::assertion`].
pub const ASSERTION: &str = "headgate-assertion";
/// Edge to origin: for how many milliseconds from now the edge waits for this try. It is no time of a
/// clock, since two clocks may be apart, and not signed, since it can only make who says it wait less.
pub const BUDGET_MS: &str = "headgate-budget-ms";
/// Origin to edge, never to a client: the origin that answers is about to end. While there is another, it
/// gets no more requests.
pub const DRAINING: &str = "headgate-draining";
/// Origin to edge, never to a client: the place in the database's log up to which this answer holds
/// everything, so that a copy of it can be held against [`POSITION`].
pub const LABEL: &str = "headgate-label";
/// Origin to edge, never to a client: this answer committed together with its idempotency key, so
/// the edge may keep it.
pub const COMMITTED: &str = "headgate-committed";
/// Origin to edge, never to a client: which revision of the converters carries this answer down, since
/// it made the first answer of its key. See [`crate::versions::REVISION`].
pub const CONVERTER: &str = "headgate-converter";

/// Conditions and preferences. They may be as long as clients like, but for [`BOUNDED_BYTES_MAX`]: a
/// tag of ours has less than fifty bytes.
pub const BOUNDED: [&str; 3] = ["if-match", "if-none-match", "prefer"];
/// Most bytes of each of [`BOUNDED`], all its lines together; a longer one is 431 [RFC 6585 §5].
pub const BOUNDED_BYTES_MAX: usize = 2000;

/// Whether a field with lines of these lengths is over [`BOUNDED_BYTES_MAX`].
pub fn is_too_long(lines: impl Iterator<Item = usize>) -> bool {
    lines.sum::<usize>() > BOUNDED_BYTES_MAX
}
