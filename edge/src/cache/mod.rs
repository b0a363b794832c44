//! The cache: what may be stored, for how long, under which key, and what a stored copy answers.
//!
//! Pure; the store itself is the platform's ([`crate::platform::CacheStore`]).

pub mod conditional;
pub mod entry;
pub mod freshness;
pub mod key;
pub mod status;
pub mod wire;

/// Largest body that is stored.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;
