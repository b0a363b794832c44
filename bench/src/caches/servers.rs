//! Caches that others wrote, as Debian installs them: started with a configuration of bench/peers,
//! on a free port of loopback, with all that they write in a folder that goes with them.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};
use tempfile::TempDir;
use xtask::peers::Cache;
use xtask::process::{Running, Signal};
use xtask::{ports, wait};

use crate::cpu::Watched;
use crate::workers::peer;

/// Longest start of one of them.
const START_MAX: Duration = Duration::from_secs(30);

/// Traffic Server's files.
const TRAFFIC_SERVER: [&str; 6] = [
    "runroot.yaml",
    "records.config",
    "remap.config",
    "storage.config",
    "ip_allow.yaml",
    "logging.yaml",
];

/// A cache that serves.
pub(crate) struct Server {
    pub(crate) name: &'static str,
    pub(crate) address: SocketAddr,
    running: Running,
    // Goes after what writes to it.
    _folder: TempDir,
}

impl Server {
    /// Starts it before an origin.
    pub(crate) fn start(cache: Cache, program: &Path, origin: SocketAddr) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let state = folder.path();
        let port = ports::free()?;
        let filled = |file: &str| fill(file, state, port, origin.port());
        let mut command = Command::new(program);
        command.current_dir(state);
        match cache {
            Cache::Nginx => {
                command.arg("-e").arg(state.join("error.log"));
                command.arg("-c").arg(filled("nginx.conf")?);
            }
            Cache::Varnish => {
                command
                    .args(["-F", "-j", "none", "-s", "malloc,64m"])
                    .args(["-p", "thread_pools=1", "-a"])
                    .arg(format!("127.0.0.1:{port}"))
                    .arg("-n")
                    .arg(state.join("work"))
                    .arg("-f")
                    .arg(filled("varnish.vcl")?);
            }
            Cache::TrafficServer => {
                for folder in ["run", "log", "copies"] {
                    fs::create_dir(state.join(folder))?;
                }
                for file in TRAFFIC_SERVER {
                    filled(&format!("trafficserver/{file}"))?;
                }
                command.arg(format!(
                    "--run-root={}",
                    state.join("runroot.yaml").display()
                ));
            }
        }
        let log = state.join("output.log");
        let mut running = Running::start(cache.name(), &mut command, &log, Signal::TERM)?;
        wait::until(START_MAX, cache.name(), || {
            running.check()?;
            Ok(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok())
        })?;
        Ok(Self {
            name: cache.name(),
            address: (Ipv4Addr::LOCALHOST, port).into(),
            running,
            _folder: folder,
        })
    }

    /// Its processes, for the reading of processor time.
    pub(crate) fn watched(&self) -> Watched {
        Watched {
            name: self.name,
            pid: self.running.pid(),
        }
    }
}

/// A file of bench/peers with its blanks filled in, among what the server writes.
fn fill(file: &str, state: &Path, port: u16, origin_port: u16) -> Result<PathBuf> {
    let from = peer(file);
    let text =
        fs::read_to_string(&from).with_context(|| format!("{} can't be read", from.display()))?;
    // As root nginx would hand its worker to a user who can't enter the folder.
    let user = if rustix::process::geteuid().is_root() {
        "user root;"
    } else {
        ""
    };
    let text = text
        .replace("{{USER}}", user)
        .replace("{{STATE}}", &state.display().to_string())
        .replace("{{PORT}}", &port.to_string())
        .replace("{{ORIGIN_PORT}}", &origin_port.to_string());
    let to = state.join(from.file_name().context("a file has a name")?);
    fs::write(&to, text)?;
    Ok(to)
}
