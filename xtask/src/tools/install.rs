//! Programs that cargo builds, kept by name and version.
//!
//! Built beside the tools folder's final name and then renamed, so that a build that was cut off
//! is never taken as done; a lock on the folder, so that two xtasks don't both build for minutes.
//! Without `--locked`: the lock of wasm-bindgen-cli names a crate that is gone.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::Check;
use crate::environment::Environment;
use crate::lock::Lock;
use crate::process;
use crate::progress::Progress;

const FIX: &str = "cargo could not build the tool. A C compiler must be installed; when the \
    registry was out of reach, run the command again.";

/// One program of one package.
#[derive(Debug)]
pub(super) struct Tool {
    package: &'static str,
    version: String,
    folder: PathBuf,
    /// The program's path, once it is installed.
    pub(super) program: PathBuf,
}

impl Tool {
    pub(super) fn new(
        environment: &Environment,
        package: &'static str,
        program: &str,
        version: &str,
    ) -> Self {
        let folder = environment
            .tools_folder()
            .join(format!("{package}-{version}"));
        let program = folder.join("bin").join(program);
        Self {
            package,
            version: version.to_owned(),
            folder,
            program,
        }
    }

    pub(super) fn ensure(&self, root: &Path, _: &Environment, progress: Progress) -> Result<()> {
        if self.program.is_file() {
            return Ok(());
        }
        let tools = self
            .folder
            .parent()
            .context("The tools folder has no parent.")?;
        let _lock = Lock::on(tools)?;
        if self.program.is_file() {
            return Ok(());
        }
        let incoming = tools.join(format!(".incoming-{}-{}", self.package, self.version));
        if incoming.exists() {
            std::fs::remove_dir_all(&incoming)?;
        }
        let mut cargo = Command::new("cargo");
        cargo
            .current_dir(root)
            .args([
                "install",
                "--quiet",
                self.package,
                "--version",
                &format!("={}", self.version),
            ])
            .arg("--root")
            .arg(&incoming)
            // A flag or a folder meant for the project's own build must not leak into this one.
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_ENCODED_RUSTFLAGS")
            .env_remove("CARGO_BUILD_TARGET")
            .env_remove("CARGO_TARGET_DIR");
        let name = format!("{} {} (once, a few minutes)", self.package, self.version);
        progress.step(&name, || process::run("cargo install", &mut cargo, FIX))?;
        if self.folder.exists() {
            std::fs::remove_dir_all(&self.folder)?;
        }
        std::fs::rename(&incoming, &self.folder)?;
        ensure!(
            self.program.is_file(),
            "{} brought no {}.",
            self.package,
            self.program.display()
        );
        Ok(())
    }

    pub(super) fn check(&self) -> Check {
        Check {
            name: format!("{} {}", self.package, self.version),
            found: self
                .program
                .is_file()
                .then(|| self.program.display().to_string()),
            fix: "`cargo xtask dev` builds it, once, in a few minutes.".into(),
        }
    }
}
