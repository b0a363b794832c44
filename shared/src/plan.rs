//! Plans: how much a caller may, as an admin writes them and the edge reads them.

use serde::{Deserialize, Serialize};

use crate::body::{Check, Checks};
use crate::id::PlanId;

/// Longest name, in characters.
pub const NAME_CHARS_MAX: usize = 100;
/// Most requests a window, and most at once.
pub const RATE_MAX: u32 = 10_000_000;
/// Longest window of a rate, in seconds.
pub const PER_SECONDS_MAX: u32 = 86_400;
/// Most requests that a quota may allow.
pub const QUOTA_MAX: i64 = 1_000_000_000_000;
/// Most requests under way at once.
pub const CONCURRENCY_MAX: u32 = 100_000;

/// A calendar window, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Period {
    /// From midnight.
    Day,
    /// From Monday's midnight.
    Week,
    /// From the first's midnight.
    Month,
}

/// How many requests a calendar window may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Quota {
    /// Requests.
    #[serde(deserialize_with = "crate::number::whole")]
    #[cfg_attr(
        feature = "openapi",
        schema(minimum = 1, maximum = 1_000_000_000_000_i64, example = 100_000)
    )]
    pub limit: i64,
    /// In which window.
    pub period: Period,
}

/// What all callers of a plan together may in one stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Ceiling {
    /// Requests a window.
    #[serde(deserialize_with = "crate::number::whole")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 10_000_000))]
    pub rate: u32,
    /// Seconds of the window.
    #[serde(deserialize_with = "crate::number::whole")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 86_400))]
    pub per_seconds: u32,
    /// Requests under way at once.
    #[serde(default, deserialize_with = "crate::number::whole_or_null")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 100_000))]
    pub concurrency: Option<u32>,
}

/// Ceilings by stage.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Stages {
    /// Where partners try things out.
    #[serde(default, deserialize_with = "crate::body::object_or_null")]
    pub dev: Option<Ceiling>,
    /// Where it counts.
    #[serde(default, deserialize_with = "crate::body::object_or_null")]
    pub prod: Option<Ceiling>,
}

/// The body of POST /admin/plans and PUT /admin/plans/{id}.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewPlan {
    /// Unique.
    #[cfg_attr(
        feature = "openapi",
        schema(
            min_length = 1,
            max_length = 100,
            pattern = r"^[^\u0000-\u001F\u007F-\u009F]*[^\s\u0000-\u001F\u007F-\u009F][^\u0000-\u001F\u007F-\u009F]*$",
            example = "gold"
        )
    )]
    pub name: String,
    /// Requests a window.
    #[serde(deserialize_with = "crate::number::whole")]
    #[cfg_attr(
        feature = "openapi",
        schema(minimum = 1, maximum = 10_000_000, example = 600)
    )]
    pub rate: u32,
    /// Seconds of the window.
    #[serde(deserialize_with = "crate::number::whole")]
    #[cfg_attr(
        feature = "openapi",
        schema(minimum = 1, maximum = 86_400, example = 60)
    )]
    pub per_seconds: u32,
    /// Requests that may come at once; as many as the rate without it.
    #[serde(default, deserialize_with = "crate::number::whole_or_null")]
    #[cfg_attr(
        feature = "openapi",
        schema(minimum = 1, maximum = 10_000_000, example = 100)
    )]
    pub burst: Option<u32>,
    /// Requests a calendar window; unbounded without it.
    #[serde(default, deserialize_with = "crate::body::object_or_null")]
    pub quota: Option<Quota>,
    /// Requests under way at once; unbounded without it.
    #[serde(default, deserialize_with = "crate::number::whole_or_null")]
    #[cfg_attr(
        feature = "openapi",
        schema(minimum = 1, maximum = 100_000, example = 20)
    )]
    pub concurrency: Option<u32>,
    /// What all callers of the plan together may, by stage.
    #[serde(default, deserialize_with = "crate::body::object")]
    pub stages: Stages,
}

