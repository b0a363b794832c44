//! Checks `gateway.toml` (or the file that `HEADGATE_CONFIG` names) and compiles it in as JSON.

#[allow(
    dead_code,
    unreachable_pub,
    unused_imports,
    reason = "the Worker uses what the build does not"
)]
#[path = "src/config/mod.rs"]
mod config;

use std::path::PathBuf;
use std::{env, fs, process};

use config::Gateway;

#[expect(
    clippy::disallowed_methods,
    reason = "a build script is configured by its environment"
)]
fn main() {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").unwrap_or_default()).join("..");
    let path = env::var("HEADGATE_CONFIG")
        .map_or_else(|_| root.join("gateway.toml"), |named| root.join(named));
    println!("cargo::rerun-if-env-changed=HEADGATE_CONFIG");
    println!("cargo::rerun-if-changed={}", path.display());
    println!("cargo::rerun-if-changed=src/config");

    let gateway = match read(&path) {
        Ok(gateway) => gateway,
        Err(fault) => {
            println!("cargo::error={}: {fault}", path.display());
            process::exit(1);
        }
    };
    let json = serde_json::to_string(&gateway).unwrap_or_default();
    let out = PathBuf::from(env::var("OUT_DIR").unwrap_or_default()).join("gateway.json");
    if let Err(error) = fs::write(&out, json) {
        println!("cargo::error={}: {error}", out.display());
        process::exit(1);
    }
}

fn read(path: &PathBuf) -> Result<Gateway, String> {
    let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
    config::parse(&text, |text| {
        toml::from_str(text).map_err(|error| config::Syntax {
            at: error.span().map(|span| span.start),
            message: error.message().to_owned(),
        })
    })
    .map_err(|config::Invalid(fault)| fault)
}
