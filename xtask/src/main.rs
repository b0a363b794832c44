//! `cargo xtask`: the commands. Everything they do is in the library beside this file.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use xtask::interrupt::{self, Interrupted};
use xtask::progress::Progress;
use xtask::tools::Tools;
use xtask::{bench, client, dev, doctor, drill, edge, edge_build, fuzz, test};

/// Builds, runs and tests Headgate.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Runs the whole shop on this machine, through the edge
    Dev(dev::Options),
    /// Runs the edge alone, with any configuration, before any HTTP origin
    Edge(edge::Options),
    /// Formatting, lints, what is written from the code, and a dry deploy: all but the tests
    Check,
    /// The same, and every test
    Test,
    /// Side-by-side benchmarks: a table of ratios, and JSON
    #[command(disable_help_flag = true)]
    Bench {
        /// Names and flags of the benchmarks; `--help` lists them
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Breaks a cluster's parts one after the other, and says what came of it
    #[command(disable_help_flag = true)]
    Drill {
        /// Names and flags of the drills; `--help` lists them
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Feeds the edge's readers with made-up bytes; one that breaks a promise is kept
    Fuzz(fuzz::Options),
    /// Writes docs/openapi.json and the TypeScript client's types from the code
    Client,
    /// Says what is missing or mismatched, each with its fix
    Doctor {
        /// Answer in JSON
        #[arg(long)]
        json: bool,
    },
    /// Builds the edge to Wasm, unless it was built from the same
    BuildEdge(edge_build::Options),
}

impl Task {
    /// What a shell is told when the user ended it: nobody may take half a run of the tests for a good one.
    fn interrupted(&self) -> ExitCode {
        match self {
            // They run until they are ended.
            Self::Dev(_) | Self::Edge(_) => ExitCode::SUCCESS,
            _ => ExitCode::from(interrupt::EXIT_CODE),
        }
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = interrupt::listen().and_then(|()| match &arguments.command {
        Task::Dev(options) => dev::dev(options),
        Task::Edge(options) => edge::edge(options),
        Task::Check => test::check(),
        Task::Test => test::test(),
        Task::Bench { arguments } => bench::bench(arguments),
        Task::Drill { arguments } => drill::drill(arguments),
        Task::Fuzz(options) => fuzz::fuzz(options),
        Task::Client => client::regenerate(Progress::shown()),
        Task::Doctor { json } => doctor::doctor(*json),
        Task::BuildEdge(options) => build_edge(options),
    });
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) if error.is::<Interrupted>() => arguments.command.interrupted(),
        Err(error) => {
            // `{:#}` keeps a backtrace out of a sentence that is meant to be read.
            eprintln!("\n{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn build_edge(options: &edge_build::Options) -> anyhow::Result<bool> {
    let progress = Progress::shown();
    let tools = Tools::ensure(progress)?;
    let built = edge_build::build(&tools, options, progress)?;
    let state = if built.fresh { "built" } else { "unchanged" };
    println!("edge {state}: {}", built.size);
    Ok(true)
}
