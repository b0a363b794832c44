//! `RateLimit-Policy` and `RateLimit` [draft-ietf-httpapi-ratelimit-headers-10], and `Retry-After`.
//!
//! They are rebuilt for each response after the cache, since they belong to the caller and not to
//! the resource.

use std::fmt::Write;

use super::book::Word;
use super::gcra::{Policy, Verdict};
use super::terms::Terms;

/// How the calendar quota of a policy is named.
const QUOTA: &str = "quota";

/// Both fields' values: the bucket's, and the calendar window's behind it. A window's `w` is its length
/// in seconds, its `t` the seconds until it ends.
pub fn both(name: &str, terms: &Terms, word: &Word, now_ms: u64) -> (String, String) {
    let mut policies = policy(name, terms.rate);
    let mut states = state(name, word.verdict);
    if let (Some(quota), Some(window)) = (terms.quota, word.window) {
        let length = window.until.saturating_sub(window.from);
        let left_seconds = window.until.saturating_sub(now_ms / 1000);
        // Writing into a text does not fail.
        let _ = write!(policies, ", \"{QUOTA}\";q={};w={length}", quota.limit);
        let _ = write!(states, ", \"{QUOTA}\";r={};t={left_seconds}", window.left);
    }
    (policies, states)
}

/// `"minute";q=1000;w=60`.
fn policy(name: &str, policy: Policy) -> String {
    format!("\"{name}\";q={};w={}", policy.quota, policy.window_seconds)
}

/// `"minute";r=998;t=1`; `t` is seconds until the bucket is full.
fn state(name: &str, verdict: Verdict) -> String {
    let full_in_seconds = verdict.full_in_ms.div_ceil(1000);
    format!("\"{name}\";r={};t={full_in_seconds}", verdict.remaining)
}

/// Whole seconds after which a refused request succeeds; at least one.
pub fn retry_after_seconds(verdict: Verdict) -> u64 {
    verdict.retry_in_ms.div_ceil(1000).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_a_verdict() {
        let minute = Policy::new(1000, 60);
        let verdict = Verdict {
            admitted: false,
            remaining: 0,
            full_in_ms: 59_941,
            retry_in_ms: 1_001,
        };
        assert_eq!(policy("minute", minute), "\"minute\";q=1000;w=60");
        assert_eq!(state("minute", verdict), "\"minute\";r=0;t=60");
        assert_eq!(retry_after_seconds(verdict), 2);
        assert_eq!(
            retry_after_seconds(Verdict {
                retry_in_ms: 60,
                ..verdict
            }),
            1
        );
    }
}
