//! Fields of requests and responses: directives, dates, `Vary`, conditions, what is accepted.

use http::header::{self, HeaderMap, HeaderValue};
use http::{Method, StatusCode, Uri};

use super::{NOW_MS, NOW_SECONDS, exchange};
use crate::cache::directive::{Directives, Reach, SECONDS_MAX, members};
use crate::cache::freshness::{self, HEURISTIC_SECONDS_MAX};
use crate::cache::reuse::{self, Reuse, Wish};
use crate::cache::storable::{self, Circumstances};
use crate::cache::{conditional, date, fields as kept, invalidation, vary};
use crate::encoding::Accepted;
use crate::negotiation::{self, Accept};
use crate::tags;

/// Directives whose seconds count.
const TIMES: [&str; 7] = [
    "max-age",
    "s-maxage",
    "min-fresh",
    "max-stale",
    "stale-while-revalidate",
    "stale-if-error",
    "other",
];

/// The target `fields`.
pub fn fields(bytes: &[u8]) {
    let (request, response) = exchange(bytes);
    for fields in [&request, &response] {
        directives(&Directives::general(fields));
        directives(&Directives::ours(fields).0);
        for value in fields.values() {
            lists(&String::from_utf8_lossy(value.as_bytes()));
        }
    }
    vary(&request, &response);
    conditions(&request, &response);
    negotiated(&request);
    let statuses = [200, 203, 206, 299, 302, 404, 503].into_iter();
    for status in statuses.filter_map(|code| StatusCode::from_u16(code).ok()) {
        stored(status, &request, &response);
    }
    let target = Uri::from_static("http://shop.example/a/b?x=1");
    for named in invalidation::targets(&target, &response) {
        assert!(named.starts_with('/'), "{named}");
    }
    invalidation::stands_for_get(&Method::POST, &target, &response);
}

fn directives(directives: &Directives) {
    for name in TIMES {
        assert!(
            directives
                .seconds(name)
                .is_none_or(|seconds| seconds <= SECONDS_MAX)
        );
        assert_eq!(directives.seconds(name).is_some(), directives.has(name));
    }
    for name in ["no-cache", "private"] {
        match directives.reach(name) {
            Reach::Nothing => assert!(!directives.has(name)),
            Reach::Fields(names) => assert!(
                names
                    .iter()
                    .all(|name| !name.is_empty() && *name == name.to_ascii_lowercase())
            ),
            Reach::Whole => assert!(directives.has(name)),
        }
    }
}

fn lists(text: &str) {
    let found = members(text);
    assert_eq!(members(&found.join(",")), found);
    let found = tags::listed(text);
    assert!(found.iter().all(|tag| !tag.is_empty()));
    assert_eq!(tags::listed(&found.join(", ")), found);
    if let Some(seconds) = date::parse(text, NOW_SECONDS) {
        // The year 0 is the first that can be written, and 9999 the last.
        assert!(
            (-62_167_219_200..253_402_300_800).contains(&seconds),
            "{text}"
        );
        let written = chrono::DateTime::from_timestamp(seconds, 0)
            .map(|time| time.format("%a, %d %b %Y %H:%M:%S GMT").to_string());
        let again = written.and_then(|text| date::parse(&text, NOW_SECONDS));
        assert_eq!(again, Some(seconds), "{text}");
    }
}

/// Names are in one form, and lines of a field mean what they mean together.
fn vary(request: &HeaderMap, response: &HeaderMap) {
    let Some(names) = vary::names(response) else {
        return;
    };
    assert!(names.is_sorted_by(|one, next| one < next));
    let key = vary::key("/", &names, request);
    let mut combined = HeaderMap::new();
    for name in request.keys() {
        let lines: Vec<_> = request
            .get_all(name)
            .iter()
            .map(HeaderValue::as_bytes)
            .collect();
        if let Ok(value) = HeaderValue::from_bytes(&lines.join(&b","[..])) {
            combined.insert(name, value);
        }
    }
    assert_eq!(vary::key("/", &names, &combined), key);
    // What is absent is never what is there.
    for name in names.iter().filter(|name| request.contains_key(*name)) {
        let mut without = request.clone();
        without.remove(name);
        assert_ne!(vary::key("/", &names, &without), key, "{name}");
    }
}

fn conditions(request: &HeaderMap, response: &HeaderMap) {
    let holds = conditional::not_modified(request, response, NOW_SECONDS);
    let asked = [header::IF_NONE_MATCH, header::IF_MODIFIED_SINCE];
    assert!(!holds || asked.iter().any(|name| request.contains_key(name)));
    let whole = |tag: &str| {
        let quoted = tag.strip_prefix("W/").unwrap_or(tag).strip_prefix('"');
        quoted
            .is_some_and(|rest| rest.ends_with('"'))
            .then(|| tag.to_owned())
    };
    let mut mapped = request.clone();
    tags::map_conditions(&mut mapped, whole);
    let mut again = mapped.clone();
    tags::map_conditions(&mut again, whole);
    assert_eq!(again, mapped);
}

fn negotiated(request: &HeaderMap) {
    for name in [header::ACCEPT, header::ACCEPT_ENCODING] {
        for one in negotiation::weighted(request, &name) {
            assert!(one.quality <= 1000 && !one.name.is_empty());
        }
    }
    let accept = Accept::of(request);
    assert!(accept.versions().is_empty() || accept.allows(&["application/json".to_owned()]));
    assert_eq!(
        Accepted::of(request).choose("image/png", Some(u64::MAX)),
        None
    );
}

/// What is stored may be stored, is read back as it is, and answers in its time alone.
fn stored(status: StatusCode, request: &HeaderMap, response: &HeaderMap) {
    if let Some(lifetime) = freshness::lifetime(status, response, NOW_SECONDS) {
        let most = if lifetime.explicit {
            SECONDS_MAX
        } else {
            HEURISTIC_SECONDS_MAX
        };
        assert!(lifetime.seconds <= most);
    }
    let of = Circumstances {
        authorized: request.contains_key(header::AUTHORIZATION),
        requested_ms: NOW_MS,
        received_ms: NOW_MS,
        ..Circumstances::default()
    };
    let Some(entry) = storable::entry(status, response, of) else {
        return;
    };
    let (directives, _) = Directives::ours(response);
    let leave = ["public", "s-maxage", "must-revalidate"];
    assert!(!of.authorized || leave.iter().any(|name| directives.has(name)));
    for unstored in ["set-cookie", "age", "connection", "transfer-encoding"] {
        assert_eq!(entry.field(unstored), None);
    }
    let head = kept::head(&entry.fields);
    assert_eq!(head.len(), entry.fields.len());
    assert_eq!(kept::updated(&entry.fields, &[]), entry.fields);
    let wish = Wish::of(request);
    for later_ms in [0, 1_000, 3_600_000, u64::MAX / 2] {
        let now_ms = NOW_MS.saturating_add(later_ms);
        let fresh = entry.ttl(now_ms) > 0 && !entry.no_cache;
        match reuse::reuse(&entry, &wish, now_ms) {
            Reuse::Fresh => assert!(fresh),
            Reuse::Stale | Reuse::StaleWhileRevalidate => assert!(!entry.must_revalidate),
            Reuse::Revalidate | Reuse::Reload => {}
        }
    }
}
