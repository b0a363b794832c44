//! Overload: five times as many orders as the origin can do, from four times as many clients as it has places.
//!
//! What it can do is what it does in a closed loop just before. Then the flood; then the same closed loop
//! again, at once, for a second: what was refused must leave nothing behind. Each order that was answered must
//! be in the database. Load and provider share the machine with the origin, so that refusing, too, costs what
//! orders could have had: the ratio errs on the low side.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde::Serialize;
use xtask::interrupt;
use xtask::progress::Progress;

use crate::contest::{Measured, Timing, median};
use crate::load::{self, Traffic, flood};
use crate::orders;
use crate::shop::Shop;

/// How much more is asked for than can be done.
const TIMES: f64 = 5.0;
/// Connections a core that the origin has to its database, and places a connection, by default.
const PLACES_A_CORE: usize = 4 * 32;
/// Clients a place.
const CLIENTS_A_PLACE: usize = 4;
/// How long is looked whether it has recovered.
const RECOVERY: Duration = Duration::from_secs(1);
/// What may be left of the rate, at least.
const GOODPUT_GOAL: f64 = 0.8;
/// What 99 of 100 accepted orders may take, milliseconds: as long as a request waits for a connection.
const P99_MS_GOAL: f64 = 2_000.0;

/// What an overload did.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Overload {
    pub(crate) clients: u32,
    /// Orders a second before it.
    pub(crate) capacity: f64,
    /// Requests a second during it.
    pub(crate) sent_a_second: f64,
    pub(crate) refused: u64,
    /// Of the rate before it, what was done during it.
    pub(crate) goodput: f64,
    /// Of the rate before it, what was done in the second after it.
    pub(crate) recovery: f64,
    /// What 99 of 100 accepted orders took before it, milliseconds.
    pub(crate) calm_p99_ms: f64,
    /// And during it.
    pub(crate) p99_ms: f64,
    /// What 99 of 100 refusals took.
    pub(crate) refused_p99_ms: f64,
    pub(crate) goodput_goal: f64,
    pub(crate) p99_ms_goal: f64,
    /// Whether both goals are met.
    pub(crate) met: bool,
}

/// So many files as the clients need, of what this process and its children may open. Before they start.
pub(crate) fn make_room() {
    let limit = getrlimit(Resource::Nofile);
    // Where that is not allowed, a client that can't connect says so.
    let _ = setrlimit(
        Resource::Nofile,
        Rlimit {
            current: limit.maximum,
            ..limit
        },
    );
}

/// Measures so often; medians.
pub(crate) fn measure(
    shop: &Shop,
    timing: Timing,
    rounds: usize,
    progress: Progress,
) -> Result<Overload> {
    let cores = std::thread::available_parallelism()?.get();
    let clients = u32::try_from(cores * PLACES_A_CORE * CLIENTS_A_PLACE)?;
    let traffic = Arc::new(orders::traffic(shop)?);
    let mut all = Vec::new();
    for round in 1..=rounds {
        let title = format!("{clients} clients, round {round}");
        all.push(progress.step(&title, || once(shop, &traffic, timing, clients))?);
        interrupt::check()?;
    }
    let middle = |of: fn(&Overload) -> f64| median(all.iter().map(of)).context("no round");
    let goodput = middle(|one| one.goodput)?;
    let p99_ms = middle(|one| one.p99_ms)?;
    Ok(Overload {
        clients,
        capacity: middle(|one| one.capacity)?,
        sent_a_second: middle(|one| one.sent_a_second)?,
        refused: all.iter().map(|one| one.refused).sum(),
        goodput,
        recovery: middle(|one| one.recovery)?,
        calm_p99_ms: middle(|one| one.calm_p99_ms)?,
        p99_ms,
        refused_p99_ms: middle(|one| one.refused_p99_ms)?,
        goodput_goal: GOODPUT_GOAL,
        p99_ms_goal: P99_MS_GOAL,
        met: goodput >= GOODPUT_GOAL && p99_ms <= P99_MS_GOAL,
    })
}

fn once(shop: &Shop, traffic: &Arc<Traffic>, timing: Timing, clients: u32) -> Result<Overload> {
    shop.tidy()?;
    let before = shop.confirmed_orders()?;
    let calm = load::run(shop.origin_address()?, traffic, timing, &[])?;
    let capacity = calm.rate();
    let flooded = flood(
        shop.origin_address()?,
        traffic,
        timing,
        capacity * TIMES,
        clients,
    )?;
    let after = Timing {
        warm_up: Duration::ZERO,
        measured: RECOVERY,
        ..timing
    };
    let recovered = load::run(shop.origin_address()?, traffic, after, &[])?;
    let answered = calm.requests + flooded.accepted + recovered.requests;
    let made = shop.confirmed_orders()?.saturating_sub(before);
    ensure!(
        made >= answered,
        "{answered} orders were answered, and {made} are confirmed in the database"
    );
    let accepted = u32::try_from(flooded.accepted)?;
    Ok(Overload {
        clients,
        capacity,
        sent_a_second: flooded.sent_a_second,
        refused: flooded.refused,
        goodput: f64::from(accepted) / flooded.seconds / capacity,
        recovery: recovered.rate() / capacity,
        calm_p99_ms: millis(p99(&calm)?)?,
        p99_ms: millis(flooded.p99_us)?,
        refused_p99_ms: millis(flooded.refused_p99_us)?,
        goodput_goal: GOODPUT_GOAL,
        p99_ms_goal: P99_MS_GOAL,
        met: false,
    })
}

fn p99(measured: &Measured) -> Result<u64> {
    measured.p99_us.context("no latencies")
}

fn millis(micros: u64) -> Result<f64> {
    Ok(f64::from(u32::try_from(micros)?) / 1_000.0)
}
