//! Finish: what every answer carries, refusals as problem documents, and the access-log line.

use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Response, StatusCode};
use serde_json::{Map, Value, json};
use shared::caller::Caller;
use shared::header as ours;
use shared::id::RequestId;
use shared::problem::MEDIA_TYPE;
use shared::version::ApiVersion;

use super::{Notes, Telling, encode};
use crate::config::Moment;
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
    // Who is refused before a version was found is answered in the latest one.
    let latest = ApiVersion::LATEST.as_str();
    let instead = (result.is_err() && !notes.transparent).then_some(latest);
    let version = notes.api_version.or(instead);
    let mut response = match result {
        Ok(response) => response,
        Err(rejection) => refused(&rejection, notes, id, base),
    };
    if !notes.transparent {
        encode::encode(&mut response, &notes.wish);
    }
    if notes.method == Method::HEAD {
        without_body(&mut response, version != Some(latest) && !notes.transparent);
    }
    let now_ms = started_ms.saturating_add(elapsed_ms);
    let fields = response.headers_mut();
    // A copy keeps its own, and its Age; what was made here is of now [RFC 9110 §6.6.1].
    let now_seconds = i64::try_from(now_ms / 1000).unwrap_or(i64::MAX);
    if let Some(now) = Moment::at(now_seconds).filter(|_| !fields.contains_key(header::DATE)) {
        put(fields, "date", &now.http_date());
    }
    if notes.telling == Telling::Replay && !fields.contains_key(ours::IDEMPOTENT_REPLAYED) {
        put(fields, ours::IDEMPOTENT_REPLAYED, "false");
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
    if let Some(version) = version {
        put(fields, ours::API_VERSION, version);
    }
    if let Some(taken) = &notes.limit {
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

/// What HEAD gets of an answer: the length of a body that is at hand is told, and one that may be another
/// version's is not.
fn without_body<S>(response: &mut Response<Body<S>>, converted: bool) {
    let body = std::mem::replace(response.body_mut(), Body::Empty);
    let fields = response.headers_mut();
    match body {
        // Encoded it has another length.
        Body::Bytes(bytes)
            if !bytes.is_empty() && !fields.contains_key(header::CONTENT_ENCODING) =>
        {
            fields.insert(header::CONTENT_LENGTH, HeaderValue::from(bytes.len()));
        }
        _ if converted => {
            fields.remove(header::CONTENT_LENGTH);
        }
        _ => {}
    }
}

fn refused<S>(
    rejection: &Rejection,
    notes: &Notes,
    id: RequestId,
    base: &str,
) -> Response<Body<S>> {
    let mut problem = rejection.problem();
    if notes.telling != Telling::Nothing {
        problem = problem.with_outcome(rejection.outcome());
        if !rejection.holds_for_its_like() {
            problem = problem.of_this_call_alone();
        }
    }
    let document = problem.document(base, &notes.path, &id.to_string());
    let mut response = Response::new(Body::Bytes(document.to_string().into()));
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
