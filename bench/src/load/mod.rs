//! The load generator: a closed loop over a few keep-alive connections.
//!
//! 1. Each connection sends its next request when the last answer is read to its end, so what is
//!    measured never queues in here.
//! 2. A run is a warm-up and a measured window. A request counts when it begins and ends inside the
//!    window; the processor time of the watched processes is read at the window's two ends.
//! 3. Every status is checked, and inside the window every [`CHECK_EVERY`]th answer whole (the
//!    warm-up may still fill a cache): a fast error is no result. The first wrong answer ends the
//!    run with its words.
//! 4. At a given rate ([`paced`]) each connection has a timetable, and latencies begin at its times.
//!
//! It runs on one thread, so that a second core is left to what is measured.

mod connection;
mod flood;

pub(crate) use flood::flood;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use bytes::Bytes;
use hdrhistogram::Histogram;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use tokio::time::{Instant, sleep_until};

use crate::contest::{Measured, Timing};
use crate::cpu::{Reading, Watched};

/// One answer of so many is checked in full.
const CHECK_EVERY: u64 = 64;
/// Longest latency that is told apart, microseconds.
const LATENCY_US_MAX: u64 = 60_000_000;
/// Longest wait for one answer; beyond it the server hangs.
const ANSWER_SECONDS_MAX: u64 = 30;

/// Makes the request of a number that no other request of the process has.
pub(crate) type Requests = dyn Fn(u64) -> Request<Full<Bytes>> + Send + Sync;
/// Says what is wrong with the answer to the request of that number.
pub(crate) type Check = dyn Fn(u64, &Response<Bytes>) -> Result<()> + Send + Sync;

/// What is sent, and what must come back.
pub(crate) struct Traffic {
    pub(crate) requests: Box<Requests>,
    pub(crate) status: StatusCode,
    pub(crate) check: Box<Check>,
}

/// Numbers go on from run to run, so that what derives from them (an idempotency key) stays unique.
static NEXT: AtomicU64 = AtomicU64::new(0);

fn next() -> u64 {
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// When requests count.
#[derive(Debug, Clone, Copy)]
struct Window {
    opens: Instant,
    closes: Instant,
}

/// When a connection sends.
#[derive(Debug, Clone, Copy)]
struct Pace {
    first: Instant,
    between: Duration,
}

/// Runs the load once, at a given number of requests a second, whether or not earlier ones were answered:
/// one that has to wait for its connection waits as part of its latency.
pub(crate) fn paced(
    address: SocketAddr,
    traffic: &Arc<Traffic>,
    timing: Timing,
    rate: f64,
    watched: &[Watched],
) -> Result<Measured> {
    let connections = u32::try_from(timing.connections)?;
    anyhow::ensure!(rate > 0.0, "no rate to keep");
    let between = Duration::from_secs_f64(f64::from(connections) / rate);
    block_on(measure(address, traffic, timing, Some(between), watched))
}

/// Runs the load once.
pub(crate) fn run(
    address: SocketAddr,
    traffic: &Arc<Traffic>,
    timing: Timing,
    watched: &[Watched],
) -> Result<Measured> {
    block_on(measure(address, traffic, timing, None, watched))
}

fn block_on<T>(measuring: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(measuring)
}

async fn measure(
    address: SocketAddr,
    traffic: &Arc<Traffic>,
    timing: Timing,
    between: Option<Duration>,
    watched: &[Watched],
) -> Result<Measured> {
    let opens = Instant::now() + timing.warm_up;
    let window = Window {
        opens,
        closes: opens + timing.measured,
    };
    let connections = u32::try_from(timing.connections)?;
    let workers: Vec<_> = (0..timing.connections)
        .zip(0_u32..)
        .map(|(_, place)| {
            let pace = between.map(|between| Pace {
                // Evenly over all connections.
                first: Instant::now() + between * place / connections,
                between,
            });
            tokio::spawn(connection::drive(
                address,
                Arc::clone(traffic),
                window,
                pace,
            ))
        })
        .collect();
    sleep_until(window.opens).await;
    let before = Reading::of(watched);
    sleep_until(window.closes).await;
    let after = Reading::of(watched);

    let mut latencies = histogram()?;
    for worker in workers {
        latencies.add(worker.await.context("a connection's task died")??)?;
    }
    let requests = latencies.len();
    anyhow::ensure!(requests > 0, "no request was answered within the window");
    Ok(Measured {
        requests,
        seconds: timing.measured.as_secs_f64(),
        p50_us: Some(latencies.value_at_quantile(0.5)),
        p99_us: Some(latencies.value_at_quantile(0.99)),
        cpu_us: Reading::per_request(&before, &after, requests),
    })
}

pub(crate) fn histogram() -> Result<Histogram<u64>> {
    Ok(Histogram::new_with_bounds(1, LATENCY_US_MAX, 3)?)
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(LATENCY_US_MAX)
}

#[cfg(test)]
mod tests;
