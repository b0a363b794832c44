//! A dump that is taken while everything runs, restored into a new server: the relay refuses to go on, and
//! goes on after a rebase. What the dump has is all done, once and in order; what came behind it is not in
//! it, as nothing else of the shop is.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use origin::events::relay::Relay;
use origin::platform::Platform;
use origin::store::{migrate, pool, rebase};
use sqlx::PgPool;
use tests::shop::{scratch, tools};
use tests::wait::until_within;
use tokio::sync::Notify;
use xtask::postgres::{Cluster, Options};
use xtask::progress::Progress;
use xtask::{peers, process};

use crate::conformance::write;
use crate::{consumers, worker};

const WRITERS: i64 = 4;
/// Aggregates a writer.
const AGGREGATES: i64 = 20;
/// Effects before the dump, so that it has some that are done.
const DONE: i64 = 400;
/// A lease that is over soon.
const LEASE: Duration = Duration::from_secs(1);
/// How long each part may take.
const PATIENCE_SECONDS: u64 = 120;

fn cluster(name: &str) -> Cluster {
    let options = Options {
        folder: scratch().join(name),
        log: scratch().join(format!("{name}.log")),
        ephemeral: true,
    };
    Cluster::start(tools(), &options).expect("Postgres starts")
}

fn relay(pool: &PgPool) -> Relay {
    let awake = Arc::new(Notify::new());
    Relay::new(pool.clone(), Platform::system(), awake, consumers::all()).with_lease(LEASE)
}

fn run(program: &Path, arguments: &[&str]) {
    let mut command = Command::new(program);
    command.args(arguments);
    process::run("a dump", &mut command, "It must run.").expect("it runs");
}

async fn count(pool: &PgPool, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql)
        .fetch_one(pool)
        .await
        .expect("it can be counted")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dump_taken_at_work_loses_and_doubles_nothing_in_a_new_server() {
    let environment = tools().environment();
    let peer = peers::pg_dump(tools().root(), environment, Progress::shown());
    let peer = peer.expect("nobody interrupts");
    let Some(dump) = peer.or_skip(environment.ci).expect("pg_dump") else {
        return;
    };
    let old = cluster("dumped");
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
    let done = || async { (consumers::count(&pool).await.ok()? > DONE).then_some(()) };
    until_within(PATIENCE_SECONDS, "some effects", done).await;
    let file = scratch().join("shop.dump");
    let path = file.to_str().expect("a path");
    run(&dump, &["--format=custom", "--file", path, &old.url()]);
    for writer in writers {
        writer.abort();
    }
    work.abort();

    let new = cluster("restored");
    let restore = dump.with_file_name("pg_restore");
    let url = new.url();
    run(&restore, &["--exit-on-error", "--dbname", &url, path]);
    let pool = pool::shop(&worker::databases(&url, 20)).expect("a pool");
    let events = count(&pool, "select count(*) from outbox").await;
    let before = consumers::count(&pool).await.expect("they can be counted");
    let put_off = count(&pool, "select count(*) from deliveries").await;
    println!("{events} events, {before} of {} effects dumped", events * 4);
    assert!(before > DONE && before < events * 4, "dumped too late");

    let relay = relay(&pool);
    // The dump may hold a lease of the old server's worker; it runs out.
    let step = || async { relay.step().await.err() };
    let refused = until_within(PATIENCE_SECONDS, "the relay refuses", step).await;
    let refused = refused.to_string();
    assert!(refused.contains("`origin events rebase`"), "{refused}");
    // What was put off needs no log, and may be done already.
    let after = consumers::count(&pool).await.expect("a count");
    assert!(after <= before + put_off, "the log was read");
    let now = Platform::system().now();
    let rebased = rebase::rebase(&pool, now).await.expect("it is rebased");
    assert_eq!(rebased.subscriptions, 4);
    let work = tokio::spawn(async move { relay.run().await });
    let done = || async { (consumers::count(&pool).await.ok()? >= events * 4).then_some(()) };
    until_within(PATIENCE_SECONDS, "all effects", done).await;
    work.abort();
    let faults = consumers::faults(&pool, events)
        .await
        .expect("they can be counted");
    assert!(faults.is_empty(), "{faults:?}");
    let left = "select count(*) from deliveries where not dead";
    assert_eq!(count(&pool, left).await, 0);
}
