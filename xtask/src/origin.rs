//! The origin and the sandbox provider as programs: built, asked for something, or left running.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::process;
use crate::progress::Progress;
use crate::tools::Tools;

const BUILD_FIX: &str = "It did not build; the compiler's words above say why.";

/// Where the binaries are.
#[derive(Debug, Clone)]
pub struct Programs {
    /// The origin.
    pub origin: PathBuf,
    /// The sandbox payment provider.
    pub sandbox: PathBuf,
}

/// Builds origin and sandbox provider, and answers where their binaries are.
pub fn build(tools: &Tools, progress: Progress) -> Result<Programs> {
    let [origin, sandbox] = programs(tools, ["origin", "sandbox"], progress)?;
    Ok(Programs { origin, sandbox })
}

/// Builds programs of this workspace, and answers where they are.
pub(crate) fn programs<const N: usize>(
    tools: &Tools,
    names: [&str; N],
    progress: Progress,
) -> Result<[PathBuf; N]> {
    let mut cargo = tools.cargo();
    // As a part of the whole workspace, so that its dependencies are built with the features that
    // the tests' builds share, and only once.
    cargo.args(["build", "--workspace"]);
    for name in names {
        cargo.args(["--bin", name]);
    }
    cargo.args(["--message-format", "json-render-diagnostics"]);
    let step = format!("{} (the first time a few minutes)", names[0]);
    let told = progress.step(&step, || process::run("cargo build", &mut cargo, BUILD_FIX))?;
    let mut found = names.map(|_| PathBuf::new());
    for (place, name) in found.iter_mut().zip(names) {
        *place = executable(&told, name)
            .with_context(|| format!("cargo built {name} and did not say where."))?;
    }
    Ok(found)
}

/// Cargo tells where a binary is, wherever its target folder may be.
fn executable(messages: &str, name: &str) -> Option<PathBuf> {
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter_map(|message| message.get("executable")?.as_str().map(PathBuf::from))
        .find(|path| path.file_stem().is_some_and(|stem| stem == name))
}

/// The origin's binary and the settings that all its commands share.
#[derive(Debug, Clone)]
pub struct Origin {
    program: PathBuf,
    settings: Vec<(String, String)>,
    foreign_database: bool,
}

impl Origin {
    /// A binary with its settings, by the names of their environment variables.
    pub fn new(program: &Path, settings: Vec<(String, String)>) -> Self {
        Self {
            program: program.to_owned(),
            settings,
            foreign_database: false,
        }
    }

    /// On a database that the user brought along: what is wrong there is the user's to mend.
    #[must_use]
    pub fn on_foreign_database(mut self, foreign: bool) -> Self {
        self.foreign_database = foreign;
        self
    }

    /// A command of the origin.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(arguments)
            .envs(self.settings.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs a command to its end and answers what it printed.
    pub fn ask(&self, arguments: &[&str]) -> Result<String> {
        let name = format!("origin {}", arguments.first().unwrap_or(&""));
        let fix = if self.foreign_database {
            "The origin's words above say why. Is the Postgres of DATABASE_URL running, and may its \
             user create databases there? Unset the variable to get a Postgres of dev's own."
        } else {
            "The origin's words above say why. When its data is beyond repair, delete the data \
             folder (`.dev`) and run the command again."
        };
        Ok(process::run(&name, &mut self.command(arguments), fix)?
            .trim()
            .to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_says_where_the_binary_is() {
        let messages = concat!(
            r#"{"reason":"compiler-artifact","executable":null}"#,
            "\n",
            r#"{"reason":"compiler-artifact","executable":"/t/debug/origin"}"#,
            "\n",
            r#"{"reason":"compiler-artifact","executable":"/t/debug/sandbox"}"#,
            "\n",
            r#"{"reason":"build-finished","success":true}"#,
        );
        for name in ["origin", "sandbox"] {
            let found = executable(messages, name);
            assert_eq!(found, Some(PathBuf::from(format!("/t/debug/{name}"))));
        }
        assert_eq!(executable("{}", "origin"), None);
    }
}
