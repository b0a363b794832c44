//! Everything around the shop, as a library: `cargo xtask` is a thin command over it, and the tests
//! and benchmarks use the same pieces. It is synchronous and knows nothing of orders.
//!
//! - [`tools`]: the pinned tools, installed where missing
//! - [`edge_build`]: the edge as Wasm, made only when something changed
//! - [`workerd`]: the edge on raw workerd, several locations over one set of objects
//! - [`postgres`]: a Postgres of our own
//! - [`process`]: children that never outlive their parent
//! - [`client`]: the TypeScript client, generated, checked, built
//! - [`containers`]: Dockerfile and compose.yaml, linted
//! - [`peers`]: a browser and other programs that only tests need
//! - [`cluster`]: the whole shop as it stands in production, whose parts can be killed; [`drill`] has them so,
//!   [`wire`] leads to them
//! - [`dev`]: the whole shop; [`origin`] and [`wrangler`] are its parts
//! - [`edge`], [`test`], [`bench`], [`fuzz`]: the other commands
//! - [`doctor`]: what is missing
//! - [`lock`], [`secrets`], [`stamp`], [`wait`], [`ports`], [`progress`], [`interrupt`], [`environment`]

pub mod bench;
pub mod client;
pub mod cluster;
pub mod containers;
pub mod dev;
pub mod disk;
pub mod doctor;
pub mod drill;
pub mod edge;
pub mod edge_build;
pub mod environment;
pub mod fuzz;
pub mod interrupt;
pub mod lock;
pub mod origin;
pub mod peers;
pub mod ports;
pub mod postgres;
pub mod process;
pub mod progress;
pub mod sandbox;
pub mod scratch;
pub mod secrets;
pub mod stamp;
pub mod test;
pub mod tools;
pub mod wait;
pub mod wire;
pub mod workerd;
pub mod wrangler;
