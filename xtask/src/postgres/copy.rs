//! A server that begins as a copy of another one's files: what standbys and restored servers have in common.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::{Cluster, Options, account::Account, launch};
use crate::lock::Lock;

/// The folder of such a server, which nobody else uses.
pub(super) struct Site {
    options: Options,
    account: Account,
    lock: Lock,
}

impl Cluster {
    /// Takes a folder for a copy of this server.
    pub(super) fn site(&self, options: &Options) -> Result<Site> {
        let options = Options {
            folder: std::path::absolute(&options.folder)?,
            ..options.clone()
        };
        let lock = Lock::try_on(&options.folder)?
            .with_context(|| format!("{} is in use.", options.folder.display()))?;
        let account = Account::choose(&self.binaries, &options.folder)?;
        Ok(Site {
            options,
            account,
            lock,
        })
    }

    /// Starts what was made there. Roles and passwords are the original's.
    pub(super) fn start_at(&self, site: Site) -> Result<Self> {
        let Site {
            options,
            account,
            lock,
        } = site;
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
}

impl Site {
    pub(super) fn folder(&self) -> &Path {
        &self.options.folder
    }

    /// Adds settings, and the file whose presence says what kind of start it is. Where that file is.
    pub(super) fn begins_as(&self, signal: &str, settings: &str) -> Result<PathBuf> {
        let data = self.options.folder.join("data");
        let mut file = OpenOptions::new()
            .append(true)
            .open(data.join("postgresql.auto.conf"))?;
        writeln!(file, "{settings}")?;
        let signal = data.join(signal);
        fs::write(&signal, "")?;
        self.account.take(&signal)?;
        Ok(signal)
    }
}