impl Check for NewPlan {
    fn check(&self, checks: &mut Checks) {
        checks.text("/name", &self.name, 1, NAME_CHARS_MAX);
        if self.name.contains(['\n', '\r', '\t']) {
            let fix = "Send one line.".to_owned();
            checks.fault(
                "/name",
                "format",
                "the name has several lines".to_owned(),
                fix,
            );
        }
        let mut whole = |pointer: &str, value: Option<u32>, max: u32| {
            if let Some(value) = value {
                checks.range(pointer, value.into(), 1, max.into());
            }
        };
        whole("/rate", Some(self.rate), RATE_MAX);
        whole("/per_seconds", Some(self.per_seconds), PER_SECONDS_MAX);
        whole("/burst", self.burst, RATE_MAX);
        whole("/concurrency", self.concurrency, CONCURRENCY_MAX);
        for (stage, ceiling) in [("dev", self.stages.dev), ("prod", self.stages.prod)] {
            let Some(ceiling) = ceiling else { continue };
            let at = |member: &str| format!("/stages/{stage}/{member}");
            whole(&at("rate"), Some(ceiling.rate), RATE_MAX);
            whole(
                &at("per_seconds"),
                Some(ceiling.per_seconds),
                PER_SECONDS_MAX,
            );
            whole(&at("concurrency"), ceiling.concurrency, CONCURRENCY_MAX);
        }
        if let Some(quota) = self.quota {
            checks.range("/quota/limit", quota.limit, 1, QUOTA_MAX);
        }
    }
}

/// A plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Plan {
    /// Always `plan`.
    pub object: String,
    /// Its id.
    pub id: PlanId,
    /// Unique.
    pub name: String,
    /// Requests a window.
    pub rate: u32,
    /// Seconds of the window.
    pub per_seconds: u32,
    /// Requests that may come at once.
    pub burst: u32,
    /// Requests a calendar window.
    pub quota: Option<Quota>,
    /// Requests under way at once.
    pub concurrency: Option<u32>,
    /// What all callers of the plan together may, by stage.
    pub stages: Stages,
    /// Grows by one with every change.
    pub version: i64,
    /// RFC 3339, UTC.
    pub created_at: String,
    /// RFC 3339, UTC.
    pub updated_at: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::parse;

    #[test]
    fn plans_are_checked_all_at_once() {
        for (body, pointers) in [
            (r#"{"name":"gold","rate":600,"per_seconds":60}"#, &[][..]),
            (
                r#"{"name":"gold","rate":600.0,"per_seconds":60,"burst":100,"concurrency":null,
                    "quota":{"limit":100000,"period":"MONTH"},
                    "stages":{"dev":{"rate":10,"per_seconds":1}}}"#,
                &[],
            ),
            (
                r#"{"name":"","rate":0,"per_seconds":86401,"burst":0,"concurrency":0,
                    "quota":{"limit":0,"period":"DAY"},
                    "stages":{"prod":{"rate":0,"per_seconds":1}}}"#,
                &[
                    "/burst",
                    "/concurrency",
                    "/name",
                    "/per_seconds",
                    "/quota/limit",
                    "/rate",
                    "/stages/prod/rate",
                ],
            ),
            (r#"{"name":"a\nb","rate":1,"per_seconds":1}"#, &["/name"]),
            (
                r#"{"name":"a","rate":1,"per_seconds":1,"quota":{"limit":1,"period":"YEAR"}}"#,
                &["/quota/period"],
            ),
            // No array is an object.
            (
                r#"{"name":"a","rate":1,"per_seconds":1,"stages":[null,null]}"#,
                &["/stages"],
            ),
            (
                r#"{"name":"a","rate":1,"per_seconds":1,"stages":{"dev":[1,1,null]}}"#,
                &["/stages/dev"],
            ),
            (
                r#"{"name":"a","rate":1,"per_seconds":1,"quota":[1,"DAY"]}"#,
                &["/quota"],
            ),
            (
                r#"{"name":"a","rate":1,"per_seconds":1,"quota":null,"stages":{"dev":null}}"#,
                &[],
            ),
            (r#"{"name":"a","rate":-1,"per_seconds":1}"#, &["/rate"]),
            (
                r#"{"name":"a","rate":1,"per_seconds":1,"stages":{"test":{}}}"#,
                &["/stages/test"],
            ),
        ] {
            let faults = parse::<NewPlan>(body.as_bytes()).err().unwrap_or_default();
            let found: Vec<_> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
            assert_eq!(found, pointers, "{body}");
        }
    }
}
