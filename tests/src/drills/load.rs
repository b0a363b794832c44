//! Constant load: so many reads and so many orders a second, whatever becomes of those before, by clients that
//! do as the documents say.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Result, ensure};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{MissedTickBehavior, interval};

use super::client::{Called, Client, Reply};
use super::stage::unseen;
use crate::wait::try_until;

/// How much.
#[derive(Debug, Clone, Copy)]
pub struct Rates {
    /// Reads a second: of a product that the edges have copies of, of lists that nobody has asked for, and of
    /// orders of the caller's own, in turn.
    pub reads: u32,
    /// Orders a second, each under a key of its own. One costs five tokens of the account's thousand a minute.
    pub orders: u32,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Tally {
    /// Reads, those that were good at the first try, and those that were good when their call ended.
    pub reads: u64,
    /// See above.
    pub good_at_once: u64,
    /// See above.
    pub good: u64,
    /// The slowest read.
    pub slowest_read: Duration,
    /// What became of each order, by its key.
    pub orders: BTreeMap<String, Reply>,
    /// Orders that took more than one try.
    pub repeated: u64,
    /// The slowest order.
    pub slowest_order: Duration,
    /// The first reads that failed.
    pub failures: Vec<String>,
}

/// Load that goes on until it is ended.
#[derive(Debug)]
pub struct Load {
    over: Arc<AtomicBool>,
    begun: Arc<AtomicU64>,
    running: JoinHandle<Tally>,
}

/// How it goes.
struct Course {
    rates: Rates,
    name: String,
    first: usize,
    over: Arc<AtomicBool>,
    begun: Arc<AtomicU64>,
}

/// Longest wait for more load.
const PATIENCE_SECONDS: u64 = 60;

/// What one call was for.
enum Done {
    Read(Called),
    Order(String, Called),
}

/// Most failures that are told.
const TOLD_MAX: usize = 3;

impl Tally {
    /// Reads that were not good when their calls ended, in a thousand, rounded up.
    pub fn bad_in_a_thousand(&self) -> u64 {
        ((self.reads - self.good) * 1000).div_ceil(self.reads.max(1))
    }

    /// Fails unless all reads but one in a thousand were good, and all orders were placed.
    pub fn holds(&self) -> Result<()> {
        ensure!(
            self.reads > 0 && !self.orders.is_empty(),
            "there was no load"
        );
        ensure!(
            self.bad_in_a_thousand() <= 1,
            "{} of {} reads failed: {:?}",
            self.reads - self.good,
            self.reads,
            self.failures
        );
        let open = self.orders.iter().find(|(_, reply)| !reply.is_good());
        ensure!(open.is_none(), "an order was not placed: {open:?}");
        Ok(())
    }

    /// In a line.
    pub fn said(&self) -> String {
        format!(
            "{} reads, {} good at once, {} in the end, slowest {} ms; {} orders, {} repeated, slowest {} ms",
            self.reads,
            self.good_at_once,
            self.good,
            self.slowest_read.as_millis(),
            self.orders.len(),
            self.repeated,
            self.slowest_order.as_millis()
        )
    }

    fn add(&mut self, done: Done) {
        match done {
            Done::Read(called) => {
                self.reads += 1;
                self.good_at_once += u64::from(called.is_good_at_once());
                self.good += u64::from(called.reply.is_good());
                self.slowest_read = self.slowest_read.max(called.took);
                if !called.reply.is_good() && self.failures.len() < TOLD_MAX {
                    self.failures.push(format!("{called:?}"));
                }
            }
            Done::Order(key, called) => {
                self.repeated += u64::from(called.tries > 1);
                self.slowest_order = self.slowest_order.max(called.took);
                self.orders.insert(key, called.reply);
            }
        }
    }
}

impl Load {
    /// Begins. Keys begin with `name`; numbers with `first`, so that lists are asked for once.
    pub fn start(client: &Client, rates: Rates, name: &str, first: usize) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let begun = Arc::new(AtomicU64::new(0));
        let course = Course {
            rates,
            name: name.to_owned(),
            first,
            over: over.clone(),
            begun: begun.clone(),
        };
        let running = tokio::spawn(run(client.clone(), course));
        Self {
            over,
            begun,
            running,
        }
    }

    /// Waits until so many more calls have begun.
    pub async fn goes_on(&self, calls: u64) -> Result<()> {
        let until = self.begun.load(Ordering::Relaxed) + calls;
        try_until(PATIENCE_SECONDS, "more load", async || {
            (self.begun.load(Ordering::Relaxed) >= until).then_some(())
        })
        .await
    }

    /// Begins no more calls, and waits for those that are under way.
    pub async fn end(self) -> Result<Tally> {
        self.over.store(true, Ordering::Relaxed);
        Ok(self.running.await?)
    }
}

async fn run(client: Client, course: Course) -> Tally {
    let each = |rate: u32| {
        let mut ticks = interval(Duration::from_secs(1) / rate.max(1));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
        ticks
    };
    let (mut reads, mut orders) = (each(course.rates.reads), each(course.rates.orders));
    let (mut calls, mut tally) = (JoinSet::new(), Tally::default());
    let mut number = course.first;
    while !course.over.load(Ordering::Relaxed) {
        number += 1;
        let client = client.clone();
        tokio::select! {
            _ = reads.tick() => { calls.spawn(read(client, number)); }
            _ = orders.tick() => {
                calls.spawn(order(client, number, format!("{}-{number}", course.name)));
            }
        }
        course.begun.fetch_add(1, Ordering::Relaxed);
        while let Some(done) = calls.try_join_next() {
            add(&mut tally, done);
        }
    }
    while let Some(done) = calls.join_next().await {
        add(&mut tally, done);
    }
    tally
}

fn add(tally: &mut Tally, done: Result<Done, tokio::task::JoinError>) {
    match done {
        Ok(done) => tally.add(done),
        // A call that broke is one that was not good.
        Err(error) => {
            tally.reads += 1;
            tally.failures.push(error.to_string());
        }
    }
}

async fn read(client: Client, number: usize) -> Done {
    Done::Read(match number % 3 {
        0 => client.read(number, &client.product()).await,
        1 => client.read(number, &unseen(number)).await,
        _ => client.read_own(number, "/v2/orders?limit=5").await,
    })
}

async fn order(client: Client, number: usize, key: String) -> Done {
    let called = client.ordered(number, &key).await;
    Done::Order(key, called)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_bad_read_in_a_thousand_is_borne_and_no_open_order() {
        let reply = |status: u16| Reply {
            status: reqwest::StatusCode::from_u16(status).ok(),
            body: serde_json::Value::Null,
            retry_after: None,
        };
        for (reads, good, order, holds) in [
            (1000, 1000, 201, true),
            (1000, 999, 201, true),
            (1000, 998, 201, false),
            (999, 998, 201, false),
            (1000, 1000, 503, false),
            (0, 0, 201, false),
        ] {
            let tally = Tally {
                reads,
                good,
                orders: BTreeMap::from([("k".to_owned(), reply(order))]),
                ..Tally::default()
            };
            assert_eq!(tally.holds().is_ok(), holds, "{reads} {good} {order}");
        }
    }
}
