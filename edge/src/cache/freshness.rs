//! For how long a response is fresh, and how old it was when it came [RFC 9111 §4.2].
//!
//! 1. The targeted field speaks alone [RFC 9213 §2.2]; else `s-maxage`, `max-age`, `Expires` less
//!    `Date`, in this order. An `Expires` that can't be read, or stands twice, is in the past.
//! 2. Without any of them, a tenth of the time since `Last-Modified`, at most
//!    [`HEURISTIC_SECONDS_MAX`], where the status or `public` allows to guess.
//! 3. The age is the larger of what `Age` and the way here say, and what `Date` says. Of several ages
//!    the first counts; one that is no number is not there.

use http::{HeaderMap, StatusCode, header};

use super::date;
use super::directive::{Directives, delta_seconds};

/// The longest lifetime that is guessed: a day.
pub const HEURISTIC_SECONDS_MAX: u64 = 24 * 60 * 60;
/// The share of the time since the last change for which nothing else is expected to change.
const HEURISTIC_SHARE: u64 = 10;

/// How long a response is fresh, counted from age zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifetime {
    /// Seconds.
    pub seconds: u64,
    /// Whether the origin said so; else it is a guess.
    pub explicit: bool,
}

/// The lifetime of a response that came at `now_seconds`; `None` when nothing tells.
pub fn lifetime(status: StatusCode, fields: &HeaderMap, now_seconds: i64) -> Option<Lifetime> {
    let (directives, targeted) = Directives::ours(fields);
    let explicit = directives
        .seconds("s-maxage")
        .or_else(|| directives.seconds("max-age"))
        .or_else(|| expires(fields, now_seconds).filter(|_| !targeted));
    if let Some(seconds) = explicit {
        return Some(Lifetime {
            seconds,
            explicit: true,
        });
    }
    if !is_heuristic(status) && !directives.has("public") {
        return None;
    }
    let changed = moment(fields, &header::LAST_MODIFIED, now_seconds)?;
    let since = sent(fields, now_seconds).saturating_sub(changed);
    let seconds = (u64::try_from(since).unwrap_or(0) / HEURISTIC_SHARE).min(HEURISTIC_SECONDS_MAX);
    Some(Lifetime {
        seconds,
        explicit: false,
    })
}

/// The age of a response when it came at `now_seconds`, asked for `delay_seconds` before.
pub fn initial_age(fields: &HeaderMap, delay_seconds: u64, now_seconds: i64) -> u64 {
    let said = fields
        .get(header::AGE)
        .and_then(|value| value.to_str().ok()?.split(',').next())
        .and_then(|first| delta_seconds(first.trim()))
        .unwrap_or(0);
    let apparent = now_seconds.saturating_sub(sent(fields, now_seconds));
    let apparent = u64::try_from(apparent).unwrap_or(0);
    said.saturating_add(delay_seconds).max(apparent)
}

/// When the origin made it: `Date`, else when it came.
fn sent(fields: &HeaderMap, now_seconds: i64) -> i64 {
    moment(fields, &header::DATE, now_seconds).unwrap_or(now_seconds)
}

fn expires(fields: &HeaderMap, now_seconds: i64) -> Option<u64> {
    let mut lines = fields.get_all(header::EXPIRES).iter();
    lines.next()?;
    if lines.next().is_some() {
        return Some(0);
    }
    let until = moment(fields, &header::EXPIRES, now_seconds).unwrap_or(i64::MIN);
    let seconds = until.saturating_sub(sent(fields, now_seconds));
    Some(
        u64::try_from(seconds)
            .unwrap_or(0)
            .min(super::directive::SECONDS_MAX),
    )
}

/// A field's date.
pub fn moment(fields: &HeaderMap, name: &header::HeaderName, now_seconds: i64) -> Option<i64> {
    date::parse(fields.get(name)?.to_str().ok()?, now_seconds)
}

