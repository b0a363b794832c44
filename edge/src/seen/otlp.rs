//! Spans as a collector takes them: OTLP 1.x in JSON, POST to `/v1/traces` [OTLP specification, "JSON
//! Protobuf Encoding"]: ids are hexadecimal, 64-bit numbers are text.
//!
//! A span's attributes are the members of the request's line of the access log, so that nothing is in a trace
//! that may not be in a log. What OpenTelemetry has a name for is called by it [semantic conventions, HTTP
//! server spans].

use serde_json::{Map, Value};

/// Below a collector's URL.
pub const PATH: &str = "/v1/traces";
/// `SPAN_KIND_SERVER`.
const SERVER: u8 = 2;
/// `STATUS_CODE_ERROR`.
const ERROR: u8 = 2;

/// Members that are called otherwise; an empty name leaves one out, since the span says it elsewhere.
const NAMES: [(&str, &str); 8] = [
    ("ts", ""),
    ("trace_id", ""),
    ("method", "http.request.method"),
    ("route", "http.route"),
    ("status", "http.response.status_code"),
    ("error_code", "error.type"),
    ("bytes_in", "http.request.body.size"),
    ("bytes_out", "http.response.body.size"),
];

/// Which span.
#[derive(Debug, Clone, Copy)]
pub struct Ids<'a> {
    /// 32 hexadecimal digits.
    pub trace: &'a str,
    /// 16 of them.
    pub span: &'a str,
    /// The client's span, if it sent one.
    pub parent: Option<&'a str>,
}

/// The span of a request, from its line and its times.
pub fn span(line: &Map<String, Value>, ids: Ids<'_>, started_ms: u64, ended_ms: u64) -> String {
    let text = |name: &str| line.get(name).and_then(Value::as_str);
    let mut name = text("method").unwrap_or("HTTP").to_owned();
    if let Some(route) = text("route") {
        name.push(' ');
        name.push_str(route);
    }
    let mut attributes = String::new();
    for (member, value) in line {
        let known = NAMES.iter().find(|(known, _)| known == member);
        let value = match (known, value) {
            (Some((_, "")), _) => continue,
            (_, Value::String(text)) => format!("{{\"stringValue\":{}}}", quoted(text)),
            (_, Value::Number(number)) if !number.is_f64() => {
                format!("{{\"intValue\":\"{number}\"}}")
            }
            _ => continue,
        };
        let named = known.map_or_else(
            || format!("headgate.{member}"),
            |(_, named)| (*named).to_owned(),
        );
        if !attributes.is_empty() {
            attributes.push(',');
        }
        attributes.push_str("{\"key\":");
        attributes.push_str(&quoted(&named));
        attributes.push_str(",\"value\":");
        attributes.push_str(&value);
        attributes.push('}');
    }
    let parent = ids.parent.map_or_else(String::new, |parent| {
        format!("\"parentSpanId\":{},", quoted(parent))
    });
    let status = match line.get("status").and_then(Value::as_u64) {
        Some(500..) => format!(",\"status\":{{\"code\":{ERROR}}}"),
        _ => String::new(),
    };
    format!(
        "{{\"traceId\":{},\"spanId\":{},{parent}\"flags\":1,\"name\":{},\"kind\":{SERVER},\
         \"startTimeUnixNano\":\"{started_ms}000000\",\"endTimeUnixNano\":\"{ended_ms}000000\",\
         \"attributes\":[{attributes}]{status}}}",
        quoted(ids.trace),
        quoted(ids.span),
        quoted(&name),
    )
}

/// A request's body: these spans, and how many did not come so far.
pub fn document(spans: &[String], dropped: u64) -> String {
    let lost = if dropped == 0 {
        String::new()
    } else {
        format!(",{{\"key\":\"headgate.spans_dropped\",\"value\":{{\"intValue\":\"{dropped}\"}}}}")
    };
    format!(
        "{{\"resourceSpans\":[{{\"resource\":{{\"attributes\":[{{\"key\":\"service.name\",\
         \"value\":{{\"stringValue\":\"headgate-edge\"}}}}{lost}]}},\
         \"scopeSpans\":[{{\"scope\":{{\"name\":\"headgate\"}},\"spans\":[{}]}}]}}]}}",
        spans.join(",")
    )
}

/// As JSON has it.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(line: &Value, parent: Option<&str>) -> Value {
        let ids = Ids {
            trace: "0af7651916cd43dd8448eb211c80319c",
            span: "b7ad6b7169203331",
            parent,
        };
        let span = span(
            line.as_object().unwrap(),
            ids,
            1_800_000_000_000,
            1_800_000_000_007,
        );
        let all: Value = serde_json::from_str(&document(&[span.clone(), span], 0)).unwrap();
        let spans = &all["resourceSpans"][0]["scopeSpans"][0]["spans"];
        assert_eq!(spans[0], spans[1]);
        let mut span = spans[0].clone();
        let attributes = span["attributes"].as_array_mut().unwrap();
        attributes.sort_by_key(|one| one["key"].to_string());
        span
    }

    #[test]
    fn a_span_says_what_the_line_says() {
        let line = json!({"ts": "2027-01-15T08:00:00.000Z", "trace_id": "0af7", "method": "POST",
            "route": "order-create", "status": 503, "error_code": "origin_\"down\"", "account": "usr_1",
            "cache": null, "tries": 2});
        let attribute = |key: &str, value: Value| json!({"key": key, "value": value});
        assert_eq!(
            read(&line, Some("00f067aa0ba902b7")),
            json!({"traceId": "0af7651916cd43dd8448eb211c80319c", "spanId": "b7ad6b7169203331",
            "parentSpanId": "00f067aa0ba902b7", "flags": 1, "name": "POST order-create", "kind": 2,
            "startTimeUnixNano": "1800000000000000000", "endTimeUnixNano": "1800000000007000000",
            "status": {"code": 2},
            "attributes": [
                attribute("error.type", json!({"stringValue": "origin_\"down\""})),
                attribute("headgate.account", json!({"stringValue": "usr_1"})),
                attribute("headgate.tries", json!({"intValue": "2"})),
                attribute("http.request.method", json!({"stringValue": "POST"})),
                attribute("http.response.status_code", json!({"intValue": "503"})),
                attribute("http.route", json!({"stringValue": "order-create"})),
            ]})
        );
    }

    #[test]
    fn what_went_well_has_no_status_and_a_root_no_parent() {
        let span = read(
            &json!({"method": "GET", "status": 404, "route": null}),
            None,
        );
        assert_eq!(span["name"], "GET");
        assert!(span.get("status").is_none() && span.get("parentSpanId").is_none());
        let told: Value = serde_json::from_str(&document(&[], 3)).unwrap();
        let attributes = &told["resourceSpans"][0]["resource"]["attributes"];
        assert_eq!(attributes[1]["value"]["intValue"], "3");
    }
}
