//! localstripe, a server that takes and answers what Stripe does: our client's wire format is checked
//! against it. It does not honour `Idempotency-Key`, and has no search.

use anyhow::Result;

use super::Peer;
use super::python::Package;
use crate::environment::Environment;
use crate::progress::Progress;

const PACKAGE: Package = Package {
    name: "localstripe",
    version: "1.15.10",
};

/// The program `localstripe`, installed where that needs no asking.
pub fn localstripe(environment: &Environment, progress: Progress) -> Result<Peer> {
    PACKAGE.program(environment, progress)
}
