//! What is kept beside a stored body: the response's head and the times that its age derives from.

use serde::{Deserialize, Serialize};

/// The head of a stored response.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Status.
    pub status: u16,
    /// Fields, names in lower case, without those that belong to one hop or to us.
    pub fields: Vec<(String, String)>,
    /// When it was stored, Unix milliseconds.
    pub stored_ms: u64,
    /// Its age when it was stored, in seconds [RFC 9111 §4.2.3].
    pub age_seconds: u64,
    /// How long it is fresh, in seconds, counted from age zero.
    pub lifetime_seconds: u64,
    /// Surrogate tags.
    pub tags: Vec<String>,
}

impl Entry {
    /// The current age, in seconds. A clock that stepped back adds nothing.
    pub const fn age(&self, now_ms: u64) -> u64 {
        self.age_seconds
            .saturating_add(now_ms.saturating_sub(self.stored_ms) / 1000)
    }

    /// Seconds for which it is still fresh; zero or less is stale.
    pub fn ttl(&self, now_ms: u64) -> i64 {
        let lifetime = i64::try_from(self.lifetime_seconds).unwrap_or(i64::MAX);
        lifetime.saturating_sub_unsigned(self.age(now_ms))
    }

    /// The value of a field.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn age_grows_and_freshness_ends() {
        let entry = Entry {
            status: 200,
            fields: vec![("etag".into(), "\"1\"".into())],
            stored_ms: 10_000,
            age_seconds: 5,
            lifetime_seconds: 60,
            tags: vec![],
        };
        for (now_ms, age, ttl) in [
            (10_000, 5, 55),
            (10_999, 5, 55),
            (65_000, 60, 0),
            (66_000, 61, -1),
            (0, 5, 55),
        ] {
            assert_eq!(
                (entry.age(now_ms), entry.ttl(now_ms)),
                (age, ttl),
                "{now_ms}"
            );
        }
        assert_eq!(entry.field("etag"), Some("\"1\""));
        assert_eq!(entry.field("link"), None);
    }
}
