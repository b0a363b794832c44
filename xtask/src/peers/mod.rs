//! Peers: programs for tests and benchmarks that only Debian's or Python's packages give. They are installed where
//! that can be done without asking; where it can't, the test is a named skip, which under `CI=true`
//! is a failure.

mod aiosmtpd;
mod apt;
mod caches;
mod chromium;
mod compose_lint;
mod hadolint;
mod http_ece;
mod libfaketime;
mod localstripe;
mod moto;
mod nats;
mod otlp;
mod pg_dump;
mod python;
mod redis;
mod schemathesis;
mod servers;

use std::ffi::OsStr;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::interrupt::Interrupted;

pub use aiosmtpd::{AIOSMTPD, aiosmtpd};
pub use caches::{Cache, cache};
pub use chromium::chromium;
pub use compose_lint::compose_lint;
pub use hadolint::hadolint;
pub use http_ece::http_ece;
pub use libfaketime::libfaketime;
pub use localstripe::localstripe;
pub use moto::{MOTO, moto};
pub use nats::nats_server;
pub use otlp::otlp;
pub use pg_dump::pg_dump;
pub use redis::redis_server;
pub use schemathesis::{SCHEMATHESIS, schemathesis};

/// A program for a test, or why there is none.
#[derive(Debug, PartialEq, Eq)]
pub enum Peer {
    /// It is here.
    Here(PathBuf),
    /// It is not, and can't be brought without asking.
    Missing(Skip),
}

/// Why a test can't run here.
#[derive(Debug, PartialEq, Eq)]
pub struct Skip {
    /// What is missing.
    pub name: &'static str,
    /// Why, and what to do about it.
    pub why: String,
}

impl Peer {
    /// The program; or nothing, after a line on stderr that says what is skipped and why. Where a
    /// skip is not accepted (`ci`), it is an error.
    pub fn or_skip(self, ci: bool) -> Result<Option<PathBuf>> {
        match self {
            Self::Here(program) => Ok(Some(program)),
            Self::Missing(Skip { name, why }) if ci => {
                bail!("skipped: {name}: {why} (Under CI=true a skip is a failure.)")
            }
            Self::Missing(Skip { name, why }) => {
                // Written past the test harness, which swallows what a passing test prints.
                let line = format!("skipped: {name}: {why}\n");
                let _ = std::io::stderr().write_all(line.as_bytes());
                Ok(None)
            }
        }
    }

    /// Takes a failed installation as a skip; only the user's interrupt is none.
    fn from_install(name: &'static str, installed: Result<PathBuf>) -> Result<Self> {
        match installed {
            Ok(program) => Ok(Self::Here(program)),
            Err(error) if error.is::<Interrupted>() => Err(error),
            Err(error) => Ok(Self::Missing(Skip {
                name,
                why: format!("{error:#}"),
            })),
        }
    }
}

/// The first of these programs that stands on a `PATH`.
fn on_path(path: &OsStr, names: &[&str]) -> Option<PathBuf> {
    names.iter().find_map(|name| {
        std::env::split_paths(path)
            .map(|folder| folder.join(name))
            .find(|program| is_program(program))
    })
}

fn is_program(path: &Path) -> bool {
    path.metadata()
        .is_ok_and(|it| it.is_file() && it.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing() -> Peer {
        Peer::Missing(Skip {
            name: "chromium",
            why: "Install it.".into(),
        })
    }

    #[test]
    fn a_skip_is_accepted_but_by_the_build_server() {
        let here = || Peer::Here("/usr/bin/chromium".into());
        for ci in [false, true] {
            assert!(here().or_skip(ci).unwrap().is_some());
        }
        assert_eq!(missing().or_skip(false).unwrap(), None);
        let text = missing().or_skip(true).unwrap_err().to_string();
        assert!(text.starts_with("skipped: chromium: Install it."), "{text}");
    }

    #[test]
    fn a_failed_installation_is_a_skip_and_an_interrupt_is_none() {
        let failed = Peer::from_install("x", Err(anyhow::anyhow!("no network"))).unwrap();
        let Peer::Missing(skip) = failed else {
            panic!("{failed:?}")
        };
        assert_eq!((skip.name, skip.why.as_str()), ("x", "no network"));
        assert!(Peer::from_install("x", Err(Interrupted.into())).is_err());
    }

    #[test]
    fn programs_are_found_by_the_order_of_their_names() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().as_os_str();
        assert_eq!(on_path(path, &["one", "two"]), None);
        for (name, mode) in [("one", 0o644), ("two", 0o755)] {
            let file = folder.path().join(name);
            std::fs::write(&file, "").unwrap();
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
        }
        assert_eq!(
            on_path(path, &["one", "two"]),
            Some(folder.path().join("two"))
        );
    }
}
