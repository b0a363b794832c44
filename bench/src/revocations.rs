//! Revocations of access tokens under load: how long after one a revoked token is still let in, anywhere.
//!
//! Four locations over one set of objects. At each, readers ask in closed loops with every token that is
//! about to be revoked or is not refused there yet, while one writer revokes them at the origin; its relay
//! tells the feed. A revocation's lag is from the origin's answer to the writer to the end of the last
//! answer that let the token in, at any location. Each token must be refused everywhere in the end.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde::Serialize;
use serde_json::{Value, json};
use tokio::time::Instant;
use xtask::interrupt;
use xtask::process;
use xtask::progress::Progress;
use xtask::tools::Tools;

use crate::freshness::{pause, start};
use crate::shop::Shop;

/// Instances of the edge, each with a store of its own.
const LOCATIONS: usize = 4;
/// Pause between two revocations.
const PAUSE: Duration = Duration::from_millis(40);
/// Tokens that are in use before they are revoked.
const AHEAD: usize = 5;
/// Between two looks whether a token is in use everywhere.
const LOOK: Duration = Duration::from_millis(1);
/// How long it may take until a token is in use, or be let in after its revocation, before the run is given up.
const GIVEN_UP: Duration = Duration::from_secs(20);
/// What the 99th percentile of the lags may be.
const GOAL_P99_MS: u64 = 2_000;
/// What any lag may be.
const GOAL_MOST_MS: u64 = 5_000;

const FIX: &str = "The origin's command failed; its words above say why.";

/// What came of it.
#[derive(Debug, Serialize)]
pub(crate) struct Revocations {
    pub(crate) tokens: usize,
    pub(crate) answers: usize,
    /// From the revocation to the end of the last answer that let its token in.
    pub(crate) lag_p50_ms: u64,
    pub(crate) lag_p99_ms: u64,
    pub(crate) lag_most_ms: u64,
    pub(crate) goal_p99_ms: u64,
    pub(crate) goal_most_ms: u64,
    pub(crate) met: bool,
}

/// What one reader saw: of each token, when it was let in last; and how many answers it got.
type Seen = (Vec<Option<Instant>>, usize);

/// Runs it.
pub(crate) fn measure(
    tools: &Tools,
    shop: &Shop,
    count: usize,
    progress: Progress,
) -> Result<Revocations> {
    let (edge, _worker) = start(tools, shop, LOCATIONS, progress)?;
    let tokens = progress.step("access tokens", || mint(shop, count))?;
    let begun = AtomicUsize::new(0);
    let in_use: Vec<_> = (0..count).map(|_| AtomicUsize::new(0)).collect();
    let (times, seen) = thread::scope(|scope| -> Result<_> {
        let readers: Vec<_> = (0..LOCATIONS)
            .map(|location| {
                let (url, tokens, begun, in_use) = (edge.url(location), &tokens, &begun, &in_use);
                scope.spawn(move || read(&url, tokens, begun, in_use))
            })
            .collect();
        let times = revoke(shop, &begun, &in_use);
        // A writer that failed sets the readers free.
        begun.store(count, Ordering::SeqCst);
        let seen = readers
            .into_iter()
            .map(|reader| reader.join().ok().context("a reader died")?)
            .collect::<Result<Vec<Seen>>>();
        Ok((times?, seen?))
    })?;
    summary(&times, &seen)
}

fn subject(number: usize) -> String {
    format!("usr_{number:026}")
}

/// A token for each of so many subjects.
fn mint(shop: &Shop, count: usize) -> Result<Vec<String>> {
    (0..count)
        .map(|number| {
            interrupt::check()?;
            let sub = subject(number);
            let arguments = [
                "token", "--sub", &sub, "--role", "customer", "--ttl", "3600",
            ];
            let mut command = shop.command(&[&arguments[..], &["--json"]].concat());
            let said: Value = serde_json::from_str(&process::run("token", &mut command, FIX)?)?;
            let token = said["token"].as_str().context("no token")?;
            Ok(format!("Bearer {token}"))
        })
        .collect()
}

