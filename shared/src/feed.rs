//! What the origin tells the edge: what is no longer true, and since which place in the database's
//! log.
//!
//! The origin POSTs a [`Notice`] to the edge's [`PATH`], signed under the keys of the hand-over
//! ([`crate::assertion`]) and bound to the body's bytes. The edge appends it to its feed, which every
//! instance follows. Telling the same again is harmless: copies are fetched once more than needed.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Where the edge takes notices. Only the origin calls it; no version stands before it.
pub const PATH: &str = "/feed";
/// Longest notice, in bytes.
pub const NOTICE_BYTES_MAX: usize = 64 * 1024;
/// Most things that one notice names.
pub const UNTRUE_MAX: usize = 500;
/// Longest tag, name of a record, token's id or subject, in bytes.
pub const TAG_BYTES_MAX: usize = 256;

/// A place in the database's log: a `pg_lsn` as a number. Later is greater, within one database
/// system.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Position(pub u64);

impl Position {
    /// Beyond every place that a log comes to: nothing but the newest will do. As a signed number it is
    /// still one, since a database may keep it as that.
    pub const BEYOND: Self = Self(i64::MAX as u64);

    /// Most digits of a place in a field: all numbers of so many are places.
    pub const DIGITS_MAX: usize = 19;

    /// A place as it stands in a field: digits alone.
    pub fn read(text: &str) -> Option<Self> {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        let known = digits && text.len() <= Self::DIGITS_MAX;
        text.parse().ok().filter(|_| known).map(Self)
    }
}

/// What is no longer true.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Untrue {
    /// Every copy that carries this surrogate tag.
    Tag(String),
    /// The copies of this path and query, as a client of the latest version writes them without the
    /// version.
    Url(String),
    /// Every copy.
    Everything,
    /// This record ([`crate::record`]): `plan:{id}`, `key:{sha256}`.
    Record(String),
    /// The access token of this id (`jti`).
    Token {
        /// The id.
        id: String,
        /// When it would have expired, in Unix seconds; then the feed may forget it.
        expires: i64,
    },
    /// The access tokens of this subject (`sub`).
    Subject {
        /// The subject.
        subject: String,
        /// Those that were issued (`iat`) before this, in Unix seconds, or do not say when.
        before: i64,
        /// When the last of them would have expired, in Unix seconds.
        expires: i64,
    },
}

/// What the origin tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// What is no longer true.
    pub untrue: Vec<Untrue>,
    /// The place in the log at which the change could be seen: nothing older replaces a copy. Unset:
    /// nobody knows, so nothing but the newest does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    /// What is stale may answer while it is fetched anew.
    #[serde(default)]
    pub soft: bool,
}

impl Notice {
    /// Reads a notice; `None` when it is none, or names too much.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        if bytes.len() > NOTICE_BYTES_MAX {
            return None;
        }
        let notice = Self::of(&serde_json::from_slice(bytes).ok()?)?;
        let named = |one: &Untrue| match one {
            Untrue::Tag(name) => !name.is_empty() && name.len() <= TAG_BYTES_MAX,
            Untrue::Url(url) => url.starts_with('/'),
            Untrue::Everything => true,
            Untrue::Record(name)
            | Untrue::Token { id: name, .. }
            | Untrue::Subject { subject: name, .. } => {
                !name.is_empty() && name.len() <= TAG_BYTES_MAX
            }
        };
        let holds = notice.untrue.len() <= UNTRUE_MAX && notice.untrue.iter().all(named);
        holds.then_some(notice)
    }

    fn untrue(one: &Value) -> Option<Untrue> {
        let text = |of: &Value, member: &str| Some(of.get(member)?.as_str()?.to_owned());
        let (kind, what) = one.as_object()?.iter().next()?;
        let seconds = |member: &str| what.get(member)?.as_i64();
        Some(match kind.as_str() {
            "tag" => Untrue::Tag(text(one, kind)?),
            "url" => Untrue::Url(text(one, kind)?),
            "record" => Untrue::Record(text(one, kind)?),
            "token" => Untrue::Token {
                id: text(what, "id")?,
                expires: seconds("expires")?,
            },
            "subject" => Untrue::Subject {
                subject: text(what, "subject")?,
                before: seconds("before")?,
                expires: seconds("expires")?,
            },
            _ => return None,
        })
    }

    /// Member by member: a derived reader would be larger than the rest of the edge's door.
    fn of(json: &Value) -> Option<Self> {
        let untrue = json.get("untrue")?.as_array()?.iter();
        let untrue = untrue.map(|one| {
            if one == "everything" {
                return Some(Untrue::Everything);
            }
            Self::untrue(one)
        });
        Some(Self {
            untrue: untrue.collect::<Option<_>>()?,
            position: match json.get("position") {
                None | Some(Value::Null) => None,
                Some(position) => Some(Position(position.as_u64()?)),
            },
            soft: match json.get("soft") {
                None => false,
                Some(soft) => soft.as_bool()?,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let notice = Notice {
            untrue: vec![
                Untrue::Tag("product:1".into()),
                Untrue::Url("/products?limit=5".into()),
                Untrue::Everything,
                Untrue::Record("plan:pln_1".into()),
                Untrue::Token {
                    id: "tok_1".into(),
                    expires: 2,
                },
                Untrue::Subject {
                    subject: "usr_1".into(),
                    before: 1,
                    expires: 2,
                },
            ],
            position: Some(Position(0x16_B374_D848)),
            soft: true,
        };
        let bytes = serde_json::to_vec(&notice).unwrap();
        assert_eq!(Notice::read(&bytes), Some(notice));
        let few = br#"{"untrue":[{"tag":"a"},"everything"]}"#;
        assert_eq!(
            Notice::read(few),
            Some(Notice {
                untrue: vec![Untrue::Tag("a".into()), Untrue::Everything],
                position: None,
                soft: false,
            })
        );
    }

    #[test]
    fn a_place_in_a_field_is_digits() {
        for (text, expected) in [
            ("0", Some(0)),
            ("97526184", Some(97_526_184)),
            ("9999999999999999999", Some(9_999_999_999_999_999_999)),
            ("10000000000000000000", None),
            ("00000000000000000001", None),
            ("", None),
            ("+1", None),
            ("-1", None),
            (" 1", None),
            ("16/B374D848", None),
        ] {
            assert_eq!(Position::read(text), expected.map(Position), "{text}");
        }
    }

    #[test]
    fn what_is_no_notice_or_too_much_is_refused() {
        let many = vec![r#""everything""#; UNTRUE_MAX + 1].join(",");
        let long = "x".repeat(TAG_BYTES_MAX + 1);
        for text in [
            "",
            "{}",
            r#"{"untrue":[{"tag":""}]}"#,
            r#"{"untrue":[{"url":"products"}]}"#,
            r#"{"untrue":["nothing"]}"#,
            r#"{"untrue":[{"record":""}]}"#,
            r#"{"untrue":[{"token":{"id":"","expires":1}}]}"#,
            r#"{"untrue":[{"token":{"id":"tok_1"}}]}"#,
            r#"{"untrue":[{"subject":{"subject":"usr_1","expires":1}}]}"#,
            &format!(r#"{{"untrue":[{many}]}}"#),
            &format!(r#"{{"untrue":[{{"tag":"{long}"}}]}}"#),
            &format!(r#"{{"untrue":[]}}{}"#, " ".repeat(NOTICE_BYTES_MAX)),
        ] {
            assert_eq!(Notice::read(text.as_bytes()), None, "{text:.80}");
        }
    }
}
