//! `cargo xtask`: the commands. Everything they do is in the library beside this file.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use xtask::interrupt::{self, Interrupted};

/// Builds, runs and tests Headgate.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Says what is missing or mismatched, each with its fix
    Doctor {
        /// Answer in JSON
        #[arg(long)]
        json: bool,
    },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = interrupt::listen().and_then(|()| match arguments.command {
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
