//! What stands under a key of the store: a response, or the index of a URL's variants.
//!
//! 1. A URL's own record holds its response when that depends on no field, else the sets of field
//!    names that its responses were seen to depend on, the newest first, and when it was last
//!    invalidated. Variants stand under keys that follow from it ([`super::vary::key`]).
//! 2. Writers of two variants touch different records, and add to the index what they know. When two
//!    writes of the index cross, the later one wins; what is lost is found again at the next answer.
//! 3. Invalidating writes the time into the index. Variants that were asked for before are not used,
//!    although they still stand, and a fetch that began before is not kept.

use serde::{Deserialize, Serialize};

use super::entry::Entry;

/// Sets of field names that a URL's index holds.
pub const VARIES_MAX: usize = 4;

/// A record.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Of the URL; empty in a variant's record.
    #[serde(default)]
    pub index: Index,
    /// The response whose body stands beside.
    #[serde(default)]
    pub entry: Option<Entry>,
}

/// What is known of a URL's responses.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Index {
    /// What was asked for until then is no longer true; Unix milliseconds, zero for never.
    #[serde(default)]
    pub invalidated_ms: u64,
    /// Which request fields its responses depend on.
    #[serde(default)]
    pub varies: Vec<Vec<String>>,
}

impl Index {
    /// Whether the entry was asked for after the last invalidation.
    pub const fn admits(&self, entry: &Entry) -> bool {
        self.invalidated_ms == 0 || entry.requested_ms > self.invalidated_ms
    }

    /// With these names as the newest.
    #[must_use]
    pub fn noting(mut self, names: &[String]) -> Self {
        self.varies.retain(|known| known != names);
        self.varies.insert(0, names.to_vec());
        self.varies.truncate(VARIES_MAX);
        self
    }
}

/// The key of the partial response that stands beside a whole one.
pub fn part_key(key: &str) -> String {
    format!("{key}#part")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_names_come_first_and_old_ones_go() {
        let mut index = Index::default();
        for name in ["a", "b", "a", "c", "d", "e"] {
            index = index.noting(&[name.to_owned()]);
        }
        let names: Vec<_> = index.varies.iter().map(|names| names[0].as_str()).collect();
        assert_eq!(names, ["e", "d", "c", "a"]);
    }

    #[test]
    fn what_was_asked_for_before_is_not_admitted() {
        for (invalidated_ms, requested_ms, expected) in
            [(0, 0, true), (5, 4, false), (5, 5, false), (5, 6, true)]
        {
            let index = Index {
                invalidated_ms,
                varies: Vec::new(),
            };
            let entry = Entry {
                requested_ms,
                ..Entry::default()
            };
            assert_eq!(index.admits(&entry), expected);
        }
    }
}
