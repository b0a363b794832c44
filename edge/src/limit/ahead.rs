//! When a bucket's state is written, since a write costs more than the rest of a take.
//!
//! 1. What is stored is never emptier in time than the truth: it says that the bucket fills up
//!    later, by a sixteenth of the quota, so one write is good for many takes.
//! 2. After a crash a bucket so admits no token too many, and at most a sixteenth too few.
//! 3. A bucket that falls quiet is written as it is, unless it will be full before the platform
//!    can forget it; so an ordinary eviction costs the caller nothing.

use super::gcra::{Policy, State};

/// The part of the quota that a write is ahead.
const AHEAD: u64 = 16;
/// How long an idle object keeps its memory at least.
const REMEMBERED_MS: u64 = 10_000;

/// What to store after a take, if what is stored no longer covers it.
pub fn after_take(state: State, stored: State, policy: Policy, now_ms: u64) -> Option<State> {
    if state.0 <= stored.0 {
        return None;
    }
    let ahead = State(state.0.saturating_add(policy.capacity() / AHEAD));
    let empty = nanos(now_ms).saturating_add(policy.capacity());
    Some(ahead.min(State(empty)).max(state))
}

/// What to store when nobody has asked for a while.
pub fn when_quiet(state: State, stored: State, now_ms: u64) -> Option<State> {
    (state < stored && outlives_memory(stored, now_ms)).then_some(state)
}

/// Whether what is stored may still matter when the object's memory is gone.
pub fn outlives_memory(stored: State, now_ms: u64) -> bool {
    stored.0 > nanos(now_ms.saturating_add(REMEMBERED_MS))
}

const fn nanos(ms: u64) -> u64 {
    ms.saturating_mul(1_000_000)
}

#[cfg(test)]
mod tests {
    use super::super::gcra::take;
    use super::*;

    const MINUTE: Policy = Policy {
        quota: 1000,
        window_seconds: 60,
    };
    const NOW: u64 = 1_800_000_000_000;

    #[test]
    fn a_write_covers_a_sixteenth_of_the_quota() {
        let (mut state, mut stored, mut writes) = (State::default(), State::default(), 0);
        for taken in 0..1000 {
            let (verdict, after) = take(state, MINUTE, 1, NOW);
            assert!(verdict.admitted, "{taken}");
            state = after;
            if let Some(ahead) = after_take(state, stored, MINUTE, NOW) {
                (stored, writes) = (ahead, writes + 1);
            }
            assert!(stored >= state);
        }
        assert_eq!(writes, 16);
        // Nothing is left, and what is stored says no worse.
        assert_eq!(stored, state);
    }

    #[test]
    fn after_a_crash_none_too_many_and_a_sixteenth_too_few() {
        for taken in [1, 62, 63, 64, 500, 999, 1000] {
            let (mut state, mut stored) = (State::default(), State::default());
            for _ in 0..taken {
                state = take(state, MINUTE, 1, NOW).1;
                stored = after_take(state, stored, MINUTE, NOW).unwrap_or(stored);
            }
            let mut left = 0;
            while take(stored, MINUTE, 1, NOW).0.admitted {
                stored = take(stored, MINUTE, 1, NOW).1;
                left += 1;
            }
            assert!(
                (1000 - 63..=1000).contains(&(taken + left)),
                "{taken} {left}"
            );
        }
    }

    #[test]
    fn a_quiet_bucket_is_written_as_it_is_if_that_can_matter() {
        let at = |ms: u64| State(nanos(NOW + ms));
        for (state, stored, expected) in [
            (at(30_000), at(33_000), Some(at(30_000))),
            (at(30_000), at(30_000), None),
            (at(9_000), at(10_001), Some(at(9_000))),
            (at(9_000), at(10_000), None),
        ] {
            assert_eq!(when_quiet(state, stored, NOW), expected);
        }
    }
}
