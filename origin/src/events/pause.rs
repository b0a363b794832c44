//! How long what failed waits before it is tried again.

use chrono::{DateTime, TimeDelta, Utc};

/// First pause before an event is tried again; it doubles.
const RETRY_SECONDS_MIN: i64 = 1;
/// Longest pause.
const RETRY_SECONDS_MAX: i64 = 600;
/// First pause before a whole step is tried again; it doubles.
const STEP_RETRY_MS_MIN: i64 = 250;
/// Longest pause of a step: what waits is told to nobody until then, so it is short.
const STEP_RETRY_MS_MAX: i64 = 5000;

/// The pause before an event's next attempt.
pub(super) fn of_event(attempts: i32) -> TimeDelta {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or_default();
    TimeDelta::seconds(doubled(RETRY_SECONDS_MIN, doublings, RETRY_SECONDS_MAX))
}

fn doubled(least: i64, doublings: u32, most: i64) -> i64 {
    least
        .checked_mul(1 << doublings.min(30))
        .unwrap_or(most)
        .min(most)
}

/// Most halvings: nothing is left to halve of a batch of the log.
const HALVINGS_MAX: u32 = 9;

/// A consumer of whole steps that failed, when it is its turn again, and how much of a step it gets at
/// once then: half as much each time that it took too long, or the same would be tried for ever.
/// Kept in memory: a worker that starts anew tries at once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Pause {
    failures: u32,
    halvings: u32,
    until: Option<DateTime<Utc>>,
}

impl Pause {
    /// After one more failure, perhaps since it was too much for its time.
    pub(super) fn failed(self, now: DateTime<Utc>, too_much: bool) -> Self {
        let pause = doubled(STEP_RETRY_MS_MIN, self.failures, STEP_RETRY_MS_MAX);
        Self {
            failures: self.failures.saturating_add(1),
            halvings: (self.halvings + u32::from(too_much)).min(HALVINGS_MAX),
            until: Some(now + TimeDelta::milliseconds(pause)),
        }
    }

    /// After all of a step was done.
    pub(super) fn done(self) -> Self {
        Self {
            halvings: self.halvings.saturating_sub(1),
            ..Self::default()
        }
    }

    /// How many of so many events it gets at once.
    pub(super) fn at_once(self, events: usize) -> usize {
        (events >> self.halvings).max(1)
    }

    /// Whether it still has to wait.
    pub(super) fn holds(self, now: DateTime<Utc>) -> bool {
        self.until.is_some_and(|until| now < until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_of_events_double_up_to_a_limit() {
        for (attempts, seconds) in [(0, 1), (1, 1), (2, 2), (5, 16), (11, 600), (i32::MAX, 600)] {
            assert_eq!(
                of_event(attempts),
                TimeDelta::seconds(seconds),
                "{attempts}"
            );
        }
    }

    #[test]
    fn pauses_of_steps_double_up_to_a_limit() {
        let at = |ms| DateTime::from_timestamp_millis(ms).unwrap();
        let mut pause = Pause::default();
        assert!(!pause.holds(at(0)));
        for ms in [250, 500, 1000, 2000, 4000, 5000, 5000] {
            pause = pause.failed(at(0), false);
            assert!(pause.holds(at(ms - 1)) && !pause.holds(at(ms)), "{ms}");
        }
        assert_eq!(pause.at_once(500), 500);
        assert_eq!(pause.done().until, None);
    }

    #[test]
    fn a_step_is_halved_when_it_takes_too_long_and_doubled_when_it_is_done() {
        let now = DateTime::UNIX_EPOCH;
        let mut pause = Pause::default();
        assert_eq!(pause.at_once(0), 1);
        for at_once in [500, 250, 125, 62, 31, 15, 7, 3, 1, 1, 1] {
            assert_eq!(pause.at_once(500), at_once);
            pause = pause.failed(now, true);
        }
        for at_once in [1, 3, 7, 15, 31, 62, 125, 250, 500, 500] {
            pause = pause.done();
            assert_eq!(pause.at_once(500), at_once);
        }
    }
}
