//! How a replica follows its primary, by what checks of both have found.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};
use shared::feed::Position;

/// Lag, in seconds, from which on a replica answers only who says how new the answer must be.
pub(super) const LAG_SECONDS_MAX: i64 = 30;
/// Most ends of the primary's log that are kept to tell the lag by.
const ENDS_MAX: usize = 64;

/// Whether the replica is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// It is.
    In,
    /// By those who say how new their answer must be: others would get something too old.
    Lagging,
    /// Not before a check has found it well: it failed.
    Out,
}

/// How far it is behind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Lag {
    /// For how long it has not come to where the primary was by then.
    pub(super) time: TimeDelta,
    /// What of the primary's log it has not replayed, in bytes.
    pub(super) bytes: u64,
}

impl Lag {
    /// What that makes of it.
    pub(super) fn state(self) -> State {
        if self.time > TimeDelta::seconds(LAG_SECONDS_MAX) {
            State::Lagging
        } else {
            State::In
        }
    }
}

/// Ends of the primary's log that the replica has not come to, and when they were seen. The replica's own
/// word on time does not serve: it can't tell a primary that is idle from one that it no longer hears.
#[derive(Debug, Default)]
pub(super) struct Following {
    ends: VecDeque<(Position, DateTime<Utc>)>,
    newest: Position,
}

impl Following {
    /// A check has found that the replica has come to there; and the primary's log to its end, unless
    /// the primary is away.
    pub(super) fn saw(&mut self, end: Option<Position>, come: Position, now: DateTime<Utc>) -> Lag {
        if let Some(end) = end {
            if end < self.newest {
                // Another server's log: what was known is of the one before.
                self.ends.clear();
            }
            if end != self.newest {
                self.ends.push_back((end, now));
            }
            self.newest = end;
        }
        while self.ends.front().is_some_and(|(end, _)| *end <= come) {
            self.ends.pop_front();
        }
        if self.ends.len() > ENDS_MAX {
            // The oldest stays: it is the one that tells.
            let mut stays = false;
            self.ends.retain(|_| {
                stays = !stays;
                stays
            });
        }
        Lag {
            time: self.ends.front().map_or_else(TimeDelta::zero, |(_, seen)| {
                (now - *seen).max(TimeDelta::zero())
            }),
            bytes: self.newest.0.saturating_sub(come.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    #[test]
    fn the_lag_is_told_by_the_oldest_end_that_was_not_reached() {
        let mut following = Following::default();
        // The primary's end, where the replica has come to, when; seconds and bytes behind.
        for (end, come, now, time, bytes) in [
            (Some(100), 100, 0, 0, 0),
            (Some(200), 100, 1, 0, 100),
            (Some(300), 100, 2, 1, 200),
            // It has come to what was the end a second ago.
            (Some(300), 250, 3, 1, 50),
            // The primary is away: the replica is behind what was known.
            (None, 250, 9, 7, 50),
            (None, 300, 10, 0, 0),
            // An idle primary is not a lag.
            (Some(300), 300, 3_600, 0, 0),
            (Some(400), 300, 3_601, 0, 100),
            (Some(400), 300, 3_631, 30, 100),
            // Another server took over, with a shorter log.
            (Some(350), 340, 3_640, 0, 10),
            (Some(350), 340, 3_645, 5, 10),
            (Some(350), 360, 3_646, 0, 0),
        ] {
            let lag = following.saw(end.map(Position), Position(come), at(now));
            let expected = Lag {
                time: TimeDelta::seconds(time),
                bytes,
            };
            assert_eq!(lag, expected, "{end:?} {come} {now}");
        }
    }

    #[test]
    fn a_long_lag_is_told_from_bounded_memory() {
        let mut following = Following::default();
        for second in 0..10_000_i64 {
            let end = Position(1_000 + second.unsigned_abs());
            let lag = following.saw(Some(end), Position(1), at(second));
            assert_eq!(lag.time, TimeDelta::seconds(second));
            assert!(following.ends.len() <= ENDS_MAX);
        }
        assert_eq!(
            following.saw(None, Position(20_000), at(10_000)),
            Lag::default()
        );
    }

    #[test]
    fn who_lags_for_long_answers_only_who_says_how_new() {
        for (seconds, state) in [
            (0, State::In),
            (LAG_SECONDS_MAX, State::In),
            (LAG_SECONDS_MAX + 1, State::Lagging),
        ] {
            let lag = Lag {
                time: TimeDelta::seconds(seconds),
                bytes: 0,
            };
            assert_eq!(lag.state(), state, "{seconds}");
        }
    }
}