/// Revokes them, one after the other, once each is in use everywhere; when each was.
fn revoke(shop: &Shop, begun: &AtomicUsize, in_use: &[AtomicUsize]) -> Result<Vec<Instant>> {
    let agent = ureq::agent();
    let mut times = Vec::with_capacity(in_use.len());
    for (number, locations) in in_use.iter().enumerate() {
        begun.store(number, Ordering::SeqCst);
        let since = Instant::now();
        while locations.load(Ordering::SeqCst) < LOCATIONS {
            ensure!(since.elapsed() < GIVEN_UP, "a token was not let in");
            interrupt::check()?;
            pause(LOOK);
        }
        agent
            .post(format!("{}/v2/admin/revocations", shop.origin_url))
            .header("authorization", format!("Bearer {}", shop.admin_token))
            .header("content-type", "application/json")
            .send(json!({"subject": subject(number)}).to_string())
            .context("a revocation failed")?;
        times.push(Instant::now());
        if number % 250 == 249 {
            eprintln!("    {:>5} revocations", number + 1);
        }
        interrupt::check()?;
        pause(PAUSE);
    }
    Ok(times)
}

/// Asks with all tokens of the moment in turn, until each was refused.
fn read(url: &str, tokens: &[String], begun: &AtomicUsize, in_use: &[AtomicUsize]) -> Result<Seen> {
    let config = ureq::Agent::config_builder().http_status_as_error(false);
    let agent = ureq::Agent::new_with_config(config.build());
    let mut last = vec![None; tokens.len()];
    let mut refused = vec![false; tokens.len()];
    let (mut first, mut answers) = (0, 0);
    let mut all_revoked: Option<Instant> = None;
    while first < tokens.len() {
        let revoking = begun.load(Ordering::SeqCst);
        if revoking == tokens.len() {
            let since = *all_revoked.get_or_insert_with(Instant::now);
            ensure!(
                since.elapsed() < GIVEN_UP,
                "a revoked token is still let in"
            );
        }
        for number in first..tokens.len().min(revoking + AHEAD) {
            if refused[number] {
                continue;
            }
            let mut answer = agent
                .get(format!("{url}/v2/rate_limit"))
                .header("authorization", &tokens[number])
                .call()
                .context("a read failed")?;
            answer.body_mut().read_to_vec()?;
            answers += 1;
            match answer.status().as_u16() {
                200 => {
                    if last[number].replace(Instant::now()).is_none() {
                        in_use[number].fetch_add(1, Ordering::SeqCst);
                    }
                }
                401 => refused[number] = true,
                other => bail!("an answer was {other}"),
            }
        }
        interrupt::check()?;
        while first < tokens.len() && refused[first] {
            first += 1;
        }
    }
    Ok((last, answers))
}

fn summary(times: &[Instant], seen: &[Seen]) -> Result<Revocations> {
    let mut lags = Vec::with_capacity(times.len());
    for (number, revoked) in times.iter().enumerate() {
        let ends: Vec<Instant> = seen
            .iter()
            .filter_map(|(last, _)| last.get(number).copied().flatten())
            .collect();
        ensure!(
            ends.len() == seen.len(),
            "token {number} was not in use everywhere before it was revoked"
        );
        let lag = ends
            .into_iter()
            .map(|end| end.saturating_duration_since(*revoked));
        let ms = lag.max().unwrap_or_default().as_millis();
        lags.push(u64::try_from(ms).unwrap_or(u64::MAX));
    }
    lags.sort_unstable();
    let at = |percent: usize| {
        let place = (lags.len() * percent).div_ceil(100).saturating_sub(1);
        lags.get(place).copied().context("no revocation")
    };
    let (p99, most) = (at(99)?, at(100)?);
    Ok(Revocations {
        tokens: lags.len(),
        answers: seen.iter().map(|(_, answers)| answers).sum(),
        lag_p50_ms: at(50)?,
        lag_p99_ms: p99,
        lag_most_ms: most,
        goal_p99_ms: GOAL_P99_MS,
        goal_most_ms: GOAL_MOST_MS,
        met: p99 <= GOAL_P99_MS && most <= GOAL_MOST_MS,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lags_end_where_a_token_is_let_in_last() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let times = [at(1_000), at(2_000)];
        let seen = |first, second| (vec![Some(at(first)), Some(at(second))], 2);
        let told = summary(&times, &[seen(900, 2_300), seen(1_200, 1_900)]).unwrap();
        assert_eq!((told.lag_p50_ms, told.lag_most_ms), (200, 300));
        assert_eq!((told.tokens, told.answers, told.met), (2, 4, true));
        let late = summary(&times, &[seen(900, 7_001)]).unwrap();
        assert_eq!((late.lag_most_ms, late.met), (5_001, false));
        let unused = (vec![None, Some(at(1))], 1);
        assert!(summary(&times, &[seen(1, 1), unused]).is_err());
    }
}
