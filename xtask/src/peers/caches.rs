//! Caches to be measured beside ours: on `PATH` (or where Debian keeps servers), else Debian's.
//!
//! Their packages start a service where a system manager runs; so they are installed only where
//! Debian's own switch against that (`policy-rc.d`, as in containers) is set.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::{Peer, Skip, apt, on_path};
use crate::environment::Environment;
use crate::progress::Progress;

/// Where servers stand that are not on everybody's `PATH`.
const SERVERS: [&str; 2] = ["/usr/local/sbin", "/usr/sbin"];
/// While this is there, a package starts nothing.
const NO_SERVICES: &str = "/usr/sbin/policy-rc.d";

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
    let path = with_servers(environment);
    let found = || on_path(&path, &[cache.program()]);
    if let Some(program) = found() {
        return Ok(Peer::Here(program));
    }
    if !apt::allowed(environment) || !Path::new(NO_SERVICES).exists() {
        let why = format!("It is not installed (Debian: `apt-get install {name}`).");
        return Ok(Peer::Missing(Skip { name, why }));
    }
    let installed = apt::install(name, environment, progress)
        .and_then(|()| found().context("The package brought no program of that name."));
    Peer::from_install(name, installed)
}

fn with_servers(environment: &Environment) -> OsString {
    let known = std::env::split_paths(&environment.path);
    let all = known.chain(SERVERS.map(PathBuf::from));
    std::env::join_paths(all).unwrap_or_else(|_| environment.path.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_looked_for_behind_the_path() {
        let environment = Environment {
            path: "/a:/b".into(),
            ..Environment::default()
        };
        assert_eq!(
            with_servers(&environment),
            OsString::from("/a:/b:/usr/local/sbin:/usr/sbin")
        );
    }
}
