//! libfaketime: a clock that is wrong, for one process.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::{Peer, Skip, apt};
use crate::environment::Environment;
use crate::progress::Progress;

const NAME: &str = "libfaketime";
/// Debian's package.
const PACKAGE: &str = "libfaketime";
/// Where it puts the library, below a folder by machine.
const LIBRARIES: &str = "/usr/lib";
const FILE: &str = "faketime/libfaketime.so.1";

/// The library, installed where that needs no asking.
pub fn libfaketime(environment: &Environment, progress: Progress) -> Result<Peer> {
    if let Some(library) = found() {
        return Ok(Peer::Here(library));
    }
    if !apt::allowed(environment) {
        let why = format!("It is not installed (Debian: `apt-get install {PACKAGE}`).");
        return Ok(Peer::Missing(Skip { name: NAME, why }));
    }
    let installed = apt::install(PACKAGE, environment, progress)
        .and_then(|()| found().context("The package brought no such library."));
    Peer::from_install(NAME, installed)
}

fn found() -> Option<PathBuf> {
    let folders = Path::new(LIBRARIES).read_dir().ok()?.flatten();
    folders
        .map(|folder| folder.path().join(FILE))
        .find(|file| file.is_file())
}
