//! The sandbox payment provider as a running program, for `dev`, tests and benchmarks.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use crate::process::{Running, Signal};
use crate::wait;

/// What it may take until it serves: it makes its database first.
const START_MAX: Duration = Duration::from_secs(30);

/// How it is started.
#[derive(Debug, Clone, Copy)]
pub struct Options<'a> {
    /// Its binary.
    pub program: &'a Path,
    /// Its own database.
    pub database_url: &'a str,
    /// What it says goes here.
    pub log: &'a Path,
    /// Where it listens; 0 takes a free port.
    pub port: u16,
    /// The origin that it tells of charges, if it does.
    pub tells: Option<Listener<'a>>,
}

/// An origin that hears of charges.
#[derive(Debug, Clone, Copy)]
pub struct Listener<'a> {
    /// Where it is.
    pub origin_url: &'a str,
    /// What it checks signatures with.
    pub secret: &'a str,
}

/// A running provider. Dropping it ends it.
#[derive(Debug)]
pub struct Sandbox {
    /// The process.
    pub running: Running,
    /// Where it is reached.
    pub url: String,
}

/// The database of a shop's provider: beside the shop's own, under its name and `_sandbox`.
pub fn database_url(shop: &str) -> String {
    match shop.split_once('?') {
        Some((address, query)) => format!("{address}_sandbox?{query}"),
        None => format!("{shop}_sandbox"),
    }
}

impl Options<'_> {
    /// Starts it and waits until it serves.
    pub fn start(&self) -> Result<Sandbox> {
        // An earlier run's ready line must not be taken for this one's.
        fs::remove_file(self.log).ok();
        let mut command = Command::new(self.program);
        command
            .args(["serve", "--listen", &format!("127.0.0.1:{}", self.port)])
            .env("SANDBOX_DATABASE_URL", self.database_url);
        if let Some(Listener { origin_url, secret }) = self.tells {
            command
                .env(
                    "SANDBOX_WEBHOOK_URL",
                    format!("{origin_url}/webhooks/payments"),
                )
                .env("PAYMENT_WEBHOOK_SECRET", secret);
        }
        let mut running = Running::start("sandbox", &mut command, self.log, Signal::TERM)?;
        let address = wait::until(START_MAX, "the sandbox provider to serve", || {
            running.check()?;
            Ok(listening(&fs::read_to_string(self.log)?))
        })?;
        Ok(Sandbox {
            running,
            url: format!("http://{address}"),
        })
    }
}

/// The address in the ready line, once it is there.
fn listening(log: &str) -> Option<String> {
    log.lines().find_map(|line| {
        let said: serde_json::Value = serde_json::from_str(line).ok()?;
        (said["ready"] == true).then(|| said["listen"].as_str().map(str::to_owned))?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_database_is_beside_the_shops() {
        for (shop, sandbox) in [
            ("postgres://u@h:1/shop", "postgres://u@h:1/shop_sandbox"),
            (
                "postgres://h/a?host=/tmp",
                "postgres://h/a_sandbox?host=/tmp",
            ),
        ] {
            assert_eq!(database_url(shop), sandbox);
        }
    }

    #[test]
    fn it_says_where_it_listens() {
        let log = "no json\n{\"ready\":true,\"listen\":\"127.0.0.1:4321\"}\n";
        assert_eq!(listening(log).as_deref(), Some("127.0.0.1:4321"));
        assert_eq!(listening("{\"ready\":false}"), None);
    }
}
