//! Whether a stored response answers a request [RFC 9111 §4], by itself or after asking.
//!
//! 1. Fresh, and fresh enough for the client: it answers. The client's `max-age`, `min-fresh`,
//!    `no-cache` and `max-stale` are honoured [§5.2.1], and so is the place in the database's log that it
//!    must not be older than.
//! 2. Stale: within `stale-while-revalidate` it answers while it is asked for anew [RFC 5861 §3].
//! 3. Else the origin is asked. When that fails, it answers within `stale-if-error` [RFC 5861 §4],
//!    and, when the origin can't be reached at all, for [`UNREACHABLE_SECONDS_MAX`]
//!    [RFC 9111 §4.2.4]. Origin and client may each allow it; the longer time counts.
//! 4. `must-revalidate`, `proxy-revalidate`, `s-maxage` and `no-cache` forbid 2 and 3.

use http::{HeaderMap, StatusCode};
use shared::feed::Position;

use super::directive::Directives;
use super::entry::Entry;

/// For how many seconds after its freshness a response answers while the origin is unreachable, when
/// the origin did not say: a day.
pub const UNREACHABLE_SECONDS_MAX: u64 = 24 * 60 * 60;

/// What the client says about copies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a directive of its own"
)]
pub struct Wish {
    /// Nothing of this is to be stored, nor answered from a store.
    pub no_store: bool,
    /// The origin is to be asked.
    pub no_cache: bool,
    /// The origin is not to be asked: 504 when nothing is stored.
    pub only_if_cached: bool,
    /// Not older than so many seconds.
    pub max_age: Option<u64>,
    /// Still fresh for so many seconds.
    pub min_fresh: u64,
    /// Stale for so many seconds at most.
    pub max_stale: u64,
    /// Stale for so many seconds at most, where the origin fails [RFC 5861 §4].
    pub if_error: u64,
    /// It holds all that the database's log holds up to here. Where the client may say so, who asks for it
    /// sets it: it is no directive.
    pub since: Option<Position>,
}

impl Wish {
    /// The wish of a request.
    pub fn of(fields: &HeaderMap) -> Self {
        let directives = Directives::general(fields);
        Self {
            no_store: directives.has("no-store"),
            no_cache: directives.has("no-cache"),
            only_if_cached: directives.has("only-if-cached"),
            max_age: directives.seconds("max-age"),
            min_fresh: directives.seconds("min-fresh").unwrap_or(0),
            // Without a value any staleness is fine.
            max_stale: if directives.is_bare("max-stale") {
                super::directive::SECONDS_MAX
            } else {
                directives.seconds("max-stale").unwrap_or(0)
            },
            if_error: directives.seconds("stale-if-error").unwrap_or(0),
            since: None,
        }
    }

    /// Whether a copy holds what the client has to see.
    pub fn sees(&self, entry: &Entry) -> bool {
        self.since
            .is_none_or(|since| entry.label().is_some_and(|label| label >= since))
    }
}

/// What becomes of a request for which something is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reuse {
    /// The stored response answers.
    Fresh,
    /// It answers although it is stale, as the client allows.
    Stale,
    /// It answers, and is asked for anew behind the answer.
    StaleWhileRevalidate,
    /// The origin is asked: it is stale.
    Revalidate,
    /// The origin is asked: the client wants it so.
    Reload,
}

/// Decides.
pub fn reuse(entry: &Entry, wish: &Wish, now_ms: u64) -> Reuse {
    let age = entry.age(now_ms);
    let too_old = wish.max_age.is_some_and(|limit| limit == 0 || age > limit);
    if wish.no_cache || wish.no_store || too_old || !wish.sees(entry) {
        return Reuse::Reload;
    }
    if entry.no_cache {
        return Reuse::Revalidate;
    }
    let ttl = entry.ttl(now_ms);
    if ttl > 0 {
        let enough = u64::try_from(ttl).unwrap_or(0) >= wish.min_fresh;
        return if enough { Reuse::Fresh } else { Reuse::Reload };
    }
    if entry.must_revalidate || wish.min_fresh > 0 {
        return Reuse::Revalidate;
    }
    // What just ended is stale for the second that runs.
    let stale = ttl.unsigned_abs();
    if stale < entry.while_revalidate_seconds {
        Reuse::StaleWhileRevalidate
    } else if stale < wish.max_stale {
        Reuse::Stale
    } else {
        Reuse::Revalidate
    }
}

/// How asking failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// The origin could not be reached, or did not end its answer.
    Unreachable,
    /// It answered with this status.
    Status(StatusCode),
}

