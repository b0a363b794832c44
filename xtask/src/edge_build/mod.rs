//! Builds the edge to Wasm: unwinding, small, and only when something changed.
//!
//! 1. worker-build runs with `panic=unwind` and its own standard library. Its `--panic-unwind` asks
//!    for a nightly; the same flags on the pinned stable do the same (ARCHITECTURE, "Panics").
//! 2. wasm-opt then makes it small and cuts names and debug sections. Not cargo's `strip`: it also cuts
//!    the list of Wasm features, by which wasm-bindgen chooses how values cross the border. Which
//!    function has which number stands in `build/symbols`, to read a panic's stack by.
//! 3. A stamp of everything that went in stands beside the result. Equal stamp: nothing is touched.
//! 4. The gzip size is what Cloudflare counts and a cold start pays for: over the limit is an error.

mod size;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use clap::Args;

pub use size::{GZIP_KB_MAX, Size};

use crate::lock::Lock;
use crate::process;
use crate::progress::Progress;
use crate::stamp::Stamp;
use crate::tools::{Tools, WORKER_BUILD};

/// The flags that make the edge unwind, and small; unstable, hence the pinned toolchain.
const FLAGS: [(&str, &str); 4] = [
    ("RUSTC_BOOTSTRAP", "1"),
    // A panic's place in the source is 9 KB of gzip, and names this machine's folders. Its message
    // and the stack of functions, which `build/symbols` names, say where it was.
    ("RUSTFLAGS", "-Cpanic=unwind -Zlocation-detail=none"),
    ("CARGO_UNSTABLE_BUILD_STD", "std,panic_unwind"),
    // The standard library's shorter algorithms (sorting, numbers as text): 7 KB less of gzip.
    ("CARGO_UNSTABLE_BUILD_STD_FEATURES", "optimize_for_size"),
];

/// The cargo profile that ships.
const PROFILE: &str = "edge";

/// What rustc emits for Wasm and wasm-bindgen adds; wasm-opt must be told to read it.
const WASM_FEATURES: [&str; 7] = [
    "mutable-globals",
    "sign-ext",
    "nontrapping-float-to-int",
    "bulk-memory",
    "multivalue",
    "reference-types",
    "exception-handling",
];

/// How wasm-opt makes the module small after gzip, which is not what makes it small before: what it
/// inlines or saves in locals is shorter, but no longer alike, and costs 17 KB. Functions of like
/// names are alike, and beside each other they compress better by 6 KB.
const SMALLER: [&str; 4] = [
    "-Oz",
    "--skip-pass=inlining-optimizing",
    "--skip-pass=local-cse",
    "--reorder-functions-by-name",
];

/// The files of a build.
const FILES: [&str; 3] = ["index.js", "index_bg.wasm", "symbols"];

const FIX: &str = "The edge did not build; the compiler's words above say why.";

/// What to build.
#[derive(Debug, Clone, Default, Args)]
pub struct Options {
    /// The gateway's configuration; `gateway.toml` when none is named
    #[arg(long)]
    pub config: Option<PathBuf>,
    /// Cargo features of the crate `edge`; only tests have any
    #[arg(long, value_delimiter = ',')]
    pub features: Vec<String>,
    /// The folder that gets `entry.js` and `build/`; `edge/` when none is named
    #[arg(long)]
    pub out: Option<PathBuf>,
}

/// A build, ready for `wrangler` or [`crate::workerd`].
#[derive(Debug, Clone)]
pub struct Built {
    /// The folder that holds `entry.js` and `build/`.
    pub folder: PathBuf,
    /// The size of its Wasm.
    pub size: Size,
    /// False when what was there still held.
    pub fresh: bool,
}

/// How large it is. What has features for tests never ships, and may be larger.
fn measured(folder: &Path, options: &Options) -> Result<Size> {
    let wasm = folder.join("build/index_bg.wasm");
    if options.features.is_empty() {
        size::within_limit(&wasm)
    } else {
        size::of(&wasm)
    }
}

