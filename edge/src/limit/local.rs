//! What an isolate decides by itself.
//!
//! 1. The first [`FIRST`] requests of an address, since most make few. They are owed: the next one pays
//!    for them too, at the object, before it is admitted; one of a crowd, not each. When that is refused,
//!    they are owed by the one after it. Every one asks from then on, until the address has been silent
//!    for as long as an empty bucket takes to fill.
//! 2. A ceiling while the object is down: on a route that stays open, each isolate admits what the plan
//!    does, and no more.

use std::collections::HashMap;

use super::gcra::{self, State, Verdict};
use super::terms::Terms;

/// Requests of an address that are decided without asking.
pub const FIRST: u32 = 10;
/// Most callers that are remembered.
const CALLERS_MAX: usize = 10_000;

/// What an isolate remembers.
#[derive(Debug, Default)]
pub struct Local {
    firsts: HashMap<String, First>,
    ceilings: HashMap<String, State>,
}

#[derive(Debug, Clone, Copy, Default)]
struct First {
    owed: u32,
    /// Its ten are over.
    asks: bool,
    seen_ms: u64,
}

/// What to do about an anonymous request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// It is admitted.
    Admitted(Verdict),
    /// Ask, and pay for so many more.
    Ask {
        /// What was admitted before.
        owed: u32,
    },
}

impl Local {
    /// Decides about one request of an address.
    pub fn first(&mut self, bucket: &str, terms: &Terms, cost: u32, now_ms: u64) -> Turn {
        let quiet_ms = terms.rate.fills_in_ms();
        if self.firsts.len() >= CALLERS_MAX && !self.firsts.contains_key(bucket) {
            self.firsts
                .retain(|_, first| now_ms.saturating_sub(first.seen_ms) < quiet_ms);
            if self.firsts.len() >= CALLERS_MAX {
                // In such a crowd everybody asks.
                return Turn::Ask { owed: 0 };
            }
        }
        let first = self.firsts.entry(bucket.to_owned()).or_default();
        if now_ms.saturating_sub(first.seen_ms) >= quiet_ms {
            *first = First::default();
        }
        first.seen_ms = now_ms;
        // Whoever pays for them pays for itself, too.
        let most = FIRST.min(terms.rate.burst.saturating_sub(cost));
        let owed = first.owed.saturating_add(cost);
        if first.asks || owed > most {
            first.asks = true;
            let owed = std::mem::take(&mut first.owed);
            return Turn::Ask { owed };
        }
        first.owed = owed;
        let (verdict, _) = gcra::take(State::default(), terms.rate, owed, now_ms);
        Turn::Admitted(verdict)
    }

    /// What was owed was not paid: the next one owes it.
    pub fn unpaid(&mut self, bucket: &str, owed: u32) {
        if let Some(first) = self.firsts.get_mut(bucket) {
            first.owed = first.owed.saturating_add(owed);
        }
    }

    /// Decides while the object is down.
    pub fn ceiling(&mut self, bucket: &str, terms: &Terms, cost: u32, now_ms: u64) -> Verdict {
        if self.ceilings.len() >= CALLERS_MAX && !self.ceilings.contains_key(bucket) {
            let now = now_ms.saturating_mul(1_000_000);
            self.ceilings.retain(|_, state| state.0 > now);
            if self.ceilings.len() >= CALLERS_MAX {
                self.ceilings.clear();
            }
        }
        let state = self.ceilings.entry(bucket.to_owned()).or_default();
        let (verdict, next) = gcra::take(*state, terms.rate, cost, now_ms);
        *state = next;
        verdict
    }
}

#[cfg(test)]
mod tests {
    use super::super::gcra::Policy;
    use super::*;

    const NOW: u64 = 1_800_000_000_000;
    const TERMS: Terms = Terms::of_rate(Policy::new(100, 1));

    #[test]
    fn ten_are_free_of_asking_and_are_paid_for_by_the_next() {
        let mut local = Local::default();
        for taken in 1..=FIRST {
            let Turn::Admitted(verdict) = local.first("a", &TERMS, 1, NOW) else {
                panic!("the {taken}th asks");
            };
            assert_eq!(verdict.remaining, 100 - taken);
        }
        // By one, and by another if that one is refused.
        for _ in 0..2 {
            assert_eq!(local.first("a", &TERMS, 1, NOW), Turn::Ask { owed: FIRST });
            assert_eq!(local.first("a", &TERMS, 1, NOW), Turn::Ask { owed: 0 });
            local.unpaid("a", FIRST);
        }
        assert_eq!(local.first("a", &TERMS, 1, NOW), Turn::Ask { owed: FIRST });
        for ms in [0, 500, 999] {
            assert_eq!(local.first("a", &TERMS, 1, NOW + ms), Turn::Ask { owed: 0 });
        }
        assert!(matches!(
            local.first("b", &TERMS, 1, NOW),
            Turn::Admitted(_)
        ));
        // Silent for as long as a bucket takes to fill.
        assert!(matches!(
            local.first("a", &TERMS, 1, NOW + 1_999),
            Turn::Admitted(_)
        ));
    }

    #[test]
    fn a_small_bucket_gives_no_more_than_it_holds() {
        let mut local = Local::default();
        let terms = Terms::of_rate(Policy::new(3, 60));
        for _ in 0..2 {
            let turn = local.first("a", &terms, 1, NOW);
            assert!(matches!(turn, Turn::Admitted(_)));
        }
        // It pays for three, which is all that the bucket can hold.
        let turn = local.first("a", &terms, 1, NOW);
        assert_eq!(turn, Turn::Ask { owed: 2 });
    }

    #[test]
    fn the_ceiling_is_the_plans_and_all_is_bounded() {
        let mut local = Local::default();
        let admitted = (0..500)
            .filter(|_| local.ceiling("a", &TERMS, 1, NOW).admitted)
            .count();
        assert_eq!(admitted, 100);
        for caller in 0..2 * CALLERS_MAX {
            local.first(&caller.to_string(), &TERMS, 1, NOW);
            local.ceiling(&caller.to_string(), &TERMS, 1, NOW);
        }
        assert!(local.firsts.len() <= CALLERS_MAX && local.ceilings.len() <= CALLERS_MAX);
    }
}
