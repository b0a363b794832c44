//! Servers: on `PATH` (or where Debian keeps them), else Debian's.
//!
//! Their packages start a service where a system manager runs; so they are installed only where
//! Debian's own switch against that (`policy-rc.d`, as in containers) is set.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::{Peer, Skip, apt};
use crate::environment::Environment;
use crate::progress::Progress;

/// Where servers stand that are not on everybody's `PATH`.
const SERVERS: [&str; 2] = ["/usr/local/sbin", "/usr/sbin"];
/// While this is there, a package starts nothing.
const NO_SERVICES: &str = "/usr/sbin/policy-rc.d";

/// The program of a package, installed where that needs no asking and starts nothing.
pub(super) fn server(
    package: &'static str,
    program: &str,
    environment: &Environment,
    progress: Progress,
) -> Result<Peer> {
    let found = || super::on_path(&with_servers(environment), &[program]);
    if let Some(program) = found() {
        return Ok(Peer::Here(program));
    }
    if !apt::allowed(environment) || !start_by_hand() {
        let why = format!("It is not installed (Debian: `apt-get install {package}`).");
        return Ok(Peer::Missing(Skip { name: package, why }));
    }
    let installed = apt::install(package, environment, progress)
        .and_then(|()| found().context("The package brought no program of that name."));
    Peer::from_install(package, installed)
}

/// Whether packages of servers start nothing by themselves.
pub(super) fn start_by_hand() -> bool {
    Path::new(NO_SERVICES).exists()
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
