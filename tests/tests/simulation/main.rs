//! The simulation: the pipeline that ships, on the platform in memory, before the real axum router
//! and a real Postgres. Requests are lost, replies are lost, isolates die before they store, objects
//! restart; clients retry as documented.
//!
//! A seed is a run: `SIMULATION_SEED=7 cargo test -p tests --test simulation` replays one,
//! `SIMULATION_SEEDS=500` runs more fresh ones. Seeds that once found a bug stand in [`FOUND`].

mod invariants;
mod model;
mod runner;
mod world;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Seeds that found a bug, each kept for good.
const FOUND: &[u64] = &[];
/// Fresh seeds of one run, unless `SIMULATION_SEEDS` says otherwise.
const FRESH: u64 = 40;
/// Longest run of one seed: a run that hangs is a bug as well.
const SEED_TIMEOUT: Duration = Duration::from_mins(1);

#[tokio::test]
async fn no_order_is_doubled_or_lost_whatever_fails() {
    let seeds = seeds();
    let template = world::Template::start().await;
    let mut steps = 0;
    for seed in &seeds {
        println!("seed {seed}");
        let run = runner::run(&template, *seed);
        let done = tokio::time::timeout(SEED_TIMEOUT, run).await;
        let done = done.unwrap_or_else(|elapsed| Err(format!("it hangs: {elapsed}")));
        steps += done
            .unwrap_or_else(|fault| panic!("seed {seed}: {fault}\nreplay: SIMULATION_SEED={seed}"));
    }
    println!(
        "{} seeds, {steps} operations, every invariant held",
        seeds.len()
    );
}

#[expect(
    clippy::disallowed_methods,
    reason = "the test's own configuration, and fresh seeds"
)]
fn seeds() -> Vec<u64> {
    let number = |name: &str| {
        std::env::var(name)
            .ok()
            .and_then(|text| text.parse::<u64>().ok())
    };
    if let Some(seed) = number("SIMULATION_SEED") {
        return vec![seed];
    }
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |now| now.as_secs());
    let fresh = number("SIMULATION_SEEDS").unwrap_or(FRESH);
    FOUND
        .iter()
        .copied()
        .chain((0..fresh).map(|n| now * 10_000 + n))
        .collect()
}
