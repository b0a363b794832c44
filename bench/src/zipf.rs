//! A replay of what shoppers read: products by Zipf's law (exponent 1) over the whole catalogue, while
//! prices change. How much of it reaches the origin, beside the least that could.
//!
//! 1. Warm-up: every product is read once, so that first reads are not counted. Copies live for an hour,
//!    so none runs out in the run.
//! 2. The least: each change of a price that is read again afterwards costs one request to the origin.
//! 3. An answer counts as the origin's when its `Cache-Status` says that it was forwarded, and that
//!    nobody else's request was used.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde::Serialize;
use serde_json::json;
use tokio::time::Instant;
use xtask::interrupt;
use xtask::progress::Progress;
use xtask::tools::Tools;

use crate::freshness;
use crate::shop::Shop;

/// Connections that read.
const READERS: u64 = 4;
/// How long it is replayed.
const REPLAY: Duration = Duration::from_secs(40);
/// Pause between two changes of prices.
const PAUSE: Duration = Duration::from_millis(200);
/// The part of the answers that may be the origin's.
const GOAL: f64 = 0.02;

/// What came of it.
#[derive(Debug, Serialize)]
pub(crate) struct Shares {
    pub(crate) products: usize,
    pub(crate) answers: usize,
    pub(crate) answers_a_second: f64,
    pub(crate) changes: usize,
    /// The part that the origin answered.
    pub(crate) origin: f64,
    /// The part that it had to.
    pub(crate) least: f64,
    pub(crate) goal: f64,
    pub(crate) met: bool,
}

/// One answer.
#[derive(Debug, Clone, Copy)]
struct Seen {
    product: usize,
    of_origin: bool,
    asked: Instant,
}

/// Runs it.
pub(crate) fn measure(tools: &Tools, shop: &Shop, progress: Progress) -> Result<Shares> {
    let (edge, _worker) = freshness::start(tools, shop, 1, progress)?;
    let ids = shop.all_products()?;
    let url = edge.url(0);
    progress.step("every product read once", || warm(&url, &ids))?;
    let law = Law::over(ids.len());
    let ending = AtomicBool::new(false);
    let seen = Mutex::new(Vec::new());
    let changes = thread::scope(|scope| -> Result<Vec<(usize, Instant)>> {
        let readers: Vec<_> = (0..READERS)
            .map(|reader| {
                let (url, ids, law, ending, seen) = (&url, &ids, &law, &ending, &seen);
                scope.spawn(move || {
                    let mut dice = Dice(reader + 1);
                    let agent = ureq::agent();
                    let mut found = Vec::new();
                    while !ending.load(Ordering::SeqCst) {
                        let product = law.draw(&mut dice);
                        found.push(read(&agent, url, ids, product)?);
                    }
                    let mut all = seen.lock().unwrap_or_else(PoisonError::into_inner);
                    all.extend(found);
                    anyhow::Ok(())
                })
            })
            .collect();
        let changes = change(shop, &ids, &law);
        ending.store(true, Ordering::SeqCst);
        for reader in readers {
            reader.join().ok().context("a reader died")??;
        }
        changes
    })?;
    let seen = seen.into_inner().unwrap_or_else(PoisonError::into_inner);
    shares(ids.len(), &changes, &seen)
}

fn warm(url: &str, ids: &[String]) -> Result<()> {
    thread::scope(|scope| {
        let halves: Vec<_> = ids
            .chunks(ids.len().div_ceil(4).max(1))
            .map(|part| {
                scope.spawn(move || {
                    let agent = ureq::agent();
                    for product in 0..part.len() {
                        read(&agent, url, part, product)?;
                        interrupt::check()?;
                    }
                    anyhow::Ok(())
                })
            })
            .collect();
        halves
            .into_iter()
            .try_for_each(|half| half.join().ok().context("a reader died")?)
    })
}

fn read(agent: &ureq::Agent, url: &str, ids: &[String], product: usize) -> Result<Seen> {
    let asked = Instant::now();
    let id = ids.get(product).context("no such product")?;
    let mut answer = agent
        .get(format!("{url}/v2/products/{id}"))
        .call()
        .context("a read failed")?;
    let status = answer.headers().get(shared::header::CACHE_STATUS);
    let status = status
        .and_then(|text| text.to_str().ok())
        .unwrap_or_default();
    let of_origin = status.contains("fwd=") && !status.contains("collapsed");
    answer.body_mut().read_to_vec()?;
    Ok(Seen {
        product,
        of_origin,
        asked,
    })
}

