//! Twelve writers, three workers with four consumers each, and a death every second: of a worker, or
//! of Postgres. Nothing is lost, nothing is done twice, and each aggregate keeps its order.
//!
//! `KILLED_EVENTS=100000` runs it in full.

use std::process::Child;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use origin::platform::Platform;
use origin::store::outbox::{self, NewEvent};
use origin::store::{migrate, pool};
use serde_json::json;
use shared::event::EventType;
use sqlx::PgPool;
use tests::build::tools;
use tests::gate::Gate;
use tests::scratch;
use tests::wait::{Stopwatch, until_within};
use uuid::Uuid;
use xtask::postgres::{Cluster, Options};

use crate::{consumers, worker};

/// Events in a run that a check can afford.
const EVENTS: i64 = 6_000;
const WRITERS: i64 = 12;
/// Aggregates a writer: it alone writes their events, one after the other.
const AGGREGATES: i64 = 20;
const WORKERS: usize = 3;
/// How long everybody lives between two deaths.
const LIFE: Duration = Duration::from_secs(1);
/// Postgres dies each so many deaths.
const POSTGRES: usize = 3;
/// How long it may take until all is done once nobody dies any more, a thousand events.
const SECONDS_A_THOUSAND: i64 = 10;

/// How many events.
fn events() -> i64 {
    #[expect(clippy::disallowed_methods, reason = "how a longer run is asked for")]
    let asked = std::env::var("KILLED_EVENTS").ok();
    asked.and_then(|asked| asked.parse().ok()).unwrap_or(EVENTS)
}

/// The system under test.
struct World {
    cluster: Cluster,
    wire: Gate,
    url: String,
    workers: Vec<Child>,
}

impl World {
    async fn start() -> Self {
        let options = Options {
            folder: scratch::folder().join("killed"),
            log: scratch::folder().join("killed.log"),
            ephemeral: true,
        };
        let cluster = Cluster::start(tools(), &options).expect("Postgres starts");
        let wire = Gate::open().await.expect("the gate opens");
        wire.lead_to(cluster.port());
        let (ours, theirs) = (
            format!(":{}/", cluster.port()),
            format!(":{}/", wire.port()),
        );
        let url = cluster.url_of("killed").replace(&ours, &theirs);
        migrate::run(&worker::databases(&url, 4), &Platform::system())
            .await
            .expect("the migrations run");
        Self {
            cluster,
            wire,
            url,
            workers: Vec::new(),
        }
    }

    /// The next death, and the life after it.
    fn die(&mut self, death: usize) {
        if death % POSTGRES == POSTGRES - 1 {
            self.cluster.kill();
            // Where little runs at once, its sessions take a while to see that it is dead.
            let starts = (0..10).any(|_| self.cluster.restart().is_ok());
            assert!(starts, "Postgres does not start again");
            self.wire.lead_to(self.cluster.port());
            return;
        }
        let place = death % WORKERS;
        let dead = &mut self.workers[place];
        dead.kill().expect("it can be killed");
        dead.wait().expect("it ends");
        self.workers[place] = worker::start(&self.url);
    }
}

impl Drop for World {
    fn drop(&mut self) {
        for worker in &mut self.workers {
            let _ = worker.kill();
            let _ = worker.wait();
        }
    }
}

/// Writes one event; when its commit is not answered, it looks whether it was written.
async fn write(pool: &PgPool, platform: &Platform, aggregate: Uuid, number: i64) {
    let id = platform.event_id();
    loop {
        let written = async {
            let mut transaction = pool.begin().await?;
            let there: bool =
                sqlx::query_scalar("select exists (select 1 from outbox where id = $1)")
                    .bind(id.uuid())
                    .fetch_one(&mut *transaction)
                    .await?;
            if !there {
                let event = NewEvent {
                    id,
                    kind: EventType::ProductUpdated,
                    aggregate,
                    payload: json!({"number": number}),
                    traceparent: None,
                    now: platform.now(),
                };
                outbox::append(&mut transaction, &event).await?;
            }
            transaction.commit().await
        };
        match written.await {
            Ok(()) => return,
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_doubled_or_disordered_while_everything_dies() {
    let events = events();
    let mut world = World::start().await;
    let pool = pool::shop(&worker::databases(&world.url, 16)).expect("a pool");
    consumers::subscribe(&pool).await.expect("they subscribe");
    for _ in 0..WORKERS {
        world.workers.push(worker::start(&world.url));
    }
    let clock = Stopwatch::start();
    let written = Arc::new(AtomicI64::new(0));
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let (pool, written) = (pool.clone(), written.clone());
            tokio::spawn(async move {
                let platform = Platform::system();
                let share = events / WRITERS + i64::from(writer < events % WRITERS);
                for number in 0..share {
                    let aggregate = writer * AGGREGATES + number % AGGREGATES;
                    let aggregate = Uuid::from_u128(u128::try_from(aggregate).expect("a place"));
                    write(&pool, &platform, aggregate, number).await;
                    written.fetch_add(1, Ordering::SeqCst);
                }
            })
        })
        .collect();
    let all = events * 4;
    let mut deaths = 0;
    // Until half of the effects are there, so that there is something to be killed at.
    while consumers::count(&pool).await.unwrap_or_default() < all / 2 {
        tokio::time::sleep(LIFE).await;
        world.die(deaths);
        deaths += 1;
    }
    for writer in writers {
        writer.await.expect("a writer");
    }
    let patience = 60 + events / 1000 * SECONDS_A_THOUSAND;
    until_within(
        u64::try_from(patience).expect("a time"),
        "all effects",
        || async {
            let done = consumers::count(&pool).await.ok()?;
            (done >= all).then_some(())
        },
    )
    .await;
    let took = clock.elapsed().as_secs_f64();
    println!("{events} events, {deaths} deaths, {took:.1} s");
    assert_eq!(written.load(Ordering::SeqCst), events);
    assert!(deaths >= POSTGRES, "Postgres never died");
    let faults = consumers::faults(&pool, events)
        .await
        .expect("they can be counted");
    assert!(faults.is_empty(), "{faults:?}");
}
