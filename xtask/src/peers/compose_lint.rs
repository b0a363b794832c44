//! compose-lint, which lints Compose files for what lets an attacker out of a container.

use anyhow::Result;

use super::Peer;
use super::python::Package;
use crate::environment::Environment;
use crate::progress::Progress;

/// The program `compose-lint`, installed where that needs no asking.
pub fn compose_lint(environment: &Environment, progress: Progress) -> Result<Peer> {
    let package = Package {
        name: "compose-lint",
        version: "0.36.2",
        program: "compose-lint",
        with: &[],
    };
    package.ensure(environment, progress)
}
