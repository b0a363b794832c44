//! A base backup that is taken while everything runs, and the log that is archived behind it, restored into a
//! new server as of a point in time. Transaction ids go on from there, so the relay does, too: what the
//! server has is all done, once and in order.

use sqlx::PgPool;
use tests::build::tools;
use tests::scratch;
use tests::wait::until_within;
use tokio::task::block_in_place;
use xtask::peers;
use xtask::postgres::{Cluster, Options};
use xtask::progress::Progress;

use crate::at_work::{AtWork, PATIENCE_SECONDS, connected, count, ends_well, relay, until_done};
use crate::consumers;

/// Effects before the backup, before the point in time, and behind it.
const STEP: i64 = 300;
fn options(name: &str) -> Options {
    Options {
        folder: scratch::folder().join(name),
        log: scratch::folder().join(format!("{name}.log")),
        ephemeral: true,
    }
}

/// Waits until so many more effects are there.
async fn a_step_further(pool: &PgPool) {
    let effects = consumers::count(pool).await.expect("a count");
    until_done(pool, effects + STEP).await;
}

async fn text(pool: &PgPool, sql: &'static str) -> String {
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
    let archive = scratch::folder().join("archive");
    let mut old = Cluster::start(tools(), &options("archived")).expect("Postgres starts");
    old.archive_in(&archive).expect("its log is archived");
    let shop = AtWork::start(&old.url()).await;
    let pool = shop.pool.clone();
    a_step_further(&pool).await;
    let new = options("recovered");
    block_in_place(|| old.base_backup(&new.folder)).expect("a backup");
    let saved = count(&pool, "select count(*) from outbox").await;
    a_step_further(&pool).await;
    let time = text(&pool, "select clock_timestamp()::text").await;
    a_step_further(&pool).await;
    shop.stop();
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
    let pool = connected(&new.url());
    let events = count(&pool, "select count(*) from outbox").await;
    println!("{saved} events were saved, {events} of {written} are back");
    assert!(saved < events && events < written, "as of that time");
    // Nobody is asked to rebase: it is the same database, some time ago.
    ends_well(&pool, relay(&pool), events).await;
}
