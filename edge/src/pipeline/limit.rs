//! Limit: one bucket a caller.
//!
//! 1. A known caller pays from its account's bucket, an anonymous one from its address's (IPv6 by
//!    /64, since a client holds that many).
//! 2. A safe method costs 1, an unsafe one [`UNSAFE_COST`]; a refused request debits nothing.
//! 3. When the limiter is down: open for safe methods, closed (503) for others, unless the route
//!    says otherwise.
//!
//! GCRA and its fields: [`crate::limit`].

use std::net::IpAddr;

use shared::caller::Caller;

use super::{Inbound, Isolate};
use crate::config::{Plan, Route, WhenDown};
use crate::limit::{fields, gcra};
use crate::platform::Platform;
use crate::rejection::Rejection;

/// What an unsafe method costs.
pub(super) const UNSAFE_COST: u32 = 5;

/// A bucket's word, for the answer's fields and the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Taken {
    pub(super) plan: Plan,
    pub(super) verdict: gcra::Verdict,
}

impl Taken {
    pub(super) fn policy(&self) -> gcra::Policy {
        gcra::Policy {
            quota: self.plan.rate,
            window_seconds: self.plan.per_seconds,
        }
    }
}

/// A refusal, with the bucket's word if it gave one.
pub(super) struct Refused {
    pub(super) rejection: Rejection,
    pub(super) taken: Option<Taken>,
}

/// Takes the request's cost from the caller's bucket; `None` where the route is not limited, or is
/// open while the limiter is down.
pub(super) async fn admit<P: Platform>(
    platform: &P,
    isolate: &Isolate,
    route: &Route,
    caller: &Caller,
    inbound: &Inbound<P::Stream>,
) -> Result<Option<Taken>, Refused> {
    let Some(limits) = isolate.gateway.limits.as_ref().filter(|_| route.limited) else {
        return Ok(None);
    };
    let name = if caller.principal().is_some() {
        &limits.known
    } else {
        &limits.anonymous
    };
    let Some(plan) = isolate.gateway.plans.get(name) else {
        return Ok(None);
    };
    let safe = inbound.parts.method.is_safe();
    let cost = if safe { 1 } else { UNSAFE_COST };
    let policy = gcra::Policy {
        quota: plan.rate,
        window_seconds: plan.per_seconds,
    };
    let bucket = bucket(caller, inbound.address.as_deref());
    let Ok(verdict) = platform.take(&bucket, policy, cost).await else {
        let default = if safe {
            WhenDown::Open
        } else {
            WhenDown::Closed
        };
        return match route.limiter_down.unwrap_or(default) {
            WhenDown::Open => Ok(None),
            WhenDown::Closed => Err(Refused {
                rejection: Rejection::LimiterDown,
                taken: None,
            }),
        };
    };
    let taken = Taken {
        plan: plan.clone(),
        verdict,
    };
    if verdict.admitted {
        return Ok(Some(taken));
    }
    let wait = fields::retry_after_seconds(verdict);
    Err(Refused {
        rejection: Rejection::rate_limited(plan, wait),
        taken: Some(taken),
    })
}

fn bucket(caller: &Caller, address: Option<&str>) -> String {
    match caller {
        Caller::Known(principal) => {
            format!("account:{}:{}", principal.mode.as_str(), principal.account)
        }
        Caller::Anonymous => match address.and_then(|text| text.parse::<IpAddr>().ok()) {
            Some(IpAddr::V4(v4)) => format!("address:{v4}"),
            Some(IpAddr::V6(v6)) => match v6.to_ipv4_mapped() {
                Some(v4) => format!("address:{v4}"),
                None => {
                    let [a, b, c, d, ..] = v6.segments();
                    format!("address:{a:x}:{b:x}:{c:x}:{d:x}::/64")
                }
            },
            None => "address:unknown".to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_share_buckets_as_clients_hold_them() {
        for (address, expected) in [
            (Some("192.0.2.7"), "address:192.0.2.7"),
            (Some("::ffff:192.0.2.7"), "address:192.0.2.7"),
            (Some("2001:db8:0:1:aaaa::1"), "address:2001:db8:0:1::/64"),
            (Some("2001:db8::1:bbbb:0:0:2"), "address:2001:db8:0:1::/64"),
            (Some("nonsense"), "address:unknown"),
            (None, "address:unknown"),
        ] {
            assert_eq!(bucket(&Caller::Anonymous, address), expected, "{address:?}");
        }
    }
}
