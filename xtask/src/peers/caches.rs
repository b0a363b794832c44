//! Caches to be measured beside ours: on `PATH` (or where Debian keeps servers), else Debian's.
//!
//! Their packages start a service where a system manager runs; so they are installed only where
//! Debian's own switch against that (`policy-rc.d`, as in containers) is set.

use anyhow::{Context, Result};

use super::{Peer, Skip, apt, servers};
use crate::environment::Environment;
use crate::progress::Progress;

/// A cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cache {
    /// nginx with `proxy_cache`.
    Nginx,
    /// Varnish.
    Varnish,
    /// Apache Traffic Server.
    TrafficServer,
}

impl Cache {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Nginx, Self::Varnish, Self::TrafficServer];

    /// Its name, and its Debian package's.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Varnish => "varnish",
            Self::TrafficServer => "trafficserver",
        }
    }

    const fn program(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Varnish => "varnishd",
            Self::TrafficServer => "traffic_server",
        }
    }
}

/// The cache's program, installed where that needs no asking and starts nothing.
pub fn cache(cache: Cache, environment: &Environment, progress: Progress) -> Result<Peer> {
    let name = cache.name();
    let found = || servers::on_path(environment, cache.program());
    if let Some(program) = found() {
        return Ok(Peer::Here(program));
    }
    if !apt::allowed(environment) || !servers::start_by_hand() {
        let why = format!("It is not installed (Debian: `apt-get install {name}`).");
        return Ok(Peer::Missing(Skip { name, why }));
    }
    let installed = apt::install(name, environment, progress)
        .and_then(|()| found().context("The package brought no program of that name."));
    Peer::from_install(name, installed)
}
