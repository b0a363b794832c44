//! GCRA: a token bucket in one timestamp [ITU-T I.371].
//!
//! 1. The state is the theoretical arrival time: when the bucket will be full again.
//! 2. A bucket of `q` per `w` admits between `q` and `q + elapsed · q / w` tokens, never more: the
//!    interval between tokens is rounded up.
//! 3. A refused request debits nothing, and waiting exactly the time it was told succeeds.
//! 4. What costs more than a full bucket holds takes all of it ([`Policy::price`]), since it would never
//!    be admitted else.
//! 5. A clock that steps back never admits more.

/// The most that `quota` and `window_seconds` may be, so that no product below overflows.
pub const QUOTA_MAX: u32 = 10_000_000;
/// Longest window: one day.
pub const WINDOW_SECONDS_MAX: u32 = 86_400;

const NANOS_PER_SECOND: u64 = 1_000_000_000;
const NANOS_PER_MS: u64 = 1_000_000;

/// `quota` tokens per `window_seconds`, of which `burst` may be taken at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Tokens (`q`).
    pub quota: u32,
    /// Seconds (`w`).
    pub window_seconds: u32,
    /// Tokens that a full bucket holds.
    pub burst: u32,
}

/// When the bucket will be full, in Unix nanoseconds. Zero is a full bucket.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct State(pub u64);

/// What a bucket said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// Whether the tokens were taken.
    pub admitted: bool,
    /// Whole tokens left (`r`).
    pub remaining: u32,
    /// Milliseconds until the bucket is full.
    pub full_in_ms: u64,
    /// When refused: milliseconds after which the same request succeeds if nobody else asks.
    pub retry_in_ms: u64,
}

impl Policy {
    /// All of a window's tokens may be taken at once.
    pub const fn new(quota: u32, window_seconds: u32) -> Self {
        Self {
            quota,
            window_seconds,
            burst: quota,
        }
    }

    /// What a request pays that costs so much: no more than a full bucket holds.
    pub fn price(self, cost: u32) -> u32 {
        cost.min(self.burst.max(1))
    }

    /// Milliseconds in which an empty bucket fills up, rounded up.
    pub fn fills_in_ms(self) -> u64 {
        self.capacity().div_ceil(NANOS_PER_MS)
    }

    /// Nanoseconds between two tokens, rounded up.
    fn interval(self) -> u64 {
        let window = u64::from(self.window_seconds.clamp(1, WINDOW_SECONDS_MAX));
        (window * NANOS_PER_SECOND).div_ceil(self.tokens())
    }

    /// Nanoseconds in which an empty bucket fills up.
    pub(super) fn capacity(self) -> u64 {
        self.interval()
            .saturating_mul(self.burst.clamp(1, QUOTA_MAX).into())
    }

    fn tokens(self) -> u64 {
        u64::from(self.quota.clamp(1, QUOTA_MAX))
    }
}

impl Verdict {
    /// The verdict so much later, when so many tokens had not been taken.
    #[must_use]
    pub fn later(self, policy: Policy, untaken: u32, elapsed_ms: u64) -> Self {
        let (interval, burst) = (policy.interval(), policy.burst.max(1));
        let came = elapsed_ms.saturating_mul(NANOS_PER_MS) / interval;
        let more = u32::try_from(came)
            .unwrap_or(u32::MAX)
            .saturating_add(untaken);
        let remaining = self.remaining.saturating_add(more).min(burst);
        let missing = u64::from(burst.saturating_sub(remaining));
        Self {
            remaining,
            full_in_ms: missing.saturating_mul(interval).div_ceil(NANOS_PER_MS),
            ..self
        }
    }
}

/// How many tokens are there at `now_ms`.
pub fn left(state: State, policy: Policy, now_ms: u64) -> u32 {
    let now = now_ms.saturating_mul(NANOS_PER_MS);
    let latest = now.saturating_add(policy.capacity());
    let left = latest.saturating_sub(state.0.max(now)) / policy.interval();
    u32::try_from(left).unwrap_or(u32::MAX)
}

/// A bucket's state under another policy: as many tokens are missing as were, up to all of them. Else a
/// caller whose slow bucket was empty would wait for it under a faster plan, too.
pub fn carried(state: State, from: Policy, to: Policy, now_ms: u64) -> State {
    let now = now_ms.saturating_mul(NANOS_PER_MS);
    let missing = state.0.saturating_sub(now).div_ceil(from.interval());
    let wait = missing.saturating_mul(to.interval()).min(to.capacity());
    State(now.saturating_add(wait))
}

