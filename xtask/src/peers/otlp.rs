//! `opentelemetry-proto`, OpenTelemetry's own definitions of what is sent to a collector: a collector in tests
//! reads by them what edge and origin send.

use anyhow::Result;

use super::Peer;
use super::python::Package;
use crate::environment::Environment;
use crate::progress::Progress;

/// The Python that has them, installed where that needs no asking.
pub fn otlp(environment: &Environment, progress: Progress) -> Result<Peer> {
    let package = Package {
        name: "opentelemetry-proto",
        version: "1.45.2",
        program: "python",
        with: &[],
    };
    package.ensure(environment, progress)
}
