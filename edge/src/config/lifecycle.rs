//! When a version of the API is deprecated, switched off for a while, and gone.

use std::fmt;

use chrono::{DateTime, Datelike, SecondsFormat, Timelike, Utc};
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use shared::version::ApiVersion;

/// A moment, written in the file as RFC 3339. What is compiled in holds Unix seconds, so that the
/// Worker needs no reader of dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(DateTime<Utc>);

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

impl Moment {
    /// That of Unix seconds.
    pub fn at(unix_seconds: i64) -> Option<Self> {
        DateTime::from_timestamp(unix_seconds, 0).map(Self)
    }

    /// Unix seconds.
    pub const fn unix_seconds(self) -> i64 {
        self.0.timestamp()
    }

    /// As HTTP writes it: IMF-fixdate [RFC 9110 §5.6.7].
    pub fn http_date(self) -> String {
        let name = |names: &[&'static str], place: u32| {
            let place = usize::try_from(place).unwrap_or_default();
            names.get(place).copied().unwrap_or_default()
        };
        format!(
            "{}, {:02} {} {} {:02}:{:02}:{:02} GMT",
            name(&DAYS, self.0.weekday().num_days_from_monday()),
            self.0.day(),
            name(&MONTHS, self.0.month0()),
            self.0.year(),
            self.0.hour(),
            self.0.minute(),
            self.0.second(),
        )
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.to_rfc3339_opts(SecondsFormat::Secs, true).fmt(out)
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.unix_seconds())
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl Visitor<'_> for Reader {
    type Value = Moment;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a time such as \"2026-07-01T00:00:00Z\"")
    }

    fn visit_i64<E: de::Error>(self, unix_seconds: i64) -> Result<Moment, E> {
        Moment::at(unix_seconds).ok_or_else(|| E::custom("no such time"))
    }

    fn visit_u64<E: de::Error>(self, unix_seconds: u64) -> Result<Moment, E> {
        self.visit_i64(i64::try_from(unix_seconds).unwrap_or(i64::MAX))
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn visit_str<E: de::Error>(self, text: &str) -> Result<Moment, E> {
        match DateTime::parse_from_rfc3339(text) {
            Ok(time) => Ok(Moment(time.to_utc())),
            Err(_) => Err(E::custom(format_args!(
                "`{text}` is no time; write it as in 2026-07-01T00:00:00Z"
            ))),
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
