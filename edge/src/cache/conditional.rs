//! Whether a client's copy still holds [RFC 9110 §13], and asking whether ours does.
//!
//! 1. `If-None-Match` alone counts when it is there, by weak comparison; `*` names any.
//! 2. Else `If-Modified-Since`: not changed since then, by `Last-Modified`, else by `Date`. One that is
//!    no date is not there.
//! 3. `If-Match` and `If-Unmodified-Since` are the origin's to judge [RFC 9111 §4.3.2].

use http::{HeaderMap, HeaderName, HeaderValue, header};

use super::entry::Entry;
use super::freshness::moment;
use super::{date, fields};
use crate::tags;

/// Fields that make a request conditional.
pub const CONDITIONS: [HeaderName; 5] = [
    header::IF_NONE_MATCH,
    header::IF_MODIFIED_SINCE,
    header::IF_MATCH,
    header::IF_UNMODIFIED_SINCE,
    header::IF_RANGE,
];

/// Whether a 200 with these fields is a 304 to this request.
pub fn not_modified(request: &HeaderMap, response: &HeaderMap, now_seconds: i64) -> bool {
    if request.contains_key(header::IF_NONE_MATCH) {
        let etag = response.get(header::ETAG).map(HeaderValue::as_bytes);
        let etag = etag.map(String::from_utf8_lossy);
        return request
            .get_all(header::IF_NONE_MATCH)
            .iter()
            .any(|line| names(&String::from_utf8_lossy(line.as_bytes()), etag.as_deref()));
    }
    let Some(since) = moment(request, &header::IF_MODIFIED_SINCE, now_seconds) else {
        return false;
    };
    moment(response, &header::LAST_MODIFIED, now_seconds)
        .or_else(|| moment(response, &header::DATE, now_seconds))
        .is_some_and(|changed| changed <= since)
}

/// Whether only the origin may judge the request's conditions.
pub fn is_for_the_origin(request: &HeaderMap) -> bool {
    request.contains_key(header::IF_MATCH) || request.contains_key(header::IF_UNMODIFIED_SINCE)
}

/// Asks whether the entry still holds, in place of the client's conditions.
pub fn ask(request: &mut HeaderMap, entry: &Entry) {
    for name in &CONDITIONS {
        request.remove(name);
    }
    for (from, to) in [
        ("etag", header::IF_NONE_MATCH),
        ("last-modified", header::IF_MODIFIED_SINCE),
    ] {
        if let Some(value) = entry.field(from)
            && let Ok(value) = HeaderValue::from_bytes(value.as_bytes())
        {
            request.insert(to, value);
        }
    }
}

/// Whether a 304 is about this entry: its tag, if it has one, is ours [RFC 9111 §4.3.4].
pub fn confirms(entry: &Entry, response: &HeaderMap) -> bool {
    let came = response.get(header::ETAG).map(HeaderValue::as_bytes);
    match (came, entry.field("etag")) {
        (Some(came), Some(ours)) => opaque(&String::from_utf8_lossy(came)) == opaque(ours),
        (Some(_) | None, None) | (None, Some(_)) => true,
    }
}

/// Whether a 200 to HEAD is about the stored bytes [RFC 9111 §4.3.5].
pub fn describes(entry: &Entry, response: &HeaderMap) -> bool {
    let same = |name: &str| match (response.get(name), entry.field(name)) {
        (Some(came), Some(ours)) => came.as_bytes() == ours.as_bytes(),
        _ => true,
    };
    entry.status == 200
        && ["etag", "last-modified", "content-length"]
            .into_iter()
            .all(same)
}

/// Whether `If-Range` lets a range be cut from the entry: a strong tag that is ours, or exactly our
/// date when that is strong, a second before `Date` at least [RFC 9110 §13.1.5, §8.8.2.2].
pub fn range_holds(request: &HeaderMap, entry: &Entry, now_seconds: i64) -> bool {
    let Some(line) = request.get(header::IF_RANGE) else {
        return true;
    };
    let line = String::from_utf8_lossy(line.as_bytes());
    let line = line.trim();
    if line.ends_with('"') {
        return !line.starts_with("W/") && entry.field("etag") == Some(line);
    }
    let head = fields::head(&entry.fields);
    let changed = moment(&head, &header::LAST_MODIFIED, now_seconds);
    let sent = moment(&head, &header::DATE, now_seconds);
    match (date::parse(line, now_seconds), changed, sent) {
        (Some(asked), Some(changed), Some(sent)) => asked == changed && changed < sent,
        _ => false,
    }
}

fn names(line: &str, etag: Option<&str>) -> bool {
    line.trim() == "*"
        || etag.is_some_and(|etag| {
            tags::listed(line)
                .into_iter()
                .any(|tag| tag.ends_with('"') && opaque(tag) == opaque(etag))
        })
}

