//! A flood: more than the server can do, from more clients than it has places for.
//!
//! 1. Each client has a timetable, and sends when it is time or when its last answer has come, whichever is
//!    later: what it could not send it does not send, as a client that gave up.
//! 2. A refusal (503) has to say when to come again. Nobody comes again: the next request is another.
//! 3. Latencies begin when a request is sent. Answers count that end inside the window.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use hdrhistogram::Histogram;
use http::{Response, StatusCode, header};
use tokio::time::{Instant, sleep_until, timeout};

use super::connection::{connect, exchange, inspect};
use super::{
    ANSWER_SECONDS_MAX, LATENCY_US_MAX, Traffic, Window, block_on, histogram, micros, next,
};
use crate::contest::Timing;

/// What a flood came to.
#[derive(Debug)]
pub(crate) struct Flooded {
    /// What was sent a second.
    pub(crate) sent_a_second: f64,
    /// How many were done.
    pub(crate) accepted: u64,
    /// The window.
    pub(crate) seconds: f64,
    /// 99 of 100 that were done were answered within.
    pub(crate) p99_us: u64,
    /// 99 of 100 that were refused were told so within.
    pub(crate) refused_p99_us: u64,
    /// How many were refused.
    pub(crate) refused: u64,
}

/// Floods the server at that many requests a second, from that many clients.
pub(crate) fn flood(
    address: SocketAddr,
    traffic: &Arc<Traffic>,
    timing: Timing,
    rate: f64,
    clients: u32,
) -> Result<Flooded> {
    ensure!(rate > 0.0 && clients > 0, "no flood");
    block_on(measure(address, traffic, timing, rate, clients))
}

async fn measure(
    address: SocketAddr,
    traffic: &Arc<Traffic>,
    timing: Timing,
    rate: f64,
    clients: u32,
) -> Result<Flooded> {
    let begins = Instant::now();
    let opens = begins + timing.warm_up;
    let window = Window {
        opens,
        closes: opens + timing.measured,
    };
    let between = Duration::from_secs_f64(f64::from(clients) / rate);
    let workers: Vec<_> = (0..clients)
        .map(|place| {
            let first = begins + between * place / clients;
            tokio::spawn(drive(address, Arc::clone(traffic), window, first, between))
        })
        .collect();
    let (mut accepted, mut refused) = (histogram()?, histogram()?);
    for worker in workers {
        let (done, not) = worker.await.context("a client's task died")??;
        accepted.add(done)?;
        refused.add(not)?;
    }
    let seconds = timing.measured.as_secs_f64();
    let answered = u32::try_from(accepted.len() + refused.len())?;
    Ok(Flooded {
        sent_a_second: f64::from(answered) / seconds,
        accepted: accepted.len(),
        seconds,
        p99_us: accepted.value_at_quantile(0.99),
        refused_p99_us: refused.value_at_quantile(0.99),
        refused: refused.len(),
    })
}

/// One client: the latencies of what was done, and of what was refused.
async fn drive(
    address: SocketAddr,
    traffic: Arc<Traffic>,
    window: Window,
    first: Instant,
    between: Duration,
) -> Result<(Histogram<u64>, Histogram<u64>)> {
    let (mut accepted, mut refused) = (histogram()?, histogram()?);
    let mut sender = connect(address).await?;
    let mut due = first;
    loop {
        sleep_until(due).await;
        let began = Instant::now();
        if began >= window.closes {
            return Ok((accepted, refused));
        }
        due = began.max(due) + between;
        let number = next();
        sender
            .ready()
            .await
            .context("the server closed a keep-alive connection")?;
        let limit = Duration::from_secs(ANSWER_SECONDS_MAX);
        let answer = timeout(limit, exchange(&mut sender, (traffic.requests)(number)))
            .await
            .with_context(|| format!("no answer within {ANSWER_SECONDS_MAX} s"))??;
        let ended = Instant::now();
        // Whenever it began: what is done a second must not depend on how long each takes.
        let inside = (window.opens..window.closes).contains(&ended);
        let kind = if is_refusal(&answer)? {
            &mut refused
        } else {
            inspect(&traffic, number, &answer, inside)?;
            &mut accepted
        };
        if inside {
            kind.record(micros(ended - began).clamp(1, LATENCY_US_MAX))?;
        }
    }
}

fn is_refusal(answer: &Response<bytes::Bytes>) -> Result<bool> {
    if answer.status() != StatusCode::SERVICE_UNAVAILABLE {
        return Ok(false);
    }
    let says_when = answer.headers().contains_key(header::RETRY_AFTER);
    ensure!(says_when, "a refusal that does not say when to come again");
    Ok(true)
}
