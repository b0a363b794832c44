//! Debian's packages: installed only by root on Debian, where nobody need be asked.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::on_path;
use crate::environment::Environment;
use crate::lock::Lock;
use crate::process;
use crate::progress::Progress;

/// Whether packages can be installed without asking.
pub(super) fn allowed(environment: &Environment) -> bool {
    rustix::process::geteuid().is_root()
        && Path::new("/etc/debian_version").exists()
        && on_path(&environment.path, &["apt-get"]).is_some()
}

/// Installs one package, with the freshest lists.
pub(super) fn install(package: &str, environment: &Environment, progress: Progress) -> Result<()> {
    // Two tests may want packages at once, and apt-get refuses to share.
    let _lock = Lock::on(&environment.cache())?;
    let fix = format!("`apt-get update && apt-get install {package}` says more.");
    progress.step(&format!("{package} (Debian's package)"), || {
        process::run(
            "apt-get update",
            &mut apt_get(environment, &["update"]),
            &fix,
        )?;
        let arguments = ["install", "--yes", "--no-install-recommends", package];
        process::run(
            "apt-get install",
            &mut apt_get(environment, &arguments),
            &fix,
        )
    })?;
    Ok(())
}

fn apt_get(environment: &Environment, arguments: &[&str]) -> Command {
    let mut command = Command::new("apt-get");
    command
        .arg("--quiet")
        .args(arguments)
        .env("PATH", &environment.path)
        .env("DEBIAN_FRONTEND", "noninteractive");
    command
}
