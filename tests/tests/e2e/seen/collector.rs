//! A collector that reads by OpenTelemetry's own definitions.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use tests::scratch;
use xtask::environment::Environment;
use xtask::process::{Running, Signal};
use xtask::progress::Progress;
use xtask::{peers, ports, wait};

/// How long it may take to start.
const READY_MAX: Duration = Duration::from_secs(30);

/// A running collector.
pub(super) struct Collector {
    port: u16,
    spans: PathBuf,
    log: PathBuf,
    _running: Running,
}

impl Collector {
    /// One, where Python's packages can be had.
    pub(super) fn start() -> Option<Self> {
        let environment = Environment::read();
        let peer = peers::otlp(&environment, Progress::shown()).unwrap();
        let python = peer.or_skip(environment.ci).unwrap()?;
        let port = ports::free().unwrap();
        let folder = scratch::folder().join(format!("collector-{port}"));
        std::fs::create_dir_all(&folder).unwrap();
        let (spans, log) = (folder.join("spans"), folder.join("log"));
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/seen/collector.py");
        let mut command = Command::new(python);
        command.arg(script).arg(&spans).arg(port.to_string());
        let mut running = Running::start("a collector", &mut command, &log, Signal::TERM).unwrap();
        wait::until(READY_MAX, "the collector answers", || {
            running.check()?;
            Ok(std::net::TcpStream::connect(("127.0.0.1", port)).ok())
        })
        .unwrap();
        Some(Self {
            port,
            spans,
            log,
            _running: running,
        })
    }

    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The spans of a trace that it has so far.
    pub(super) fn spans(&self, trace: &str) -> Vec<Value> {
        let text = std::fs::read_to_string(&self.spans).unwrap_or_default();
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        whole
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap())
            .filter(|span| span["trace"] == trace)
            .collect()
    }

    /// What it could not read.
    pub(super) fn complaints(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }
}
