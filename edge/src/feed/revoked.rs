//! Which access tokens are revoked, as a view knows it.

use std::collections::HashMap;

use super::names::{self, Revoked};
use super::{REVOCATIONS_MAX, SKEW_MS};

/// Revocations, each until what it revokes has expired.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Revocations {
    /// When the token of an id expires, Unix seconds.
    tokens: HashMap<String, i64>,
    /// Before when a subject's tokens were issued that are revoked, and when the last expires.
    subjects: HashMap<String, (i64, i64)>,
}

impl Revocations {
    /// Takes what a mark's name revokes; false for the name of something else.
    pub fn take(&mut self, name: &str) -> bool {
        match names::revoked(name) {
            None => return false,
            Some((Revoked::Token(id), expires)) => {
                self.tokens.insert(id.to_owned(), expires);
            }
            Some((Revoked::Subject { subject, before }, expires)) => {
                let known = self.subjects.entry(subject.to_owned()).or_default();
                *known = (known.0.max(before), known.1.max(expires));
            }
        }
        true
    }

    /// Lets go of what has expired, once there is much.
    pub fn tidy(&mut self, now_ms: u64) {
        if self.tokens.len() + self.subjects.len() > REVOCATIONS_MAX {
            let now_ms = now_ms.saturating_sub(SKEW_MS);
            let now_seconds = i64::try_from(now_ms / 1000).unwrap_or(i64::MAX);
            self.tokens.retain(|_, expires| *expires > now_seconds);
            self.subjects
                .retain(|_, (_, expires)| *expires > now_seconds);
        }
    }

    /// Whether a token is revoked: by its id, or since its subject's tokens of that time are. One that
    /// does not say when it was issued may be of any time.
    pub fn holds(&self, id: Option<&str>, subject: &str, issued: Option<i64>) -> bool {
        let is_before = |(before, _): &(i64, i64)| issued.is_none_or(|issued| issued < *before);
        id.is_some_and(|id| self.tokens.contains_key(id))
            || self.subjects.get(subject).is_some_and(is_before)
            || self.subjects.get(names::ALL).is_some_and(is_before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_revoked_by_id_or_with_their_subject() {
        let mut revoked = Revocations::default();
        assert!(revoked.take("token:100:t1"));
        assert!(revoked.take("subject:100:50:usr_1"));
        assert!(revoked.take("subject:90:40:usr_1"));
        assert!(!revoked.take("tag:token:100:t1"));
        for (id, subject, issued, expected) in [
            (Some("t1"), "usr_2", Some(99), true),
            (Some("t2"), "usr_2", Some(0), false),
            (None, "usr_1", Some(49), true),
            (None, "usr_1", Some(50), false),
            (None, "usr_1", None, true),
            (None, "usr_2", None, false),
        ] {
            assert_eq!(
                revoked.holds(id, subject, issued),
                expected,
                "{id:?} {subject} {issued:?}"
            );
        }
    }

    #[test]
    fn what_has_expired_goes_when_there_is_much() {
        let mut revoked = Revocations::default();
        for one in 0..=REVOCATIONS_MAX {
            revoked.take(&format!("token:100:{one}"));
        }
        revoked.take("token:1000:late");
        revoked.tidy(100_000 + SKEW_MS - 1_000);
        assert_eq!(revoked.tokens.len(), REVOCATIONS_MAX + 2);
        revoked.tidy(100_000 + SKEW_MS);
        assert_eq!(revoked.tokens.len(), 1);
    }
}
