//! moto, which answers as Amazon's services do: for the tests of the SQS queue.

use anyhow::Result;

use super::Peer;
use super::python::Package;
use crate::environment::Environment;
use crate::progress::Progress;

/// Its version.
pub const MOTO: &str = "5.2.5";

/// The Python that has it, installed where that needs no asking. Its own extra for servers brings what
/// every service needs, three times as much; these are what SQS does.
pub fn moto(environment: &Environment, progress: Progress) -> Result<Peer> {
    let package = Package {
        name: "moto",
        version: MOTO,
        program: "python",
        with: &["flask==3.1.3", "flask-cors==6.0.5"],
    };
    package.ensure(environment, progress)
}
