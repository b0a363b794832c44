//! Which fields are stored, and how they are read back.
//!
//! Fields of one hop, and those that `Connection` lists, belong to the connection; `Age` changes, and
//! `private` and `no-cache` may name fields that are not for everybody [RFC 9111 §3.1, §5.2.2].

use http::{HeaderMap, HeaderName, HeaderValue, header};

use super::directive::{Directives, Reach};

/// Fields that no copy holds.
const UNSTORED: [&str; 13] = [
    "age",
    "cache-status",
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authentication-info",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    shared::header::CACHE_TAG,
];

/// The fields of a response that may be kept, names in lower case.
pub fn stored(fields: &HeaderMap, directives: &Directives) -> Vec<(String, String)> {
    let mut left_out: Vec<String> = UNSTORED.map(str::to_owned).to_vec();
    for line in fields.get_all(header::CONNECTION) {
        let text = String::from_utf8_lossy(line.as_bytes());
        left_out.extend(text.split(',').map(|name| name.trim().to_ascii_lowercase()));
    }
    for name in ["private", "no-cache"] {
        if let Reach::Fields(names) = directives.reach(name) {
            left_out.extend(names);
        }
    }
    fields
        .iter()
        .filter(|(name, _)| !left_out.iter().any(|left_out| left_out == name.as_str()))
        .filter_map(|(name, value)| {
            let value = std::str::from_utf8(value.as_bytes()).ok()?;
            Some((name.as_str().to_owned(), value.to_owned()))
        })
        .collect()
}

/// The fields of a copy, as a message has them.
pub fn head(stored: &[(String, String)]) -> HeaderMap {
    stored
        .iter()
        .filter_map(|(name, value)| {
            Some((
                HeaderName::from_bytes(name.as_bytes()).ok()?,
                HeaderValue::from_bytes(value.as_bytes()).ok()?,
            ))
        })
        .collect()
}

/// What of a 200 a 304 repeats [RFC 9110 §15.4.5]; `Last-Modified` serves clients that keep no tag.
const NOT_MODIFIED: [&str; 9] = [
    "age",
    "cache-control",
    "content-location",
    "date",
    "etag",
    "expires",
    "last-modified",
    "vary",
    shared::header::CDN_CACHE_CONTROL,
];

/// Leaves what a 304 says.
pub fn not_modified(fields: &HeaderMap) -> HeaderMap {
    fields
        .iter()
        .filter(|(name, _)| NOT_MODIFIED.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// A stored response's fields after a 304 or a HEAD: what came replaces what it names, and the rest
/// stays [RFC 9111 §3.2, §4.3.4]. Fields that describe the stored bytes stay too.
pub fn updated(stored: &[(String, String)], came: &[(String, String)]) -> Vec<(String, String)> {
    const OF_THE_BYTES: [&str; 3] = ["content-encoding", "content-length", "content-range"];
    let replaces =
        |name: &str| !OF_THE_BYTES.contains(&name) && came.iter().any(|(known, _)| known == name);
    let kept = stored.iter().filter(|(name, _)| !replaces(name));
    let new = came.iter().filter(|(name, _)| replaces(name));
    kept.chain(new).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(lines: &[(&'static str, &str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in lines {
            map.append(*name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        map
    }

    fn names(lines: &[(&'static str, &str)]) -> Vec<String> {
        let fields = map(lines);
        let kept = stored(&fields, &Directives::general(&fields));
        kept.into_iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn what_belongs_to_a_hop_or_to_somebody_is_not_kept() {
        for (lines, expected) in [
            (
                &[("a", "1"), ("age", "3"), ("date", "x")][..],
                &["a", "date"][..],
            ),
            (
                &[("connection", "A, b"), ("a", "1"), ("b", "2"), ("c", "3")],
                &["c"],
            ),
            (
                &[
                    ("connection", "a"),
                    ("connection", "b"),
                    ("a", "1"),
                    ("b", "2"),
                ],
                &[],
            ),
            (
                &[("cache-control", "no-cache=\"a\""), ("a", "1"), ("b", "2")],
                &["cache-control", "b"],
            ),
            (
                &[
                    ("cache-control", "private=\"a, B\""),
                    ("a", "1"),
                    ("b", "2"),
                ],
                &["cache-control"],
            ),
            (
                &[
                    ("proxy-connection", "x"),
                    ("keep-alive", "x"),
                    ("upgrade", "x"),
                    ("te", "x"),
                ],
                &[],
            ),
            (
                &[("set-cookie", "a=1"), ("set-cookie", "b=2")],
                &["set-cookie", "set-cookie"],
            ),
        ] {
            assert_eq!(names(lines), expected, "{lines:?}");
        }
    }

    #[test]
    fn values_come_back_as_they_were() {
        let fields = map(&[("etag", "\"\u{fc}\""), ("link", "</a>"), ("link", "</b>")]);
        assert_eq!(head(&stored(&fields, &Directives::default())), fields);
    }

    #[test]
    fn an_update_replaces_and_adds() {
        let pairs = |lines: &[(&str, &str)]| -> Vec<(String, String)> {
            lines
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect()
        };
        for (came, expected) in [
            (
                &[][..],
                &[("a", "1"), ("a", "2"), ("content-length", "5")][..],
            ),
            (
                &[("b", "3")],
                &[("a", "1"), ("a", "2"), ("content-length", "5"), ("b", "3")],
            ),
            (&[("a", "3")], &[("content-length", "5"), ("a", "3")]),
            (
                &[("content-length", "0")],
                &[("a", "1"), ("a", "2"), ("content-length", "5")],
            ),
        ] {
            let before = pairs(&[("a", "1"), ("a", "2"), ("content-length", "5")]);
            assert_eq!(updated(&before, &pairs(came)), pairs(expected));
        }
    }
}
