//! `cargo xtask`: the commands. Everything they do is in the library beside this file.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use xtask::edge_build::{self, Options};
use xtask::interrupt::{self, Interrupted};
use xtask::progress::Progress;
use xtask::tools::Tools;

/// Builds, runs and tests Headgate.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Builds the edge to Wasm, unless it was built from the same
    BuildEdge {
        /// The gateway's configuration
        #[arg(long)]
        config: Option<PathBuf>,
        /// Cargo features of the crate `edge` (only tests have any)
        #[arg(long, value_delimiter = ',')]
        features: Vec<String>,
        /// The folder that gets `entry.js` and `build/`
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// Says what is missing or mismatched, each with its fix
    Doctor {
        /// Answer in JSON
        #[arg(long)]
        json: bool,
    },
}

fn build_edge(options: &Options) -> anyhow::Result<bool> {
    let progress = Progress::shown();
    let tools = Tools::ensure(progress)?;
    let built = edge_build::build(&tools, options, progress)?;
    let state = if built.fresh { "built" } else { "unchanged" };
    println!("edge {state}: {}", built.size);
    Ok(true)
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = interrupt::listen().and_then(|()| match arguments.command {
        Task::BuildEdge {
            config,
            features,
            out,
        } => build_edge(&Options {
            config,
            features,
            out,
        }),
        Task::Doctor { json } => xtask::doctor::doctor(json),
    });
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        // Ending on request is what was asked for.
        Err(error) if error.is::<Interrupted>() => ExitCode::SUCCESS,
        Err(error) => {
            // `{:#}` keeps a backtrace out of a sentence that is meant to be read.
            eprintln!("\n{error:#}");
            ExitCode::FAILURE
        }
    }
}
