//! `cargo xtask drill [NAME…]`: breaks a shop's parts one after the other, and says what came of it, one line a
//! drill. It fails when an expectation does not hold.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::{Parser, ValueEnum};
use serde_json::json;
use tests::drills::{DEATHS, Drill, Props, Seen, Stage};
use tests::{build, scratch};
use xtask::interrupt::{self, Interrupted};
use xtask::progress::{Progress, seconds};

/// Breaks a cluster's parts one after the other.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask drill", bin_name = "cargo xtask drill")]
struct Arguments {
    /// Which drills; all of them without a name
    names: Vec<Drill>,
    /// How many seconds `deaths` takes
    #[arg(long, default_value_t = DEATHS.as_secs(), value_parser = clap::value_parser!(u64).range(10..=3600))]
    seconds: u64,
    /// Answer in JSON, an array of all drills
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = interrupt::listen().and_then(|()| {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(4)
            .enable_all()
            .build()?;
        runtime.block_on(run(arguments))
    });
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) if error.is::<Interrupted>() => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\n{error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<bool> {
    let progress = Progress::shown();
    let wanted = if arguments.names.is_empty() {
        Drill::value_variants().to_vec()
    } else {
        arguments.names.clone()
    };
    let folder = tempfile_folder()?;
    let props = Props {
        tools: build::tools().clone(),
        programs: tokio::task::block_in_place(build::programs),
        edge: tokio::task::block_in_place(build::shipped_edge),
        folder: folder.clone(),
        small_disk: true,
    };
    let mut stage = Stage::start(props, progress).await?;
    let mut documents = Vec::new();
    let mut all_held = true;
    for drill in wanted {
        interrupt::check()?;
        let name = drill
            .to_possible_value()
            .map(|value| value.get_name().to_owned());
        let name = name.unwrap_or_default();
        let outcome = drill
            .run(&mut stage, Duration::from_secs(arguments.seconds))
            .await;
        all_held &= outcome.is_ok();
        if arguments.json {
            documents.push(document(&name, drill, &outcome));
        } else {
            println!("{}", line(&name, drill, &outcome));
        }
        if outcome.is_err() {
            // What follows would stand on what is broken.
            break;
        }
    }
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&documents)?);
    }
    if all_held {
        drop(stage);
        std::fs::remove_dir_all(&folder).context("the drills' folder")?;
    } else {
        eprintln!("the logs are in {}", folder.join("logs").display());
    }
    Ok(all_held)
}

/// A folder of the build's own, which Postgres's user may enter.
fn tempfile_folder() -> Result<PathBuf> {
    let folder = scratch::folder().join("drills");
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

fn line(name: &str, drill: Drill, outcome: &Result<Seen>) -> String {
    match outcome {
        Ok(seen) if seen.skipped => format!("skipped {name:<17} {}", seen.note),
        Ok(seen) => {
            let recovery = seen.recovery.map(seconds).unwrap_or_default();
            format!(
                "held    {name:<17} {recovery:>8}  {} ({})",
                drill.expects(),
                seen.note
            )
        }
        Err(error) => format!(
            "FAILED  {name:<17} expected: {}\n        {error:#}",
            drill.expects()
        ),
    }
}

fn document(name: &str, drill: Drill, outcome: &Result<Seen>) -> serde_json::Value {
    let seen = outcome.as_ref().ok();
    let recovery = seen.and_then(|seen| seen.recovery);
    json!({
        "name": name,
        "expects": drill.expects(),
        "held": outcome.is_ok(),
        "skipped": seen.is_some_and(|seen| seen.skipped),
        "recovery_ms": recovery.map(|recovery| u64::try_from(recovery.as_millis()).unwrap_or(u64::MAX)),
        "note": seen.map(|seen| seen.note.clone()),
        "error": outcome.as_ref().err().map(|error| format!("{error:#}")),
    })
}
