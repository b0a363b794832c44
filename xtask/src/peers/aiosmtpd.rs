//! aiosmtpd, a mail server that does in tests what real ones do.

use anyhow::Result;

use super::Peer;
use super::python::Package;
use crate::environment::Environment;
use crate::progress::Progress;

/// Its version.
pub const AIOSMTPD: &str = "1.4.6";

/// The Python that has it, installed where that needs no asking.
pub fn aiosmtpd(environment: &Environment, progress: Progress) -> Result<Peer> {
    let package = Package {
        name: "aiosmtpd",
        version: AIOSMTPD,
        program: "python",
        with: &[],
    };
    package.ensure(environment, progress)
}
