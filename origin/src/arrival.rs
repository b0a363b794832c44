//! What is told of every request once it is answered: to its client by fields, to operators by a line of the
//! log, counters and a span.

use axum::response::Response;
use chrono::{DateTime, Utc};
use http::{HeaderName, HeaderValue, Method, Uri, header};
use shared::header as field;

use crate::app::Shop;
use crate::trace::{Span, Work};

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
    /// One that has come now.
    pub(crate) fn new(
        shop: &Shop,
        method: &'a Method,
        uri: &'a Uri,
        route: &'a str,
        traceparent: Option<&'a HeaderValue>,
    ) -> Self {
        let traceparent = traceparent.and_then(|value| value.to_str().ok());
        Self {
            began: shop.platform.now(),
            method,
            uri,
            route,
            traceparent,
            span: Span::of(traceparent, Work::Server, format!("{method} {route}"), &[]),
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
            fields.insert(HeaderName::from_static(field::REQUEST_ID), value);
        }
        if shop.draining.is_cancelled() {
            let yes = HeaderValue::from_static("true");
            fields.insert(HeaderName::from_static(field::DRAINING), yes);
            // So that none is open and idle when the listener closes.
            fields.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        let took = shop.platform.now() - self.began;
        let seconds = took.as_seconds_f64().max(0.0);
        if let Ok(value) = HeaderValue::from_str(&format!("origin;dur={:.1}", seconds * 1000.0)) {
            fields.insert(HeaderName::from_static(field::SERVER_TIMING), value);
        }
        let status = response.status().as_u16();
        let code = response.headers().get(field::ERROR_CODE);
        let code = code.and_then(|code| code.to_str().ok());
        shop.metrics
            .answered(self.method, self.route, status, seconds);
        self.told(status, code, request_id);
        tracing::info!(
            target: "access",
            request_id,
            trace = self.traceparent,
            method = %self.method,
            path = self.uri.path(),
            status,
            error_code = code,
            origin_ms = took.num_milliseconds(),
        );
        response
    }

    /// What its span says of it.
    fn told(&self, status: u16, code: Option<&str>, request_id: &str) {
        let span = &self.span;
        span.say("http.request.method", self.method.as_str());
        span.say("http.route", self.route);
        span.say("http.response.status_code", &status.to_string());
        span.say("headgate.request_id", request_id);
        if let Some(code) = code {
            span.say("error.type", code);
        }
        if status >= 500 {
            span.failed();
        }
    }
}
