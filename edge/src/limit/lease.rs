//! Leases: a few requests that an isolate was granted for a caller, to give out without asking again.
//!
//! 1. They were debited when they were granted and are never returned: nobody is admitted too much,
//!    and a holder wastes one lease a second at most.
//! 2. A lease holds for [`LEASE_MS`]. One that was used up asks for twice as much next, one that was not
//!    for what was used; up to [`REQUESTS_MAX`], a sixteenth of what the bucket holds, and a 256th of a calendar quota.
//! 3. One request of an isolate asks for a lease at a time; a crowd beside it asks for its own requests
//!    alone, since leases that nobody could use within their second would be lost to the caller.
//! 4. Losing them costs the caller their tokens, at most.

use std::collections::HashMap;

use super::book::Word;
use super::gcra::Policy;
use super::terms::Terms;

/// How long a lease holds.
pub const LEASE_MS: u64 = 1_000;
/// Most requests of one lease.
pub const REQUESTS_MAX: u32 = 32;
/// The part of a bucket that one lease may be.
const SHARE: u32 = 16;
/// The part of a calendar quota that one lease may be: what is not given out is lost to the caller.
const QUOTA_SHARE: u64 = 256;
/// After so long a caller counts as new.
const FORGOTTEN_MS: u64 = 10 * LEASE_MS;
/// Most callers that an isolate holds leases for.
const HOLDERS_MAX: usize = 2_000;

/// The leases of an isolate, by bucket.
#[derive(Debug, Default)]
pub struct Leases {
    held: HashMap<String, Lease>,
    /// Buckets that a lease is being asked of, and since when.
    asking: HashMap<String, u64>,
}

#[derive(Debug)]
struct Lease {
    word: Word,
    rate: Policy,
    left: u32,
    granted_ms: u64,
}

/// What to ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// A lease of so many; [`Leases::keep`] or [`Leases::refused`] tells how it went.
    Lease(u32),
    /// The one request, since a lease is being asked for.
    One,
}

impl Wanted {
    /// How many requests to ask for.
    pub const fn requests(self) -> u32 {
        match self {
            Self::Lease(requests) => requests,
            Self::One => 1,
        }
    }
}

impl Lease {
    fn holds(&self, now_ms: u64) -> bool {
        (self.granted_ms..self.granted_ms.saturating_add(LEASE_MS)).contains(&now_ms)
    }

    /// What the bucket would say now, with what is left of the lease.
    fn word(&self, now_ms: u64) -> Word {
        let mut word = self.word;
        let elapsed_ms = now_ms.saturating_sub(self.granted_ms);
        word.verdict = word.verdict.later(self.rate, self.left, elapsed_ms);
        if let Some(window) = &mut word.window {
            window.left = window.left.saturating_add(self.left.into());
        }
        word
    }
}

impl Leases {
    /// Gives out one request of a lease.
    pub fn take(&mut self, bucket: &str, now_ms: u64) -> Option<Word> {
        let lease = self.held.get_mut(bucket)?;
        if !lease.holds(now_ms) {
            return None;
        }
        lease.left = lease.left.checked_sub(1)?;
        Some(lease.word(now_ms))
    }

    /// Puts one back that was not used after all.
    pub fn give_back(&mut self, bucket: &str) {
        if let Some(lease) = self.held.get_mut(bucket) {
            lease.left = lease.left.saturating_add(1);
        }
    }

    /// How many requests to ask for.
    pub fn wanted(&mut self, bucket: &str, terms: &Terms, now_ms: u64) -> Wanted {
        let since = self.asking.get(bucket);
        // Whoever asked and never came back does not hold up the others for longer.
        if since.is_some_and(|since| now_ms.saturating_sub(*since) < LEASE_MS) {
            return Wanted::One;
        }
        if self.asking.len() >= HOLDERS_MAX {
            self.asking.clear();
        }
        self.asking.insert(bucket.to_owned(), now_ms);
        Wanted::Lease(self.size(bucket, terms, now_ms))
    }

