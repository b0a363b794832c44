//! The edge: CDN and API gateway in one Worker.
//!
//! Read [`pipeline`] first: it lists the stages in their order. Stages decide by pure functions
//! ([`cache`], [`limit`], [`replay`], [`identity`]) and ask the world through [`platform`]; the
//! Worker's own adapters live in `cloudflare`, the only folder that names Cloudflare's API.
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]
// Futures of the platform stay on one thread.
#![allow(async_fn_in_trait)]

pub mod cache;
pub mod config;
pub mod encoding;
pub mod feed;
pub mod firewall;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
pub mod identity;
pub mod limit;
pub mod negotiation;
pub mod pipeline;
pub mod platform;
pub mod pool;
pub mod rejection;
pub mod replay;
pub mod routes;
pub mod seen;
pub mod shapes;
pub mod shield;
pub mod tags;
pub mod usage;

#[cfg(target_arch = "wasm32")]
mod cloudflare;