/// Takes `cost` tokens at `now_ms`. The new state is to be stored only when it was admitted; it
/// equals the old one otherwise.
pub fn take(state: State, policy: Policy, cost: u32, now_ms: u64) -> (Verdict, State) {
    let now = now_ms.saturating_mul(NANOS_PER_MS);
    let capacity = policy.capacity();
    let price = policy.interval().saturating_mul(u64::from(cost));

    let full_at = state.0.max(now);
    let wanted = full_at.saturating_add(price);
    let latest = now.saturating_add(capacity);
    let admitted = wanted <= latest;
    let next = if admitted { State(wanted) } else { state };

    let full_at = next.0.max(now);
    let verdict = Verdict {
        admitted,
        remaining: left(next, policy, now_ms),
        full_in_ms: (full_at - now).div_ceil(NANOS_PER_MS),
        retry_in_ms: if admitted {
            0
        } else {
            (wanted - latest).div_ceil(NANOS_PER_MS)
        },
    };
    (verdict, next)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Policy = Policy::new(1000, 60);
    const START: u64 = 1_800_000_000_000;

    fn drain(state: &mut State, policy: Policy, now: u64) -> u32 {
        let mut admitted = 0;
        loop {
            let (verdict, next) = take(*state, policy, 1, now);
            if !verdict.admitted {
                assert_eq!(*state, next);
                return admitted;
            }
            *state = next;
            admitted += 1;
        }
    }

    #[test]
    fn a_full_bucket_gives_its_quota_at_once() {
        for policy in [
            MINUTE,
            Policy::new(100, 1),
            Policy::new(7, 3),
            Policy::new(1, 86_400),
        ] {
            assert_eq!(drain(&mut State::default(), policy, START), policy.quota);
        }
    }

    #[test]
    fn a_burst_below_the_quota_is_what_comes_at_once() {
        let policy = Policy {
            burst: 10,
            ..MINUTE
        };
        let mut state = State::default();
        assert_eq!(drain(&mut state, policy, START), 10);
        assert_eq!(drain(&mut state, policy, START + 600), 10);
        assert_eq!(drain(&mut state, policy, START + 660), 1);
        assert_eq!(policy.fills_in_ms(), 600);
    }

    #[test]
    fn it_never_admits_more_than_quota_and_elapsed_share() {
        for policy in [MINUTE, Policy::new(7, 3), Policy::new(999, 7)] {
            let mut state = State::default();
            let mut total = 0;
            for step in 0..2_000_u64 {
                let elapsed = step * 37;
                total += u64::from(drain(&mut state, policy, START + elapsed));
                let share =
                    elapsed * u64::from(policy.quota) / (u64::from(policy.window_seconds) * 1000);
                assert!(
                    total <= u64::from(policy.quota) + share,
                    "{policy:?} after {elapsed} ms"
                );
                assert!(
                    total + 1 >= u64::from(policy.quota) + share,
                    "{policy:?} after {elapsed} ms"
                );
            }
        }
    }

    #[test]
    fn waiting_as_told_succeeds_and_a_moment_less_does_not() {
        let mut state = State::default();
        drain(&mut state, MINUTE, START);
        for cost in [1, 5, 100] {
            let (refused, _) = take(state, MINUTE, cost, START);
            assert_eq!(refused.retry_in_ms, u64::from(cost) * 60);
            assert!(
                take(state, MINUTE, cost, START + refused.retry_in_ms)
                    .0
                    .admitted
            );
            assert!(
                !take(state, MINUTE, cost, START + refused.retry_in_ms - 1)
                    .0
                    .admitted
            );
        }
    }

    #[test]
    fn what_costs_more_than_there_can_be_takes_all_there_is() {
        let policy = Policy { burst: 3, ..MINUTE };
        let (verdict, state) = take(State::default(), policy, policy.price(5), START);
        assert_eq!(
            (verdict.admitted, verdict.remaining, verdict.full_in_ms),
            (true, 0, 180)
        );
        let later = START + 60;
        let (refused, _) = take(state, policy, policy.price(5), later);
        assert_eq!((refused.admitted, refused.retry_in_ms), (false, 120));
        for (waited, admitted) in [(119, false), (120, true)] {
            assert_eq!(
                take(state, policy, policy.price(5), later + waited)
                    .0
                    .admitted,
                admitted,
                "{waited}"
            );
        }
    }

    #[test]
    fn what_is_left_is_told() {
        let (verdict, state) = take(State::default(), MINUTE, 5, START);
        assert_eq!((verdict.remaining, verdict.full_in_ms), (995, 300));
        let (verdict, _) = take(state, MINUTE, 1, START + 300);
        assert_eq!((verdict.remaining, verdict.full_in_ms), (999, 60));
    }

    #[test]
    fn a_clock_that_steps_back_admits_nothing_more() {
        let mut state = State::default();
        drain(&mut state, MINUTE, START);
        assert_eq!(drain(&mut state, MINUTE, START - 30_000), 0);
        assert_eq!(drain(&mut state, MINUTE, START), 0);
    }

    #[test]
    fn another_policy_finds_as_many_tokens_missing() {
        let (slow, fast) = (Policy::new(10, 3_600), MINUTE);
        let mut state = State::default();
        drain(&mut state, slow, START);
        let faster = carried(state, slow, fast, START);
        assert_eq!(left(faster, fast, START), 1_000 - 10);
        drain(&mut state, fast, START);
        let slower = carried(faster, fast, slow, START);
        assert_eq!(left(slower, slow, START), 0);
        let back = carried(carried(faster, fast, slow, START), slow, fast, START);
        assert!(back >= faster);
    }

    #[test]
    fn extremes_do_not_overflow() {
        let widest = Policy::new(u32::MAX, u32::MAX);
        for policy in [widest, Policy::new(0, 0)] {
            for state in [State(0), State(u64::MAX)] {
                for now in [0, START, u64::MAX] {
                    take(state, policy, u32::MAX, now);
                }
            }
        }
    }
}
