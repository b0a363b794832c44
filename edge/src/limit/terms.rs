//! What a caller may: a plan, as the limiter needs it.

use serde_json::Value;
use shared::plan::Period;

use super::gcra::Policy;
use crate::config;

const DAY_SECONDS: u64 = 86_400;
/// 1 January 1970 was a Thursday; weeks begin on Monday.
const THURSDAY: u64 = 3;
/// Months are walked from here: 1 January 2000.
const YEAR_2000_SECONDS: u64 = 946_684_800;
/// Days of a year's months, without the leap day.
const MONTHS: [u64; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/// Requests a calendar window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// How many.
    pub limit: u64,
    /// In which window.
    pub period: Period,
}

/// What a caller may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// The bucket.
    pub rate: Policy,
    /// Requests a calendar window.
    pub quota: Option<Quota>,
    /// Requests under way at once.
    pub concurrency: Option<u32>,
}

/// A plan: its terms, and what all of its callers together may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// As `RateLimit-Policy` names it.
    pub policy: String,
    /// What each caller may.
    pub terms: Terms,
    /// What all in test mode may, and all in live mode.
    pub stages: [Option<Terms>; 2],
}

impl Terms {
    /// A bucket alone.
    pub const fn of_rate(rate: Policy) -> Self {
        Self {
            rate,
            quota: None,
            concurrency: None,
        }
    }
}

impl Plan {
    /// A plan of the configuration.
    pub fn configured(plan: &config::Plan) -> Self {
        Self {
            policy: plan.policy.clone(),
            terms: Terms::of_rate(Policy::new(plan.rate, plan.per_seconds)),
            stages: [None, None],
        }
    }

    /// A plan's record ([`shared::plan::Plan`]), read member by member.
    pub fn of_record(json: &Value) -> Option<Self> {
        let name = json.get("name")?.as_str()?;
        // A string of a structured field is printable ASCII [RFC 9651].
        let plain = |byte: u8| (b' '..=b'~').contains(&byte) && byte != b'"' && byte != b'\\';
        let policy = if name.bytes().all(plain) {
            name
        } else {
            "plan"
        };
        let mut own = terms(json)?;
        own.rate.burst = number(json, "burst")?;
        own.quota = match json.get("quota") {
            None | Some(Value::Null) => None,
            Some(quota) => Some(Quota {
                limit: quota.get("limit")?.as_u64()?,
                period: match quota.get("period")?.as_str()? {
                    "DAY" => Period::Day,
                    "WEEK" => Period::Week,
                    "MONTH" => Period::Month,
                    _ => return None,
                },
            }),
        };
        let stage = |name: &str| match json.get("stages").and_then(|all| all.get(name)) {
            None | Some(Value::Null) => Some(None),
            Some(ceiling) => terms(ceiling).map(Some),
        };
        Some(Self {
            policy: policy.to_owned(),
            stages: [stage("dev")?, stage("prod")?],
            terms: own,
        })
    }
}

/// Rate and concurrency, which plans and ceilings share.
fn terms(json: &Value) -> Option<Terms> {
    let rate = Policy::new(number(json, "rate")?, number(json, "per_seconds")?);
    Some(Terms {
        concurrency: match json.get("concurrency") {
            None | Some(Value::Null) => None,
            Some(most) => Some(u32::try_from(most.as_u64()?).ok()?),
        },
        ..Terms::of_rate(rate)
    })
}

fn number(json: &Value, member: &str) -> Option<u32> {
    u32::try_from(json.get(member)?.as_u64()?).ok()
}

/// A calendar window in UTC: from when to when, Unix seconds.
pub fn window(period: Period, now_seconds: u64) -> (u64, u64) {
    let day = now_seconds - now_seconds % DAY_SECONDS;
    match period {
        Period::Day => (day, day + DAY_SECONDS),
        Period::Week => {
            let monday = day.saturating_sub((day / DAY_SECONDS + THURSDAY) % 7 * DAY_SECONDS);
            (monday, monday + 7 * DAY_SECONDS)
        }
        Period::Month => month(now_seconds),
    }
}

