//! OPTIONS, and which web pages may read an answer [Fetch §3.2; RFC 9110 §9.3.7].
//!
//! 1. OPTIONS on a known path needs no credentials and costs nothing: 204 with `Allow`, and
//!    `Accept-Patch` where there is a PATCH [RFC 5789 §3.1].
//! 2. A preflight (OPTIONS with `Origin` and `Access-Control-Request-Method`) is told methods,
//!    fields and for how long; a page of another origin than the route's policy lists is told
//!    nothing, which is how a browser refuses.
//! 3. Every other answer, a refusal too, says which page may read it and which fields it may see.
//!    Unless every origin may, it varies by Origin.

use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Response, StatusCode};
use shared::version::ApiVersion;
use shared::versions;

use super::finish::vary;
use crate::config::{Cors, JSON_PATCH};
use crate::platform::Body;
use crate::routes::Place;

/// Fields that a page may send, beside those that every page may.
const REQUEST_FIELDS: [&str; 14] = [
    "accept",
    "authorization",
    "content-encoding",
    "content-type",
    "headgate-position",
    "idempotency-key",
    "if-match",
    "if-none-match",
    "prefer",
    "traceparent",
    "tracestate",
    "x-api-key",
    "x-request-id",
    "x-requested-with",
];
/// Fields of an answer that a page may read, beside those that every page may.
const EXPOSED_FIELDS: &str = "accept-patch, age, allow, api-version, cache-status, deprecation, \
    error-code, etag, headgate-position, idempotent-replayed, link, location, original-request-id, \
    preference-applied, ratelimit, ratelimit-policy, retry-after, server-timing, sunset, \
    www-authenticate, x-request-id";

/// What an answer has to say.
#[derive(Debug, Clone)]
pub(super) struct Sharing {
    policy: Cors,
    /// The page's origin, if there is a page and it may read.
    origin: Option<HeaderValue>,
}

impl Sharing {
    /// What a policy says to a request.
    pub(super) fn of(policy: &Cors, fields: &HeaderMap) -> Self {
        let origin = fields.get(header::ORIGIN);
        let allowed =
            origin.filter(|origin| origin.to_str().is_ok_and(|origin| policy.allows(origin)));
        Self {
            origin: allowed.cloned(),
            policy: policy.clone(),
        }
    }

    /// Adds the fields that every answer has.
    pub(super) fn write(&self, fields: &mut HeaderMap) {
        if self.policy.is_open() {
            // Also without an Origin: a browser may show its stored copy to another page.
            fields.insert(
                header::ACCESS_CONTROL_ALLOW_ORIGIN,
                const { HeaderValue::from_static("*") },
            );
        } else {
            vary(fields, "Origin");
            let Some(origin) = &self.origin else { return };
            fields.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            if self.policy.credentials {
                fields.insert(
                    header::ACCESS_CONTROL_ALLOW_CREDENTIALS,
                    const { HeaderValue::from_static("true") },
                );
            }
        }
        if self.origin.is_some() {
            fields.insert(
                header::ACCESS_CONTROL_EXPOSE_HEADERS,
                const { HeaderValue::from_static(EXPOSED_FIELDS) },
            );
        }
    }
}

/// Answers OPTIONS.
pub(super) fn options<S>(
    place: &Place<'_>,
    version: ApiVersion,
    sharing: Option<&Sharing>,
    request: &HeaderMap,
) -> Response<Body<S>> {
    let allow = place.allow();
    let mut response = Response::new(Body::Empty);
    *response.status_mut() = StatusCode::NO_CONTENT;
    let fields = response.headers_mut();
    put(fields, header::ALLOW, &allow);
    let patch = place.take(&Method::PATCH);
    if let Ok(route) = patch {
        put(
            fields,
            HeaderName::from_static("accept-patch"),
            &accepted(route, &Method::PATCH, version).join(", "),
        );
    }
    let preflight = request.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    if let Some(Sharing {
        policy,
        origin: Some(_),
    }) = sharing.filter(|_| preflight)
    {
        put(fields, header::ACCESS_CONTROL_ALLOW_METHODS, &allow);
        let asked = allowed_fields(request).join(", ");
        if !asked.is_empty() {
            put(fields, header::ACCESS_CONTROL_ALLOW_HEADERS, &asked);
        }
        let seconds = HeaderValue::from(policy.max_age_seconds);
        fields.insert(header::ACCESS_CONTROL_MAX_AGE, seconds);
    }
    response
}

/// Media types that a body of this method may have in this version; empty: any.
pub(super) fn accepted<'a>(
    route: &'a crate::config::Route,
    method: &Method,
    version: ApiVersion,
) -> Vec<&'a str> {
    let mut accepted = route.consumes(method.as_str());
    if versions::converts(version) {
        accepted.retain(|media_type| *media_type != JSON_PATCH);
    }
    accepted
}

/// Of the fields that a preflight asks for, those that a page may send.
fn allowed_fields(request: &HeaderMap) -> Vec<String> {
    request
        .get_all(header::ACCESS_CONTROL_REQUEST_HEADERS)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(|name| name.trim().to_ascii_lowercase())
        .filter(|name| REQUEST_FIELDS.contains(&name.as_str()))
        .collect()
}

fn put(fields: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        fields.insert(name, value);
    }
}
