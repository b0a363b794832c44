//! The TypeScript client, `client/`: its types come from docs/openapi.json, and that from the
//! origin's code. Both files are checked in, so that whoever only uses them needs no Rust.
//!
//! - [`regenerate`] (`cargo xtask client`) writes them.
//! - [`check`] says whether they are up to date, and tests the client without a network.
//! - [`build`] makes the package that apps import.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::interrupt::Interrupted;
use crate::origin::{self, Origin};
use crate::process;
use crate::progress::Progress;
use crate::tools::Tools;

const REGENERATE: &str = "`cargo xtask client` writes it anew; commit what it changes.";
const LINT_FIX: &str =
    "Mend the origin's code, from which the document is made; .spectral.yaml has the rules.";
const WORDS_ABOVE: &str = "The words above say where.";

/// Where the API's document is checked in.
pub fn document(root: &Path) -> PathBuf {
    root.join("docs/openapi.json")
}

/// Where the events' document is checked in.
pub fn events_document(root: &Path) -> PathBuf {
    root.join("docs/asyncapi.json")
}

/// Writes the documents and what the client takes from the API's.
pub fn regenerate(progress: Progress) -> Result<bool> {
    let tools = Tools::ensure(progress)?;
    let program = origin::build(&tools, progress)?.origin;
    std::fs::write(document(tools.root()), described(&program, "openapi")?)?;
    std::fs::write(
        events_document(tools.root()),
        described(&program, "asyncapi")?,
    )?;
    let mut node = tools.node_command("node");
    node.arg("client/generate.ts");
    process::run("client/generate.ts", &mut node, WORDS_ABOVE)?;
    println!(
        "docs/openapi.json, docs/asyncapi.json, client/src/schema.ts, client/src/keyed.ts: written"
    );
    Ok(true)
}

/// Everything that can be said of the client without an edge. Answers what failed, each with its
/// fix; `program` is the origin's binary.
pub fn check(tools: &Tools, program: &Path, progress: Progress) -> Result<Vec<String>> {
    let mut failures = Vec::new();
    let mut note = |checked: Result<()>| match checked {
        Ok(()) => Ok(()),
        Err(error) if error.is::<Interrupted>() => Err(error),
        Err(error) => {
            failures.push(format!("{error:#}"));
            Ok(())
        }
    };
    note(progress.step("docs/openapi.json is the code's", || {
        up_to_date(&document(tools.root()), &described(program, "openapi")?)
    }))?;
    note(progress.step("docs/asyncapi.json is the code's", || {
        up_to_date(
            &events_document(tools.root()),
            &described(program, "asyncapi")?,
        )
    }))?;
    // The tests import the package as apps do, so it is built before they are checked.
    note(build(tools, progress))?;
    for (name, program, arguments, fix) in [
        (
            "docs/openapi.json: Spectral",
            "spectral",
            &["lint", "docs/openapi.json", "--fail-severity=hint"][..],
            LINT_FIX,
        ),
        (
            "docs/asyncapi.json: Spectral",
            "spectral",
            &[
                "lint",
                "docs/asyncapi.json",
                "--ruleset",
                ".spectral.asyncapi.yaml",
                "--fail-severity=hint",
            ],
            LINT_FIX,
        ),
        (
            "client: generated files",
            "node",
            &["client/generate.ts", "--check"],
            REGENERATE,
        ),
        (
            "client: types",
            "tsc",
            &["--project", "client"],
            WORDS_ABOVE,
        ),
        (
            "client: unit tests",
            "node",
            &["--test", "client/test/*.test.ts"],
            WORDS_ABOVE,
        ),
    ] {
        let mut command = tools.node_command(program);
        command.args(arguments);
        note(progress.step(name, || process::run(name, &mut command, fix).map(drop)))?;
    }
    Ok(failures)
}

/// Builds the package into `client/dist`.
pub fn build(tools: &Tools, progress: Progress) -> Result<()> {
    let folder = tools.root().join("client/dist");
    // What an earlier build left, under names that are gone, must not be packed.
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    let mut tsc = tools.node_command("tsc");
    tsc.args(["--project", "client/tsconfig.build.json"]);
    progress.step("TypeScript client", || {
        process::run("tsc", &mut tsc, WORDS_ABOVE)
    })?;
    Ok(())
}

/// A document, as the origin's code has it.
fn described(program: &Path, command: &str) -> Result<String> {
    let text = Origin::new(program, Vec::new()).ask(&[command])?;
    Ok(format!("{text}\n"))
}

fn up_to_date(file: &Path, expected: &str) -> Result<()> {
    let found = std::fs::read_to_string(file)
        .with_context(|| format!("{} can't be read. {REGENERATE}", file.display()))?;
    if found == expected {
        return Ok(());
    }
    let line = found
        .lines()
        .zip(expected.lines())
        .take_while(|(one, other)| one == other)
        .count();
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    bail!(
        "docs/{name} is out of date, from line {}. {REGENERATE}",
        line.saturating_add(1)
    )
}

/// A test file of the client, before an edge: `node --test` with what it must be told.
pub fn end_to_end(tools: &Tools, file: &str, settings: &[(&str, &str)]) -> Command {
    let mut node = tools.node_command("node");
    node.args(["--test", file]).envs(settings.iter().copied());
    node
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stale_document_is_named_with_its_first_line_and_the_fix() {
        let root = tempfile::tempdir().unwrap();
        let missing = format!(
            "{:#}",
            up_to_date(&document(root.path()), "a\n").unwrap_err()
        );
        assert!(missing.contains("cargo xtask client"), "{missing}");
        std::fs::create_dir(root.path().join("docs")).unwrap();
        std::fs::write(document(root.path()), "a\nb\n").unwrap();
        up_to_date(&document(root.path()), "a\nb\n").unwrap();
        let stale = up_to_date(&document(root.path()), "a\nc\n")
            .unwrap_err()
            .to_string();
        assert!(stale.contains("from line 2"), "{stale}");
        assert!(stale.contains("cargo xtask client"), "{stale}");
    }
}
