//! A relay in a process of its own, so that it can be killed: this binary, run again for one test.

use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use origin::config::Databases;
use origin::events::relay::Relay;
use origin::platform::Platform;
use origin::store::pool;
use tokio::sync::Notify;

use crate::consumers;

/// Where the worker's process finds its database.
const DATABASE: &str = "EVENTS_WORKER_DATABASE";
/// A lease that is over before the next death.
const LEASE: Duration = Duration::from_millis(1500);

/// Starts a worker.
pub(crate) fn start(database_url: &str) -> Child {
    Command::new(std::env::current_exe().expect("the test's own path"))
        .args(["--exact", "worker::works_until_it_is_killed", "--nocapture"])
        .env(DATABASE, database_url)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("this binary starts")
}

/// The databases at this URL.
pub(crate) fn databases(url: &str, connections: u32) -> Databases {
    Databases {
        database_url: url.to_owned().into(),
        database_replica_url: None,
        pool_connections_max: Some(connections),
    }
}

/// The worker. Run by itself there is no database for it, and it has nothing to do.
#[tokio::test]
async fn works_until_it_is_killed() {
    #[expect(
        clippy::disallowed_methods,
        reason = "how a test's own process is told"
    )]
    let url = std::env::var(DATABASE);
    let Ok(url) = url else {
        assert_eq!(consumers::all().len(), 4);
        return;
    };
    let pool = pool::shop(&databases(&url, 12)).expect("a pool");
    let awake = Arc::new(Notify::new());
    let relay = Relay::new(pool, Platform::system(), awake, consumers::all());
    let relay = relay.with_lease(LEASE);
    relay.run().await;
}
