//! `pg_dump` and `pg_restore`, of the very version of the Postgres that tests run: npm's has none.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::{Peer, Skip, apt, is_program, servers};
use crate::environment::Environment;
use crate::postgres::Binaries;
use crate::progress::Progress;

const NAME: &str = "pg_dump";
/// Debian's package with server and clients.
const PACKAGE: &str = "postgresql";

/// The program, installed where that needs no asking and starts nothing. Ask for it before the server is
/// started that it is for: the package brings a server of its version too.
pub fn pg_dump(root: &Path, environment: &Environment, progress: Progress) -> Result<Peer> {
    if let Some(program) = found(root, environment)? {
        return Ok(Peer::Here(program));
    }
    if !apt::allowed(environment) || !servers::start_by_hand() {
        let why = format!("The Postgres here has none (Debian: `apt-get install {PACKAGE}`).");
        return Ok(Peer::Missing(Skip { name: NAME, why }));
    }
    let installed = apt::install(PACKAGE, environment, progress)
        .and_then(|()| found(root, environment)?.context("The package brought no such program."));
    Peer::from_install(NAME, installed)
}

fn found(root: &Path, environment: &Environment) -> Result<Option<PathBuf>> {
    let program = Binaries::find(root, environment, None)?.folder.join(NAME);
    Ok(is_program(&program).then_some(program))
}
