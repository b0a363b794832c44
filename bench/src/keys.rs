//! A million distinct keys through our edge as a plain cache: what they leave in memory.
//!
//! Each is asked for once and stored. The store behind the Cache API is bounded, and full long before
//! the first sample, so from then on workerd's memory is to stay: whatever grows with the keys is a
//! leak, in the isolate or beside it.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use http::{Request, StatusCode, header};
use http_body_util::Full;
use serde::Serialize;
use xtask::interrupt;
use xtask::progress::Progress;
use xtask::tools::Tools;

use crate::caches::origin::{self, Origin};
use crate::caches::ours;
use crate::contest::Timing;
use crate::load::{self, Traffic};
use crate::workers::Worker;

/// How many keys.
const KEYS: u64 = 1_000_000;
/// After how many memory is looked at.
const SAMPLE_KEYS: u64 = 100_000;
/// A body's length in bytes: 100,000 of them are more than the store may hold.
const BODY_BYTES: usize = 1024;
/// How long the load runs between two looks at the count; the first answer waits for a cold start.
const SLICE: Duration = Duration::from_secs(4);
/// What the last sample may be of the first.
const GOAL: f64 = 1.1;

/// What came of it.
#[derive(Debug, Serialize)]
pub(crate) struct Growth {
    /// Keys that were asked for, and workerd's resident memory then, in KB.
    pub(crate) samples: Vec<(u64, u64)>,
    /// The last sample's memory of the first one's.
    pub(crate) ratio: f64,
    pub(crate) goal: f64,
    pub(crate) met: bool,
}

/// Asks for all of them.
pub(crate) fn measure(tools: &Tools, connections: usize, progress: Progress) -> Result<Growth> {
    let origin = Origin::start()?;
    let url = format!("http://{}", origin.address());
    let edge = ours(tools, &url, progress)?;
    let traffic = Arc::new(traffic(&edge));
    let timing = Timing {
        connections,
        warm_up: Duration::ZERO,
        measured: SLICE,
    };
    let mut samples = Vec::new();
    for goal in (SAMPLE_KEYS..=KEYS).step_by(usize::try_from(SAMPLE_KEYS)?) {
        while origin.asked() < goal {
            let before = origin.asked();
            load::run(edge.address, &traffic, timing, &[])?;
            ensure!(origin.asked() > before, "the origin is not asked any more");
            interrupt::check()?;
        }
        edge.forget_log()?;
        let kb = resident_kb(edge.watched().pid)?;
        eprintln!("    {:>9} keys {:>7} MB", origin.asked(), kb / 1024);
        samples.push((origin.asked(), kb));
    }
    growth(samples)
}

fn growth(samples: Vec<(u64, u64)>) -> Result<Growth> {
    let (_, first) = samples.first().context("no sample")?;
    let (_, last) = samples.last().context("no sample")?;
    let ratio = float(*last) / float(*first);
    Ok(Growth {
        ratio,
        goal: GOAL,
        met: ratio <= GOAL,
        samples,
    })
}

#[expect(clippy::cast_precision_loss, reason = "memory is far below 2^53 KB")]
const fn float(kb: u64) -> f64 {
    kb as f64
}

fn traffic(edge: &Worker) -> Traffic {
    let host = edge.address.to_string();
    Traffic {
        requests: Box::new(move |number| {
            Request::get(origin::path(BODY_BYTES, number))
                .header(header::HOST, host.as_str())
                .header(header::USER_AGENT, "headgate-bench")
                .body(Full::default())
                .unwrap_or_default()
        }),
        status: StatusCode::OK,
        check: Box::new(|number, answer| {
            let expected = origin::body(&origin::path(BODY_BYTES, number));
            ensure!(*answer.body() == expected, "the body is not the origin's");
            Ok(())
        }),
    }
}

/// A process's resident memory.
fn resident_kb(pid: u32) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))
        .context("this system tells no memory of a process")?;
    resident(&status).context("workerd's memory can't be read")
}

fn resident(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read_and_compared() {
        let status = "Name:\tworkerd\nVmHWM:\t 9 kB\nVmRSS:\t  204800 kB\n";
        assert_eq!(resident(status), Some(204_800));
        assert_eq!(resident("Name:\tworkerd\n"), None);
        for (samples, ratio, met) in [
            (vec![(1, 100), (2, 500), (3, 110)], 1.1, true),
            (vec![(1, 100), (2, 150)], 1.5, false),
        ] {
            let growth = growth(samples).unwrap();
            assert_eq!((growth.ratio, growth.met), (ratio, met));
        }
        assert!(growth(vec![]).is_err());
    }
}
