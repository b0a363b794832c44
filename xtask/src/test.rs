//! `cargo xtask check`: everything that can be said of the tree without running a test. `cargo xtask test`: that,
//! and every test, from a fresh checkout.
//!
//! The tests come last, so that the last lines of a good run are those of `cargo test`. All is run even when one
//! fails: a reader wants the whole list.

use std::process::Command;

use anyhow::Result;

use crate::progress::Progress;
use crate::tools::Tools;
use crate::{client, containers, disk, edge_build, origin, process};

/// A check that says nothing while it passes.
struct Check {
    name: &'static str,
    arguments: &'static [&'static str],
    fix: &'static str,
}

const CHECKS: [Check; 3] = [
    Check {
        name: "formatting",
        arguments: &["fmt", "--all", "--check"],
        fix: "`cargo fmt --all` formats it.",
    },
    Check {
        name: "lints, native",
        arguments: &[
            "clippy",
            "--workspace",
            "--all-targets",
            "--quiet",
            "--",
            "-D",
            "warnings",
        ],
        fix: "The words above say where.",
    },
    Check {
        name: "lints, Wasm",
        arguments: &[
            "clippy",
            "--package",
            "edge",
            "--all-features",
            "--target",
            "wasm32-unknown-unknown",
            "--quiet",
            "--",
            "-D",
            "warnings",
        ],
        fix: "The words above say where.",
    },
];

const DEPLOY_FIX: &str = "wrangler would not deploy this; its words above say why.";

/// Runs the checks and answers whether all passed.
pub fn check() -> Result<bool> {
    let progress = Progress::shown();
    let failures = checks(&Tools::ensure(progress)?, progress)?;
    tell(&failures);
    Ok(failures.is_empty())
}

/// Runs everything and answers whether all passed.
pub fn test() -> Result<bool> {
    let progress = Progress::shown();
    let tools = Tools::ensure(progress)?;
    if let Some(free) = disk::free(tools.root()) {
        let (free, wanted) = (disk::gigabytes(free), disk::gigabytes(disk::WANTED));
        progress.note(&format!(
            "{free} free on the disk; from a fresh clone all of it takes up to {wanted}"
        ));
    }
    let failures = checks(&tools, progress)?;
    tell(&failures);
    let mut cargo = tools.cargo();
    cargo
        .args(["test", "--workspace", "--no-fail-fast"])
        .env("PATH", tools.path());
    let tested = process::pass_through("cargo test", &mut cargo)?;
    // Once more: what was said before the tests is thousands of lines above.
    tell(&failures);
    Ok(tested.success() && failures.is_empty())
}

/// Answers what failed, each with its fix.
fn checks(tools: &Tools, progress: Progress) -> Result<Vec<String>> {
    let mut failures = Vec::new();
    for check in CHECKS {
        let mut cargo = tools.cargo();
        cargo.args(check.arguments);
        note(progress, check.name, &mut cargo, check.fix, &mut failures)?;
    }
    let edge = edge_build::build(tools, &edge_build::Options::default(), progress)?;
    progress.note(&format!("edge Wasm: {}", edge.size));
    let program = origin::build(tools, progress)?.origin;
    failures.extend(client::check(tools, &program, progress)?);
    failures.extend(containers::check(tools, progress)?);
    let mut wrangler = tools.node_command("wrangler");
    wrangler.args(["deploy", "--dry-run"]);
    note(
        progress,
        "wrangler deploy --dry-run",
        &mut wrangler,
        DEPLOY_FIX,
        &mut failures,
    )?;
    Ok(failures)
}

fn tell(failures: &[String]) {
    for failure in failures {
        eprintln!("\n{failure}");
    }
    match failures.len() {
        0 => {}
        1 => eprintln!("\n1 check failed."),
        count => eprintln!("\n{count} checks failed."),
    }
}

/// Runs a check and collects its failure; only the user's interrupt ends the whole.
fn note(
    progress: Progress,
    name: &str,
    command: &mut Command,
    fix: &str,
    failures: &mut Vec<String>,
) -> Result<()> {
    match progress.step(name, || process::run(name, command, fix)) {
        Ok(_) => Ok(()),
        Err(error) if error.is::<crate::interrupt::Interrupted>() => Err(error),
        Err(error) => {
            failures.push(format!("{error:#}"));
            Ok(())
        }
    }
}
