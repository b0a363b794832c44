//! Where servers stand, and whether their packages start them.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::environment::Environment;

/// Where servers stand that are not on everybody's `PATH`.
const SERVERS: [&str; 2] = ["/usr/local/sbin", "/usr/sbin"];
/// While this is there, a package starts nothing.
const NO_SERVICES: &str = "/usr/sbin/policy-rc.d";

/// A server's program.
pub(super) fn on_path(environment: &Environment, program: &str) -> Option<PathBuf> {
    super::on_path(&with_servers(environment), &[program])
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
