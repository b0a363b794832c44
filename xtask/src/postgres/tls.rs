//! A cluster that is reached by TLS, as managed ones are.

use std::fs::{self, OpenOptions};
use std::io::Write;

use anyhow::Result;

use super::Cluster;
use crate::secrets;

impl Cluster {
    /// Restarts it so that from now on it takes connections over TLS, and no others. It shows this certificate,
    /// whose private key this is; both are PEM.
    pub fn require_tls(&mut self, certificate: &str, key: &str) -> Result<()> {
        let data = self.options.folder.join("data");
        // Under the names that Postgres looks for by itself.
        for (name, text) in [("server.crt", certificate), ("server.key", key)] {
            let file = data.join(name);
            secrets::write_private(&file, text)?;
            self.account.take(&file)?;
        }
        let mut settings = OpenOptions::new()
            .append(true)
            .open(data.join("postgresql.auto.conf"))?;
        writeln!(settings, "ssl = on")?;
        let rules = data.join("pg_hba.conf");
        let text = fs::read_to_string(&rules)?;
        fs::write(rules, text.replace("\nhost ", "\nhostssl "))?;
        self.restart()
    }
}
