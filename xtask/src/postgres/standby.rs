//! A second server that follows a cluster by streaming, for reads and for tests of lag.

use std::process::Command;

use anyhow::Result;

use super::{Cluster, FIX, Options, ROLE};
use crate::process;

impl Cluster {
    /// Makes a standby in a folder that is empty or missing, and starts it. The cluster is stopped
    /// meanwhile, so that a plain copy of its data is whole.
    pub fn standby(&mut self, options: &Options) -> Result<Self> {
        self.standby_by(None, options)
    }

    /// The same, following by another port that leads to the cluster's own.
    pub fn standby_by(&mut self, port: Option<u16>, options: &Options) -> Result<Self> {
        let site = self.site(options)?;
        self.stop();
        let mut cp = Command::new("cp");
        cp.arg("-a")
            .args(["data", "password"].map(|name| self.options.folder.join(name)));
        process::run("cp", cp.arg(site.folder()), FIX)?;
        self.restart()?;
        let settings = format!(
            "primary_conninfo = 'host=127.0.0.1 port={} user={ROLE} password={}'",
            port.unwrap_or(self.port),
            self.password
        );
        site.begins_as("standby.signal", &settings)?;
        self.start_at(site)
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
