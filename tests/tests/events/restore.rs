//! A dump that is taken while everything runs, restored into a new server: the relay refuses to go on, and
//! goes on after a rebase. What the dump has is all done, once and in order; what came behind it is not in
//! it, as nothing else of the shop is.

use std::path::Path;
use std::process::Command;

use origin::platform::Platform;
use origin::store::rebase;
use tests::build::tools;
use tests::scratch;
use tests::wait::until_within;
use xtask::postgres::{Cluster, Options};
use xtask::progress::Progress;
use xtask::{peers, process};

use crate::at_work::{AtWork, PATIENCE_SECONDS, connected, count, ends_well, relay, until_done};
use crate::consumers;

/// Effects before the dump, so that it has some that are done.
const DONE: i64 = 400;
fn cluster(name: &str) -> Cluster {
    let options = Options {
        folder: scratch::folder().join(name),
        log: scratch::folder().join(format!("{name}.log")),
        ephemeral: true,
    };
    Cluster::start(tools(), &options).expect("Postgres starts")
}

fn run(program: &Path, arguments: &[&str]) {
    let mut command = Command::new(program);
    command.args(arguments);
    process::run("a dump", &mut command, "It must run.").expect("it runs");
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
    let shop = AtWork::start(&old.url()).await;
    until_done(&shop.pool, DONE + 1).await;
    let file = scratch::folder().join("shop.dump");
    let path = file.to_str().expect("a path");
    run(&dump, &["--format=custom", "--file", path, &old.url()]);
    shop.stop();

    let new = cluster("restored");
    let restore = dump.with_file_name("pg_restore");
    let url = new.url();
    run(&restore, &["--exit-on-error", "--dbname", &url, path]);
    let pool = connected(&url);
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
    ends_well(&pool, relay, events).await;
}
