//! Python packages: each in an environment of its own below the tools folder.
//!
//! Such an environment can't be moved once it is made, since its scripts carry its path. So it is
//! made where it stays, and a mark is written last: one that was cut off is never taken as done.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, ensure};

use super::{Peer, Skip, apt, on_path};
use crate::environment::Environment;
use crate::lock::Lock;
use crate::process;
use crate::progress::Progress;

const PYTHON_FIX: &str = "It needs Python 3.10 or newer with venv. Install it (Debian: \
    `apt-get install python3-venv`).";

const PIP_FIX: &str = "pip could not install it. When the registry was out of reach, run the command \
    again.";

/// A package, and the program that it is wanted for.
pub(super) struct Package {
    /// Its name in the registry.
    pub(super) name: &'static str,
    /// Its version.
    pub(super) version: &'static str,
    /// The program, below the environment's `bin`.
    pub(super) program: &'static str,
    /// What else belongs to it, as pip takes it, each with its version.
    pub(super) with: &'static [&'static str],
}

impl Package {
    /// The program, installed where that needs no asking.
    pub(super) fn ensure(&self, environment: &Environment, progress: Progress) -> Result<Peer> {
        let tools = environment.tools_folder();
        let folder = tools.join(format!("{}-{}", self.name, self.version));
        let program = folder.join("bin").join(self.program);
        let mark = folder.join(".complete");
        if mark.is_file() {
            return Ok(Peer::Here(program));
        }
        let name = self.name;
        if !has_venv(environment) && !apt::allowed(environment) {
            let why = PYTHON_FIX.to_owned();
            return Ok(Peer::Missing(Skip { name, why }));
        }
        let installed = self
            .install(&tools, &folder, environment, progress)
            .and_then(|()| {
                ensure!(program.is_file(), "pip brought no {}.", program.display());
                std::fs::write(&mark, self.version)?;
                Ok(program)
            });
        Peer::from_install(name, installed)
    }

    fn install(
        &self,
        tools: &Path,
        folder: &Path,
        environment: &Environment,
        progress: Progress,
    ) -> Result<()> {
        if !has_venv(environment) {
            apt::install("python3-venv", environment, progress)?;
        }
        let _lock = Lock::on(tools)?;
        // Somebody else may have installed it while we waited.
        if folder.join(".complete").is_file() {
            return Ok(());
        }
        if folder.exists() {
            std::fs::remove_dir_all(folder)?;
        }
        let name = format!("{} {} (once, Python packages)", self.name, self.version);
        progress.step(&name, || {
            let mut venv = python(environment);
            venv.args(["-m", "venv"]).arg(folder);
            process::run("python3 -m venv", &mut venv, PYTHON_FIX)?;
            let mut pip = Command::new(folder.join("bin/python"));
            pip.args(["-m", "pip", "install", "--quiet", "--no-input"])
                .arg("--disable-pip-version-check")
                .arg(format!("{}=={}", self.name, self.version))
                .args(self.with);
            process::run("pip install", &mut pip, PIP_FIX)
        })?;
        Ok(())
    }
}

/// Debian's Python comes without the part of venv that brings pip.
fn has_venv(environment: &Environment) -> bool {
    let mut look = python(environment);
    look.args(["-c", "import ensurepip, venv"]);
    process::output("python3", &mut look).is_ok_and(|output| output.status.success())
}

fn python(environment: &Environment) -> Command {
    let program = on_path(&environment.path, &["python3"]);
    Command::new(program.unwrap_or_else(|| PathBuf::from("python3")))
}
