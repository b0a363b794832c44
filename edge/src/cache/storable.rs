//! Whether a response may be kept for others [RFC 9111 §3], and the entry that is kept.
//!
//! 1. Only final answers; a partial one when it says which part it is.
//! 2. `no-store` forbids, and `private` without names, unless `must-understand` stands beside
//!    `no-store` and the status is one that is understood. `Vary: *` matches nobody.
//! 3. What a request with `Authorization` produced needs `public`, `s-maxage` or `must-revalidate`
//!    [§3.5].
//! 4. `Set-Cookie` needs the route's leave and an explicit lifetime.
//! 5. It must be of use: fresh for a while, usable when stale, or with something to validate it by.

use http::{HeaderMap, StatusCode, header};

use super::directive::{Directives, Reach};
use super::entry::{Entry, Part};
use super::freshness;
use super::{fields, range, vary};
use crate::feed::Seen;

/// What else decides.
#[derive(Debug, Clone, Copy, Default)]
pub struct Circumstances {
    /// The request carried `Authorization` to the origin.
    pub authorized: bool,
    /// The request said `no-store`.
    pub refused: bool,
    /// The route lets `Set-Cookie` be kept.
    pub set_cookie: bool,
    /// When it was asked for, Unix milliseconds.
    pub requested_ms: u64,
    /// When its head came, Unix milliseconds.
    pub received_ms: u64,
    /// How far the feed was known before it was asked for.
    pub seen: Option<Seen>,
}

/// The entry of a response to GET; `None` when it is not to be kept.
pub fn entry(status: StatusCode, response: &HeaderMap, of: Circumstances) -> Option<Entry> {
    let (directives, _) = Directives::ours(response);
    if of.refused || status.is_informational() || !allowed(status, &directives) {
        return None;
    }
    // A 304 confirms what somebody has; it is nothing by itself. A 416 is about one request's range.
    if matches!(status.as_u16(), 304 | 416) || vary::names(response).is_none() {
        return None;
    }
    let shareable =
        directives.has("public") || directives.has("s-maxage") || directives.has("must-revalidate");
    if of.authorized && !shareable {
        return None;
    }
    let now_seconds = i64::try_from(of.received_ms / 1000).unwrap_or(i64::MAX);
    let lifetime = freshness::lifetime(status, response, now_seconds);
    let explicit = lifetime.is_some_and(|lifetime| lifetime.explicit);
    if response.contains_key(header::SET_COOKIE) && !(of.set_cookie && explicit) {
        return None;
    }
    if lifetime.is_none() && !freshness::is_heuristic(status) && !directives.has("public") {
        return None;
    }
    let part = match status {
        StatusCode::PARTIAL_CONTENT => Some(range::content_range(response)?),
        _ => None,
    };
    let entry = build(status, response, &directives, lifetime, of, part);
    let serves = entry.lifetime_seconds > entry.age_seconds && !entry.no_cache;
    let of_use = serves || entry.stale_seconds() > 0 || entry.is_validatable();
    of_use.then_some(entry)
}

fn build(
    status: StatusCode,
    response: &HeaderMap,
    directives: &Directives,
    lifetime: Option<freshness::Lifetime>,
    of: Circumstances,
    part: Option<Part>,
) -> Entry {
    let now_seconds = i64::try_from(of.received_ms / 1000).unwrap_or(i64::MAX);
    let delay_seconds = of.received_ms.saturating_sub(of.requested_ms) / 1000;
    let tags = response
        .get_all(shared::header::CACHE_TAG)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(str::split_whitespace)
        .map(str::to_owned);
    let strict = ["must-revalidate", "proxy-revalidate", "s-maxage"];
    Entry {
        status: status.as_u16(),
        fields: fields::stored(response, directives),
        requested_ms: of.requested_ms,
        stored_ms: of.received_ms,
        age_seconds: freshness::initial_age(response, delay_seconds, now_seconds),
        lifetime_seconds: lifetime.map_or(0, |lifetime| lifetime.seconds),
        no_cache: directives.reach("no-cache") == Reach::Whole,
        must_revalidate: strict.iter().any(|name| directives.has(name)),
        while_revalidate_seconds: directives.seconds("stale-while-revalidate").unwrap_or(0),
        if_error_seconds: directives.seconds("stale-if-error"),
        part,
        tags: tags.collect(),
        seen: of.seen,
    }
}

