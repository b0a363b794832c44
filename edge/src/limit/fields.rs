//! `RateLimit-Policy` and `RateLimit` [draft-ietf-httpapi-ratelimit-headers-10], and `Retry-After`.
//!
//! They are rebuilt for each response after the cache, since they belong to the caller and not to
//! the resource.

use super::gcra::{Policy, Verdict};

/// `"minute";q=1000;w=60`.
pub fn policy(name: &str, policy: Policy) -> String {
    format!("\"{name}\";q={};w={}", policy.quota, policy.window_seconds)
}

/// `"minute";r=998;t=1`; `t` is seconds until the bucket is full.
pub fn state(name: &str, verdict: Verdict) -> String {
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
        let minute = Policy {
            quota: 1000,
            window_seconds: 60,
        };
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
