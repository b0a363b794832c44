//! What npm installs, exactly as package-lock.json has it.
//!
//! A stamp inside `node_modules` holds the lock's hash. `npm ci` begins by deleting the folder,
//! and the stamp with it, so an installation that was cut off is never taken as done.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::Check;
use crate::environment::Environment;
use crate::lock::Lock;
use crate::progress::Progress;
use crate::{process, stamp};

/// What wrangler 4.90 and later ask for.
const NODE_MIN: (u32, u32) = (22, 12);

const FIX: &str = "npm could not install what package-lock.json lists. Node with npm must be on \
    PATH (https://nodejs.org); `cargo xtask doctor` says what is missing.";

const NODE_FIX: &str = "wrangler needs Node 22.12 or newer, and npm brought none for this \
    platform. Install one (https://nodejs.org) and run the command again.";

pub(super) fn ensure(root: &Path, environment: &Environment, progress: Progress) -> Result<()> {
    if !installed(root) {
        let _lock = Lock::on(root)?;
        // Somebody else may have installed them while we waited.
        if !installed(root) {
            let mut npm = Command::new("npm");
            // Install scripts are not needed: every tool here is a script or a binary as it comes.
            npm.current_dir(root)
                .args([
                    "ci",
                    "--ignore-scripts",
                    "--no-audit",
                    "--no-fund",
                    "--loglevel=error",
                ])
                .env("PATH", &environment.path);
            progress.step(
                "npm packages (wrangler, workerd, esbuild, wasm-opt)",
                || process::run("npm ci", &mut npm, FIX),
            )?;
            std::fs::write(stamp_file(root), wanted(root)?)?;
        }
    }
    node_version(root, environment).map(drop)
}

pub(super) fn checks(root: &Path) -> Vec<Check> {
    let environment = Environment::read();
    let version = |program: &str| {
        let mut command = Command::new(program);
        command.arg("--version").env("PATH", &environment.path);
        process::run(program, &mut command, FIX)
            .ok()
            .map(|text| text.trim().to_owned())
    };
    vec![
        Check {
            name: "npm".into(),
            found: version("npm"),
            fix: "Install Node, which brings npm (https://nodejs.org).".into(),
        },
        Check {
            name: "npm packages as in package-lock.json".into(),
            found: installed(root).then(|| "installed".into()),
            fix: "`cargo xtask dev` installs them (`npm ci --ignore-scripts`).".into(),
        },
        Check {
            name: "Node 22.12 or newer".into(),
            found: node_version(root, &environment).ok(),
            fix: NODE_FIX.into(),
        },
    ]
}

/// The folder of npm's programs.
pub(super) fn programs(root: &Path) -> PathBuf {
    root.join("node_modules/.bin")
}

/// `PATH` with npm's programs first; the Node that npm brought is one of them.
pub(super) fn path(root: &Path, environment: &Environment) -> OsString {
    let rest = std::env::split_paths(&environment.path);
    let all = std::iter::once(programs(root)).chain(rest);
    std::env::join_paths(all).unwrap_or_else(|_| environment.path.clone())
}

fn stamp_file(root: &Path) -> PathBuf {
    root.join("node_modules/.headgate-lock")
}

fn wanted(root: &Path) -> Result<String> {
    stamp::of_files(&[root.join("package-lock.json")]).context(
        "package-lock.json can't be read; `git checkout package-lock.json` brings it back.",
    )
}

fn installed(root: &Path) -> bool {
    match (std::fs::read_to_string(stamp_file(root)), wanted(root)) {
        (Ok(found), Ok(wanted)) => found == wanted,
        _ => false,
    }
}

fn node_version(root: &Path, environment: &Environment) -> Result<String> {
    let mut node = Command::new("/usr/bin/env");
    node.args(["node", "--version"])
        .env("PATH", path(root, environment));
    let version = process::run("node", &mut node, NODE_FIX)?.trim().to_owned();
    anyhow::ensure!(
        new_enough(&version),
        "Node {version} is too old. {NODE_FIX}"
    );
    Ok(version)
}

fn new_enough(version: &str) -> bool {
    let mut parts = version
        .trim_start_matches('v')
        .split('.')
        .map(str::parse::<u32>);
    match (parts.next(), parts.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => (major, minor) >= NODE_MIN,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_as_numbers() {
        for (version, expected) in [
            ("v24.21.0", true),
            ("v22.12.0", true),
            ("v22.9.0", false),
            ("v20.20.2", false),
            ("v9.99.0", false),
            ("nonsense", false),
        ] {
            assert_eq!(new_enough(version), expected, "{version}");
        }
    }
}
