//! A NATS server for the tests of that queue: on `PATH` (or where Debian keeps servers), else Debian's.
//!
//! Its package starts a service where a system manager runs; so it is installed only where Debian's own
//! switch against that is set, as in containers.

use anyhow::{Context, Result};

use super::{Peer, Skip, apt, servers};
use crate::environment::Environment;
use crate::progress::Progress;

const NAME: &str = "nats-server";

/// The server's program, installed where that needs no asking and starts nothing.
pub fn nats_server(environment: &Environment, progress: Progress) -> Result<Peer> {
    let found = || servers::on_path(environment, NAME);
    if let Some(program) = found() {
        return Ok(Peer::Here(program));
    }
    if !apt::allowed(environment) || !servers::start_by_hand() {
        let why = format!("It is not installed (Debian: `apt-get install {NAME}`).");
        return Ok(Peer::Missing(Skip { name: NAME, why }));
    }
    let installed = apt::install(NAME, environment, progress)
        .and_then(|()| found().context("The package brought no program of that name."));
    Peer::from_install(NAME, installed)
}
