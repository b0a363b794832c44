//! The vocabulary that edge and origin share: resources, problems, identity, idempotency, events.
//!
//! Everything here is pure. Nothing reads a clock, randomness, the environment or the network, and
//! nothing may panic: the same code runs in Wasm at the edge, where one panic costs a request, in
//! the origin, and in the simulation.
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

pub mod address;
pub mod api_key;
pub mod assertion;
pub mod body;
pub mod caller;
mod canonical;
pub mod event;
pub mod feed;
pub mod firewall;
pub mod header;
pub mod id;
pub mod idempotency;
pub mod money;
pub mod network;
pub mod number;
pub mod order;
pub mod origins;
pub mod partner;
pub mod payment;
pub mod plan;
pub mod problem;
pub mod product;
pub mod record;
pub mod revocation;
pub mod session;
pub mod shape;
pub mod user;
pub mod version;
pub mod versions;
