//! The simulation: the pipeline that ships, on the platform in memory, before the real axum router
//! and a real Postgres. Requests are lost, replies are lost, isolates and origins die in the middle
//! of their work, objects restart, clocks are apart; clients retry as documented.
//!
//! A seed is a run: `SIMULATION_SEED=7 cargo test -p tests --test simulation` replays one,
//! `SIMULATION_SEEDS=500` runs more fresh ones. One that fails is shrunk to the steps that matter.
//! Seeds that once found a bug stand in [`FOUND`].

mod invariants;
mod model;
mod provider;
mod runner;
mod shrink;
mod world;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Seeds that found a bug, each kept for good.
const FOUND: &[u64] = &[];
/// Fresh seeds of one run, unless `SIMULATION_SEEDS` says otherwise: over 5,000 operations.
const FRESH: u64 = 60;
/// Longest run of one seed: a run that hangs is a bug as well.
const SEED_TIMEOUT: Duration = Duration::from_mins(1);

#[tokio::test]
async fn no_order_is_doubled_or_lost_whatever_fails() {
    world::silence_crashes();
    let seeds = seeds();
    let template = world::Template::start().await;
    let mut operations = 0;
    for seed in &seeds {
        println!("seed {seed}");
        let steps = model::steps(*seed);
        let run = runner::run(&template, *seed, &steps);
        let done = tokio::time::timeout(SEED_TIMEOUT, run).await;
        match done {
            Ok(Ok(done)) => operations += done,
            Ok(Err(fault)) => {
                let (steps, fault) = Box::pin(shrink::shrink(&template, *seed, steps, fault)).await;
                let steps: Vec<String> = steps.iter().map(|step| format!("  {step:?}")).collect();
                let steps = steps.join("\n");
                panic!(
                    "seed {seed}: {fault}\nreplay: SIMULATION_SEED={seed}\nsteps that matter:\n{steps}"
                );
            }
            Err(elapsed) => panic!("seed {seed} hangs: {elapsed}"),
        }
    }
    println!(
        "{} seeds, {operations} operations, every invariant held",
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
