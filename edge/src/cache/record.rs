//! What stands under a key of the store: a response, or the index of a URL's variants.
//!
//! 1. A URL's own record holds its response when that depends on no field, else the sets of field
//!    names that its responses were seen to depend on, the newest first, and when it was last
//!    invalidated. Variants stand under keys that follow from it ([`super::vary::key`]).
//! 2. Writers of two variants touch different records, and add to the index what they know. Who adds
//!    names looks once more, and adds them again where a write that crossed lost them.
//! 3. Invalidating writes the time into the index. Variants that were asked for before are not used,
//!    although they still stand, and a fetch that began before is not kept. A store may forget the
//!    index and keep variants, so a new index takes none that is older than its first writer.

use super::entry::Entry;

/// Sets of field names that a URL's index holds.
pub const VARIES_MAX: usize = 4;
/// By how much a variant may have been asked for before the one that began the index, milliseconds:
/// two minutes, longer than an answer takes, so that answers to requests of one time find each other.
const BESIDE_MS: u64 = 2 * 60 * 1000;

/// A record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record {
    /// Of the URL; empty in a variant's record.
    pub index: Index,
    /// The response whose body stands beside.
    pub entry: Option<Entry>,
}

/// What is known of a URL's responses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Index {
    /// What was asked for until then is no longer true; Unix milliseconds, zero for never.
    pub invalidated_ms: u64,
    /// Which request fields its responses depend on.
    pub varies: Vec<Vec<String>>,
}

impl Index {
    /// Of a URL of which nothing stands, for a response that was asked for then. Whether older variants
    /// were invalidated is not known any longer.
    pub const fn begun(requested_ms: u64) -> Self {
        Self {
            invalidated_ms: requested_ms.saturating_sub(BESIDE_MS),
            varies: Vec::new(),
        }
    }

    /// Whether the entry was asked for after the last invalidation.
    pub const fn admits(&self, entry: &Entry) -> bool {
        self.invalidated_ms == 0 || entry.requested_ms > self.invalidated_ms
    }

    /// Whether these names are the newest.
    pub fn leads_with(&self, names: &[String]) -> bool {
        self.varies.first().is_some_and(|newest| newest == names)
    }

    /// With what another one knows behind what this one does.
    #[must_use]
    pub fn joined(mut self, other: Self) -> Self {
        self.invalidated_ms = self.invalidated_ms.max(other.invalidated_ms);
        for names in other.varies {
            if !self.varies.contains(&names) {
                self.varies.push(names);
            }
        }
        self.varies.truncate(VARIES_MAX);
        self
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
    fn two_are_joined() {
        let index = |invalidated_ms, names: &str| Index {
            invalidated_ms,
            varies: names.split(' ').map(|name| vec![name.to_owned()]).collect(),
        };
        for (one, other, expected) in [
            (index(1, "a"), index(2, "b"), index(2, "a b")),
            (index(2, "a b"), index(1, "b a"), index(2, "a b")),
            (index(0, "a b c"), index(0, "d e"), index(0, "a b c d")),
        ] {
            assert_eq!(one.joined(other), expected);
        }
    }

    #[test]
    fn a_new_index_takes_what_was_asked_for_beside_its_first() {
        let entry = |requested_ms| Entry {
            requested_ms,
            ..Entry::default()
        };
        let index = Index::begun(10 * BESIDE_MS);
        for (requested_ms, expected) in [(9 * BESIDE_MS, false), (9 * BESIDE_MS + 1, true)] {
            assert_eq!(index.admits(&entry(requested_ms)), expected);
        }
        assert!(Index::begun(5).admits(&entry(0)));
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
