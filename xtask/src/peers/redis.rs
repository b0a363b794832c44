//! A Redis for the tests of what the origins' processes share. `redis-cli` stands beside it.

use anyhow::Result;

use super::{Peer, servers};
use crate::environment::Environment;
use crate::progress::Progress;

/// The server's program, installed where that needs no asking and starts nothing.
pub fn redis_server(environment: &Environment, progress: Progress) -> Result<Peer> {
    servers::server("redis-server", "redis-server", environment, progress)
}
