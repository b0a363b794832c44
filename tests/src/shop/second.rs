//! A shop with a second origin: one that serves, behind a gate of its own, and can be killed.

use std::path::{Path, PathBuf};

use xtask::process::Running;
use xtask::sandbox::Sandbox;

use super::{Layout, Options, Shop, database, folder, origin, ready};
use crate::gate::Gate;

/// The second origin.
#[derive(Debug)]
pub struct Second {
    /// What stands between it and the edge.
    pub gate: Gate,
    port: u16,
    origin: Running,
    log: PathBuf,
}

impl Second {
    pub(super) async fn start(database_url: &str, provider: &Sandbox, folder: &Path) -> Self {
        let port = xtask::ports::free().expect("a port");
        let log = folder.join("second.log");
        let gate = Gate::open().await.expect("the gate opens");
        gate.lead_to(port);
        Self {
            origin: serving(database_url, port, provider, &log),
            gate,
            port,
            log,
        }
    }
}

fn serving(database_url: &str, port: u16, provider: &Sandbox, log: &Path) -> Running {
    let mut command = origin();
    command.arg("serve");
    ready(command, database_url, port, provider, log)
}

impl Shop {
    /// A shop with two origins.
    pub async fn start_with_two_origins() -> Self {
        let layout = Layout {
            second: true,
            ..Layout::of(1)
        };
        Self::over(folder(), database().await, layout, Options::default()).await
    }

    /// The second one.
    pub fn second(&self) -> &Second {
        self.second.as_ref().expect("a shop with two origins")
    }

    /// Kills it, as a crash would.
    pub fn kill_second(&mut self) {
        let second = self.second.as_mut().expect("a shop with two origins");
        second.origin.kill();
    }

    /// Starts it again where it was.
    pub fn restart_second(&mut self) {
        let provider = self.provider.as_ref().expect("the provider runs");
        let second = self.second.as_mut().expect("a shop with two origins");
        second.origin = serving(&self.database_url, second.port, provider, &second.log);
    }
}