/// Whether a lifetime may be guessed for the status [RFC 9110 §15.1].
pub fn is_heuristic(status: StatusCode) -> bool {
    matches!(
        status.as_u16(),
        200 | 203 | 204 | 206 | 300 | 301 | 308 | 404 | 405 | 410 | 414 | 501
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const CC: &str = "cache-control";
    const CDN: &str = "cdn-cache-control";
    const AT: &str = "Thu, 01 Jan 2026 00:00:00 GMT";
    const NOW: i64 = 1_767_225_600;

    fn fields(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in lines {
            map.append(*name, value.parse().unwrap());
        }
        map
    }

    #[test]
    fn lifetimes_by_precedence() {
        let later = ("expires", "Thu, 01 Jan 2026 01:00:00 GMT");
        for (lines, expected) in [
            (&[][..], None),
            (&[(CC, "max-age=60")], Some((60, true))),
            (&[(CC, "max-age=60, s-maxage=5"), later], Some((5, true))),
            (&[(CC, "max-age=60"), later], Some((60, true))),
            (&[(CC, "max-age=0"), later], Some((0, true))),
            (&[("date", AT), later], Some((3600, true))),
            (&[later], Some((3600, true))),
            (
                &[("date", "Thu, 01 Jan 2026 02:00:00 GMT"), later],
                Some((0, true)),
            ),
            (&[("expires", "0")], Some((0, true))),
            (
                &[("expires", "Thu, 01 Jan 2026 01:00:00 UTC")],
                Some((0, true)),
            ),
            (&[later, later], Some((0, true))),
            (&[(CC, "max-age=10"), (CDN, "max-age=20")], Some((20, true))),
            (&[(CC, "max-age=10"), (CDN, "public")], None),
            (&[later, (CDN, "public")], None),
            (
                &[("last-modified", "Wed, 31 Dec 2025 00:00:00 GMT")],
                Some((8640, false)),
            ),
            (
                &[("last-modified", "Wed, 31 Dec 1997 00:00:00 GMT")],
                Some((HEURISTIC_SECONDS_MAX, false)),
            ),
            (
                &[("last-modified", "Fri, 02 Jan 2026 00:00:00 GMT")],
                Some((0, false)),
            ),
        ] {
            let found = lifetime(StatusCode::OK, &fields(lines), NOW);
            let found = found.map(|found| (found.seconds, found.explicit));
            assert_eq!(found, expected, "{lines:?}");
        }
    }

    #[test]
    fn only_some_statuses_are_guessed() {
        let lines = [("last-modified", "Wed, 31 Dec 2025 00:00:00 GMT")];
        for (status, guessed) in [
            (200, true),
            (203, true),
            (204, true),
            (404, true),
            (405, true),
            (410, true),
            (414, true),
            (501, true),
            (201, false),
            (202, false),
            (302, false),
            (403, false),
            (502, false),
            (503, false),
            (504, false),
            (599, false),
        ] {
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(
                lifetime(status, &fields(&lines), NOW).is_some(),
                guessed,
                "{status}"
            );
        }
        let public = [lines[0], (CC, "public")];
        let odd = StatusCode::from_u16(599).unwrap();
        assert!(lifetime(odd, &fields(&public), NOW).is_some());
    }

    #[test]
    fn ages() {
        for (lines, delay, expected) in [
            (&[][..], 0, 0),
            (&[("age", "7")], 0, 7),
            (&[("age", "7")], 2, 9),
            (&[("age", "7200, 0")], 0, 7200),
            (&[("age", "0"), ("age", "7200")], 0, 0),
            (&[("age", "0,7200")], 0, 0),
            (&[("age", "-7200")], 0, 0),
            (&[("age", "7200.0")], 0, 0),
            (&[("age", "abc")], 0, 0),
            (&[("date", "Wed, 31 Dec 2025 23:59:00 GMT")], 0, 60),
            (
                &[("date", "Wed, 31 Dec 2025 23:59:00 GMT"), ("age", "90")],
                0,
                90,
            ),
            (&[("date", "Thu, 01 Jan 2026 00:01:00 GMT")], 0, 0),
            (&[("date", "yesterday")], 0, 0),
        ] {
            assert_eq!(
                initial_age(&fields(lines), delay, NOW),
                expected,
                "{lines:?}"
            );
        }
    }
}
