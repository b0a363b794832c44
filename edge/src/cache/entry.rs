//! What is kept beside a stored body: the response's head and the times that its age derives from.

use shared::feed::Position;
use shared::header::LABEL;

use crate::feed::Seen;

/// The head of a stored response.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// Status.
    pub status: u16,
    /// Fields, names in lower case, without those that belong to one hop or to us.
    pub fields: Vec<(String, String)>,
    /// When it was asked for, Unix milliseconds: what was invalidated since is not in it.
    pub requested_ms: u64,
    /// When it came, Unix milliseconds.
    pub stored_ms: u64,
    /// Its age when it came, in seconds [RFC 9111 §4.2.3].
    pub age_seconds: u64,
    /// How long it is fresh, in seconds, counted from age zero.
    pub lifetime_seconds: u64,
    /// It is never used without asking.
    pub no_cache: bool,
    /// It is never used stale, not even when the origin is down.
    pub must_revalidate: bool,
    /// For how many seconds after its freshness it is used while a new one is fetched.
    pub while_revalidate_seconds: u64,
    /// For how many seconds after its freshness it is used in place of an error, if the origin says.
    pub if_error_seconds: Option<u64>,
    /// Which part of the representation the body is, of a 206.
    pub part: Option<Part>,
    /// Surrogate tags.
    pub tags: Vec<String>,
    /// How far the feed was known when it was asked for; unset where nobody knew.
    pub seen: Option<Seen>,
}

/// A part of a representation, positions as in `Content-Range`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// Position of the first byte.
    pub first: u64,
    /// Position of the last byte.
    pub last: u64,
    /// Bytes of the whole, where the origin knows.
    pub total: Option<u64>,
}

impl Entry {
    /// The place in the database's log up to which it holds everything, if the origin has said so.
    pub fn label(&self) -> Option<Position> {
        let mut fields = self.fields.iter();
        let (_, text) = fields.find(|(name, _)| name == LABEL)?;
        Position::read(text)
    }

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

    /// The longest that it may be used after its freshness, in seconds.
    pub fn stale_seconds(&self) -> u64 {
        if self.must_revalidate || self.no_cache {
            return 0;
        }
        self.while_revalidate_seconds
            .max(self.if_error_seconds.unwrap_or(0))
    }

    /// Whether the origin can be asked if it still holds.
    pub fn is_validatable(&self) -> bool {
        self.field("etag").is_some() || self.field("last-modified").is_some()
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
            ..Entry::default()
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
        assert!(entry.is_validatable());
    }
}
