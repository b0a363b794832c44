//! Which copies are being fetched anew behind an answer, so that a popular one asks the origin once an
//! isolate and not once a request.
//!
//! Nobody says when a fetch has ended, since what runs behind an answer may be cut off: each holds its
//! key for a while.

use std::collections::HashMap;

/// For how long a key is held, milliseconds.
pub const HELD_MS: u64 = 2_000;
/// Keys that are remembered; when there are more, all are forgotten.
pub const KEYS_MAX: usize = 1_000;

/// Keys, and since when each is held.
#[derive(Debug, Default)]
pub struct Refreshing(HashMap<String, u64>);

impl Refreshing {
    /// Whether a fetch of the key may begin now; if so, it holds the key.
    pub fn begin(&mut self, key: &str, now_ms: u64) -> bool {
        if let Some(since) = self.0.get(key)
            && now_ms < since.saturating_add(HELD_MS)
        {
            return false;
        }
        if self.0.len() >= KEYS_MAX {
            self.0.clear();
        }
        self.0.insert(key.to_owned(), now_ms);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_begins_and_others_wait_their_time() {
        let mut refreshing = Refreshing::default();
        for (key, now_ms, expected) in [
            ("a", 0, true),
            ("a", HELD_MS - 1, false),
            ("b", HELD_MS - 1, true),
            ("a", HELD_MS, true),
            ("a", HELD_MS + 1, false),
        ] {
            assert_eq!(refreshing.begin(key, now_ms), expected, "{key} {now_ms}");
        }
    }

    #[test]
    fn it_is_bounded() {
        let mut refreshing = Refreshing::default();
        for n in 0..10 * KEYS_MAX {
            assert!(refreshing.begin(&n.to_string(), 0));
            assert!(refreshing.0.len() <= KEYS_MAX);
        }
    }
}