/// Whether the stored response answers in place of a failure, which the client allows for
/// `allowed_seconds` after its freshness.
pub fn despite(entry: &Entry, failure: Failure, allowed_seconds: u64, now_ms: u64) -> bool {
    if entry.must_revalidate || entry.no_cache {
        return false;
    }
    let stale = entry.ttl(now_ms).min(0).unsigned_abs();
    let unsaid = match failure {
        Failure::Unreachable => UNREACHABLE_SECONDS_MAX,
        Failure::Status(status) if matches!(status.as_u16(), 500 | 502..=504) => 0,
        Failure::Status(_) => return false,
    };
    stale
        < entry
            .if_error_seconds
            .unwrap_or(unsaid)
            .max(allowed_seconds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn wish(line: &str) -> Wish {
        let mut fields = HeaderMap::new();
        fields.insert("cache-control", line.parse().unwrap());
        Wish::of(&fields)
    }

    /// Fresh for ten seconds from zero.
    fn entry() -> Entry {
        Entry {
            status: 200,
            lifetime_seconds: 10,
            ..Entry::default()
        }
    }

    #[test]
    fn decisions() {
        let swr = Entry {
            while_revalidate_seconds: 5,
            ..entry()
        };
        let strict = Entry {
            must_revalidate: true,
            ..swr.clone()
        };
        let never = Entry {
            no_cache: true,
            ..swr.clone()
        };
        for (entry, line, seconds, expected) in [
            (&entry(), "", 9, Reuse::Fresh),
            (&entry(), "", 10, Reuse::Revalidate),
            (&swr, "", 10, Reuse::StaleWhileRevalidate),
            (&swr, "", 14, Reuse::StaleWhileRevalidate),
            (&swr, "", 15, Reuse::Revalidate),
            (&strict, "", 9, Reuse::Fresh),
            (&strict, "", 10, Reuse::Revalidate),
            (&strict, "max-stale", 10, Reuse::Revalidate),
            (&never, "", 1, Reuse::Revalidate),
            (&entry(), "no-cache", 1, Reuse::Reload),
            (&entry(), "no-store", 1, Reuse::Reload),
            (&entry(), "max-age=0", 0, Reuse::Reload),
            (&entry(), "max-age=3", 3, Reuse::Fresh),
            (&entry(), "max-age=3", 4, Reuse::Reload),
            (&entry(), "min-fresh=3", 7, Reuse::Fresh),
            (&entry(), "min-fresh=3", 8, Reuse::Reload),
            (&entry(), "max-stale=5", 14, Reuse::Stale),
            (&entry(), "max-stale=5", 15, Reuse::Revalidate),
            (&entry(), "max-stale=0", 10, Reuse::Revalidate),
            (&entry(), "max-stale", 99_999, Reuse::Stale),
        ] {
            assert_eq!(
                reuse(entry, &wish(line), seconds * 1000),
                expected,
                "{line} {seconds}"
            );
        }
        assert!(wish("Only-If-Cached").only_if_cached);
    }

    #[test]
    fn failures() {
        let allowed = Entry {
            if_error_seconds: Some(5),
            ..entry()
        };
        let strict = Entry {
            must_revalidate: true,
            ..allowed.clone()
        };
        let never = Entry {
            no_cache: true,
            ..allowed.clone()
        };
        let status = |code| Failure::Status(StatusCode::from_u16(code).unwrap());
        let day = 10 + UNREACHABLE_SECONDS_MAX;
        for (entry, failure, line, seconds, expected) in [
            (&entry(), Failure::Unreachable, "", 11, true),
            (&entry(), Failure::Unreachable, "", day, false),
            (&entry(), status(503), "", 11, false),
            (&allowed, status(503), "", 14, true),
            (&allowed, status(500), "", 14, true),
            (&allowed, status(503), "", 15, false),
            (&allowed, Failure::Unreachable, "", 15, false),
            (&allowed, status(404), "", 11, false),
            (&allowed, status(501), "", 11, false),
            (&strict, Failure::Unreachable, "", 11, false),
            (&never, status(503), "", 1, false),
            (&entry(), status(503), "stale-if-error=5", 14, true),
            (&entry(), status(503), "stale-if-error=5", 15, false),
            (&entry(), status(503), "stale-if-error=x", 10, false),
            (&entry(), status(404), "stale-if-error=5", 14, false),
            (&allowed, status(503), "stale-if-error=9", 18, true),
            (&allowed, status(503), "stale-if-error=1", 14, true),
            (&strict, status(503), "stale-if-error=5", 11, false),
            (&never, status(503), "stale-if-error=5", 1, false),
        ] {
            assert_eq!(
                despite(entry, failure, wish(line).if_error, seconds * 1000),
                expected,
                "{failure:?} {line} {seconds}"
            );
        }
    }

    proptest! {
        /// Nothing answers beyond its freshness and the staleness that origin or client allow.
        #[test]
        fn never_beyond_what_is_allowed(
            age in 0_u64..100, lifetime in 0_u64..100, swr in 0_u64..100, sie in proptest::option::of(0_u64..100),
            strict: bool, no_cache: bool, max_stale in 0_u64..100, if_error in 0_u64..100, now in 0_u64..400,
        ) {
            let entry = Entry {
                age_seconds: age, lifetime_seconds: lifetime, while_revalidate_seconds: swr,
                if_error_seconds: sie, must_revalidate: strict, no_cache, ..Entry::default()
            };
            let wish = Wish { max_stale, ..Wish::default() };
            let current = age + now;
            let answers = !matches!(reuse(&entry, &wish, now * 1000), Reuse::Revalidate | Reuse::Reload);
            let fresh = current < lifetime && !no_cache;
            if strict || no_cache {
                prop_assert!(!answers || fresh);
                prop_assert!(!despite(&entry, Failure::Unreachable, if_error, now * 1000));
            }
            prop_assert!(!answers || current < lifetime + swr.max(max_stale));
            let failed = despite(&entry, Failure::Status(StatusCode::BAD_GATEWAY), if_error, now * 1000);
            prop_assert!(!failed || current < lifetime + sie.unwrap_or(0).max(if_error));
        }
    }
}
