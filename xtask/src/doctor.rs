//! `cargo xtask doctor`: what is there, what is missing, and what to do about it. It changes
//! nothing.

use anyhow::Result;
use serde_json::json;

use crate::tools::{Check, Tools};

/// Prints the checks and answers whether all passed.
pub fn doctor(as_json: bool) -> Result<bool> {
    let checks = Tools::checks();
    let healthy = checks.iter().all(|check| check.found.is_some());
    if as_json {
        let rows: Vec<_> = checks.iter().map(row).collect();
        println!(
            "{}",
            serde_json::to_string_pretty(&json!({ "ok": healthy, "checks": rows }))?
        );
    } else {
        for check in &checks {
            println!("{}", line(check));
        }
        let verdict = if healthy {
            "All is there."
        } else {
            "Something is missing; see above."
        };
        println!("{verdict}");
    }
    Ok(healthy)
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
