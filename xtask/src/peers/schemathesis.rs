//! Schemathesis, which tests an API by its `OpenAPI` document.

use anyhow::Result;

use super::Peer;
use super::python::Package;
use crate::environment::Environment;
use crate::progress::Progress;

/// Its version.
pub const SCHEMATHESIS: &str = "4.32.5";

/// The program `schemathesis`, installed where that needs no asking.
pub fn schemathesis(environment: &Environment, progress: Progress) -> Result<Peer> {
    let package = Package {
        name: "schemathesis",
        version: SCHEMATHESIS,
        program: "schemathesis",
        with: &[],
    };
    package.ensure(environment, progress)
}
