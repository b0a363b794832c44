//! A second server that follows a cluster by streaming, for reads and for tests of lag.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::process::Command;

use anyhow::{Context, Result};

use super::{Cluster, FIX, Options, ROLE, account::Account, launch};
use crate::lock::Lock;
use crate::process;

impl Cluster {
    /// Makes a standby in a folder that is empty or missing, and starts it. The cluster is stopped
    /// meanwhile, so that a plain copy of its data is whole.
    pub fn standby(&mut self, options: &Options) -> Result<Self> {
        self.standby_by(None, options)
    }

    /// The same, following by another port that leads to the cluster's own.
    pub fn standby_by(&mut self, port: Option<u16>, options: &Options) -> Result<Self> {
        let options = Options {
            folder: std::path::absolute(&options.folder)?,
            ..options.clone()
        };
        let lock = Lock::try_on(&options.folder)?
            .with_context(|| format!("{} is in use.", options.folder.display()))?;
        let account = Account::choose(&self.binaries, &options.folder)?;
        self.stop();
        let mut copy = Command::new("cp");
        copy.arg("-a")
            .args(["data", "password"].map(|name| self.options.folder.join(name)));
        process::run("cp", copy.arg(&options.folder), FIX)?;
        self.restart()?;
        let data = options.folder.join("data");
        fs::write(data.join("standby.signal"), "")?;
        account.take(&data.join("standby.signal"))?;
        let mut settings = OpenOptions::new()
            .append(true)
            .open(data.join("postgresql.auto.conf"))?;
        writeln!(
            settings,
            "primary_conninfo = 'host=127.0.0.1 port={} user={ROLE} password={}'",
            port.unwrap_or(self.port),
            self.password
        )?;
        let (running, port) = launch(&self.binaries, account, &options, None)?;
        Ok(Self {
            running,
            port,
            password: self.password.clone(),
            binaries: self.binaries.clone(),
            account,
            options,
            _lock: lock,
        })
    }

    /// Makes a standby a primary of its own, and waits until it takes changes.
    pub fn promote(&self) -> Result<()> {
        let mut promote = self.account.command(&self.binaries, "pg_ctl");
        promote
            .args(["promote", "--wait", "--timeout", "30", "--pgdata"])
            .arg(self.options.folder.join("data"));
        process::run("pg_ctl promote", &mut promote, FIX)?;
        Ok(())
    }
}
