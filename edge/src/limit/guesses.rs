//! API keys that an address tries. One that nobody holds costs the origin a look, however well it is made
//! up, so an address has [`POLICY`] of those in each isolate.
//!
//! 1. A key that the isolate or the location knows costs nothing here, nor does one that the origin knows.
//! 2. Looks under way count, each key once: a crowd that comes with one good key is not held up.
//! 3. An address that has none left waits (429), and so does everybody else there whose key is not known yet.
//!
//! Needs no store: a cold isolate has the whole bucket again.

use std::collections::HashMap;

use super::gcra::{self, Policy, State, Verdict};

/// What an address may try: ten at once, and one more every six seconds.
pub const POLICY: Policy = Policy::new(10, 60);
/// The policy's name in a refusal.
pub const POLICY_NAME: &str = "unknown-keys";
/// How long a look counts as under way, if its end is never told: above a record's timeout.
const LOOK_MS: u64 = 10_000;
/// Most addresses that are remembered.
const ADDRESSES_MAX: usize = 10_000;

/// What an isolate remembers.
#[derive(Debug, Default)]
pub struct Guesses(HashMap<String, Tried>);

#[derive(Debug, Default)]
struct Tried {
    spent: State,
    /// Keys that are being looked for, and since when.
    asking: Vec<(String, u64)>,
}

impl Guesses {
    /// Begins a look for a key; when refused, says how long to wait.
    pub fn ask(&mut self, address: &str, key: &str, now_ms: u64) -> Result<(), Verdict> {
        if self.0.len() >= ADDRESSES_MAX && !self.0.contains_key(address) {
            let now = now_ms.saturating_mul(1_000_000);
            self.0
                .retain(|_, tried| tried.spent.0 > now || !tried.asking.is_empty());
            if self.0.len() >= ADDRESSES_MAX {
                self.0.clear();
            }
        }
        let tried = self.0.entry(address.to_owned()).or_default();
        tried
            .asking
            .retain(|(_, since)| now_ms.saturating_sub(*since) < LOOK_MS);
        if tried.asking.iter().any(|(other, _)| other == key) {
            return Ok(());
        }
        let looks = u32::try_from(tried.asking.len()).unwrap_or(u32::MAX);
        let (verdict, _) = gcra::take(tried.spent, POLICY, looks.saturating_add(1), now_ms);
        if !verdict.admitted {
            return Err(verdict);
        }
        tried.asking.push((key.to_owned(), now_ms));
        Ok(())
    }

    /// Ends it: a key that nobody holds was a guess.
    pub fn asked(&mut self, address: &str, key: &str, unknown: bool, now_ms: u64) {
        let Some(tried) = self.0.get_mut(address) else {
            return;
        };
        let before = tried.asking.len();
        tried.asking.retain(|(other, _)| other != key);
        if unknown && tried.asking.len() < before {
            (_, tried.spent) = gcra::take(tried.spent, POLICY, 1, now_ms);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_800_000_000_000;

    #[test]
    fn an_address_has_ten_guesses_and_one_more_every_six_seconds() {
        let mut guesses = Guesses::default();
        for guess in 0..10 {
            let key = guess.to_string();
            assert_eq!(guesses.ask("a", &key, NOW), Ok(()));
            guesses.asked("a", &key, true, NOW);
        }
        let refused = guesses.ask("a", "x", NOW).unwrap_err();
        assert_eq!(refused.retry_in_ms, 6_000);
        assert!(guesses.ask("a", "x", NOW + 5_999).is_err());
        assert_eq!(guesses.ask("b", "x", NOW), Ok(()));
        assert_eq!(guesses.ask("a", "x", NOW + 6_000), Ok(()));
    }

    #[test]
    fn looks_under_way_count_once_a_key_and_good_keys_cost_nothing() {
        let mut guesses = Guesses::default();
        for _ in 0..1_000 {
            assert_eq!(guesses.ask("a", "good", NOW), Ok(()));
        }
        for guess in 0..9 {
            assert_eq!(guesses.ask("a", &guess.to_string(), NOW), Ok(()));
        }
        assert!(guesses.ask("a", "9", NOW).is_err());
        for _ in 0..1_000 {
            guesses.asked("a", "good", false, NOW);
        }
        assert_eq!(guesses.ask("a", "9", NOW), Ok(()));
        // Ten looks whose end was never told.
        assert!(guesses.ask("a", "10", NOW + LOOK_MS - 1).is_err());
        assert_eq!(guesses.ask("a", "10", NOW + LOOK_MS), Ok(()));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut guesses = Guesses::default();
        for address in 0..2 * ADDRESSES_MAX {
            guesses.ask(&address.to_string(), "x", NOW).unwrap();
            assert!(guesses.0.len() <= ADDRESSES_MAX);
        }
    }
}
