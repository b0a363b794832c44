//! Constant load while each process in turn is killed as a crash would, and returns.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tokio::time::{MissedTickBehavior, interval};
use xtask::cluster::Part;

use super::Seen;
use super::load::{Load, Rates};
use super::stage::{RECOVERY_MAX, Stage};
use crate::wait::Stopwatch;

/// What the customer's thousand tokens a minute pay for, with room for repeats.
const RATES: Rates = Rates {
    reads: 12,
    orders: 2,
};
/// A part is dead for a quarter of its turn.
const DEAD: u32 = 4;

/// Kills each part once within so long.
pub async fn deaths(stage: &mut Stage, length: Duration) -> Result<Seen> {
    let turn = length / u32::try_from(Part::ALL.len())?;
    let first = 1_000_000 * (1 + stage.number());
    let load = Load::start(&stage.client, RATES, "deaths", first);
    let whole = Stopwatch::start();
    let mut ticks = interval(turn / DEAD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks.tick().await;
    let mut recoveries = Vec::new();
    let mut fault = Ok(());
    for part in Part::ALL {
        ticks.tick().await;
        let died = died(stage, part, &mut ticks).await;
        match died.with_context(|| part.to_string()) {
            Ok(recovery) => recoveries.push((part, recovery)),
            Err(error) => fault = Err(error),
        }
        if fault.is_err() {
            break;
        }
        for _ in 2..DEAD {
            ticks.tick().await;
        }
    }
    while fault.is_ok() && whole.elapsed() < length {
        ticks.tick().await;
    }
    let tally = load.end().await?;
    fault?;
    for (key, reply) in &tally.orders {
        stage.note(key, reply)?;
    }
    tally.holds()?;
    stage.works(&Stopwatch::start()).await?;
    let (slowest, recovery) = recoveries
        .iter()
        .max_by_key(|(_, recovery)| *recovery)
        .context("nobody died")?;
    ensure!(
        *recovery < RECOVERY_MAX,
        "{slowest}: {} ms",
        recovery.as_millis()
    );
    let each: Vec<_> = recoveries
        .iter()
        .map(|(part, recovery)| format!("{part} {} ms", recovery.as_millis()))
        .collect();
    Ok(Seen::recovered(
        *recovery,
        format!("{}; {}", tally.said(), each.join(", ")),
    ))
}

/// One death, from which on the shop is whole again after so long.
async fn died(
    stage: &mut Stage,
    part: Part,
    ticks: &mut tokio::time::Interval,
) -> Result<Duration> {
    stage.kill(part);
    let watch = Stopwatch::start();
    ticks.tick().await;
    stage.restart(part)?;
    let recovery = stage.recovered(&watch).await?;
    if part == Part::Worker {
        stage.effects_are_there().await?;
        return Ok(watch.elapsed());
    }
    Ok(recovery)
}
