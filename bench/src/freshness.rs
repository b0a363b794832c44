//! Changes of prices under load: how long after a commit the last old answer comes, anywhere.
//!
//! Four locations over one set of objects, read in closed loops by [`READERS`] connections each, while
//! one writer changes prices at the origin; its relay tells the feed. Every answer is kept with its
//! time, place and version, and looked at in the end:
//!
//! 1. A change's lag is from its commit (the origin's answer to the writer) to the end of the last
//!    answer with an older version, at any location.
//! 2. [`SETTLED`] after any location has served a version, none may serve an older one.

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde::Serialize;
use serde_json::{Value, json};
use tokio::time::Instant;
use xtask::edge_build::{self, Options};
use xtask::interrupt;
use xtask::process::{Running, Signal};
use xtask::progress::Progress;
use xtask::tools::Tools;
use xtask::workerd::{self, Workerd};

use crate::shop::{ASSERTION_KEYS, Shop};

/// Instances of the edge, each with a store of its own.
const LOCATIONS: usize = 4;
/// Connections that read at each.
const READERS: usize = 2;
/// Products that are read and changed.
const PRODUCTS: usize = 20;
/// Changes of prices.
const CHANGES: usize = 1_000;
/// Pause between two changes.
const PAUSE: Duration = Duration::from_millis(40);
/// How long the readers go on after the last change.
const AFTER: Duration = Duration::from_secs(4);
/// What a location's store may hold: the whole catalogue.
const CACHE_BYTES_MAX: u64 = 512 * 1024 * 1024;
/// How long after a version was served none older may be.
const SETTLED: Duration = Duration::from_secs(2);
/// What the 99th percentile of the lags may be.
const GOAL_MS: u64 = 2_000;

/// What came of it.
#[derive(Debug, Serialize)]
pub(crate) struct Freshness {
    pub(crate) changes: usize,
    pub(crate) answers: usize,
    pub(crate) answers_a_second: f64,
    /// From the commit to the end of the last older answer.
    pub(crate) lag_p50_ms: u64,
    pub(crate) lag_p99_ms: u64,
    pub(crate) lag_most_ms: u64,
    /// Answers that were older than what was served [`SETTLED`] before them.
    pub(crate) undone: usize,
    pub(crate) goal_ms: u64,
    pub(crate) met: bool,
}

/// One answer.
#[derive(Debug, Clone, Copy)]
struct Seen {
    product: usize,
    version: u64,
    asked: Instant,
    answered: Instant,
}

/// One change, once it is committed.
#[derive(Debug, Clone, Copy)]
struct Change {
    product: usize,
    version: u64,
    committed: Instant,
}

/// Runs it.
pub(crate) fn measure(tools: &Tools, shop: &Shop, progress: Progress) -> Result<Freshness> {
    let (edge, _worker) = start(tools, shop, LOCATIONS, progress)?;
    let ids: Vec<String> = shop
        .products
        .iter()
        .take(PRODUCTS)
        .map(|product| product.id.to_string())
        .collect();
    ensure!(ids.len() == PRODUCTS, "the shop has too few products");
    let ending = AtomicBool::new(false);
    let seen = Mutex::new(Vec::new());
    let began = Instant::now();
    let changes = thread::scope(|scope| -> Result<Vec<Change>> {
        let readers: Vec<_> = (0..LOCATIONS * READERS)
            .map(|reader| {
                let (url, ids, ending, seen) = (edge.url(reader % LOCATIONS), &ids, &ending, &seen);
                scope.spawn(move || {
                    let found = read(&url, ids, reader, ending)?;
                    seen.lock()
                        .unwrap_or_else(std::sync::PoisonError::into_inner)
                        .extend(found);
                    anyhow::Ok(())
                })
            })
            .collect();
        let written = write(shop, &ids);
        if written.is_ok() {
            pause(AFTER);
        }
        ending.store(true, Ordering::SeqCst);
        for reader in readers {
            reader.join().ok().context("a reader died")??;
        }
        written
    })?;
    let seconds = began.elapsed().as_secs_f64();
    let seen = seen
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    freshness(&changes, &seen, seconds)
}

/// The edge with so many locations, and a worker of the origin that tells it of changes.
pub(crate) fn start(
    tools: &Tools,
    shop: &Shop,
    locations: usize,
    progress: Progress,
) -> Result<(Workerd, Running)> {
    let config = shop.folder().join("unlimited.toml");
    // The readers come from one address, which would not get far.
    let text = std::fs::read_to_string(tools.root().join("gateway.toml"))?;
    std::fs::write(&config, text.replace("rate = 100\n", "rate = 10000000\n"))?;
    let folder = tools.root().join("target/edge-unlimited");
    let options = Options {
        config: Some(config),
        features: Vec::new(),
        out: Some(folder.clone()),
    };
    edge_build::build(tools, &options, progress)?;
    let state = shop.folder().join(format!("locations-{locations}"));
    let mut plan = workerd::Options::edge(&folder, &state, &shop.origin_url, ASSERTION_KEYS);
    plan.edges = locations;
    plan.cache_bytes_max = CACHE_BYTES_MAX;
    let edge = Workerd::start(tools, &plan)?;
    let mut work: Command = shop.command(&["work"]);
    work.env("EDGE_URL", edge.url(0));
    let log = shop.folder().join("work.log");
    let worker = Running::start("origin work", &mut work, &log, Signal::TERM)?;
    Ok((edge, worker))
}

