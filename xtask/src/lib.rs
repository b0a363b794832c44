//! Everything around the shop, as a library: `cargo xtask` is a thin command over it, and the tests
//! and benchmarks use the same pieces. It is synchronous and knows nothing of orders.
//!
//! - [`tools`]: the pinned tools, installed where missing
//! - [`process`]: children that never outlive their parent
//! - [`doctor`]: what is missing
//! - [`lock`], [`stamp`], [`wait`], [`ports`], [`progress`], [`interrupt`], [`environment`]

pub mod doctor;
pub mod environment;
pub mod interrupt;
pub mod lock;
pub mod ports;
pub mod process;
pub mod progress;
pub mod stamp;
pub mod tools;
pub mod wait;
