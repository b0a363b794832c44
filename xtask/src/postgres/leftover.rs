//! Ends what a crash left in a cluster's folder: a server without a master, or its lock file.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};

use crate::{process, wait};

/// What the guard of a killed xtask needs at most to end its server (see `process`).
const GUARD_MAX: Duration = Duration::from_secs(10);

/// Waits for, then ends, a server that still works on `data`; then removes its lock file. The
/// caller holds the cluster's lock, so no living xtask wants that server.
pub(super) fn end(data: &Path) -> Result<()> {
    let file = data.join("postmaster.pid");
    let Ok(text) = fs::read_to_string(&file) else {
        return Ok(());
    };
    let pid = text
        .lines()
        .next()
        .and_then(|line| line.trim().parse().ok())
        .and_then(Pid::from_raw);
    if let Some(pid) = pid.filter(|pid| works_on(*pid, data)) {
        for signal in [Signal::INT, Signal::KILL] {
            // It may end by itself in between.
            let _ = kill_process(pid, signal);
            if wait::settle(GUARD_MAX, || !works_on(pid, data)) {
                break;
            }
        }
        if works_on(pid, data) {
            bail!(
                "Postgres (process {}) does not end; end it by hand.",
                pid.as_raw_nonzero()
            );
        }
    }
    match fs::remove_file(&file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("{} can't be removed.", file.display()))
        }
        _ => Ok(()),
    }
}

/// Whether the process is a Postgres on that folder, and not one that got its number since.
fn works_on(pid: Pid, data: &Path) -> bool {
    let mut ps = Command::new("ps");
    ps.args([
        "-ww",
        "-o",
        "args=",
        "-p",
        &pid.as_raw_nonzero().to_string(),
    ]);
    process::output("ps", &mut ps).is_ok_and(|output| {
        output.stdout.contains("postgres") && output.stdout.contains(&*data.to_string_lossy())
    })
}
