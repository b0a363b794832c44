//! The end of what was admitted: places that are free again, and quota that goes back.

use http::{Response, StatusCode};
use shared::header as ours;

use super::Taken;
use crate::pipeline::Isolate;
use crate::platform::{Body, Platform};

/// Most callers whose requests that cost no quota wait to be told.
const RETURNS_MAX: usize = 1_000;

/// Ends what was admitted: its place among those under way is free, and a replay or a 304 cost no quota.
pub(in crate::pipeline) fn ended<P: Platform, S>(
    platform: &P,
    isolate: &Isolate,
    mut taken: Taken,
    response: &Response<Body<S>>,
) {
    if let Some(window) = taken.word.window.filter(|_| taken.word.granted > 0) {
        let replayed = response.headers().get(ours::IDEMPOTENT_REPLAYED);
        let replayed = replayed.is_some_and(|value| value == "true");
        if replayed || response.status() == StatusCode::NOT_MODIFIED {
            give_quota_back(isolate, &taken.bucket, 1, window.from);
        }
    }
    if let Some((terms, ask)) = taken.ending() {
        let (own, bucket) = (platform.clone(), taken.bucket);
        platform.defer(async move {
            // Its time ends it otherwise.
            let _ = own.ask_limiter(&bucket, &terms, &ask).await;
        });
    }
}

/// Notes requests that cost no quota; the next question tells.
pub(super) fn give_quota_back(isolate: &Isolate, bucket: &str, requests: u64, from: u64) {
    let returns = &mut isolate.limits.borrow_mut().returns;
    if returns.len() >= RETURNS_MAX {
        returns.clear();
    }
    let known = returns.entry(bucket.to_owned()).or_insert((0, from));
    *known = if known.1 == from {
        (known.0.saturating_add(requests), from)
    } else {
        (requests, from)
    };
}
