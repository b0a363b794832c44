//! `cargo xtask doctor`: what is there, what is missing, and what to do about it. It changes
//! nothing.

use std::io::{ErrorKind, Write as _, stdout};
use std::process::Command;

use anyhow::Result;
use serde_json::json;

use crate::environment::Environment;
use crate::postgres::{Binaries, MAJOR_MIN};
use crate::tools::{self, Check, Tools};
use crate::{disk, process};

/// Prints the checks and answers whether all passed.
pub fn doctor(as_json: bool) -> Result<bool> {
    let mut checks = vec![compiler()];
    checks.extend(Tools::checks());
    checks.push(postgres());
    checks.push(room());
    let healthy = checks.iter().all(|check| check.found.is_some());
    let text = if as_json {
        let rows: Vec<_> = checks.iter().map(row).collect();
        serde_json::to_string_pretty(&json!({ "ok": healthy, "checks": rows }))?
    } else {
        let verdict = if healthy {
            "All is there."
        } else {
            "Something is missing; see above."
        };
        let lines = checks.iter().map(line);
        let lines: Vec<_> = lines.chain([verdict.to_owned()]).collect();
        lines.join("\n")
    };
    match writeln!(stdout(), "{text}") {
        // Whoever read it is gone, such as `head`.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => {}
        told => told?,
    }
    Ok(healthy)
}

/// cargo links with it, and the tools that cargo installs compile with it.
fn compiler() -> Check {
    let mut cc = Command::new("cc");
    cc.arg("--version");
    let found = process::output("cc", &mut cc)
        .ok()
        .filter(|output| output.status.success());
    Check {
        name: "C compiler".into(),
        found: found.and_then(|output| Some(output.stdout.lines().next()?.to_owned())),
        fix: "Install one (Debian: `apt-get install build-essential`; macOS: `xcode-select \
              --install`)."
            .into(),
    }
}

fn postgres() -> Check {
    let environment = Environment::read();
    let (found, fix) = if environment.database_url.is_some() {
        (
            Some("the one that DATABASE_URL names".to_owned()),
            String::new(),
        )
    } else {
        match Binaries::find(&tools::root(), &environment, None) {
            Ok(it) => (
                Some(format!("{} in {}", it.major, it.folder.display())),
                String::new(),
            ),
            Err(error) => (None, format!("{error:#}")),
        }
    };
    Check {
        name: format!("Postgres {MAJOR_MIN} or newer"),
        found,
        fix,
    }
}

/// Builds and tests leave gigabytes, and what finds no room mostly does not say so.
fn room() -> Check {
    let free = disk::free(&tools::root()).unwrap_or(0);
    let shown = format!("{} free", disk::gigabytes(free));
    Check {
        name: format!(
            "{} of disk, for all tests from a fresh clone",
            disk::gigabytes(disk::WANTED)
        ),
        fix: format!("{shown}. Make room; `cargo clean` frees what earlier builds left."),
        found: Some(shown).filter(|_| free >= disk::WANTED),
    }
}

fn row(check: &Check) -> serde_json::Value {
    match &check.found {
        Some(found) => json!({ "name": check.name, "ok": true, "found": found }),
        None => json!({ "name": check.name, "ok": false, "fix": check.fix }),
    }
}

fn line(check: &Check) -> String {
    match &check.found {
        Some(found) => format!("ok       {}: {found}", check.name),
        None => format!("missing  {}\n         fix: {}", check.name, check.fix),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_comes_with_its_fix() {
        let there = Check {
            name: "npm".into(),
            found: Some("11.0".into()),
            fix: "x".into(),
        };
        let missing = Check {
            name: "npm".into(),
            found: None,
            fix: "Install Node.".into(),
        };
        assert_eq!(line(&there), "ok       npm: 11.0");
        assert_eq!(line(&missing), "missing  npm\n         fix: Install Node.");
        assert_eq!(row(&missing)["fix"], "Install Node.");
    }
}
