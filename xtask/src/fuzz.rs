//! `cargo xtask fuzz`: the fuzz targets of `edge/fuzz`, each for a while.
//!
//! Without a sanitizer, since the code that they run has no `unsafe`, so that the pinned stable
//! compiler builds them. Inputs worth keeping stay in `target/fuzz/corpus`, one that breaks something
//! in `target/fuzz/artifacts`; copied to `edge/fuzz/seeds`, the native tests run it ever after.

use std::process::Command;

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};

use crate::process;
use crate::progress::Progress;
use crate::tools::Tools;

/// Longest input, in bytes: more than any head of a message needs to be odd.
const INPUT_BYTES_MAX: u32 = 2048;
/// What one input may take, in seconds.
const INPUT_SECONDS_MAX: u32 = 5;

/// What to fuzz.
#[derive(Debug, Args)]
pub struct Options {
    /// Targets; all of them without a name
    names: Vec<Target>,
    /// Seconds for each
    #[arg(long, default_value_t = 600, value_parser = clap::value_parser!(u32).range(1..))]
    seconds: u32,
}

/// A target: a function of `edge::fuzzing`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Target {
    /// Fields of requests and responses
    Fields,
    /// Ranges
    Ranges,
    /// What stands in the store
    Envelope,
    /// What the edge's parts tell each other
    Wire,
    /// Tokens, keys and assertions
    Credentials,
}

/// Runs them one after the other, and answers whether nothing was found.
pub fn fuzz(options: &Options) -> Result<bool> {
    let progress = Progress::shown();
    let tools = Tools::ensure(progress)?;
    let program = tools.cargo_fuzz(progress)?;
    let mut found = Vec::new();
    for target in Target::value_variants() {
        if !options.names.is_empty() && !options.names.contains(target) {
            continue;
        }
        let Some(value) = target.to_possible_value() else {
            bail!("The target {target:?} has no name.");
        };
        let name = value.get_name();
        let state = tools.root().join("target/fuzz");
        let corpus = state.join("corpus").join(name);
        let artifacts = state.join("artifacts");
        std::fs::create_dir_all(&corpus)?;
        std::fs::create_dir_all(&artifacts)?;
        let mut command = Command::new(&program);
        command
            .current_dir(tools.root())
            .args(["run", "--fuzz-dir", "edge/fuzz", "--sanitizer", "none"])
            .args(["--target-dir", "target/fuzz", name])
            .args([corpus, tools.root().join("edge/fuzz/seeds").join(name)])
            .arg("--")
            .arg(format!("-max_total_time={}", options.seconds))
            .arg(format!("-max_len={INPUT_BYTES_MAX}"))
            .arg(format!("-timeout={INPUT_SECONDS_MAX}"))
            .arg(format!("-artifact_prefix={}/{name}-", artifacts.display()))
            .arg("-print_final_stats=1");
        if !process::pass_through("cargo fuzz", &mut command)?.success() {
            found.push(name.to_owned());
        }
    }
    if !found.is_empty() {
        eprintln!(
            "\n{} broke. The input lies in target/fuzz/artifacts; as a file of edge/fuzz/seeds the \
             native tests run it.",
            found.join(", ")
        );
    }
    Ok(found.is_empty())
}