fn month(now_seconds: u64) -> (u64, u64) {
    let mut start = YEAR_2000_SECONDS;
    let mut year = 2000;
    loop {
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let days = if leap { 366 } else { 365 };
        // A clock before 2000 is in its first month, and one that never ends stops somewhere.
        if now_seconds < start.saturating_add(days * DAY_SECONDS) || year >= 10_000 {
            for (number, days) in MONTHS.into_iter().enumerate() {
                let days = days + u64::from(leap && number == 1);
                let end = start.saturating_add(days * DAY_SECONDS);
                if now_seconds < end || number == 11 {
                    return (start, end);
                }
                start = end;
            }
        }
        start = start.saturating_add(days * DAY_SECONDS);
        year += 1;
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use serde_json::json;

    use super::*;

    #[test]
    fn windows_are_of_the_calendar() {
        let at = |text: &str| {
            let time = DateTime::parse_from_rfc3339(&format!("{text}Z")).unwrap();
            u64::try_from(time.timestamp()).unwrap()
        };
        for (period, now, from, to) in [
            (
                Period::Day,
                "2026-11-24T13:00:00",
                "2026-11-24T00:00:00",
                "2026-11-25T00:00:00",
            ),
            (
                Period::Day,
                "2026-11-24T00:00:00",
                "2026-11-24T00:00:00",
                "2026-11-25T00:00:00",
            ),
            (
                Period::Week,
                "2026-11-24T13:00:00",
                "2026-11-23T00:00:00",
                "2026-11-30T00:00:00",
            ),
            (
                Period::Week,
                "2026-11-29T23:59:59",
                "2026-11-23T00:00:00",
                "2026-11-30T00:00:00",
            ),
            (
                Period::Week,
                "2026-11-30T00:00:00",
                "2026-11-30T00:00:00",
                "2026-12-07T00:00:00",
            ),
            (
                Period::Month,
                "2026-11-24T13:00:00",
                "2026-11-01T00:00:00",
                "2026-12-01T00:00:00",
            ),
            (
                Period::Month,
                "2028-02-29T23:59:59",
                "2028-02-01T00:00:00",
                "2028-03-01T00:00:00",
            ),
            (
                Period::Month,
                "2100-02-28T23:59:59",
                "2100-02-01T00:00:00",
                "2100-03-01T00:00:00",
            ),
            (
                Period::Month,
                "2026-12-31T23:59:59",
                "2026-12-01T00:00:00",
                "2027-01-01T00:00:00",
            ),
        ] {
            assert_eq!(
                window(period, at(now)),
                (at(from), at(to)),
                "{period:?} {now}"
            );
        }
        window(Period::Month, u64::MAX / 2);
    }

    #[test]
    fn a_record_is_read_as_the_origin_writes_it() {
        let json = json!({"object": "plan", "id": "pln_1", "name": "gold", "rate": 600,
            "per_seconds": 60, "burst": 100, "quota": {"limit": 1000, "period": "MONTH"},
            "concurrency": 20, "stages": {"dev": {"rate": 5, "per_seconds": 1,
            "concurrency": null}, "prod": null}, "version": 1});
        let plan = Plan::of_record(&json).unwrap();
        assert_eq!(plan.policy, "gold");
        assert_eq!(
            plan.terms.rate,
            Policy {
                quota: 600,
                window_seconds: 60,
                burst: 100
            }
        );
        assert_eq!(
            plan.terms.quota,
            Some(Quota {
                limit: 1000,
                period: Period::Month
            })
        );
        assert_eq!(plan.terms.concurrency, Some(20));
        assert_eq!(plan.stages, [Some(Terms::of_rate(Policy::new(5, 1))), None]);
        let mut odd = json.clone();
        odd["name"] = "g\"old".into();
        assert_eq!(Plan::of_record(&odd).unwrap().policy, "plan");
        odd["quota"]["period"] = "YEAR".into();
        assert_eq!(Plan::of_record(&odd), None);
    }
}
