//! What a caller is told of its limits.

use http::{Response, header};
use serde_json::{Value, json};
use shared::plan::Period;

use super::{Taken, bucket, give_quota_back, plan};
use crate::limit::book::{Ask, Word};
use crate::limit::terms::Plan;
use crate::pipeline::authenticate::Identity;
use crate::pipeline::{Isolate, Notes, finish};
use crate::platform::{Body, Platform};
use crate::rejection::Rejection;

/// GET `/rate_limit`: how the caller stands, in fields and in words. It costs nothing.
pub(in crate::pipeline) async fn answer<P: Platform>(
    platform: &P,
    isolate: &Isolate,
    identity: &Identity,
    address: Option<&str>,
    notes: &mut Notes,
) -> Result<Response<Body<P::Stream>>, Rejection> {
    let plan = plan(platform, isolate, identity)
        .await?
        .ok_or(Rejection::NoRoute)?;
    let bucket = bucket(&identity.caller, address);
    let back = isolate.limits.borrow_mut().returns.remove(&bucket);
    let (returned, returned_from) = back.unwrap_or_default();
    let ask = Ask {
        returned,
        returned_from,
        ..Ask::default()
    };
    let looked = platform.ask_limiter(&bucket, &plan.terms, &ask).await;
    let word = looked.map_err(|_| {
        if back.is_some() {
            give_quota_back(isolate, &bucket, returned, returned_from);
        }
        Rejection::LimiterDown
    })?;
    let text = report(&plan, &word).to_string();
    notes.limit = Some(Taken {
        plan,
        word,
        bucket,
        ticket: 0,
    });
    let mut response = Response::new(Body::Bytes(text.into()));
    let answer = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, crate::config::JSON),
        (header::CACHE_CONTROL, "private, no-store"),
    ] {
        answer.insert(name, header::HeaderValue::from_static(value));
    }
    Ok(response)
}

fn report(plan: &Plan, word: &Word) -> Value {
    let Plan { policy, terms, .. } = plan;
    let quota = terms.quota.zip(word.window).map(|(quota, window)| {
        let period = match quota.period {
            Period::Day => "DAY",
            Period::Week => "WEEK",
            Period::Month => "MONTH",
        };
        json!({"limit": quota.limit, "period": period, "remaining": window.left,
            "resets_at": finish::rfc3339(window.until.saturating_mul(1000))})
    });
    json!({
        "object": "rate_limit",
        "policy": policy,
        "rate": terms.rate.quota,
        "per_seconds": terms.rate.window_seconds,
        "burst": terms.rate.burst,
        "remaining": word.verdict.remaining,
        "full_in_seconds": word.verdict.full_in_ms.div_ceil(1000),
        "quota": quota,
        "concurrency": terms.concurrency
            .map(|limit| json!({"limit": limit, "under_way": word.under_way})),
    })
}