/// Reads all products in turn until the end.
fn read(url: &str, ids: &[String], reader: usize, ending: &AtomicBool) -> Result<Vec<Seen>> {
    let agent = ureq::agent();
    let mut seen = Vec::new();
    for number in reader.. {
        if ending.load(Ordering::SeqCst) {
            break;
        }
        let product = number % ids.len();
        let asked = Instant::now();
        let mut answer = agent
            .get(format!("{url}/v2/products/{}", ids[product]))
            .call()
            .context("a read failed")?;
        let body: Value = serde_json::from_slice(&answer.body_mut().read_to_vec()?)?;
        seen.push(Seen {
            product,
            version: body["version"].as_u64().context("no version")?,
            asked,
            answered: Instant::now(),
        });
    }
    Ok(seen)
}

/// Changes prices, one after the other.
fn write(shop: &Shop, ids: &[String]) -> Result<Vec<Change>> {
    static TOLD: AtomicU64 = AtomicU64::new(0);
    let agent = ureq::agent();
    let mut changes = Vec::with_capacity(CHANGES);
    for number in 0..CHANGES {
        let product = (number * 7) % ids.len();
        let price = 100 + i64::try_from(number)?;
        let patch = json!({"price": {"amount": price, "currency": "USD"}}).to_string();
        let mut answer = agent
            .patch(format!("{}/v2/products/{}", shop.origin_url, ids[product]))
            .header("authorization", format!("Bearer {}", shop.admin_token))
            .header("content-type", "application/merge-patch+json")
            .header("if-match", "*")
            .send(patch)
            .context("a change failed")?;
        let committed = Instant::now();
        let body: Value = serde_json::from_slice(&answer.body_mut().read_to_vec()?)?;
        changes.push(Change {
            product,
            version: body["version"].as_u64().context("no version")?,
            committed,
        });
        if TOLD.fetch_add(1, Ordering::Relaxed).is_multiple_of(250) {
            eprintln!("    {number:>5} changes");
        }
        interrupt::check()?;
        pause(PAUSE);
    }
    Ok(changes)
}

/// The load's pace.
#[expect(
    clippy::disallowed_methods,
    reason = "there is nothing to wait for but time"
)]
pub(crate) fn pause(time: Duration) {
    thread::sleep(time);
}

fn freshness(changes: &[Change], seen: &[Seen], seconds: f64) -> Result<Freshness> {
    let mut by_product: BTreeMap<usize, Vec<Seen>> = BTreeMap::new();
    for one in seen {
        by_product.entry(one.product).or_default().push(*one);
    }
    let mut lags: Vec<u64> = changes
        .iter()
        .map(|change| {
            let older = by_product
                .get(&change.product)
                .into_iter()
                .flatten()
                .filter(|one| one.version < change.version)
                .map(|one| one.answered.saturating_duration_since(change.committed));
            u64::try_from(older.max().unwrap_or_default().as_millis()).unwrap_or(u64::MAX)
        })
        .collect();
    lags.sort_unstable();
    let at = |percent: usize| {
        let place = (lags.len() * percent).div_ceil(100).saturating_sub(1);
        lags.get(place).copied().context("no change")
    };
    let p99 = at(99)?;
    let undone = by_product.values_mut().map(|of_one| undone(of_one)).sum();
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
    let answers_a_second = seen.len() as f64 / seconds;
    Ok(Freshness {
        changes: changes.len(),
        answers: seen.len(),
        answers_a_second,
        lag_p50_ms: at(50)?,
        lag_p99_ms: p99,
        lag_most_ms: at(100)?,
        undone,
        goal_ms: GOAL_MS,
        met: p99 <= GOAL_MS && undone == 0,
    })
}

/// How many answers were older than what somebody had got [`SETTLED`] before they were asked for.
fn undone(seen: &mut [Seen]) -> usize {
    seen.sort_by_key(|one| one.answered);
    // The newest version that was served up to each answer.
    let mut newest = 0;
    let served: Vec<(Instant, u64)> = seen
        .iter()
        .map(|one| {
            newest = newest.max(one.version);
            (one.answered, newest)
        })
        .collect();
    seen.iter()
        .filter(|one| {
            let Some(then) = one.asked.checked_sub(SETTLED) else {
                return false;
            };
            let before = served.partition_point(|(answered, _)| *answered <= then);
            before
                .checked_sub(1)
                .and_then(|place| served.get(place))
                .is_some_and(|(_, newest)| one.version < *newest)
        })
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lags_end_with_the_last_older_answer() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let seen = |version, ms| Seen {
            product: 0,
            version,
            asked: at(ms - 1),
            answered: at(ms),
        };
        let changes = [
            Change {
                product: 0,
                version: 2,
                committed: at(100),
            },
            Change {
                product: 0,
                version: 3,
                committed: at(5_000),
            },
        ];
        let all = [
            seen(1, 50),
            seen(1, 400),
            seen(2, 300),
            seen(2, 4_000),
            seen(3, 5_001),
        ];
        let told = freshness(&changes, &all, 1.0).unwrap();
        assert_eq!(
            (told.lag_p50_ms, told.lag_most_ms, told.undone),
            (0, 300, 0)
        );
        assert!(told.met);
        let late = [seen(2, 300), seen(1, 2_500)];
        let told = freshness(&changes[..1], &late, 1.0).unwrap();
        assert_eq!((told.lag_p99_ms, told.undone, told.met), (2_400, 1, false));
    }
}
