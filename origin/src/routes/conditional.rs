//! Conditional requests [RFC 9110 §13, RFC 6585 §3].
//!
//! Decides for a change, once the resource is locked and the caller may see it:
//! 1. `If-None-Match` names the current state, or `*`: 412, since the client wanted none to be there.
//! 2. `If-Match` is missing where it is required: 428.
//! 3. `If-Match` names another state (strong comparison): 412 with the current `ETag`.
//! 4. A `version` in the body is another than the current one: 409.

use axum::http::{HeaderMap, HeaderName, header};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::refusal::Refusal;

/// Bytes of a digest that make a tag: enough that two bodies never share one.
const TAG_BYTES: usize = 16;

/// A strong tag over a body.
pub(super) fn tag_of(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    format!("\"{}\"", URL_SAFE_NO_PAD.encode(&digest[..TAG_BYTES]))
}

/// The entity tags of a field, `None` if it is absent. `*` stands as itself.
fn tags(headers: &HeaderMap, name: &HeaderName) -> Option<Vec<String>> {
    headers.contains_key(name).then(|| {
        let lines = headers.get_all(name).iter();
        lines
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(','))
            .map(|tag| tag.trim().to_owned())
            .collect()
    })
}

/// Whether `If-None-Match` names the tag (weak comparison): a read answers 304.
pub(super) fn unchanged(headers: &HeaderMap, tag: &str) -> bool {
    tags(headers, &header::IF_NONE_MATCH).is_some_and(|tags| {
        tags.iter()
            .any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one) == tag)
    })
}

/// Whether the request asks for the creation of what is not there yet: `If-None-Match: *`.
pub(super) fn creates(headers: &HeaderMap) -> bool {
    tags(headers, &header::IF_NONE_MATCH).is_some_and(|tags| tags.iter().any(|one| one == "*"))
}

/// Lets a change of a resource pass that must name the state that it changes.
pub(super) fn required(headers: &HeaderMap, etag: &str) -> Result<(), Refusal> {
    required_where(headers, etag, |tag| tag == etag)
}

/// The same for a resource whose tag says more than its version; `same` tells which tags are of
/// the current version.
pub(super) fn required_where(
    headers: &HeaderMap,
    etag: &str,
    same: impl Fn(&str) -> bool,
) -> Result<(), Refusal> {
    if headers.contains_key(header::IF_MATCH) || unchanged(headers, etag) {
        holds(headers, etag, same)
    } else {
        Err(Refusal::PreconditionRequired)
    }
}

/// Lets a change pass that may name the state that it changes.
pub(super) fn optional(headers: &HeaderMap, etag: &str) -> Result<(), Refusal> {
    holds(headers, etag, |tag| tag == etag)
}

fn holds(headers: &HeaderMap, etag: &str, same: impl Fn(&str) -> bool) -> Result<(), Refusal> {
    let matches = tags(headers, &header::IF_MATCH)
        .is_none_or(|tags| tags.iter().any(|one| one == "*" || same(one)));
    if matches && !unchanged(headers, etag) {
        Ok(())
    } else {
        Err(Refusal::Precondition(etag.to_owned()))
    }
}

/// Lets a body pass whose `version`, if it has one, is the current one.
pub(super) fn version(sent: Option<i64>, current: i64, etag: &str) -> Result<(), Refusal> {
    match sent {
        Some(sent) if sent != current => Err(Refusal::VersionConflict {
            sent,
            current,
            etag: etag.to_owned(),
        }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn fields(if_match: Option<&'static str>, if_none_match: Option<&'static str>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in [("if-match", if_match), ("if-none-match", if_none_match)] {
            if let Some(value) = value {
                headers.insert(name, HeaderValue::from_static(value));
            }
        }
        headers
    }

    #[test]
    fn reads() {
        for (value, same) in [
            (None, false),
            (Some("\"1\""), true),
            (Some("W/\"1\""), true),
            (Some("\"0\", \"1\""), true),
            (Some("\"2\""), false),
            (Some("*"), true),
            (Some(""), false),
        ] {
            assert_eq!(unchanged(&fields(None, value), "\"1\""), same, "{value:?}");
        }
        assert!(creates(&fields(None, Some("*"))));
        assert!(!creates(&fields(None, Some("\"1\""))));
        assert!(!creates(&fields(Some("*"), None)));
    }

    #[test]
    fn changes() {
        let status = |outcome: Result<(), Refusal>| {
            outcome.map_or_else(|refusal| refusal.problem().code.status(), |()| 200)
        };
        for (if_match, if_none_match, when_required, when_optional) in [
            (None, None, 428, 200),
            (Some("\"1\""), None, 200, 200),
            (Some("*"), None, 200, 200),
            (Some("\"0\", \"1\""), None, 200, 200),
            (Some("W/\"1\""), None, 412, 412),
            (Some("\"2\""), None, 412, 412),
            (Some("1"), None, 412, 412),
            (Some(""), None, 412, 412),
            (None, Some("*"), 412, 412),
            (None, Some("\"1\""), 412, 412),
            (None, Some("\"2\""), 428, 200),
            (Some("\"1\""), Some("*"), 412, 412),
            (Some("\"1\""), Some("\"2\""), 200, 200),
        ] {
            let headers = fields(if_match, if_none_match);
            let found = (
                status(required(&headers, "\"1\"")),
                status(optional(&headers, "\"1\"")),
            );
            let expected = (when_required, when_optional);
            assert_eq!(found, expected, "{if_match:?} {if_none_match:?}");
        }
        let headers = fields(Some("\"1-low\""), None);
        let same = |tag: &str| tag.starts_with("\"1-");
        assert_eq!(status(required_where(&headers, "\"1-out\"", same)), 200);
        assert_eq!(status(required_where(&headers, "\"1-low\"", same)), 200);
    }

    #[test]
    fn versions() {
        for (sent, fine) in [(None, true), (Some(3), true), (Some(2), false)] {
            assert_eq!(version(sent, 3, "\"3\"").is_ok(), fine, "{sent:?}");
        }
    }
}