/// Builds the edge, unless what is there was built from the same.
pub fn build(tools: &Tools, options: &Options, progress: Progress) -> Result<Built> {
    let root = tools.root();
    let folder = absolute(options.out.as_deref().unwrap_or(&root.join("edge")))?;
    let config = absolute(
        options
            .config
            .as_deref()
            .unwrap_or(&root.join("gateway.toml")),
    )?;
    ensure!(
        config.is_file(),
        "There is no configuration {}; name one with `--config FILE`.",
        config.display()
    );
    let target = target(tools);
    let _lock = Lock::on(&target)?;
    let stamp = stamp(root, &config, &options.features)?;
    let stamp_file = folder.join("build/stamp");
    let whole = FILES
        .iter()
        .all(|file| folder.join("build").join(file).is_file());
    if whole && std::fs::read_to_string(&stamp_file).is_ok_and(|found| found == stamp) {
        let size = measured(&folder, options)?;
        return Ok(Built {
            folder,
            size,
            fresh: false,
        });
    }
    progress.step(
        "edge to Wasm (the first time some minutes, then seconds)",
        || compile(tools, &target, &config, &options.features),
    )?;
    publish(root, &target.join("staging"), &folder)?;
    let size = measured(&folder, options)?;
    // Last, so that a build that was cut off is made again.
    std::fs::write(stamp_file, stamp)?;
    progress.note(&format!("edge Wasm: {size}"));
    Ok(Built {
        folder,
        size,
        fresh: true,
    })
}

fn compile(tools: &Tools, target: &Path, config: &Path, features: &[String]) -> Result<()> {
    let staging = target.join("staging");
    let mut build = Command::new(tools.worker_build());
    build
        .current_dir(tools.root().join("edge"))
        .args(["--profile", PROFILE, "--out-dir"])
        .arg(&staging)
        .arg(".");
    if !features.is_empty() {
        build.arg("--features").arg(features.join(","));
    }
    build
        .env("PATH", tools.path())
        .env("CARGO_TARGET_DIR", target)
        .env("HEADGATE_CONFIG", config)
        .env("WASM_BINDGEN_BIN", tools.wasm_bindgen())
        .env("WASM_OPT_BIN", tools.npm_program("wasm-opt"))
        .env("ESBUILD_BIN", tools.npm_program("esbuild"))
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .envs(FLAGS);
    process::run("worker-build", &mut build, FIX)?;
    let wasm = staging.join("index_bg.wasm");
    let mut cut = tools.node_command("wasm-opt");
    let mut symbols = std::ffi::OsString::from("--symbolmap=");
    symbols.push(staging.join("symbols"));
    cut.args(WASM_FEATURES.map(|feature| format!("--enable-{feature}")))
        .args(SMALLER)
        .arg(symbols)
        .args(["--strip-debug", "--strip-producers"])
        .arg(&wasm)
        .arg("-o")
        .arg(&wasm);
    process::run("wasm-opt", &mut cut, FIX)?;
    Ok(())
}

/// Moves a finished build to where it is used, each file at once.
fn publish(root: &Path, staging: &Path, folder: &Path) -> Result<()> {
    let build = folder.join("build");
    std::fs::create_dir_all(&build)?;
    // The stamp goes first: from here on what stands there is neither the old nor the new.
    match std::fs::remove_file(build.join("stamp")) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    for file in FILES {
        place(&staging.join(file), &build.join(file))?;
    }
    let entry = root.join("edge/entry.js");
    if folder != root.join("edge") {
        place(&entry, &folder.join("entry.js"))?;
    }
    Ok(())
}

fn place(from: &Path, to: &Path) -> Result<()> {
    let beside = to.with_extension("incoming");
    std::fs::copy(from, &beside)
        .with_context(|| format!("{} can't be copied to {}.", from.display(), to.display()))?;
    Ok(std::fs::rename(&beside, to)?)
}

fn stamp(root: &Path, config: &Path, features: &[String]) -> Result<String> {
    let mut stamp = Stamp::default()
        .fact(WORKER_BUILD)
        .fact(PROFILE)
        .fact(features.join(","));
    for (name, value) in FLAGS {
        stamp = stamp.fact(name).fact(value);
    }
    for part in [
        "Cargo.toml",
        "Cargo.lock",
        "rust-toolchain.toml",
        "package-lock.json",
        "edge/Cargo.toml",
        "edge/build.rs",
        "edge/entry.js",
        "edge/src",
        "shared/Cargo.toml",
        "shared/src",
    ] {
        stamp = stamp.path(root, &root.join(part))?;
    }
    Ok(stamp.path(config, config)?.text())
}

/// A folder of its own below cargo's, so that native builds and this one don't undo each other.
fn target(tools: &Tools) -> PathBuf {
    let cargo = tools.environment().cargo_target.clone();
    tools
        .root()
        .join(cargo.unwrap_or_else(|| "target".into()))
        .join("edge")
}

fn absolute(path: &Path) -> Result<PathBuf> {
    std::path::absolute(path).with_context(|| format!("{} is no path.", path.display()))
}
