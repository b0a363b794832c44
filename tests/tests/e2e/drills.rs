//! The quickest drills on a whole cluster, and half a minute of deaths under load: what `cargo xtask drill`
//! does for longer, with the same assertions.

use std::time::Duration;

use tests::drills::{Drill, Stage};
use tests::shop;
use tokio::task::block_in_place;
use xtask::progress::Progress;

/// How long each process in turn is killed.
const DEATHS: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parts_fail_one_after_the_other_and_each_key_has_one_order_and_one_charge() {
    let props = block_in_place(shop::props);
    let mut stage = Stage::start(props, Progress::quiet()).await.unwrap();
    for drill in [Drill::ReplicaCut, Drill::PoolFilled, Drill::Deaths] {
        let seen = drill.run(&mut stage, DEATHS).await;
        let seen = seen.unwrap_or_else(|error| panic!("{drill:?}: {error:#}"));
        assert!(!seen.skipped, "{drill:?}: {}", seen.note);
        println!("{drill:?}: {:?}, {}", seen.recovery, seen.note);
    }
}
