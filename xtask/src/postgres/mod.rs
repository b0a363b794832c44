//! A Postgres of our own: made once in a folder, started on a free port, stopped or killed.
//!
//! 1. What is made half is never used: `initdb` works beside the final name.
//! 2. It listens on 127.0.0.1 alone and asks for a password, since other users of the machine could
//!    otherwise run programs as its owner.
//! 3. One xtask at a time holds the folder, by a lock that dies with its holder. So whatever else
//!    still runs there is left over from a crash, and is ended first.
//! 4. Commits are synchronous even where `fsync` is off: the order in which things become visible is
//!    what tests are about, surviving a power cut isn't.

mod account;
mod backup;
mod binaries;
mod copy;
mod leftover;
mod standby;
mod tls;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::lock::Lock;
use crate::process::{self, Running, Signal};
use crate::tools::Tools;
use crate::{ports, wait};
use account::Account;
pub use binaries::{Binaries, MAJOR_MIN};

/// The role that owns everything.
const ROLE: &str = "headgate";

/// The shop's database.
const DATABASE: &str = "headgate";

/// Enough for the origin, and for tests that run side by side with a pool each.
const CONNECTIONS_MAX: u32 = 200;

/// Recovery after a crash is part of a start.
const START_MAX: Duration = Duration::from_mins(1);

/// What an orderly end may take.
const STOP_MAX: Duration = Duration::from_secs(10);

/// Most tries of a start, each of which fails within tens of milliseconds: on a busy machine the children of a
/// killed server may hold its memory for seconds.
const STARTS_MAX: usize = 400;

/// What a cluster is told that goes with its process: nothing has to survive a power cut, and a machine
/// that runs many has a small disk. A standby that was cut off finds in the log what it has missed.
const EPHEMERAL: [&str; 4] = [
    "fsync=off",
    "full_page_writes=off",
    "max_wal_size=256MB",
    "wal_keep_size=128MB",
];

const FIX: &str = "Postgres could not be set up; its words above say why. `cargo xtask doctor` \
    names the Postgres in use.";

/// Which cluster, and how safe.
#[derive(Debug, Clone)]
pub struct Options {
    /// The cluster's folder; made when missing. It belongs to the cluster alone.
    pub folder: PathBuf,
    /// The server's log.
    pub log: PathBuf,
    /// Nothing has to survive a power cut: `fsync` off, and little log kept. Commits stay synchronous.
    pub ephemeral: bool,
}

/// A running server; dropping it stops it.
#[derive(Debug)]
pub struct Cluster {
    running: Running,
    port: u16,
    password: String,
    binaries: Binaries,
    account: Account,
    options: Options,
    _lock: Lock,
}

impl Cluster {
    /// Makes the cluster when there is none, starts it and waits until it takes connections.
    pub fn start(tools: &Tools, options: &Options) -> Result<Self> {
        let options = Options {
            folder: std::path::absolute(&options.folder)?,
            ..options.clone()
        };
        let lock = Lock::try_on(&options.folder)?.with_context(|| {
            format!(
                "The data in {} is in use by another `cargo xtask`. Stop that one, or choose \
                 another folder with `--data DIR`.",
                options.folder.display()
            )
        })?;
        let made_by = fs::read_to_string(options.folder.join("data/PG_VERSION"))
            .ok()
            .and_then(|version| version.trim().parse().ok());
        let binaries = Binaries::find(tools.root(), tools.environment(), made_by)?;
        let account = Account::choose(&binaries, &options.folder)?;
        if made_by.is_none() {
            create(&binaries, account, &options.folder)?;
        }
        let password = fs::read_to_string(options.folder.join("password"))?;
        leftover::end(&options.folder.join("data"))?;
        let (running, port) = launch(&binaries, account, &options, None)?;
        Ok(Self {
            running,
            port,
            password,
            binaries,
            account,
            options,
            _lock: lock,
        })
    }

    /// How to reach the shop's database, as a superuser.
    pub fn url(&self) -> String {
        self.url_of(DATABASE)
    }

