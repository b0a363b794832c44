//! The firewall: who may come near at all, and what no honest client sends.
//!
//! 1. [`network`]: addresses and countries. A denied one is out whatever is allowed; where something is
//!    allowed, all else is out, and so is what is not known.
//! 2. [`oddities`]: requests that two parsers may read in two ways [RFC 9112 §6.3, §11.2].
//! 3. [`patterns`]: a small set of what scanners and injections look like, for routes that ask for it;
//!    logged first, blocked by choice.
//!
//! Pure, and of the request alone.

pub mod oddities;
pub mod patterns;

pub use shared::network;
