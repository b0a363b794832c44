//! localstripe, a server that takes and answers what Stripe does: our client's wire format is checked
//! against it. It does not honour `Idempotency-Key`, and has no search.

use anyhow::Result;

use super::Peer;
use super::python::Package;
use crate::environment::Environment;
use crate::progress::Progress;

/// The program `localstripe`, installed where that needs no asking.
pub fn localstripe(environment: &Environment, progress: Progress) -> Result<Peer> {
    let package = Package {
        name: "localstripe",
        version: "1.15.10",
        program: "localstripe",
        with: &[],
    };
    package.ensure(environment, progress)
}
