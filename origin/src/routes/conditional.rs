//! Conditional requests [RFC 9110 §13].

use axum::http::{HeaderMap, HeaderName};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// Bytes of a digest that make a tag: enough that two bodies never share one.
const TAG_BYTES: usize = 16;

/// A strong tag over a body.
pub(super) fn tag_of(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    format!("\"{}\"", URL_SAFE_NO_PAD.encode(&digest[..TAG_BYTES]))
}

/// The entity tags of a field, `None` if it is absent. `*` stands as itself.
fn tags(headers: &HeaderMap, name: &HeaderName) -> Option<Vec<String>> {
    let lines: Vec<_> = headers
        .get_all(name)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(|tag| tag.trim().to_owned())
        .collect();
    headers.contains_key(name).then_some(lines)
}

/// Whether `If-None-Match` names the tag (weak comparison): answer 304.
pub(super) fn unchanged(headers: &HeaderMap, tag: &str) -> bool {
    tags(headers, &axum::http::header::IF_NONE_MATCH).is_some_and(|tags| {
        tags.iter()
            .any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one) == tag)
    })
}

/// Whether `If-Match` is absent or names one of the tags that `holds` accepts (strong comparison).
pub(super) fn matches(headers: &HeaderMap, holds: impl Fn(&str) -> bool) -> bool {
    tags(headers, &axum::http::header::IF_MATCH)
        .is_none_or(|tags| tags.iter().any(|one| one == "*" || holds(one)))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn conditions() {
        for (value, unchanged_is, matches_is) in [
            (None, false, true),
            (Some("\"1\""), true, true),
            (Some("W/\"1\""), true, false),
            (Some("\"0\", \"1\""), true, true),
            (Some("\"2\""), false, false),
            (Some("*"), true, true),
            (Some(""), false, false),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(value) = value {
                headers.insert("if-none-match", HeaderValue::from_static(value));
                headers.insert("if-match", HeaderValue::from_static(value));
            }
            assert_eq!(unchanged(&headers, "\"1\""), unchanged_is, "{value:?}");
            assert_eq!(
                matches(&headers, |tag| tag == "\"1\""),
                matches_is,
                "{value:?}"
            );
        }
    }
}
