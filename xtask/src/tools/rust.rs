//! The Wasm target, and the standard library's source: the edge rebuilds it so that it unwinds.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use super::Check;
use crate::process;
use crate::progress::Progress;

const TARGET: &str = "wasm32-unknown-unknown";

const FIX: &str = "Install rustup (https://rustup.rs) and let it manage this Rust: the pinned \
    toolchain needs the target wasm32-unknown-unknown and the component rust-src.";

/// A folder of the toolchain that must exist, and rustup's words that bring it.
struct Part {
    name: &'static str,
    below_sysroot: &'static str,
    rustup: [&'static str; 3],
}

const PARTS: [Part; 2] = [
    Part {
        name: "Rust target wasm32-unknown-unknown",
        below_sysroot: "lib/rustlib/wasm32-unknown-unknown/lib",
        rustup: ["target", "add", TARGET],
    },
    Part {
        name: "Rust component rust-src",
        below_sysroot: "lib/rustlib/src/rust/library/std",
        rustup: ["component", "add", "rust-src"],
    },
];

pub(super) fn ensure(root: &Path, progress: Progress) -> Result<()> {
    let sysroot = sysroot(root)?;
    for part in PARTS {
        if !sysroot.join(part.below_sysroot).is_dir() {
            let mut rustup = Command::new("rustup");
            rustup.current_dir(root).args(part.rustup);
            progress.step(part.name, || process::run("rustup", &mut rustup, FIX))?;
        }
    }
    Ok(())
}

pub(super) fn checks(root: &Path) -> Vec<Check> {
    let sysroot = sysroot(root).unwrap_or_default();
    PARTS
        .iter()
        .map(|part| Check {
            name: part.name.into(),
            found: sysroot
                .join(part.below_sysroot)
                .is_dir()
                .then(|| "installed".into()),
            fix: format!(
                "`rustup {}`, or any `cargo xtask dev`.",
                part.rustup.join(" ")
            ),
        })
        .collect()
}

fn sysroot(root: &Path) -> Result<PathBuf> {
    let mut rustc = Command::new("rustc");
    rustc.current_dir(root).args(["--print", "sysroot"]);
    Ok(PathBuf::from(
        process::run("rustc", &mut rustc, FIX)?.trim(),
    ))
}
