//! What is told of every request once it is answered: to its client by fields, to operators by a line of the
//! log, counters and a span.

use axum::response::Response;
use chrono::{DateTime, TimeDelta, Utc};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use shared::header as field;

use crate::app::Shop;
use crate::log::Access;
use crate::trace::{Span, Work};

pub(crate) static TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
static ERROR_CODE: HeaderName = HeaderName::from_static(field::ERROR_CODE);
static REQUEST_ID: HeaderName = HeaderName::from_static(field::REQUEST_ID);
static SERVER_TIMING: HeaderName = HeaderName::from_static(field::SERVER_TIMING);

/// A request that is to be told of.
#[derive(Debug)]
pub(crate) struct Arrival<'a> {
    began: DateTime<Utc>,
    method: &'a Method,
    uri: &'a Uri,
    /// The template of its route.
    route: &'a str,
    traceparent: Option<&'a str>,
    /// Its span.
    pub(crate) span: Span,
}

impl<'a> Arrival<'a> {
    /// One that began then.
    pub(crate) fn new(
        began: DateTime<Utc>,
        method: &'a Method,
        uri: &'a Uri,
        route: &'a str,
        traceparent: Option<&'a str>,
    ) -> Self {
        Self {
            began,
            method,
            uri,
            route,
            traceparent,
            span: Span::of(
                traceparent,
                Work::Server,
                || format!("{method} {route}"),
                &[],
            ),
        }
    }

    /// Its answer, as it is sent; and what is told of it.
    pub(crate) fn answered(
        &self,
        shop: &Shop,
        request_id: &str,
        mut response: Response,
    ) -> Response {
        let fields = response.headers_mut();
        if let Ok(value) = HeaderValue::from_str(request_id) {
            fields.insert(&REQUEST_ID, value);
        }
        if shop.draining.is_cancelled() {
            let yes = HeaderValue::from_static("true");
            fields.insert(HeaderName::from_static(field::DRAINING), yes);
            // So that none is open and idle when the listener closes.
            fields.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        let now = shop.platform.now();
        let took = (now - self.began).max(TimeDelta::zero());
        if let Some(value) = timing(took) {
            fields.insert(&SERVER_TIMING, value);
        }
        let status = response.status();
        let code = response.headers().get(&ERROR_CODE);
        let code = code.and_then(|code| code.to_str().ok());
        shop.metrics
            .answered(self.method, self.route, status, took.as_seconds_f64());
        self.told(status, code, request_id);
        let access = Access {
            request_id,
            trace: self.traceparent,
            method: self.method.as_str(),
            path: self.uri.path(),
            status: status.as_u16(),
            error_code: code,
            origin_ms: took.num_milliseconds(),
        };
        access.write(now);
        response
    }

    /// What its span says of it.
    fn told(&self, status: StatusCode, code: Option<&str>, request_id: &str) {
        let span = &self.span;
        if !span.is_wanted() {
            return;
        }
        span.say("http.request.method", self.method.as_str());
        span.say("http.route", self.route);
        span.say("http.response.status_code", status.as_str());
        span.say("headgate.request_id", request_id);
        if let Some(code) = code {
            span.say("error.type", code);
        }
        if status.is_server_error() {
            span.failed();
        }
    }
}

/// How long it took, in milliseconds and tenths of one.
fn timing(took: TimeDelta) -> Option<HeaderValue> {
    match took.num_microseconds().unwrap_or(i64::MAX) / 100 {
        // As whatever comes from memory.
        0 => Some(HeaderValue::from_static("origin;dur=0.0")),
        tenths => format!("origin;dur={}.{}", tenths / 10, tenths % 10)
            .try_into()
            .ok(),
    }
}

/// The trace that a request belongs to [W3C Trace Context].
pub(crate) fn traceparent(fields: &HeaderMap) -> Option<&str> {
    fields
        .get(&TRACEPARENT)
        .and_then(|value| value.to_str().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_in_tenths_of_a_millisecond() {
        for (us, expected) in [
            (0, "origin;dur=0.0"),
            (99, "origin;dur=0.0"),
            (1_250, "origin;dur=1.2"),
            (29_000_000, "origin;dur=29000.0"),
        ] {
            assert_eq!(timing(TimeDelta::microseconds(us)).unwrap(), expected);
        }
    }
}