fn allowed(status: StatusCode, directives: &Directives) -> bool {
    let understood = directives.has("must-understand");
    if understood && status.canonical_reason().is_none() {
        return false;
    }
    (understood || !directives.has("no-store")) && directives.reach("private") != Reach::Whole
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CC: &str = "cache-control";

    fn kept(status: u16, lines: &[(&'static str, &'static str)], of: Circumstances) -> bool {
        let mut map = HeaderMap::new();
        for (name, value) in lines {
            map.append(*name, value.parse().unwrap());
        }
        entry(StatusCode::from_u16(status).unwrap(), &map, of).is_some()
    }

    #[test]
    fn directives_decide() {
        for (lines, expected) in [
            (&[(CC, "max-age=60")][..], true),
            (&[], false),
            (&[("etag", "\"1\"")], true),
            (&[(CC, "no-cache")], false),
            (&[(CC, "no-cache"), ("etag", "\"1\"")], true),
            (&[(CC, "max-age=0")], false),
            (&[(CC, "max-age=0, stale-while-revalidate=9")], true),
            (&[(CC, "max-age=0, stale-if-error=9")], true),
            (&[(CC, "max-age=60"), (CC, "No-StOrE")], false),
            (&[(CC, "max-age=60, no-store=x")], false),
            (&[(CC, "max-age=60, private")], false),
            (&[(CC, "max-age=60, private=\"a\"")], true),
            (&[(CC, "max-age=60, x=\"no-store, private\"")], true),
            (&[(CC, "max-age=60, no-store, must-understand")], true),
            (&[(CC, "max-age=60"), ("age", "60")], false),
            (
                &[(CC, "no-store"), ("cdn-cache-control", "max-age=60")],
                true,
            ),
            (
                &[(CC, "max-age=60"), ("cdn-cache-control", "no-store")],
                false,
            ),
            (&[(CC, "max-age=60"), ("vary", "a, *")], false),
            (&[(CC, "max-age=60"), ("vary", "a, b")], true),
        ] {
            assert_eq!(
                kept(200, lines, Circumstances::default()),
                expected,
                "{lines:?}"
            );
        }
    }

    #[test]
    fn any_final_status_with_an_explicit_lifetime() {
        for status in [
            200, 203, 204, 299, 301, 302, 303, 307, 308, 400, 404, 410, 499, 500, 503, 599,
        ] {
            assert!(
                kept(status, &[(CC, "max-age=60")], Circumstances::default()),
                "{status}"
            );
            let guessed = kept(status, &[("etag", "\"1\"")], Circumstances::default());
            let expected = matches!(status, 200 | 203 | 204 | 301 | 308 | 404 | 410);
            assert_eq!(guessed, expected, "{status}");
        }
        for status in [100, 103, 304, 416] {
            assert!(
                !kept(status, &[(CC, "max-age=60")], Circumstances::default()),
                "{status}"
            );
        }
        let odd = [(CC, "max-age=60, must-understand")];
        assert!(!kept(599, &odd, Circumstances::default()));
        for (content_range, expected) in
            [("bytes 0-4/10", true), ("bytes */10", false), ("x", false)]
        {
            let lines = [(CC, "max-age=60"), ("content-range", content_range)];
            assert_eq!(
                kept(206, &lines, Circumstances::default()),
                expected,
                "{content_range}"
            );
        }
    }

    #[test]
    fn authorization_and_cookies_need_leave() {
        let authorized = Circumstances {
            authorized: true,
            ..Circumstances::default()
        };
        for (line, expected) in [
            ("max-age=60", false),
            ("max-age=60, public", true),
            ("s-maxage=60", true),
            ("max-age=60, must-revalidate", true),
            ("max-age=60, proxy-revalidate", false),
        ] {
            assert_eq!(kept(200, &[(CC, line)], authorized), expected, "{line}");
        }
        let cookies = Circumstances {
            set_cookie: true,
            ..Circumstances::default()
        };
        let cookie = ("set-cookie", "a=b");
        let changed = ("last-modified", "Wed, 31 Dec 1997 00:00:00 GMT");
        for (lines, of, expected) in [
            (
                &[(CC, "max-age=60"), cookie][..],
                Circumstances::default(),
                false,
            ),
            (&[(CC, "max-age=60"), cookie], cookies, true),
            (&[changed, cookie], cookies, false),
        ] {
            assert_eq!(kept(200, lines, of), expected, "{lines:?}");
        }
        let refused = Circumstances {
            refused: true,
            ..Circumstances::default()
        };
        assert!(!kept(200, &[(CC, "max-age=60")], refused));
    }

    proptest! {
        /// What a caller's token produced is not shared without the origin's leave, nor a cookie
        /// without the route's.
        #[test]
        fn nothing_of_somebody(
            directives in proptest::collection::vec(
                prop_oneof![
                    Just("max-age=60"), Just("public"), Just("s-maxage=5"), Just("must-revalidate"),
                    Just("private"), Just("no-store"), Just("no-cache"), Just("stale-if-error=9"),
                    Just("x=\"public, s-maxage=9\""), Just("PRIVATE"), Just("proxy-revalidate"),
                ],
                0..6,
            ),
            status in 200_u16..600, authorized: bool, cookie: bool, set_cookie: bool, etag: bool,
        ) {
            let line = directives.join(", ");
            let mut map = HeaderMap::new();
            map.insert(header::CACHE_CONTROL, line.parse().unwrap());
            if cookie {
                map.insert(header::SET_COOKIE, "a=b".parse().unwrap());
            }
            if etag {
                map.insert(header::ETAG, "\"1\"".parse().unwrap());
            }
            let of = Circumstances { authorized, set_cookie, ..Circumstances::default() };
            let status = StatusCode::from_u16(status).unwrap();
            if entry(status, &map, of).is_some() {
                let says = |name: &str| directives.contains(&name);
                let leave = says("public") || says("s-maxage=5") || says("must-revalidate");
                prop_assert!(!authorized || leave);
                prop_assert!(!cookie || set_cookie);
                prop_assert!(!says("private") && !says("PRIVATE") && !says("no-store"));
            }
        }
    }
}
