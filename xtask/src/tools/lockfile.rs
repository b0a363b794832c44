//! Versions that Cargo.lock decides: wasm-bindgen's command must be of exactly the crate's.

use std::path::Path;

use anyhow::{Context, Result};

/// The version of `package` in the checkout's Cargo.lock.
pub(super) fn version(root: &Path, package: &str) -> Result<String> {
    let text = std::fs::read_to_string(root.join("Cargo.lock"))
        .context("Cargo.lock can't be read; `git checkout Cargo.lock` brings it back.")?;
    find(&text, package)
}

fn find(lock: &str, package: &str) -> Result<String> {
    let lock: toml::Table = lock.parse().context("Cargo.lock is no TOML.")?;
    let packages = lock.get("package").and_then(toml::Value::as_array);
    packages
        .into_iter()
        .flatten()
        .find(|entry| entry.get("name").and_then(toml::Value::as_str) == Some(package))
        .and_then(|entry| entry.get("version")?.as_str().map(str::to_owned))
        .with_context(|| format!("Cargo.lock names no {package}; the edge must depend on it."))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = "version = 4\n\
        [[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"0.2.131\"\n\
        [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";

    #[test]
    fn the_exact_package_is_found() {
        assert_eq!(find(LOCK, "wasm-bindgen").unwrap(), "0.2.130");
    }

    #[test]
    fn what_is_missing_is_named() {
        for (lock, package, part) in [
            (LOCK, "worker", "names no worker"),
            ("version = 4", "worker", "names no worker"),
            ("<<<<", "worker", "no TOML"),
        ] {
            let text = find(lock, package).unwrap_err().to_string();
            assert!(text.contains(part), "{text}");
        }
    }
}
