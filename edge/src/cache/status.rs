//! How the cache treated a request: `Cache-Status` [RFC 9211] and a word for the log.

/// How a request was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CacheStatus {
    /// From the store, fresh for so many seconds more.
    Hit {
        /// Seconds.
        ttl: i64,
    },
    /// By the origin, since nothing was stored.
    Miss {
        /// Whether the answer is stored now.
        stored: bool,
    },
    /// By the origin, since what was stored is stale.
    Stale {
        /// Whether the answer is stored now.
        stored: bool,
    },
}

impl CacheStatus {
    /// The field's value.
    pub fn field(self) -> String {
        match self {
            Self::Hit { ttl } => format!("headgate; hit; ttl={ttl}"),
            Self::Miss { stored: true } => "headgate; fwd=uri-miss; stored".to_owned(),
            Self::Miss { stored: false } => "headgate; fwd=uri-miss".to_owned(),
            Self::Stale { stored: true } => "headgate; fwd=stale; stored".to_owned(),
            Self::Stale { stored: false } => "headgate; fwd=stale".to_owned(),
        }
    }

    /// The log's word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Hit { .. } => "hit",
            Self::Miss { .. } => "miss",
            Self::Stale { .. } => "stale",
        }
    }
}
