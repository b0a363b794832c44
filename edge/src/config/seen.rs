//! What is told of requests, and to whom.

use serde::{Deserialize, Serialize};

/// What becomes of the access log's lines.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessLog {
    /// Of how many requests that went well there is a line: a share from 0 to 1, the default. Errors (400
    /// and above) always have theirs.
    #[serde(default)]
    pub sample: Share,
    /// Where lines are sent as well, in batches, a line of JSON each: an absolute URL. The deployment's
    /// `ACCESS_LOG_URL` wins.
    #[serde(default)]
    pub ship_to: Option<String>,
    /// Every ten seconds in which there were requests, a line with their sums. Sampling takes nothing from
    /// them.
    #[serde(default)]
    pub metrics: bool,
}

/// What becomes of traces.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Traces {
    /// How many traces are kept, here and by whoever continues them: a share from 0 to 1, the default. One
    /// that its client does not want kept is not.
    #[serde(default)]
    pub sample: Share,
    /// Where spans are sent, by OTLP: a collector's URL without `/v1/traces`. The deployment's
    /// `OTEL_EXPORTER_OTLP_ENDPOINT` wins.
    #[serde(default)]
    pub collector: Option<String>,
}

/// A share of all, in millionths; the file has it as a number from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Share(u32);

/// All of it.
const WHOLE: u32 = 1_000_000;

impl Default for Share {
    fn default() -> Self {
        Self(WHOLE)
    }
}

impl Share {
    /// So many millionths, at most all.
    pub fn millionths(count: u32) -> Self {
        Self(count.min(WHOLE))
    }

    /// Whether it leaves anything out.
    pub fn is_whole(self) -> bool {
        self.0 >= WHOLE
    }

    /// Whether it holds what drew this number, all of which are as likely.
    pub fn holds(self, drawn: u32) -> bool {
        u64::from(drawn) * u64::from(WHOLE) < (u64::from(self.0) << 32)
    }

    /// As the file has it.
    pub fn as_number(self) -> f64 {
        f64::from(self.0) / f64::from(WHOLE)
    }
}

impl From<Share> for f64 {
    fn from(share: Share) -> Self {
        share.as_number()
    }
}

impl TryFrom<f64> for Share {
    type Error = &'static str;

    fn try_from(share: f64) -> Result<Self, Self::Error> {
        if !(0.0..=1.0).contains(&share) {
            // Without the number: what writes one is six kilobytes, and the Worker reads shares, too.
            return Err("sample is a share, a number from 0 to 1");
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a whole number from 0 to a million"
        )]
        let count = (share * f64::from(WHOLE)).round() as u32;
        Ok(Self(count))
    }
}

/// What is wrong with a URL that something is sent to.
pub(super) fn check_url(name: &str, url: Option<&String>) -> Result<(), String> {
    let good = |url: &String| {
        let rest = url
            .strip_prefix("https://")
            .or_else(|| url.strip_prefix("http://"));
        rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'))
    };
    match url {
        Some(url) if !good(url) => Err(format!(
            "{name} must begin with http:// or https:// and a host"
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_holds_its_part() {
        for (share, drawn, expected) in [
            (1.0, u32::MAX, true),
            (0.0, 0, false),
            (0.5, u32::MAX / 2, true),
            (0.5, u32::MAX / 2 + 1, false),
            (0.01, 42_949_672, true),
            (0.01, 42_949_673, false),
        ] {
            let held = Share::try_from(share).unwrap().holds(drawn);
            assert_eq!(held, expected, "{share} {drawn}");
        }
    }

    #[test]
    fn a_share_is_a_part_of_all() {
        for wrong in [-0.1, 1.000_001, f64::NAN, f64::INFINITY] {
            assert!(Share::try_from(wrong).is_err(), "{wrong}");
        }
        assert!(Share::try_from(1.0).unwrap().is_whole());
        assert!(!Share::try_from(0.999_999).unwrap().is_whole());
    }
}
