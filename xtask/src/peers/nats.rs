//! A NATS server for the tests of that queue.

use anyhow::Result;

use super::{Peer, servers};
use crate::environment::Environment;
use crate::progress::Progress;

/// The server's program, installed where that needs no asking and starts nothing.
pub fn nats_server(environment: &Environment, progress: Progress) -> Result<Peer> {
    servers::server("nats-server", "nats-server", environment, progress)
}
