//! Dockerfile and compose.yaml, linted. No Docker is needed for that; what they name is held against the
//! code by `origin/tests/shop/deployment.rs`.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::environment::Environment;
use crate::interrupt::Interrupted;
use crate::peers::{self, Peer};
use crate::process;
use crate::progress::Progress;
use crate::tools::Tools;

const FIX: &str =
    "Mend what the words above name; .compose-lint.yml and comments have the exceptions.";

/// How a linter is brought.
type Bring = fn(&Environment, Progress) -> Result<Peer>;

/// A file, and what lints it.
struct Lint {
    name: &'static str,
    bring: Bring,
    arguments: &'static [&'static str],
}

const LINTS: [Lint; 2] = [
    Lint {
        name: "Dockerfile: hadolint",
        bring: peers::hadolint,
        arguments: &["--failure-threshold", "style", "Dockerfile"],
    },
    Lint {
        name: "compose.yaml: compose-lint",
        bring: peers::compose_lint,
        // A machine's own `.env` changes no verdict.
        arguments: &[
            "check",
            "--strict-config",
            "--no-env",
            "--fail-on",
            "low",
            "compose.yaml",
        ],
    },
];

/// Answers what failed, each with its fix. A linter that can't be brought is a named skip, which is a
/// failure on the build server.
pub fn check(tools: &Tools, progress: Progress) -> Result<Vec<String>> {
    let mut failures = Vec::new();
    for lint in LINTS {
        match lint.run(tools.environment(), tools.root(), progress) {
            Ok(()) => {}
            Err(error) if error.is::<Interrupted>() => return Err(error),
            Err(error) => failures.push(format!("{error:#}")),
        }
    }
    Ok(failures)
}

impl Lint {
    fn run(&self, environment: &Environment, root: &Path, progress: Progress) -> Result<()> {
        let peer = (self.bring)(environment, progress)?;
        let Some(program) = peer.or_skip(environment.ci)? else {
            return Ok(());
        };
        let mut lint = Command::new(program);
        lint.args(self.arguments).current_dir(root);
        progress
            .step(self.name, || process::run(self.name, &mut lint, FIX))
            .map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools;

    #[test]
    fn what_would_run_insecurely_is_refused() {
        let environment = Environment::read();
        let bad = tempfile::tempdir().unwrap();
        let config = tools::root().join(".compose-lint.yml");
        std::fs::copy(config, bad.path().join(".compose-lint.yml")).unwrap();
        for (file, text) in [
            ("Dockerfile", "FROM debian:latest\nRUN cd /tmp\n"),
            (
                "compose.yaml",
                "services:\n  postgres:\n    image: postgres:18.4-trixie\n    privileged: true\n",
            ),
        ] {
            std::fs::write(bad.path().join(file), text).unwrap();
        }
        for lint in LINTS {
            let program = (lint.bring)(&environment, Progress::quiet()).unwrap();
            if program.or_skip(environment.ci).unwrap().is_none() {
                continue;
            }
            let refused = lint.run(&environment, bad.path(), Progress::quiet());
            let told = format!("{:#}", refused.unwrap_err());
            assert!(told.contains(lint.name) && told.contains(FIX), "{told}");
        }
    }
}
