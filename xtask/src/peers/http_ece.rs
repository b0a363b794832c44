//! `http_ece` and `py_vapid`: how others read pushes and verify who sent them.

use anyhow::Result;

use super::Peer;
use super::python::Package;
use crate::environment::Environment;
use crate::progress::Progress;

/// The Python that has them, installed where that needs no asking.
pub fn http_ece(environment: &Environment, progress: Progress) -> Result<Peer> {
    let package = Package {
        name: "http-ece",
        version: "1.2.1",
        program: "python",
        with: &["py-vapid==1.9.6"],
    };
    package.ensure(environment, progress)
}
