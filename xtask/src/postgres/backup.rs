//! A base backup, the log that is archived behind it, and a new server from both, as of a point in time.

use std::fs::{self, OpenOptions, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::Result;

use super::{Cluster, FIX, Options, START_MAX, account::Account};
use crate::{process, wait};

/// How long a part of the log may wait for its archive while little is written.
const ARCHIVED_EVERY: &str = "10s";

impl Cluster {
    /// From now on what the log says is copied into `folder`, part by part. The server is started again for
    /// it.
    pub fn archive_in(&mut self, folder: &Path) -> Result<()> {
        let folder = std::path::absolute(folder)?;
        fs::create_dir_all(&folder)?;
        // Whatever account the server runs under.
        fs::set_permissions(&folder, Permissions::from_mode(0o777))?;
        let folder = folder.display();
        let file = self.options.folder.join("data/postgresql.auto.conf");
        let mut settings = OpenOptions::new().append(true).open(file)?;
        // A part is never written over: it would be another server's.
        writeln!(
            settings,
            "archive_mode = on\narchive_timeout = {ARCHIVED_EVERY}\n\
             archive_command = 'test ! -f \"{folder}/%f\" && cp \"%p\" \"{folder}/%f\"'"
        )?;
        self.restart()
    }

    /// Copies the server's files, while it works, into a folder that is empty or missing. What the log says
    /// meanwhile is not in it: the archive has that.
    pub fn base_backup(&self, folder: &Path) -> Result<()> {
        fs::create_dir_all(folder)?;
        let account = Account::choose(&self.binaries, folder)?;
        let mut backup = account.command(&self.binaries, "pg_basebackup");
        backup
            .args([
                "--wal-method=none",
                "--checkpoint=fast",
                "--no-sync",
                "--dbname",
            ])
            .arg(self.url_of("postgres"))
            .arg("--pgdata")
            .arg(folder.join("data"));
        process::run("pg_basebackup", &mut backup, FIX)?;
        Ok(())
    }

    /// A new server in a folder that [`Self::base_backup`] filled, as the old one was at a time (as Postgres
    /// writes it), by the old one's archive. It goes on from there by itself.
    pub fn recovered(&self, options: &Options, archive: &Path, time: &str) -> Result<Self> {
        let site = self.site(options)?;
        let settings = format!(
            "archive_mode = off\nrestore_command = 'cp \"{}/%f\" \"%p\"'\n\
             recovery_target_time = '{time}'\nrecovery_target_action = 'promote'",
            std::path::absolute(archive)?.display()
        );
        let signal = site.begins_as("recovery.signal", &settings)?;
        let mut server = self.start_at(site)?;
        // Readers are let in earlier; the file goes when changes are.
        wait::until(START_MAX, "the recovery", || {
            server.running.check()?;
            Ok((!signal.exists()).then_some(()))
        })?;
        Ok(server)
    }
}
