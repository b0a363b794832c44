//! When a caller's book is written, since a write costs more than the rest of a take.
//!
//! 1. What is stored is never emptier in time than the truth: it says that the bucket fills up
//!    later, by a sixteenth of the quota, so one write is good for many takes. Of a calendar window it
//!    says some requests more, and of those under way none less.
//! 2. After a crash a caller so has no token too many, and at most a sixteenth too few; of its window
//!    [`REQUESTS_AHEAD`] at most.
//! 3. A book that falls quiet is written as it is, unless it will be as good as new before the platform
//!    can forget it; so an ordinary eviction costs the caller nothing.

use super::book::Book;
use super::gcra::{Policy, State};
use super::terms::Terms;

/// The part of the quota that a write is ahead.
const AHEAD: u64 = 16;
/// How long an idle object keeps its memory at least.
const REMEMBERED_MS: u64 = 10_000;

/// Most requests of a calendar window that a write is ahead; a sixteenth of a small one.
pub const REQUESTS_AHEAD: u64 = 16;

/// What to store after an answer, if what is stored no longer covers the book.
pub fn after_answer(book: &Book, stored: &Book, terms: &Terms, now_ms: u64) -> Option<Book> {
    let bucket = after_take(book.bucket, stored.bucket, terms.rate, now_ms);
    let (used, known) = (book.used, stored.used);
    let covered = used.requests == 0
        || (known.from, known.until) == (used.from, used.until) && known.requests >= used.requests;
    let held = book
        .under_way
        .iter()
        .all(|place| stored.under_way.contains(place));
    if bucket.is_none() && covered && held {
        return None;
    }
    let mut next = book.clone();
    next.bucket = bucket.unwrap_or(stored.bucket);
    if let Some(quota) = terms.quota.filter(|_| used.requests > 0) {
        let ahead = REQUESTS_AHEAD.min(quota.limit / AHEAD);
        next.used.requests = if covered {
            known.requests
        } else {
            used.requests
                .saturating_add(ahead)
                .min(quota.limit.max(used.requests))
        };
    }
    Some(next)
}

/// What to store when nobody has asked for a while.
pub fn when_quiet(book: &Book, stored: &Book, now_ms: u64) -> Option<Book> {
    (book != stored && outlives_memory(stored, now_ms)).then(|| book.clone())
}

/// Whether what is stored may still matter when the object's memory is gone.
pub fn outlives_memory(stored: &Book, now_ms: u64) -> bool {
    let then_ms = now_ms.saturating_add(REMEMBERED_MS);
    stored.bucket.0 > nanos(then_ms)
        || stored.used.requests > 0
        || stored
            .under_way
            .iter()
            .any(|(_, until_ms)| *until_ms > then_ms)
}

/// Until when a book says more than none would, Unix milliseconds.
pub fn needed_until_ms(book: &Book, now_ms: u64) -> u64 {
    let full_ms = book.bucket.0.div_ceil(1_000_000);
    let window_ms = match book.used.requests {
        0 => 0,
        _ => book.used.until.saturating_mul(1000),
    };
    let places = book.under_way.iter().map(|(_, until_ms)| *until_ms);
    places.fold(full_ms.max(window_ms).max(now_ms), u64::max)
}

/// What to store after a take, if what is stored no longer covers it.
fn after_take(state: State, stored: State, policy: Policy, now_ms: u64) -> Option<State> {
    if state.0 <= stored.0 {
        return None;
    }
    let ahead = State(state.0.saturating_add(policy.capacity() / AHEAD));
    let empty = nanos(now_ms).saturating_add(policy.capacity());
    Some(ahead.min(State(empty)).max(state))
}

const fn nanos(ms: u64) -> u64 {
    ms.saturating_mul(1_000_000)
}

#[cfg(test)]
mod tests {
    use shared::plan::Period;

    use super::super::book::{self, Ask};
    use super::super::gcra::take;
    use super::super::terms::Quota;
    use super::*;

    const MINUTE: Policy = Policy::new(1000, 60);
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
    fn a_quiet_book_is_written_as_it_is_if_that_can_matter() {
        let at = |ms: u64| Book {
            bucket: State(nanos(NOW + ms)),
            ..Book::default()
        };
        for (book, stored, expected) in [
            (at(30_000), at(33_000), Some(at(30_000))),
            (at(30_000), at(30_000), None),
            (at(9_000), at(10_001), Some(at(9_000))),
            (at(9_000), at(10_000), None),
        ] {
            assert_eq!(when_quiet(&book, &stored, NOW), expected);
        }
    }

    /// A caller that asks, is evicted after it was quiet or in the midst of it, and asks again.
    #[test]
    fn an_evicted_limiter_forgets_nothing() {
        let terms = Terms {
            rate: MINUTE,
            quota: Some(Quota {
                limit: 400,
                period: Period::Day,
            }),
            concurrency: Some(5),
        };
        for (quiet, lost, places) in [
            (true, 0, true),
            (false, REQUESTS_AHEAD, true),
            (true, 0, false),
            (false, REQUESTS_AHEAD, false),
        ] {
            let (mut book, mut stored, mut admitted) = (Book::default(), Book::default(), 0);
            for asked in 0..1_000_u64 {
                let now_ms = NOW + asked * 100;
                let question = Ask {
                    cost: 1,
                    requests: 1,
                    ticket: if places { asked + 1 } else { 0 },
                    hold_ms: 250,
                    ..Ask::default()
                };
                let (word, next) = book::ask(&book, &terms, &question, now_ms);
                admitted += u64::from(word.granted);
                book = next;
                if let Some(kept) = after_answer(&book, &stored, &terms, now_ms) {
                    stored = kept;
                }
                assert!(stored.bucket >= book.bucket);
                assert!(stored.used.requests >= book.used.requests);
                assert!(
                    book.under_way
                        .iter()
                        .all(|place| stored.under_way.contains(place))
                );
                if asked % 100 == 99 {
                    if quiet {
                        stored = when_quiet(&book, &stored, now_ms).unwrap_or(stored);
                    }
                    book = stored.clone();
                }
            }
            assert!(admitted <= 400 && admitted + 10 * lost >= 400, "{admitted}");
        }
    }
}
