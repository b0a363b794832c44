//! What the user reads while waiting: one calm line a step, with how long it took.
//!
//! A step prints its name soon after it begins and its time when it ends, on the same line, so that
//! a log file reads as well as a terminal. Everything goes to stderr; stdout is for results.

use std::io::Write;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use anyhow::Result;

use crate::interrupt::Interrupted;
use crate::wait::Deadline;

/// A step that is done sooner is not worth a line.
const SILENT_MAX: Duration = Duration::from_millis(400);

/// Where a step's name ends and its time begins.
const NAME_COLUMNS: usize = 58;

/// Prints steps, or keeps quiet.
#[derive(Debug, Clone, Copy, Default)]
pub struct Progress {
    quiet: bool,
}

impl Progress {
    /// Prints a line a step.
    pub fn shown() -> Self {
        Self { quiet: false }
    }

    /// Prints nothing; failures still carry everything that is needed.
    pub fn quiet() -> Self {
        Self { quiet: true }
    }

    /// Runs `work` under a name. What is done at once, because it was there already, stays silent.
    pub fn step<T>(self, name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let watch = Deadline::after(Duration::MAX);
        let (done, waiting) = mpsc::channel::<()>();
        let (outcome, announced) = std::thread::scope(|scope| {
            let announcer = scope.spawn(move || {
                let slow = waiting.recv_timeout(SILENT_MAX) == Err(RecvTimeoutError::Timeout);
                if slow {
                    self.print(&format!("  {name:<NAME_COLUMNS$}"));
                }
                slow
            });
            let outcome = work();
            drop(done);
            (outcome, announcer.join().unwrap_or(false))
        });
        let verdict = match &outcome {
            Ok(_) => "",
            Err(error) if error.is::<Interrupted>() => " stopped",
            Err(_) => " failed",
        };
        if announced {
            self.print(&format!("{:>8}{verdict}\n", seconds(watch.elapsed())));
        }
        outcome
    }

    /// A remark that is no step.
    pub fn note(self, text: &str) {
        self.print(&format!("  {text}\n"));
    }

    fn print(self, text: &str) {
        if !self.quiet {
            let mut out = std::io::stderr().lock();
            // Nobody listening is no reason to fail the work.
            let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
        }
    }
}

/// `0.3 s`, `26 s`, `4 min 05 s`: as precise as is useful.
pub fn seconds(time: Duration) -> String {
    match time.as_secs() {
        0..=9 => format!("{:.1} s", time.as_secs_f64()),
        whole @ 10..=119 => format!("{whole} s"),
        whole => format!("{} min {:02} s", whole / 60, whole % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_well() {
        for (millis, text) in [
            (40, "0.0 s"),
            (1_250, "1.2 s"),
            (9_990, "10.0 s"),
            (26_400, "26 s"),
            (119_000, "119 s"),
            (245_000, "4 min 05 s"),
        ] {
            assert_eq!(seconds(Duration::from_millis(millis)), text);
        }
    }
}
