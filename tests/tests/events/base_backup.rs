//! A base backup that is taken while everything runs, and the log that is archived behind it, restored into a
//! new server as of a point in time. Transaction ids go on from there, so the relay does, too: what the
//! server has is all done, once and in order.

use std::sync::Arc;
use std::time::Duration;

use origin::events::relay::Relay;
use origin::platform::Platform;
use origin::store::{migrate, pool};
use sqlx::PgPool;
use tests::shop::{scratch, tools};
use tests::wait::until_within;
use tokio::sync::Notify;
use tokio::task::block_in_place;
use xtask::peers;
use xtask::postgres::{Cluster, Options};
use xtask::progress::Progress;

use crate::conformance::write;
use crate::{consumers, worker};

const WRITERS: i64 = 4;
/// Aggregates a writer.
const AGGREGATES: i64 = 20;
/// Effects before the backup, before the point in time, and behind it.
const STEP: i64 = 300;
/// A lease that is over soon.
const LEASE: Duration = Duration::from_secs(1);
/// How long each part may take.
const PATIENCE_SECONDS: u64 = 120;

fn relay(pool: &PgPool) -> Relay {
    let awake = Arc::new(Notify::new());
    Relay::new(pool.clone(), Platform::system(), awake, consumers::all()).with_lease(LEASE)
}

fn options(name: &str) -> Options {
    Options {
        folder: scratch().join(name),
        log: scratch().join(format!("{name}.log")),
        ephemeral: true,
    }
}

async fn done(pool: &PgPool, effects: i64) {
    let done = || async { (consumers::count(pool).await.ok()? >= effects).then_some(()) };
    until_within(PATIENCE_SECONDS, "some effects", done).await;
}

async fn text(pool: &PgPool, sql: &'static str) -> String {
    sqlx::query_scalar(sql).fetch_one(pool).await.expect(sql)
}

async fn count(pool: &PgPool, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(pool).await.expect(sql)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_of_a_point_in_time_loses_and_doubles_nothing_of_what_it_has() {
    let environment = tools().environment();
    // The package that brings pg_dump brings pg_basebackup.
    let peer = peers::pg_dump(tools().root(), environment, Progress::shown());
    let peer = peer.expect("nobody interrupts");
    if peer
        .or_skip(environment.ci)
        .expect("pg_basebackup")
        .is_none()
    {
        return;
    }
    let archive = scratch().join("archive");
    let mut old = Cluster::start(tools(), &options("archived")).expect("Postgres starts");
    old.archive_in(&archive).expect("its log is archived");
    let databases = worker::databases(&old.url(), 20);
    migrate::run(&databases, &Platform::system())
        .await
        .expect("the migrations run");
    let pool = pool::shop(&databases).expect("a pool");
    consumers::subscribe(&pool).await.expect("they subscribe");
    let work = tokio::spawn({
        let relay = relay(&pool);
        async move { relay.run().await }
    });
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let pool = pool.clone();
            tokio::spawn(async move {
                for number in 0.. {
                    let aggregate = writer * AGGREGATES + number % AGGREGATES;
                    write(&pool, u128::try_from(aggregate).expect("a place"), number).await;
                }
            })
        })
        .collect();
    done(&pool, STEP).await;
    let new = options("recovered");
    block_in_place(|| old.base_backup(&new.folder)).expect("a backup");
    let saved = count(&pool, "select count(*) from outbox").await;
    done(
        &pool,
        consumers::count(&pool).await.expect("a count") + STEP,
    )
    .await;
    let time = text(&pool, "select clock_timestamp()::text").await;
    done(
        &pool,
        consumers::count(&pool).await.expect("a count") + STEP,
    )
    .await;
    for writer in writers {
        writer.abort();
    }
    work.abort();
    let written = count(&pool, "select count(*) from outbox").await;
    let last = text(&pool, "select pg_walfile_name(pg_switch_wal())").await;
    let file = archive.join(&last);
    until_within(PATIENCE_SECONDS, "the log's last part is archived", || {
        let is_there = file.exists();
        async move { is_there.then_some(()) }
    })
    .await;
    old.kill();

    let new = block_in_place(|| old.recovered(&new, &archive, &time)).expect("a new server");
    let pool = pool::shop(&worker::databases(&new.url(), 20)).expect("a pool");
    let events = count(&pool, "select count(*) from outbox").await;
    println!("{saved} events were saved, {events} of {written} are back");
    assert!(saved < events && events < written, "as of that time");
    // Nobody is asked to rebase: it is the same database, some time ago.
    let relay = relay(&pool);
    let work = tokio::spawn(async move { relay.run().await });
    done(&pool, events * 4).await;
    work.abort();
    let faults = consumers::faults(&pool, events)
        .await
        .expect("they can be counted");
    assert!(faults.is_empty(), "{faults:?}");
    let left = "select count(*) from deliveries where not dead";
    assert_eq!(count(&pool, left).await, 0);
}
