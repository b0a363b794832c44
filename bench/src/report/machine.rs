//! What the figures were measured on; without it they mean nothing.

use std::fs;
use std::process::Command;

use serde::Serialize;
use xtask::process;
use xtask::tools::Tools;

/// The machine, and the versions of what ran on it.
#[derive(Debug, Serialize)]
pub(crate) struct Machine {
    pub(crate) unix_seconds: u64,
    pub(crate) cores: usize,
    pub(crate) processor: Option<String>,
    pub(crate) memory_mb: Option<u64>,
    pub(crate) system: String,
    /// Processes that wanted to run before the benchmarks did: anything near the number of cores
    /// means that they shared it.
    pub(crate) load_before: Option<f64>,
    pub(crate) rust: Option<String>,
    pub(crate) workerd: Option<String>,
    pub(crate) commit: Option<String>,
}

impl Machine {
    /// Asks the system. What it can't tell is left out.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one adapter that asks for the date"
    )]
    pub(crate) fn read(tools: &Tools) -> Self {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let asked = |program: &mut Command| {
            let output = process::output("a question", program).ok()?;
            let text = output.stdout.trim().to_owned();
            (output.status.success() && !text.is_empty()).then_some(text)
        };
        let line = |file: &str, name: &str| value(&fs::read_to_string(file).ok()?, name);
        Self {
            unix_seconds: since.map_or(0, |time| time.as_secs()),
            cores: std::thread::available_parallelism().map_or(0, usize::from),
            processor: line("/proc/cpuinfo", "model name"),
            memory_mb: line("/proc/meminfo", "MemTotal").and_then(|text| kilobytes(&text)),
            system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            load_before: fs::read_to_string("/proc/loadavg")
                .ok()
                .and_then(|text| text.split(' ').next()?.parse().ok()),
            rust: asked(
                Command::new("rustc")
                    .arg("--version")
                    .current_dir(tools.root()),
            ),
            workerd: tools
                .workerd()
                .ok()
                .and_then(|program| asked(Command::new(program).arg("--version"))),
            commit: asked(
                Command::new("git")
                    .args(["rev-parse", "HEAD"])
                    .current_dir(tools.root()),
            ),
        }
    }

    /// One line above the table.
    pub(crate) fn line(&self) -> String {
        let unknown = || "unknown".to_owned();
        format!(
            "{} cores of {}, {}, load before {}; {}; {}",
            self.cores,
            self.processor.clone().unwrap_or_else(unknown),
            self.system,
            self.load_before
                .map_or_else(unknown, |load| format!("{load:.1}")),
            self.rust.clone().unwrap_or_else(unknown),
            self.workerd.clone().unwrap_or_else(unknown),
        )
    }
}

/// The value of the first line `name : value`.
fn value(text: &str, name: &str) -> Option<String> {
    text.lines().find_map(|line| {
        let (found, value) = line.split_once(':')?;
        (found.trim() == name).then(|| value.trim().to_owned())
    })
}

fn kilobytes(text: &str) -> Option<u64> {
    let kb: u64 = text.split(' ').next()?.parse().ok()?;
    Some(kb / 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_lines() {
        let text = "processor\t: 0\nmodel name\t: Quick CPU\nMemTotal:       2048 kB\n";
        assert_eq!(value(text, "model name").as_deref(), Some("Quick CPU"));
        assert_eq!(
            value(text, "MemTotal").and_then(|text| kilobytes(&text)),
            Some(2)
        );
        assert_eq!(value(text, "model"), None);
    }
}
