//! The process's log: a line of JSON an event, on standard error.
//!
//! What is waiting to be written is written before the process ends, by force or in order ([`Log`]). One that is
//! killed takes along what a moment brought ([`lines`]).

mod access;
mod lines;

use std::io::stderr;
use std::sync::{Arc, OnceLock};

use tracing_subscriber::EnvFilter;

pub(crate) use access::Access;
use lines::Lines;

/// What is logged unless `RUST_LOG` says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Logs {
    /// What happens, of a process that stays.
    WhatHappens,
    /// What goes wrong.
    Warnings,
}

impl Logs {
    const fn filter(self) -> &'static str {
        match self {
            Self::WhatHappens => "info,sqlx=warn",
            Self::Warnings => "warn",
        }
    }
}

static LINES: OnceLock<Arc<Lines>> = OnceLock::new();

/// The log. What waits is written when it is dropped.
#[derive(Debug)]
#[must_use]
pub struct Log(());

impl Log {
    /// Begins it. There is one of it in a process.
    pub fn begin(logs: Logs) -> Self {
        let lines = LINES.get_or_init(|| Lines::written_to(stderr()));
        tracing_subscriber::fmt()
            .json()
            .flatten_event(true)
            .with_writer(lines.clone())
            .with_env_filter(
                EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(logs.filter())),
            )
            .init();
        Self(())
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        flush();
    }
}

/// Writes what waits, of a process that does not come to its end by itself.
pub(crate) fn flush() {
    if let Some(lines) = LINES.get() {
        lines.written();
    }
}