    fn size(&self, bucket: &str, terms: &Terms, now_ms: u64) -> u32 {
        let quota = terms
            .quota
            .map_or(u64::MAX, |quota| quota.limit / QUOTA_SHARE);
        let share = u64::from(terms.rate.burst / SHARE).min(quota);
        let most = u32::try_from(share).map_or(REQUESTS_MAX, |share| share.clamp(1, REQUESTS_MAX));
        let Some(lease) = self.held.get(bucket) else {
            return 1;
        };
        if now_ms.saturating_sub(lease.granted_ms) >= FORGOTTEN_MS {
            return 1;
        }
        let size = lease.word.granted;
        let next = if lease.left == 0 && lease.holds(now_ms) {
            size.saturating_mul(2)
        } else {
            size.saturating_sub(lease.left)
        };
        next.clamp(1, most)
    }

    /// A lease that was asked for was not granted.
    pub fn refused(&mut self, bucket: &str) {
        self.asking.remove(bucket);
    }

    /// Keeps a lease that was granted, of which one request is given out at once.
    pub fn keep(&mut self, bucket: &str, terms: &Terms, word: Word, now_ms: u64) -> Word {
        self.asking.remove(bucket);
        if self.held.len() >= HOLDERS_MAX {
            self.held.retain(|_, lease| lease.holds(now_ms));
            if self.held.len() >= HOLDERS_MAX {
                self.held.clear();
            }
        }
        let lease = Lease {
            word,
            rate: terms.rate,
            left: word.granted.saturating_sub(1),
            granted_ms: now_ms,
        };
        let word = lease.word(now_ms);
        self.held.insert(bucket.to_owned(), lease);
        word
    }
}

#[cfg(test)]
mod tests {
    use super::super::book::{self, Ask, Book};
    use super::*;

    const NOW: u64 = 1_800_000_000_000;

    /// A bucket, and isolates that lease of it.
    struct World {
        terms: Terms,
        book: Book,
        isolates: Vec<Leases>,
        asked: u32,
    }

    impl World {
        fn new(policy: Policy, isolates: usize) -> Self {
            Self {
                terms: Terms::of_rate(policy),
                book: Book::default(),
                isolates: (0..isolates).map(|_| Leases::default()).collect(),
                asked: 0,
            }
        }

        fn admit(&mut self, isolate: usize, leased: bool, now_ms: u64) -> Word {
            let held = &mut self.isolates[isolate];
            if let Some(word) = held.take("b", now_ms).filter(|_| leased) {
                return word;
            }
            self.asked += 1;
            let wanted = if leased {
                held.wanted("b", &self.terms, now_ms)
            } else {
                Wanted::One
            };
            let ask = Ask {
                cost: 1,
                requests: wanted.requests(),
                ..Ask::default()
            };
            let (word, book) = book::ask(&self.book, &self.terms, &ask, now_ms);
            self.book = book;
            if !leased {
                return word;
            }
            if word.verdict.admitted {
                return held.keep("b", &self.terms, word, now_ms);
            }
            held.refused("b");
            word
        }
    }