/// Changes prices for as long as it is replayed.
fn change(shop: &Shop, ids: &[String], law: &Law) -> Result<Vec<(usize, Instant)>> {
    let agent = ureq::agent();
    let mut dice = Dice(0);
    let began = Instant::now();
    let mut changes = Vec::new();
    while began.elapsed() < REPLAY {
        let product = law.draw(&mut dice);
        let id = ids.get(product).context("no such product")?;
        let price = 100 + i64::try_from(changes.len())?;
        let patch = json!({"price": {"amount": price, "currency": "USD"}}).to_string();
        agent
            .patch(format!("{}/v2/products/{id}", shop.origin_url))
            .header("authorization", format!("Bearer {}", shop.admin_token))
            .header("content-type", "application/merge-patch+json")
            .header("if-match", "*")
            .send(patch)
            .context("a change failed")?;
        changes.push((product, Instant::now()));
        interrupt::check()?;
        freshness::pause(PAUSE);
    }
    Ok(changes)
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
fn shares(products: usize, changes: &[(usize, Instant)], seen: &[Seen]) -> Result<Shares> {
    ensure!(!seen.is_empty(), "nothing was read");
    let mut again = BTreeSet::new();
    for one in seen {
        let before = changes
            .iter()
            .filter(|(product, changed)| *product == one.product && *changed < one.asked)
            .count();
        if before > 0 {
            again.insert((one.product, before));
        }
    }
    let of_origin = seen.iter().filter(|one| one.of_origin).count();
    let part = |count: usize| count as f64 / seen.len() as f64;
    Ok(Shares {
        products,
        answers: seen.len(),
        answers_a_second: seen.len() as f64 / REPLAY.as_secs_f64(),
        changes: changes.len(),
        origin: part(of_origin),
        least: part(again.len()),
        goal: GOAL,
        met: part(of_origin) <= GOAL,
    })
}

/// Zipf's law with exponent 1.
struct Law {
    /// Sums of 1/rank.
    sums: Vec<f64>,
}

impl Law {
    #[expect(clippy::cast_precision_loss, reason = "a catalogue is far below 2^53")]
    fn over(products: usize) -> Self {
        let mut sum = 0.0;
        let sums = (1..=products)
            .map(|rank| {
                sum += 1.0 / rank as f64;
                sum
            })
            .collect();
        Self { sums }
    }

    /// A product, the first the most often.
    fn draw(&self, dice: &mut Dice) -> usize {
        let all = self.sums.last().copied().unwrap_or_default();
        let at = dice.part() * all;
        let place = self.sums.partition_point(|sum| *sum <= at);
        place.min(self.sums.len().saturating_sub(1))
    }
}

/// `SplitMix64`.
struct Dice(u64);

impl Dice {
    /// A number from 0 to 1.
    #[expect(clippy::cast_precision_loss, reason = "53 bits are kept")]
    fn part(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_is_read_twice_as_often_as_the_second() {
        let law = Law::over(1_000);
        let mut dice = Dice(7);
        let mut counts = [0_u32; 1_000];
        for _ in 0..100_000 {
            counts[law.draw(&mut dice)] += 1;
        }
        let ratio = f64::from(counts[0]) / f64::from(counts[1]);
        assert!((1.8..2.2).contains(&ratio), "{ratio}");
        assert!(counts[0] > 12_000, "1/H(1000) is 13.4 %: {}", counts[0]);
    }

    #[test]
    fn the_least_is_one_request_for_a_change_that_is_read_again() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let seen = |product, of_origin, ms| Seen {
            product,
            of_origin,
            asked: at(ms),
        };
        let changes = [(0, at(10)), (0, at(20)), (1, at(30))];
        let all = [
            seen(0, false, 5),
            seen(0, true, 15),
            seen(0, false, 16),
            seen(0, true, 25),
        ];
        let told = shares(2, &changes, &all).unwrap();
        assert!((told.least - 0.5).abs() < 1e-9 && (told.origin - 0.5).abs() < 1e-9);
        assert!(!told.met);
    }
}
