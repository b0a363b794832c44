//! Versions of the API. The origin speaks only the latest; the edge carries older ones up and down.

use std::fmt;
use std::str::FromStr;

/// A version that a client may ask for, by path (`/v2/…`) or by media type
/// (`application/vnd.headgate.v2+json`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ApiVersion {
    /// The deprecated one: money as decimal text, and merge patches only.
    V1,
    /// The current one.
    V2,
}

impl ApiVersion {
    /// What a request gets that names none, and what the origin speaks.
    pub const LATEST: Self = Self::V2;
    /// All that are served, newest first.
    pub const ALL: [Self; 2] = [Self::V2, Self::V1];

    /// As it stands in a path.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V1 => "v1",
            Self::V2 => "v2",
        }
    }
}

impl fmt::Display for ApiVersion {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// The text names no version that is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no such version of the API")]
pub struct UnknownVersion;

impl FromStr for ApiVersion {
    type Err = UnknownVersion;

    fn from_str(text: &str) -> Result<Self, UnknownVersion> {
        Self::ALL
            .into_iter()
            .find(|version| version.as_str() == text)
            .ok_or(UnknownVersion)
    }
}
