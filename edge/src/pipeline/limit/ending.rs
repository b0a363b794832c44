//! The end of what was admitted: places that are free again, and quota that goes back.

use http::{Response, StatusCode};
use shared::header as ours;

use super::Taken;
use crate::pipeline::Isolate;
use crate::platform::{Body, Platform};

/// Most callers whose requests that cost no quota wait to be told.
const RETURNS_MAX: usize = 1_000;

/// A replay or a 304 cost no quota. The answer's own fields say so, and of earlier ones that are still to
/// be told.
pub(in crate::pipeline) fn returned<S>(
    isolate: &Isolate,
    taken: &mut Taken,
    response: Option<&Response<Body<S>>>,
) {
    let Some(window) = &mut taken.word.window else {
        return;
    };
    let free = response.is_some_and(|response| {
        let replayed = response.headers().get(ours::IDEMPOTENT_REPLAYED);
        replayed.is_some_and(|value| value == "true")
            || response.status() == StatusCode::NOT_MODIFIED
    });
    if free && taken.word.granted > 0 {
        give_quota_back(isolate, &taken.bucket, 1, window.from);
    }
    let known = isolate.limits.borrow().returns.get(&taken.bucket).copied();
    if let Some((requests, _)) = known.filter(|(_, from)| *from == window.from) {
        window.left = window.left.saturating_add(requests);
    }
}

/// Ends what was admitted: its place among those under way is free.
pub(in crate::pipeline) fn ended<P: Platform>(platform: &P, mut taken: Taken) {
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