    /// How to reach any of its databases.
    pub fn url_of(&self, database: &str) -> String {
        format!(
            "postgres://{ROLE}:{}@127.0.0.1:{}/{database}",
            self.password, self.port
        )
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Which Postgres it is.
    pub fn binaries(&self) -> &Binaries {
        &self.binaries
    }

    /// The child itself, to be watched.
    pub fn running(&mut self) -> &mut Running {
        &mut self.running
    }

    /// Kills it, as a crash would.
    pub fn kill(&mut self) {
        self.running.kill();
    }

    /// Stops it in an orderly way: clients are cut off, everything is written.
    pub fn stop(&mut self) {
        self.running.stop(STOP_MAX);
    }

    /// Starts it again after [`Self::kill`] or [`Self::stop`], on the same port unless somebody took it.
    pub fn restart(&mut self) -> Result<()> {
        self.stop();
        leftover::end(&self.options.folder.join("data"))?;
        let port = Some(self.port);
        (self.running, self.port) = launch(&self.binaries, self.account, &self.options, port)?;
        Ok(())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.stop();
    }
}

fn create(binaries: &Binaries, account: Account, folder: &Path) -> Result<()> {
    let incoming = folder.join("incoming");
    if incoming.exists() {
        fs::remove_dir_all(&incoming)?;
    }
    let mut secret = [0; 24];
    getrandom::fill(&mut secret)?;
    let password = folder.join("password");
    crate::secrets::write_private(&password, &URL_SAFE_NO_PAD.encode(secret))?;
    account.take(&password)?;
    let mut initdb = account.command(binaries, "initdb");
    initdb
        .arg("--pgdata")
        .arg(&incoming)
        .arg("--pwfile")
        .arg(&password)
        .args(["--username", ROLE, "--auth", "scram-sha-256"])
        // One collation on every machine; lists must not depend on a laptop's language.
        .args(["--encoding", "UTF8", "--locale", "C", "--no-sync"]);
    process::run("initdb", &mut initdb, FIX)?;
    // Single-user mode needs no client; the npm package has none.
    let mut single = account.command(binaries, "postgres");
    single
        .args(["--single", "-D"])
        .arg(&incoming)
        .arg("postgres");
    let sql = format!("CREATE DATABASE {DATABASE}\n");
    process::run_with_input("postgres", &mut single, &sql, FIX)?;
    Ok(fs::rename(incoming, folder.join("data"))?)
}

fn launch(
    binaries: &Binaries,
    account: Account,
    options: &Options,
    mut wish: Option<u16>,
) -> Result<(Running, u16)> {
    let mut tries = 0;
    loop {
        let port = wish.map_or_else(ports::free, Ok)?;
        tries += 1;
        match try_launch(binaries, account, options, port) {
            Ok(running) => return Ok((running, port)),
            Err(error) => match passing(&error.to_string()) {
                Some(why) if tries < STARTS_MAX => wish = wish.filter(|_| why == Passing::Memory),
                _ => return Err(error),
            },
        }
    }
}

/// Why a start failed that may succeed a moment later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Passing {
    /// The port was taken just now.
    Port,
    /// The children of a killed server have not noticed yet, and hold its memory.
    Memory,
}

fn passing(words: &str) -> Option<Passing> {
    if words.contains("Address already in use") {
        return Some(Passing::Port);
    }
    let memory = words.contains("pre-existing shared memory block");
    memory.then_some(Passing::Memory)
}

fn try_launch(
    binaries: &Binaries,
    account: Account,
    options: &Options,
    port: u16,
) -> Result<Running> {
    let data = options.folder.join("data");
    let mut command = account.command(binaries, "postgres");
    command.arg("-D").arg(&data);
    let mut settings = vec![
        "listen_addresses=127.0.0.1".to_owned(),
        format!("port={port}"),
        "unix_socket_directories=".to_owned(),
        format!("max_connections={CONNECTIONS_MAX}"),
        "synchronous_commit=on".to_owned(),
    ];
    if options.ephemeral {
        settings.extend(EPHEMERAL.map(str::to_owned));
    }
    for setting in settings {
        command.arg("-c").arg(setting);
    }
    let mut running = Running::start("Postgres", &mut command, &options.log, Signal::INT)?;
    wait::until(START_MAX, "Postgres to take connections", || {
        running.check()?;
        Ok(ready(&data, running.pid()).then_some(()))
    })?;
    Ok(running)
}

/// What `pg_ctl` looks at: the server writes its state into the eighth line of its lock file.
fn ready(data: &Path, pid: u32) -> bool {
    let text = fs::read_to_string(data.join("postmaster.pid")).unwrap_or_default();
    let mut lines = text.lines();
    let ours = lines.next().and_then(|line| line.trim().parse().ok()) == Some(pid);
    ours && lines.nth(6).is_some_and(|state| state.trim() == "ready")
}

#[cfg(test)]
mod tests;
