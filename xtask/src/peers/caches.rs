//! Caches to be measured beside ours.

use anyhow::Result;

use super::{Peer, servers};
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
    servers::server(cache.name(), cache.program(), environment, progress)
}
