//! The only folder with SQL. Longer statements stand in files of their own, so that a benchmark can
//! run the very same text.

pub mod alerts;
pub mod analytics;
pub mod api_key;
pub mod client;
pub mod dead_letters;
pub mod deliveries;
pub mod event_log;
pub mod explain;
mod fault;
pub mod firewall;
pub mod key;
pub mod log;
pub mod migrate;
pub mod order;
pub mod origins;
pub mod outbox;
pub mod page;
pub mod partitions;
pub mod plan;
pub mod pool;
pub mod product;
pub mod push;
pub mod rebase;
pub mod revocation;
pub mod session;
pub mod stock_notice;
pub mod user;
pub mod webhook;
pub mod work;

pub use fault::{Fault, violates};