/// The tag without `W/`, which is all that weak comparison looks at.
fn opaque(etag: &str) -> &str {
    etag.strip_prefix("W/").unwrap_or(etag)
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

    const NOW: i64 = 1_795_000_000;
    const EARLY: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
    const LATE: &str = "Sun, 06 Nov 1994 08:49:38 GMT";

    #[test]
    fn tags() {
        for (field, etag, expected) in [
            ("\"a\"", Some("\"a\""), true),
            ("W/\"a\"", Some("\"a\""), true),
            ("\"a\"", Some("W/\"a\""), true),
            ("\"b\", \"a\"", Some("\"a\""), true),
            ("\"b,c\",\"a\"", Some("\"a\""), true),
            ("\"\u{fc}\"", Some("\"\u{fc}\""), true),
            ("\"a,b\"", Some("\"a\""), false),
            ("\"b\"", Some("\"a\""), false),
            ("*", Some("\"a\""), true),
            ("*", None, true),
            ("\"a\"", None, false),
            ("a", Some("\"a\""), false),
            ("\"a", Some("\"a\""), false),
            ("", Some("\"a\""), false),
        ] {
            let response = etag.map_or_else(HeaderMap::new, |etag| map(&[("etag", etag)]));
            let found = not_modified(&map(&[("if-none-match", field)]), &response, NOW);
            assert_eq!(found, expected, "{field} {etag:?}");
        }
        let lines = map(&[("if-none-match", "\"b\""), ("if-none-match", "\"a\"")]);
        assert!(not_modified(&lines, &map(&[("etag", "\"a\"")]), NOW));
        assert!(!not_modified(&HeaderMap::new(), &HeaderMap::new(), NOW));
    }

    #[test]
    fn dates_count_when_there_is_no_tag() {
        for (request, response, expected) in [
            (
                &[("if-modified-since", EARLY)][..],
                &[("last-modified", EARLY)][..],
                true,
            ),
            (
                &[("if-modified-since", LATE)],
                &[("last-modified", EARLY)],
                true,
            ),
            (
                &[("if-modified-since", EARLY)],
                &[("last-modified", LATE)],
                false,
            ),
            (
                &[("if-modified-since", "Sunday, 06-Nov-94 08:49:37 GMT")],
                &[("last-modified", EARLY)],
                true,
            ),
            (
                &[("if-modified-since", "Sun Nov  6 08:49:37 1994")],
                &[("last-modified", EARLY)],
                true,
            ),
            (&[("if-modified-since", EARLY)], &[("date", EARLY)], true),
            (&[("if-modified-since", EARLY)], &[], false),
            (
                &[("if-modified-since", "0")],
                &[("last-modified", EARLY)],
                false,
            ),
            (
                &[("if-none-match", "\"b\""), ("if-modified-since", LATE)],
                &[("etag", "\"a\""), ("last-modified", EARLY)],
                false,
            ),
            (
                &[("if-none-match", "\"a\""), ("if-modified-since", EARLY)],
                &[("etag", "\"a\""), ("last-modified", LATE)],
                true,
            ),
        ] {
            assert_eq!(
                not_modified(&map(request), &map(response), NOW),
                expected,
                "{request:?} {response:?}"
            );
        }
    }

    fn entry(lines: &[(&str, &str)]) -> Entry {
        let fields = lines
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Entry {
            status: 200,
            fields: fields.collect(),
            ..Entry::default()
        }
    }

    #[test]
    fn asking_replaces_what_the_client_asked() {
        let mut request = map(&[
            ("if-none-match", "\"theirs\""),
            ("if-match", "*"),
            ("abc", "1"),
        ]);
        ask(
            &mut request,
            &entry(&[("etag", "W/\"a\""), ("last-modified", EARLY)]),
        );
        assert_eq!(
            request,
            map(&[
                ("abc", "1"),
                ("if-none-match", "W/\"a\""),
                ("if-modified-since", EARLY)
            ])
        );
        let ours = entry(&[("etag", "\"a\""), ("content-length", "5")]);
        assert!(confirms(&ours, &map(&[("etag", "W/\"a\"")])));
        assert!(confirms(&ours, &map(&[])));
        assert!(!confirms(&ours, &map(&[("etag", "\"b\"")])));
        assert!(describes(&ours, &map(&[("etag", "\"a\"")])));
        assert!(!describes(&ours, &map(&[("content-length", "6")])));
    }

    #[test]
    fn ranges_need_a_strong_validator() {
        for (line, fields, expected) in [
            ("\"a\"", &[("etag", "\"a\"")][..], true),
            ("\"b\"", &[("etag", "\"a\"")], false),
            ("W/\"a\"", &[("etag", "W/\"a\"")], false),
            (EARLY, &[("last-modified", EARLY), ("date", LATE)], true),
            (EARLY, &[("last-modified", EARLY), ("date", EARLY)], false),
            (LATE, &[("last-modified", EARLY), ("date", LATE)], false),
            (EARLY, &[("last-modified", EARLY)], false),
        ] {
            let request = map(&[("if-range", line)]);
            assert_eq!(
                range_holds(&request, &entry(fields), NOW),
                expected,
                "{line} {fields:?}"
            );
        }
        assert!(range_holds(&HeaderMap::new(), &entry(&[]), NOW));
    }
}
