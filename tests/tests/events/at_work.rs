//! A log that is written and followed while something is done to its server: writers that go on until they are
//! told, and a relay with the four consumers.

use std::sync::Arc;
use std::time::Duration;

use origin::events::relay::Relay;
use origin::platform::Platform;
use origin::store::{migrate, pool};
use sqlx::PgPool;
use tests::wait::until_within;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use crate::conformance::write;
use crate::{consumers, worker};

const WRITERS: i64 = 4;
/// Aggregates a writer.
const AGGREGATES: i64 = 20;
/// A lease that is over soon.
const LEASE: Duration = Duration::from_secs(1);
/// How long each part of a test may take.
pub(crate) const PATIENCE_SECONDS: u64 = 120;

/// Everything at work.
pub(crate) struct AtWork {
    pub(crate) pool: PgPool,
    tasks: Vec<JoinHandle<()>>,
}

impl AtWork {
    /// Migrates the database at this URL, and begins.
    pub(crate) async fn start(url: &str) -> Self {
        migrate::run(&worker::databases(url, 20), &Platform::system())
            .await
            .expect("the migrations run");
        let pool = connected(url);
        consumers::subscribe(&pool).await.expect("they subscribe");
        let mut tasks = vec![follow(relay(&pool))];
        tasks.extend((0..WRITERS).map(|writer| {
            let pool = pool.clone();
            tokio::spawn(async move {
                for number in 0.. {
                    let aggregate = writer * AGGREGATES + number % AGGREGATES;
                    write(&pool, u128::try_from(aggregate).expect("a place"), number).await;
                }
            })
        }));
        Self { pool, tasks }
    }

    /// Ends it in the middle of whatever it is at.
    pub(crate) fn stop(&self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// A pool of the database at this URL.
pub(crate) fn connected(url: &str) -> PgPool {
    pool::shop(&worker::databases(url, 20)).expect("a pool")
}

/// A relay of the four consumers.
pub(crate) fn relay(pool: &PgPool) -> Relay {
    let awake = Arc::new(Notify::new());
    Relay::new(pool.clone(), Platform::system(), awake, consumers::all()).with_lease(LEASE)
}

fn follow(relay: Relay) -> JoinHandle<()> {
    tokio::spawn(async move { relay.run().await })
}

/// Waits until there are so many effects.
pub(crate) async fn until_done(pool: &PgPool, effects: i64) {
    let done = || async { (consumers::count(pool).await.ok()? >= effects).then_some(()) };
    until_within(PATIENCE_SECONDS, "effects", done).await;
}

/// Follows the log to the end of so many events: all is done, once and in order, and nothing is put off.
pub(crate) async fn ends_well(pool: &PgPool, relay: Relay, events: i64) {
    let work = follow(relay);
    until_done(pool, events * 4).await;
    work.abort();
    let faults = consumers::faults(pool, events)
        .await
        .expect("they can be counted");
    assert!(faults.is_empty(), "{faults:?}");
    let left = "select count(*) from deliveries where not dead";
    assert_eq!(count(pool, left).await, 0);
}

/// How many there are.
pub(crate) async fn count(pool: &PgPool, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(pool).await.expect(sql)
}
