//! Whether a response may be stored in a shared cache, and for how long [RFC 9111 §3, §4.2].
//!
//! 1. `CDN-Cache-Control` [RFC 9213] takes the place of `Cache-Control` when it is well-formed.
//! 2. `no-store`, `private`, `no-cache`, `Set-Cookie` and any `Vary` forbid storing: this cache
//!    keeps one variant, fetched for nobody in particular.
//! 3. Freshness must be explicit: `s-maxage` before `max-age`.

use http::{HeaderMap, HeaderValue, StatusCode, header};
use shared::header::CDN_CACHE_CONTROL;

/// Longest lifetime: a year, beyond which nobody means it.
pub const LIFETIME_SECONDS_MAX: u64 = 365 * 24 * 60 * 60;

/// For how many seconds the response may be stored, counted from age zero; `None` for not at all.
pub fn lifetime_seconds(status: StatusCode, fields: &HeaderMap) -> Option<u64> {
    if status != StatusCode::OK
        || fields.contains_key(header::SET_COOKIE)
        || fields.contains_key(header::VARY)
    {
        return None;
    }
    let lifetime = match targeted(fields) {
        Targeted::Silent => general(fields),
        Targeted::Forbids => None,
        Targeted::Allows(seconds) => Some(seconds),
    };
    lifetime
        .filter(|seconds| *seconds > 0)
        .map(|seconds| seconds.min(LIFETIME_SECONDS_MAX))
}

/// The targeted field's word.
enum Targeted {
    /// It is missing or malformed, which RFC 9213 §2.2 treats alike.
    Silent,
    /// Not to be stored.
    Forbids,
    /// For so many seconds.
    Allows(u64),
}

fn targeted(fields: &HeaderMap) -> Targeted {
    let Some(directives) = dictionary(fields) else {
        return Targeted::Silent;
    };
    let value = |name: &str| item(directives.get(name)?);
    let set = |name: &str| value(name).is_some_and(|value| *value != sfv::BareItem::Boolean(false));
    if ["no-store", "private", "no-cache"].into_iter().any(set) {
        return Targeted::Forbids;
    }
    let seconds = |name: &str| match value(name)? {
        sfv::BareItem::Integer(seconds) => u64::try_from(i64::from(*seconds)).ok(),
        _ => None,
    };
    seconds("s-maxage")
        .or_else(|| seconds("max-age"))
        .map_or(Targeted::Forbids, Targeted::Allows)
}

/// The field's directives; `None` unless there are any.
fn dictionary(fields: &HeaderMap) -> Option<sfv::Dictionary> {
    let mut lines = fields.get_all(CDN_CACHE_CONTROL).iter().peekable();
    lines.peek()?;
    let joined = lines
        .map(HeaderValue::as_bytes)
        .collect::<Vec<_>>()
        .join(&b", "[..]);
    let directives = sfv::Parser::new(&joined).parse::<sfv::Dictionary>().ok()?;
    (!directives.is_empty()).then_some(directives)
}

fn item(entry: &sfv::ListEntry) -> Option<&sfv::BareItem> {
    match entry {
        sfv::ListEntry::Item(item) => Some(&item.bare_item),
        sfv::ListEntry::InnerList(_) => None,
    }
}

/// `Cache-Control`'s word.
fn general(fields: &HeaderMap) -> Option<u64> {
    let mut max_age = None;
    let mut shared_max_age = None;
    for line in fields.get_all(header::CACHE_CONTROL) {
        for directive in line.to_str().ok()?.split(',') {
            let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
            let value = value.trim().trim_matches('"');
            match name.trim().to_ascii_lowercase().as_str() {
                "no-store" | "private" | "no-cache" => return None,
                "s-maxage" => shared_max_age = Some(delta_seconds(value)?),
                "max-age" => max_age = Some(delta_seconds(value)?),
                _ => {}
            }
        }
    }
    shared_max_age.or(max_age)
}

/// Digits only; more than fit mean the longest time [RFC 9111 §1.2.2].
fn delta_seconds(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(u64::MAX))
}

/// The age that a response arrived with: its `Age` field, zero if it is missing or no number.
pub fn age_seconds(fields: &HeaderMap) -> u64 {
    fields
        .get(header::AGE)
        .and_then(|value| delta_seconds(value.to_str().ok()?.trim()))
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in lines {
            map.append(*name, value.parse().unwrap());
        }
        map
    }

    #[test]
    fn lifetimes() {
        const CC: &str = "cache-control";
        const CDN: &str = "cdn-cache-control";
        for (lines, expected) in [
            (&[][..], None),
            (&[(CC, "max-age=60")], Some(60)),
            (&[(CC, "MAX-AGE=60")], Some(60)),
            (&[(CC, "max-age=60, s-maxage=5")], Some(5)),
            (&[(CC, "max-age=60"), (CC, "no-store")], None),
            (&[(CC, "No-Store, max-age=60")], None),
            (&[(CC, "private, max-age=60")], None),
            (&[(CC, "private=\"x\", max-age=60")], None),
            (&[(CC, "max-age=0, must-revalidate")], None),
            (&[(CC, "max-age=-1")], None),
            (&[(CC, "max-age=1.5")], None),
            (
                &[(CC, "max-age=99999999999999999999")],
                Some(LIFETIME_SECONDS_MAX),
            ),
            (
                &[
                    (CC, "public, max-age=0, must-revalidate"),
                    (CDN, "max-age=3600, stale-while-revalidate=60"),
                ],
                Some(3600),
            ),
            (&[(CC, "no-store"), (CDN, "max-age=10")], Some(10)),
            (&[(CC, "max-age=10"), (CDN, "no-store")], None),
            (&[(CC, "max-age=10"), (CDN, "private")], None),
            (&[(CC, "max-age=10"), (CDN, "max-age=\"20\"")], None),
            (&[(CC, "max-age=10"), (CDN, "MAX AGE")], Some(10)),
            (&[(CC, "max-age=10"), (CDN, "")], Some(10)),
            (&[(CC, "max-age=60"), ("set-cookie", "a=b")], None),
            (&[(CC, "max-age=60"), ("vary", "accept")], None),
        ] {
            assert_eq!(
                lifetime_seconds(StatusCode::OK, &fields(lines)),
                expected,
                "{lines:?}"
            );
        }
        for status in [204, 301, 404, 500] {
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(
                lifetime_seconds(status, &fields(&[(CC, "max-age=60")])),
                None
            );
        }
    }

    #[test]
    fn ages() {
        for (value, expected) in [("7", 7), (" 7 ", 7), ("-1", 0), ("x", 0), ("7, 8", 0)] {
            assert_eq!(age_seconds(&fields(&[("age", value)])), expected, "{value}");
        }
        assert_eq!(age_seconds(&HeaderMap::new()), 0);
    }
}