    /// Fifty clients of one account at two isolates over an hour: never too many; and to whom waits as
    /// told, when nobody else does, the answer is yes.
    #[test]
    fn nobody_is_over_admitted_in_an_hour() {
        for leased in [false, true] {
            let policy = Policy::new(1_000, 60);
            let mut shared = World::new(policy, 2);
            let (mut admitted, mut refused) = (0_u64, 0_u64);
            let mut retry_ms = [NOW; 50];
            for step in 0..3_600_u64 * 4 {
                let now_ms = NOW + step * 250;
                for (client, retry_ms) in retry_ms.iter_mut().enumerate() {
                    // Some wait as told, some hammer.
                    if client % 2 == 0 && now_ms < *retry_ms {
                        continue;
                    }
                    let word = shared.admit(client % 2, leased, now_ms);
                    if word.verdict.admitted {
                        admitted += 1;
                    } else {
                        refused += 1;
                        *retry_ms = now_ms + word.verdict.retry_in_ms;
                    }
                    let share = (now_ms - NOW) * 1_000 / 60_000;
                    assert!(admitted <= 1_000 + share, "{admitted} after {step}");
                }
            }
            assert!(refused > admitted);
            // Nearly all that there is is used, leases or not.
            assert!(admitted > 60_000 * 97 / 100, "{admitted}");
            let last = NOW + 3_600_000;
            let mut word = shared.admit(0, leased, last);
            while word.verdict.admitted {
                word = shared.admit(0, leased, last);
            }
            let later = last + word.verdict.retry_in_ms;
            assert!(shared.admit(0, leased, later).verdict.admitted);
        }
    }

    /// A user that reads ten times a second asks the object at most 150 times for a thousand requests.
    #[test]
    fn a_hot_user_rarely_asks() {
        let mut shared = World::new(Policy::new(1_000, 60), 1);
        for request in 0..1_000 {
            assert!(shared.admit(0, true, NOW + request * 100).verdict.admitted);
        }
        assert!(shared.asked <= 150, "{}", shared.asked);
    }

    #[test]
    fn what_is_left_counts_the_lease() {
        let mut shared = World::new(Policy::new(1_000, 60), 1);
        for taken in 1..=40 {
            let word = shared.admit(0, true, NOW);
            assert_eq!(word.verdict.remaining, 1_000 - taken);
        }
        shared.isolates[0].give_back("b");
        assert_eq!(shared.admit(0, true, NOW).verdict.remaining, 960);
    }

    /// What is told fits together: `t` is the time in which what is missing of `r` comes in.
    #[test]
    fn a_lease_fills_as_its_bucket_does() {
        let mut shared = World::new(Policy::new(100, 1), 1);
        for request in 0..60_u64 {
            let now_ms = NOW + request / 3 * 7;
            let verdict = shared.admit(0, true, now_ms).verdict;
            let missing = 100 - verdict.remaining;
            assert!(missing > 0, "{request}");
            let expected = u64::from(missing) * 10;
            assert!(
                (verdict.full_in_ms..verdict.full_in_ms + 10).contains(&expected),
                "{request}: {verdict:?}"
            );
            // What has come in since the first is not missing.
            let at_least = (request + 1).saturating_sub((now_ms - NOW) / 10);
            assert!(u64::from(missing) <= at_least + 1, "{request}: {verdict:?}");
        }
    }

    #[test]
    fn one_of_a_crowd_asks_for_a_lease() {
        let terms = Terms::of_rate(Policy::new(1_000, 60));
        let mut leases = Leases::default();
        assert_eq!(leases.wanted("b", &terms, NOW), Wanted::Lease(1));
        assert_eq!(leases.wanted("b", &terms, NOW), Wanted::One);
        assert_eq!(leases.wanted("c", &terms, NOW), Wanted::Lease(1));
        leases.refused("b");
        assert_eq!(leases.wanted("b", &terms, NOW), Wanted::Lease(1));
        // It never came back.
        assert_eq!(leases.wanted("b", &terms, NOW + LEASE_MS), Wanted::Lease(1));
    }

    #[test]
    fn it_is_over_after_a_second_and_bounded() {
        let mut shared = World::new(Policy::new(1_000, 60), 1);
        for _ in 0..8 {
            shared.admit(0, true, NOW);
        }
        assert!(shared.isolates[0].take("b", NOW + LEASE_MS).is_none());
        assert!(shared.isolates[0].take("b", NOW - 1).is_none());
        let word = shared.admit(0, true, NOW);
        for holder in 0..2 * HOLDERS_MAX {
            shared.isolates[0].keep(&holder.to_string(), &shared.terms, word, NOW);
        }
        assert!(shared.isolates[0].held.len() <= HOLDERS_MAX);
    }
}
