//! Finish: what every answer carries, refusals as problem documents, and the access-log line.

use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Response, StatusCode};
use serde_json::{Map, Value, json};
use shared::caller::Caller;
use shared::header as ours;
use shared::id::RequestId;
use shared::problem::MEDIA_TYPE;
use shared::version::ApiVersion;

use super::{Notes, encode};
use crate::limit::fields;
use crate::platform::Body;
use crate::rejection::Rejection;

/// The answer as the client gets it, and what the access log says of it.
pub(super) fn finish<S>(
    result: Result<Response<Body<S>>, Rejection>,
    notes: &Notes,
    id: RequestId,
    base: &str,
    started_ms: u64,
    elapsed_ms: u64,
) -> (Response<Body<S>>, Map<String, Value>) {
    let mut response = match result {
        Ok(response) => response,
        Err(rejection) => refused(&rejection, notes, id, base),
    };
    if !notes.transparent {
        encode::encode(&mut response, &notes.wish);
    }
    if notes.method == Method::HEAD {
        *response.body_mut() = Body::Empty;
    }
    let fields = response.headers_mut();
    let converted = notes.api_version != Some(ApiVersion::LATEST.as_str());
    if notes.method == Method::HEAD && converted && !notes.transparent {
        // It would be another version's.
        fields.remove(header::CONTENT_LENGTH);
    }
    if !notes.transparent {
        fields.remove(ours::CACHE_TAG);
        fields.remove(ours::COMMITTED);
        fields.remove(ours::CONVERTER);
        fields.remove(ours::LABEL);
        // The origin's own may be a copy's, of another request.
        put(fields, ours::SERVER_TIMING, &timing(notes, elapsed_ms));
    }
    // In a transparent configuration a field of this name is the origin's.
    if !(notes.transparent && fields.contains_key(ours::REQUEST_ID)) {
        put(fields, ours::REQUEST_ID, &id.to_string());
    }
    if let Some(version) = notes.api_version {
        put(fields, ours::API_VERSION, version);
    }
    if let Some(taken) = &notes.limit {
        let now_ms = started_ms.saturating_add(elapsed_ms);
        let (policies, states) =
            fields::both(&taken.plan.policy, &taken.plan.terms, &taken.word, now_ms);
        put(fields, ours::RATE_LIMIT_POLICY, &policies);
        put(fields, ours::RATE_LIMIT, &states);
    }
    if let Some(status) = notes.cache {
        // Caches nearer to the origin come first [RFC 9211 §2].
        let earlier = fields
            .get(ours::CACHE_STATUS)
            .and_then(|value| value.to_str().ok());
        let all = match earlier {
            Some(earlier) => format!("{earlier}, {}", status.field()),
            None => status.field(),
        };
        put(fields, ours::CACHE_STATUS, &all);
    }
    let fields = response.headers_mut();
    if notes.varies_by_accept {
        vary(fields, "Accept");
    }
    if let Some(notice) = &notes.notice {
        notice.write(fields, base);
    }
    if let Some(sharing) = &notes.sharing {
        sharing.write(fields);
    }
    let line = line(&response, notes, id, started_ms, elapsed_ms);
    (response, line)
}

fn refused<S>(
    rejection: &Rejection,
    notes: &Notes,
    id: RequestId,
    base: &str,
) -> Response<Body<S>> {
    let mut problem = rejection.problem();
    if notes.keyed {
        problem = problem.with_outcome(rejection.outcome());
        if !rejection.holds_for_its_like() {
            problem = problem.of_this_call_alone();
        }
    }
    let document = problem.document(base, &notes.path, &id.to_string());
    let body = if notes.method == Method::HEAD {
        Body::Empty
    } else {
        Body::Bytes(document.to_string().into())
    };
    let mut response = Response::new(body);
    *response.status_mut() =
        StatusCode::from_u16(problem.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let fields = response.headers_mut();
    put(fields, "content-type", MEDIA_TYPE);
    put(fields, "cache-control", "private, no-store");
    put(fields, ours::ERROR_CODE, problem.code.as_str());
    if let Some(seconds) = problem.after_seconds {
        put(fields, "retry-after", &seconds.to_string());
    }
    for (name, value) in rejection.fields() {
        put(fields, name, &value);
    }
    response
}

/// How long the edge took, and how long it waited for the origin if it asked.
fn timing(notes: &Notes, elapsed_ms: u64) -> String {
    let edge = elapsed_ms.saturating_sub(notes.origin_ms);
    if notes.tries == 0 {
        return format!("edge;dur={edge}");
    }
    format!("edge;dur={edge}, origin;dur={}", notes.origin_ms)
}

/// Adds a field to those that the answer depends on.
pub(super) fn vary(fields: &mut HeaderMap, name: &'static str) {
    let mut names: Vec<_> = fields
        .get_all(header::VARY)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .collect();
    names.push(name);
    let all = names.join(", ");
    put(fields, "vary", &all);
}

fn put(fields: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        fields.insert(HeaderName::from_static(name), value);
    }
}

/// One line of JSON a request: no tokens, no bodies, no query values. Each of its members is an attribute of
/// the request's span as well.
fn line<S>(
    response: &Response<Body<S>>,
    notes: &Notes,
    id: RequestId,
    started_ms: u64,
    elapsed_ms: u64,
) -> Map<String, Value> {
    let text = |name: &str| {
        response
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    let bytes_out = match response.body() {
        Body::Empty => Some(0),
        Body::Bytes(bytes) => Some(bytes.len()),
        Body::Stream(_) => text(header::CONTENT_LENGTH.as_str()).and_then(|n| n.parse().ok()),
    };
    let account = match &notes.caller {
        Some(Caller::Known(principal)) => Some(principal.account.as_str()),
        Some(Caller::Anonymous) | None => None,
    };
    let idempotency = match text(ours::IDEMPOTENT_REPLAYED) {
        Some("true") => Some("replayed"),
        _ => notes.idempotency,
    };
    let line = json!({
        "ts": rfc3339(started_ms),
        "request_id": id.to_string(),
        "client_request_id": notes.client_request_id,
        "trace_id": notes.trace.id,
        "method": notes.method.as_str(),
        "route": notes.route,
        "status": response.status().as_u16(),
        "error_code": text(ours::ERROR_CODE),
        "account": account,
        "plan": notes.limit.as_ref().map(|taken| &taken.plan.policy),
        "api_version": notes.api_version,
        "idempotency": idempotency,
        "cache": notes.cache.map(crate::cache::status::CacheStatus::word),
        "limit": notes.limit.as_ref().map(|taken| taken.plan.terms.rate.quota),
        "remaining": notes.limit.as_ref().map(|taken| taken.word.verdict.remaining),
        "country": notes.country,
        "bytes_in": notes.bytes_in,
        "bytes_out": bytes_out,
        "edge_ms": elapsed_ms.saturating_sub(notes.origin_ms),
        "origin_ms": notes.origin_ms,
        "tries": notes.tries,
    });
    let Value::Object(mut line) = line else {
        return Map::new();
    };
    if let Some(pattern) = notes.pattern {
        line.insert("firewall".to_owned(), pattern.into());
    }
    line
}

/// A time of the log or of an answer.
pub(super) fn rfc3339(unix_ms: u64) -> Option<String> {
    let time = chrono::DateTime::from_timestamp_millis(i64::try_from(unix_ms).ok()?)?;
    Some(time.to_rfc3339_opts(chrono::SecondsFormat::Millis, true))
}
