//! A shop with a second origin: one that serves, behind a gate of its own, and can be killed.

use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::Duration;

use xtask::process::Running;
use xtask::sandbox::Sandbox;

use super::programs::{origin, ready};
use super::{Layout, Options, Shop};
use crate::gate::Gate;

/// Whether there is one beside the first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Beside {
    /// There is none.
    #[default]
    None,
    /// The edge's deployment lists both.
    Listed,
    /// It lists the first alone.
    Unlisted,
}

/// The second origin.
#[derive(Debug)]
pub struct Second {
    /// What stands between it and the edge.
    pub gate: Gate,
    /// Where it listens itself.
    pub port: u16,
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
            origin: serving(database_url, port, provider, &log, &[]),
            gate,
            port,
            log,
        }
    }
}

impl Second {
    /// The message of the last line of its log.
    pub fn last_words(&self) -> String {
        let log = std::fs::read_to_string(&self.log).expect("its log");
        let line = log.lines().last().expect("a line");
        let line: serde_json::Value = serde_json::from_str(line).expect("a line of JSON");
        line["message"].as_str().expect("a message").to_owned()
    }
}

/// Settings by the names of their variables.
type Settings<'a> = &'a [(&'a str, &'a str)];

fn serving(
    database_url: &str,
    port: u16,
    provider: &Sandbox,
    log: &Path,
    settings: Settings<'_>,
) -> Running {
    let mut command = origin();
    command.arg("serve").envs(settings.iter().copied());
    ready(command, database_url, port, provider, log)
}

/// The same, of one worker thread and with its log in a pipe; what it says when it is ready goes to `log`.
#[cfg(target_os = "linux")]
fn serving_unread(
    database_url: &str,
    port: u16,
    provider: &Sandbox,
    log: &Path,
    settings: Settings<'_>,
    pipe: &Path,
) -> Running {
    let told = origin();
    let mut command = std::process::Command::new("/bin/sh");
    command
        .args(["-c", r#"exec "$0" serve 2>"$UNREAD""#])
        .arg(told.get_program())
        .env("UNREAD", pipe)
        .env("TOKIO_WORKER_THREADS", "1");
    let told = told
        .get_envs()
        .filter_map(|(name, value)| Some((name, value?)));
    command.envs(told).envs(settings.iter().copied());
    ready(command, database_url, port, provider, log)
}

impl Shop {
    /// A shop with two origins.
    pub async fn start_with_two_origins() -> Self {
        Self::start_before_two_origins(Options::default()).await
    }

    /// A shop with two origins, as the test wants it.
    pub async fn start_before_two_origins(options: Options) -> Self {
        Self::start_beside(Beside::Listed, options).await
    }

    /// A shop with one origin, and a second one that its edge does not know.
    pub async fn start_beside_an_origin(options: Options) -> Self {
        Self::start_beside(Beside::Unlisted, options).await
    }

    async fn start_beside(second: Beside, options: Options) -> Self {
        let layout = Layout {
            second,
            ..Layout::of(1)
        };
        Self::laid_out(layout, options).await
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
        self.restart_second_with(&[]);
    }

    /// The same, with other settings.
    pub fn restart_second_with(&mut self, settings: Settings<'_>) {
        let provider = self.provider.as_ref().expect("the provider runs");
        let second = self.second.as_mut().expect("a shop with two origins");
        let (url, port) = (&self.database_url, second.port);
        second.origin = serving(url, port, provider, &second.log, settings);
    }

    /// The same, with one worker thread, and with a log that nobody reads.
    #[cfg(target_os = "linux")]
    pub fn restart_second_unread(&mut self, settings: Settings<'_>) -> super::Unread {
        let pipe = super::Unread::make(&self.folder);
        let provider = self.provider.as_ref().expect("the provider runs");
        let second = self.second.as_mut().expect("a shop with two origins");
        let (url, port) = (&self.database_url, second.port);
        second.origin = serving_unread(url, port, provider, &second.log, settings, pipe.path());
        pipe
    }

    /// Asks it to end and waits until it has. How it ended.
    pub fn end_second(&mut self) -> ExitStatus {
        ended(
            &mut self
                .second
                .as_mut()
                .expect("a shop with two origins")
                .origin,
        )
    }

    /// Asks the first one to end and waits until it has. How it ended.
    pub fn end_first(&mut self) -> ExitStatus {
        ended(&mut self.origin)
    }

    /// Ends the first one in order, and starts it again where it was, with other settings.
    pub fn roll_first(&mut self, settings: Settings<'_>) -> ExitStatus {
        let status = self.end_first();
        let mut command = origin();
        command
            .arg("run")
            .env("MAIL_DIR", self.folder.join("mail"))
            .env("EDGE_URL", self.edge.url())
            .envs(settings.iter().copied());
        let provider = self.provider.as_ref().expect("the provider runs");
        let log = self.folder.join("origin.log");
        let (url, port) = (&self.database_url, self.origin_port);
        self.origin = ready(command, url, port, provider, &log);
        status
    }
}

/// Longer than an origin may take to end: what is killed then did not keep to it.
const END_MAX: Duration = Duration::from_secs(40);

fn ended(origin: &mut Running) -> ExitStatus {
    origin.stop(END_MAX);
    let status = origin.exit().expect("it can be asked");
    status.expect("it has ended")
}
