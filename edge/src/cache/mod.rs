//! The cache: what may be stored, for how long, under which key, and what a stored copy answers
//! [RFC 9111], with stale copies [RFC 5861], fields for caches of our kind alone [RFC 9213],
//! conditions and ranges [RFC 9110 §13, §14], and what it tells about itself [RFC 9211].
//!
//! Pure: times come in as numbers. The store itself is the platform's
//! ([`crate::platform::CacheStore`]), the order of the steps is `pipeline::cache`.

pub mod conditional;
pub mod date;
pub mod directive;
pub mod entry;
pub mod fields;
pub mod freshness;
pub mod invalidation;
pub mod key;
pub mod range;
pub mod record;
pub mod refreshing;
pub mod reuse;
pub mod status;
pub mod storable;
pub mod vary;
pub mod wire;

/// Largest body that is stored.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;
/// For how many seconds a copy is kept after it may no longer answer by itself, so that the origin
/// can say that it still holds: a day.
pub const STALE_KEPT_SECONDS: u64 = 24 * 60 * 60;
/// For how many seconds a URL's index is kept: longer than any of its variants.
pub const INDEX_SECONDS: u64 = directive::SECONDS_MAX;
