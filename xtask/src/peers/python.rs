//! Python packages with a program, each in an environment of its own below the tools folder.
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

/// A package, and the program of its name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Package {
    pub(super) name: &'static str,
    pub(super) version: &'static str,
}

impl Package {
    /// The program, installed where that needs no asking.
    pub(super) fn program(self, environment: &Environment, progress: Progress) -> Result<Peer> {
        let Self { name, version } = self;
        let tools = environment.tools_folder();
        let folder = tools.join(format!("{name}-{version}"));
        let program = folder.join("bin").join(name);
        let mark = folder.join(".complete");
        if mark.is_file() {
            return Ok(Peer::Here(program));
        }
        if !has_venv(environment) && !apt::allowed(environment) {
            let why = python_fix(name);
            return Ok(Peer::Missing(Skip { name, why }));
        }
        let installed = install(self, &tools, &folder, environment, progress).and_then(|()| {
            ensure!(program.is_file(), "pip brought no {}.", program.display());
            std::fs::write(&mark, version)?;
            Ok(program)
        });
        Peer::from_install(name, installed)
    }
}

fn pip_fix(name: &str) -> String {
    format!(
        "pip could not install {name}. When the registry was out of reach, run the command again."
    )
}

fn python_fix(name: &str) -> String {
    format!(
        "{name} needs Python 3.10 or newer with venv. Install it (Debian: `apt-get install \
         python3-venv`)."
    )
}

fn install(
    package: Package,
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
    let Package { name, version } = package;
    let step = format!("{name} {version} (once, Python packages)");
    progress.step(&step, || {
        let mut venv = python(environment);
        venv.args(["-m", "venv"]).arg(folder);
        process::run("python3 -m venv", &mut venv, &python_fix(name))?;
        let mut pip = Command::new(folder.join("bin/python"));
        pip.args(["-m", "pip", "install", "--quiet", "--no-input"])
            .arg("--disable-pip-version-check")
            .arg(format!("{name}=={version}"));
        process::run("pip install", &mut pip, &pip_fix(name))
    })?;
    Ok(())
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
