//! When a version of the API is deprecated, switched off for a while, and gone.

use std::fmt;

use serde::{Deserialize, Serialize};
use shared::version::ApiVersion;

/// A moment, written in the file as RFC 3339.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Moment(chrono::DateTime<chrono::Utc>);

impl Moment {
    /// Unix seconds.
    pub const fn unix_seconds(self) -> i64 {
        self.0.timestamp()
    }

    /// As HTTP writes it: IMF-fixdate [RFC 9110 §5.6.7].
    pub fn http_date(self) -> String {
        self.0.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
            .fmt(out)
    }
}

impl From<Moment> for String {
    fn from(moment: Moment) -> Self {
        moment.to_string()
    }
}

impl TryFrom<String> for Moment {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match chrono::DateTime::parse_from_rfc3339(&text) {
            Ok(time) => Ok(Self(time.to_utc())),
            Err(_) => Err(format!(
                "`{text}` is no time; write it as in 2026-07-01T00:00:00Z"
            )),
        }
    }
}

/// The end of a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lifecycle {
    /// Since when it is deprecated [RFC 9745].
    pub deprecated: Moment,
    /// When it is gone: 410 from then on [RFC 8594].
    pub sunset: Moment,
    /// Times between the two in which it answers 503, so that its users notice.
    #[serde(default)]
    pub brownouts: Vec<Brownout>,
}

/// A time in which a version is switched off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Brownout {
    /// Its first moment.
    pub from: Moment,
    /// The first moment after it.
    pub to: Moment,
}

impl Lifecycle {
    /// What is wrong with the end of the version of this name.
    pub(super) fn check(&self, name: &str) -> Result<(), String> {
        match name.parse::<ApiVersion>() {
            Err(_) => return Err("no version of this name is served".into()),
            Ok(ApiVersion::LATEST) => return Err("the latest version can't be deprecated".into()),
            Ok(_) => {}
        }
        if self.sunset <= self.deprecated {
            return Err("sunset must be after deprecated".into());
        }
        for brownout in &self.brownouts {
            if brownout.to <= brownout.from {
                return Err("a brownout must end after it begins".into());
            }
            if brownout.from < self.deprecated || self.sunset < brownout.to {
                return Err("a brownout must lie between deprecated and sunset".into());
            }
        }
        Ok(())
    }
}
