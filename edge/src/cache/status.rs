//! How the cache treated a request: `Cache-Status` [RFC 9211] and a word for the log.

use http::StatusCode;

/// Why a request went on to the origin [RFC 9211 §2.2].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forward {
    /// The cache is not for it.
    Bypass,
    /// Its method can't be answered from a store.
    Method,
    /// Nothing is stored of the URL.
    UriMiss,
    /// Something is, for other requests.
    VaryMiss,
    /// What is stored is stale.
    Stale,
    /// The client wants the origin asked.
    Request,
    /// What is stored is another part of the whole.
    Partial,
}

/// How a request was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CacheStatus {
    /// From the store, fresh for so many seconds more; below zero it is stale.
    Hit {
        /// Seconds.
        ttl: i64,
        /// Whether nobody knows if it was purged since: the feed can't be reached.
        unsure: bool,
    },
    /// By the origin.
    Forwarded {
        /// Why.
        why: Forward,
        /// What it said, where the client gets another status.
        status: Option<StatusCode>,
        /// Whether the answer is stored now.
        stored: bool,
    },
    /// By what another request fetched.
    Shared {
        /// Why this one wanted it.
        why: Forward,
        /// Whether it waited for it; else it was there already, in the upper tier.
        waited: bool,
    },
    /// From the store, stale, since the origin failed.
    Instead {
        /// Seconds of freshness left, below zero.
        ttl: i64,
        /// What the origin said, if anything.
        status: Option<StatusCode>,
    },
    /// By nobody: only a copy would do, and there is none.
    Unmet,
}

impl Forward {
    const fn token(self) -> &'static str {
        match self {
            Self::Bypass => "bypass",
            Self::Method => "method",
            Self::UriMiss => "uri-miss",
            Self::VaryMiss => "vary-miss",
            Self::Stale => "stale",
            Self::Request => "request",
            Self::Partial => "partial",
        }
    }
}

impl CacheStatus {
    /// The field's value.
    pub fn field(self) -> String {
        let status = |status: Option<StatusCode>| {
            status.map_or_else(String::new, |status| {
                format!("; fwd-status={}", status.as_u16())
            })
        };
        match self {
            Self::Hit { ttl, unsure } => {
                let detail = if unsure { "; detail=feed-stale" } else { "" };
                format!("headgate; hit; ttl={ttl}{detail}")
            }
            Self::Forwarded {
                why,
                status: said,
                stored,
            } => {
                let stored = if stored { "; stored" } else { "" };
                format!("headgate; fwd={}{}{stored}", why.token(), status(said))
            }
            Self::Shared { why, waited } => {
                let how = if waited { "collapsed" } else { "detail=shield" };
                format!("headgate; fwd={}; {how}", why.token())
            }
            Self::Instead { ttl, status: said } => {
                format!(
                    "headgate; fwd=stale{}; ttl={ttl}; detail=stale-if-error",
                    status(said)
                )
            }
            Self::Unmet => "headgate; detail=only-if-cached".to_owned(),
        }
    }

    /// The log's word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Hit { unsure: true, .. } => "unsure_hit",
            Self::Hit { ttl, .. } if ttl > 0 => "hit",
            Self::Hit { .. } | Self::Instead { .. } => "stale_hit",
            Self::Forwarded { why, .. } => match why {
                Forward::Stale => "stale",
                Forward::Bypass | Forward::Method => "bypass",
                Forward::Request => "reload",
                Forward::UriMiss | Forward::VaryMiss | Forward::Partial => "miss",
            },
            Self::Shared { waited: true, .. } => "collapsed",
            Self::Shared { .. } => "shield_hit",
            Self::Unmet => "unmet",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_structured() {
        for (status, expected) in [
            (
                CacheStatus::Hit {
                    ttl: 7,
                    unsure: false,
                },
                "headgate; hit; ttl=7",
            ),
            (
                CacheStatus::Hit {
                    ttl: 7,
                    unsure: true,
                },
                "headgate; hit; ttl=7; detail=feed-stale",
            ),
            (
                CacheStatus::Forwarded {
                    why: Forward::UriMiss,
                    status: None,
                    stored: true,
                },
                "headgate; fwd=uri-miss; stored",
            ),
            (
                CacheStatus::Forwarded {
                    why: Forward::Stale,
                    status: Some(StatusCode::NOT_MODIFIED),
                    stored: true,
                },
                "headgate; fwd=stale; fwd-status=304; stored",
            ),
            (
                CacheStatus::Instead {
                    ttl: -3,
                    status: Some(StatusCode::BAD_GATEWAY),
                },
                "headgate; fwd=stale; fwd-status=502; ttl=-3; detail=stale-if-error",
            ),
            (
                CacheStatus::Shared {
                    why: Forward::UriMiss,
                    waited: true,
                },
                "headgate; fwd=uri-miss; collapsed",
            ),
            (
                CacheStatus::Shared {
                    why: Forward::Stale,
                    waited: false,
                },
                "headgate; fwd=stale; detail=shield",
            ),
            (CacheStatus::Unmet, "headgate; detail=only-if-cached"),
        ] {
            assert_eq!(status.field(), expected);
            assert!(
                sfv::Parser::new(&status.field())
                    .parse::<sfv::List>()
                    .is_ok()
            );
        }
    }
}
