//! pgbench: Postgres' own load generator.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use hdrhistogram::Histogram;
use xtask::process;
use xtask::tools::Tools;

use crate::contest::{Measured, Timing};
use crate::cpu::{Reading, Watched};

/// Where Debian and its kin keep each version's programs.
const DEBIAN: &str = "/usr/lib/postgresql";

const MISSING: &str = "pgbench is not installed: it is neither on PATH nor in \
    /usr/lib/postgresql/*/bin. It comes with Postgres (Debian: `apt install postgresql`); its major \
    version may differ from the server's.";

const FIX: &str = "pgbench could not run origin's statements; src/orders/script.rs writes them.";

/// An installed pgbench.
#[derive(Debug)]
pub(super) struct Pgbench {
    program: PathBuf,
    /// As it names itself.
    pub(super) version: String,
}

impl Pgbench {
    /// Finds the newest one.
    pub(super) fn find(tools: &Tools) -> Result<Self> {
        let program = on_path(&tools.environment().path)
            .or_else(|| newest(Path::new(DEBIAN)))
            .context(MISSING)?;
        let version = process::run(PGBENCH, Command::new(&program).arg("--version"), FIX)?;
        Ok(Self {
            program,
            version: version.trim().to_owned(),
        })
    }

    /// Runs the script: first the warm-up, then what counts.
    pub(super) fn run(
        &self,
        database_url: &str,
        script: &Path,
        timing: Timing,
        watched: &[Watched],
    ) -> Result<Measured> {
        if !timing.warm_up.is_zero() {
            self.once(database_url, script, timing, timing.warm_up.as_secs(), None)?;
        }
        let folder = tempfile::tempdir()?;
        let log = folder.path().join("latencies");
        let before = Reading::of(watched);
        let said = self.once(
            database_url,
            script,
            timing,
            timing.measured.as_secs(),
            Some(&log),
        )?;
        let after = Reading::of(watched);
        let summary = summary(&said)?;
        let latencies = latencies(folder.path())?;
        #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
        let seconds = summary.transactions as f64 / summary.rate;
        Ok(Measured {
            requests: summary.transactions,
            seconds,
            p50_us: Some(latencies.value_at_quantile(0.5)),
            p99_us: Some(latencies.value_at_quantile(0.99)),
            cpu_us: Reading::per_request(&before, &after, summary.transactions),
        })
    }

    fn once(
        &self,
        database_url: &str,
        script: &Path,
        timing: Timing,
        seconds: u64,
        log: Option<&Path>,
    ) -> Result<String> {
        let mut command = Command::new(&self.program);
        command
            .args(["--no-vacuum", "--protocol=prepared", "--jobs=1"])
            .arg(format!("--client={}", timing.connections))
            .arg(format!("--time={seconds}"))
            .arg("--file")
            .arg(script);
        if let Some(prefix) = log {
            command.arg("--log").arg("--log-prefix").arg(prefix);
        }
        command.arg(database_url);
        process::run(PGBENCH, &mut command, FIX)
    }
}

const PGBENCH: &str = "pgbench";

fn on_path(path: &std::ffi::OsStr) -> Option<PathBuf> {
    std::env::split_paths(path)
        .map(|folder| folder.join(PGBENCH))
        .find(|file| file.is_file())
}

fn newest(versions: &Path) -> Option<PathBuf> {
    let version = |folder: &PathBuf| folder.file_name()?.to_str()?.parse::<u32>().ok();
    let mut folders: Vec<PathBuf> = fs::read_dir(versions)
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    folders.sort_by_key(|folder| std::cmp::Reverse(version(folder)));
    folders
        .into_iter()
        .map(|folder| folder.join("bin").join(PGBENCH))
        .find(|file| file.is_file())
}

/// What pgbench says at its end.
#[derive(Debug, PartialEq)]
struct Summary {
    transactions: u64,
    /// A second, without the time that connecting took.
    rate: f64,
}

fn summary(said: &str) -> Result<Summary> {
    let after = |start: &str| said.lines().find_map(|line| line.strip_prefix(start));
    let first = |text: &str| text.split([' ', '/']).next().map(str::to_owned);
    let number = |start| {
        after(start)
            .and_then(first)
            .with_context(|| format!("pgbench does not say `{start}`"))
    };
    // Before version 15 a failed statement ends its client instead, which is an error already.
    if let Some(failed) = after("number of failed transactions: ")
        && !failed.starts_with("0 ")
    {
        bail!("{failed} of pgbench's transactions failed");
    }
    let summary = Summary {
        transactions: number("number of transactions actually processed: ")?.parse()?,
        rate: number("tps = ")?.parse()?,
    };
    ensure!(
        summary.transactions > 0,
        "pgbench made no transaction:\n{said}"
    );
    Ok(summary)
}

/// The latencies of all transactions, from the log's third column.
fn latencies(folder: &Path) -> Result<Histogram<u64>> {
    let mut histogram = crate::load::histogram()?;
    for file in fs::read_dir(folder)? {
        for line in fs::read_to_string(file?.path())?.lines() {
            let micros = line
                .split(' ')
                .nth(2)
                .and_then(|text| text.parse::<u64>().ok());
            histogram.saturating_record(micros.context("pgbench's log has another form")?);
        }
    }
    Ok(histogram)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: &str = "pgbench (15.14)
transaction type: /tmp/order.sql
scaling factor: 1
number of clients: 16
number of transactions actually processed: 41234
number of failed transactions: 0 (0.000%)
latency average = 3.104 ms
initial connection time = 30.123 ms
tps = 5154.637 (without initial connection time)
";

    #[test]
    fn the_summary_is_read() {
        let expected = Summary {
            transactions: 41_234,
            rate: 5154.637,
        };
        assert_eq!(summary(SAID).unwrap(), expected);
        let failed = SAID.replace("transactions: 0 (", "transactions: 3 (");
        assert!(
            summary(&failed)
                .unwrap_err()
                .to_string()
                .contains("3 (0.000%)")
        );
        assert!(summary("nothing").is_err());
    }

    #[test]
    fn the_newest_version_is_found() {
        let folder = tempfile::tempdir().unwrap();
        for version in ["9", "15", "18"] {
            fs::create_dir_all(folder.path().join(version).join("bin")).unwrap();
        }
        for version in ["9", "15"] {
            fs::write(folder.path().join(version).join("bin/pgbench"), "").unwrap();
        }
        assert_eq!(
            newest(folder.path()),
            Some(folder.path().join("15/bin/pgbench"))
        );
    }
}
