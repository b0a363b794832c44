//! The pinned tools that build and run the edge, installed where they are missing.
//!
//! 1. The Wasm target and the standard library's source, by rustup (`rust`).
//! 2. wrangler, workerd, esbuild, wasm-opt, Node and a Postgres, by npm (`npm`).
//! 3. worker-build and wasm-bindgen, by cargo, into a folder outside `target/` that is keyed by
//!    version, since they take minutes to build (`install`); cargo-fuzz when it is asked for.
//!
//! What is there already costs a look at the disk and prints nothing.

mod install;
mod lockfile;
mod npm;
mod rust;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::environment::Environment;
use crate::progress::Progress;

/// worker-build has no place in Cargo.lock, so its version is named here; it follows `worker`.
pub const WORKER_BUILD: &str = "0.8.7";
/// What builds and runs the fuzz targets; nothing else needs it.
pub const CARGO_FUZZ: &str = "0.13.2";

/// Everything that the edge needs, present.
#[derive(Debug, Clone)]
pub struct Tools {
    root: PathBuf,
    environment: Environment,
    worker_build: PathBuf,
    wasm_bindgen: PathBuf,
}

/// One thing that must be there, for `doctor`.
#[derive(Debug)]
pub struct Check {
    /// What was looked for.
    pub name: String,
    /// What was found.
    pub found: Option<String>,
    /// What to do when it wasn't.
    pub fix: String,
}

/// The checkout that this crate was compiled in.
pub fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_owned()
}

impl Tools {
    /// Installs what is missing.
    pub fn ensure(progress: Progress) -> Result<Self> {
        let (root, environment) = (root(), Environment::read());
        rust::ensure(&root, progress)?;
        npm::ensure(&root, &environment, progress)?;
        let wanted = wanted(&root, &environment)?;
        for tool in &wanted {
            tool.ensure(&root, &environment, progress)?;
        }
        let [worker_build, wasm_bindgen] = wanted.map(|tool| tool.program);
        Ok(Self {
            root,
            environment,
            worker_build,
            wasm_bindgen,
        })
    }

    /// Looks, and installs nothing.
    pub fn checks() -> Vec<Check> {
        let (root, environment) = (root(), Environment::read());
        let mut checks = rust::checks(&root);
        checks.extend(npm::checks(&root));
        match wanted(&root, &environment) {
            Ok(wanted) => checks.extend(wanted.iter().map(install::Tool::check)),
            Err(error) => checks.push(Check {
                name: "Cargo.lock".into(),
                found: None,
                fix: format!("{error:#}"),
            }),
        }
        checks
    }

    /// The checkout.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The environment that these tools were found in.
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    /// The program `worker-build`.
    pub fn worker_build(&self) -> &Path {
        &self.worker_build
    }

    /// The program `wasm-bindgen`.
    pub fn wasm_bindgen(&self) -> &Path {
        &self.wasm_bindgen
    }

    /// A program that npm installed.
    pub fn npm_program(&self, name: &str) -> PathBuf {
        npm::programs(&self.root).join(name)
    }

    /// A command of a program that npm installed, with the right Node first on `PATH`, and with
    /// wrangler neither reporting home nor looking for news.
    pub fn node_command(&self, name: &str) -> Command {
        let mut command = Command::new(self.npm_program(name));
        command
            .current_dir(&self.root)
            .env("PATH", self.path())
            .env("WRANGLER_SEND_METRICS", "false")
            .env("WRANGLER_SEND_ERROR_REPORTS", "false")
            .env("WRANGLER_HIDE_BANNER", "true")
            .env("CLOUDFLARE_CF_FETCH_ENABLED", "false")
            .env("NO_UPDATE_NOTIFIER", "1");
        command
    }

    /// `PATH` with the npm programs, Node among them, first.
    pub fn path(&self) -> OsString {
        npm::path(&self.root, &self.environment)
    }

    /// The workerd binary itself; npm's `.bin/workerd` is a script that starts it.
    pub fn workerd(&self) -> Result<PathBuf> {
        let platform = match (std::env::consts::OS, std::env::consts::ARCH) {
            ("macos", "aarch64") => "darwin-arm64",
            ("macos", _) => "darwin-64",
            (_, "aarch64") => "linux-arm64",
            _ => "linux-64",
        };
        let path = format!("node_modules/@cloudflare/workerd-{platform}/bin/workerd");
        let program = self.root.join(path);
        program.is_file().then_some(program).context(
            "npm did not install workerd for this platform; `rm -r node_modules` and try again.",
        )
    }

    /// The program `cargo-fuzz`, installed when it is first asked for.
    pub fn cargo_fuzz(&self, progress: Progress) -> Result<PathBuf> {
        let tool = install::Tool::new(&self.environment, "cargo-fuzz", "cargo-fuzz", CARGO_FUZZ);
        tool.ensure(&self.root, &self.environment, progress)?;
        Ok(tool.program)
    }

    /// A cargo command in the checkout, as from a shell.
    pub fn cargo(&self) -> Command {
        let mut command = Command::new(&self.environment.cargo);
        command.current_dir(&self.root);
        // What the cargo that runs us has set: to a build script that reads it, it would look like a
        // change, and what hangs on it would be built again each time.
        for name in OF_OUR_CARGO {
            command.env_remove(name);
        }
        command
    }
}

/// What cargo tells the programs that it runs about their packages.
const OF_OUR_CARGO: [&str; 9] = [
    "CARGO_MANIFEST_DIR",
    "CARGO_MANIFEST_PATH",
    "CARGO_MANIFEST_LINKS",
    "CARGO_PKG_NAME",
    "CARGO_PKG_VERSION",
    "CARGO_PKG_VERSION_MAJOR",
    "CARGO_PKG_VERSION_MINOR",
    "CARGO_PKG_VERSION_PATCH",
    "CARGO_PKG_VERSION_PRE",
];

fn wanted(root: &Path, environment: &Environment) -> Result<[install::Tool; 2]> {
    let bindgen = lockfile::version(root, "wasm-bindgen")?;
    Ok([
        install::Tool::new(environment, "worker-build", "worker-build", WORKER_BUILD),
        install::Tool::new(environment, "wasm-bindgen-cli", "wasm-bindgen", &bindgen),
    ])
}
