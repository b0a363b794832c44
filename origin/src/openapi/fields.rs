//! Header fields: what each of them means and may hold, once for all operations.

use serde_json::{Map, Value, json};
use shared::feed::Position;
use shared::header::BOUNDED_BYTES_MAX;
use shared::idempotency::KEY_BYTES_MAX;

/// An answer's fields: name, most bytes, form, meaning, example.
const ANSWER_FIELDS: [(&str, usize, &str, &str, &str); 22] = [
    (
        "X-Request-Id",
        64,
        "^req_[0-7][0-9a-hjkmnp-tv-z]{25}$",
        "Our id of the request.",
        "req_01h455vb4pex5vsknk084sn02q",
    ),
    (
        "API-Version",
        8,
        "^v[0-9]+$",
        "Which version answered.",
        "v2",
    ),
    (
        "ETag",
        200,
        "^\"[\\x21\\x23-\\x7e]*\"$",
        "Tag of the state.",
        "\"3\"",
    ),
    (
        "Location",
        200,
        FIELD,
        "Where the resource is.",
        "/orders/ord_41h455vb4pex5vsknk084sn02q",
    ),
    (
        "Link",
        8000,
        FIELD,
        "Pages of the list: first, prev, next [RFC 8288].",
        "<?limit=20>; rel=\"first\"",
    ),
    (
        "Error-Code",
        40,
        "^[a-z_]+$",
        "The problem's code.",
        "not_found",
    ),
    (
        "RateLimit-Policy",
        200,
        FIELD,
        "Limits in force [draft-ietf-httpapi-ratelimit-headers].",
        "\"minute\";q=1000;w=60",
    ),
    (
        "RateLimit",
        200,
        FIELD,
        "What is left: `r` tokens, full again in `t` seconds.",
        "\"minute\";r=998;t=1",
    ),
    (
        "Access-Control-Allow-Origin",
        2000,
        FIELD,
        "Which web pages may read the answer.",
        "*",
    ),
    (
        "Allow",
        200,
        FIELD,
        "Methods that the resource takes.",
        "GET, HEAD",
    ),
    (
        "Accept",
        200,
        FIELD,
        "Media types that the route takes.",
        "application/json",
    ),
    (
        "Accept-Patch",
        200,
        FIELD,
        "Patch documents that the resource takes [RFC 5789].",
        "application/merge-patch+json, application/json-patch+json",
    ),
    (
        "WWW-Authenticate",
        1000,
        FIELD,
        "Which credentials are needed [RFC 6750].",
        "Bearer",
    ),
    (
        "Original-Request-Id",
        64,
        FIELD,
        "On a replay, the request that did the work.",
        "req_01h455vb4pex5vsknk084sn02q",
    ),
    (
        "Server-Timing",
        200,
        FIELD,
        "How long whom the answer took, in milliseconds [Server Timing, W3C].",
        "edge;dur=1, origin;dur=12",
    ),
    (
        "Cache-Control",
        200,
        FIELD,
        "For how long whom the answer may be kept by [RFC 9111].",
        "private, no-store",
    ),
    (
        "CDN-Cache-Control",
        200,
        FIELD,
        "For how long shared caches may keep the answer [RFC 9213].",
        "max-age=3600, stale-while-revalidate=60",
    ),
    (
        "Cache-Status",
        1000,
        FIELD,
        "What the edge's cache did [RFC 9211].",
        "headgate; hit; ttl=3595",
    ),
    (
        "Vary",
        200,
        FIELD,
        "Fields of the request on which the answer depends.",
        "Accept, Accept-Encoding",
    ),
    (
        "Preference-Applied",
        200,
        FIELD,
        "Which preference was followed [RFC 7240].",
        "return=minimal",
    ),
    (
        "Proxy-Status",
        200,
        FIELD,
        "Why the edge answers in the origin's place [RFC 9209].",
        "headgate; error=http_response_timeout",
    ),
    (
        "Headgate-Position",
        Position::DIGITS_MAX,
        POSITION,
        "A place in the database's log behind the change: a read that sends it along sees the change.",
        "97526184",
    ),
];

/// The request's fields: longest, and of which form. Conditions and preferences that can't be read
/// are no fault: they match nothing [RFC 9110 §13.1], or are passed over [RFC 7240 §2].
const REQUEST_FIELDS: [(&str, usize, &str); 5] = [
    ("If-Match", BOUNDED_BYTES_MAX, ANYTHING),
    ("If-None-Match", BOUNDED_BYTES_MAX, ANYTHING),
    ("Prefer", BOUNDED_BYTES_MAX, ANYTHING),
    ("Idempotency-Key", KEY_BYTES_MAX, KEY),
    ("Headgate-Position", Position::DIGITS_MAX, POSITION),
];
/// A place in the database's log.
const POSITION: &str = "^[0-9]+$";
/// A key: more than blanks and the quotes that it may stand in.
const KEY: &str = "^[\\x20-\\x7e]*[\\x21\\x23-\\x7e][\\x20-\\x7e]*$";
/// What may stand in a field.
const FIELD: &str = "^[\\x20-\\x7e]*$";
/// What may stand in a field that nobody refuses.
const ANYTHING: &str = "^[\\s\\S]*$";

/// Says what a request's field may hold.
pub(super) fn bound(parameter: &mut Value) {
    let known = REQUEST_FIELDS
        .iter()
        .find(|(name, ..)| parameter["in"] == "header" && parameter["name"] == *name);
    if let Some((_, max, pattern)) = known {
        parameter["schema"] = json!({"type": "string", "maxLength": max, "pattern": pattern});
    }
    if parameter["in"] == "header" && parameter["name"] == "If-Match" {
        // Either is one: the tag of a state, or whatever the state is.
        parameter["schema"]["examples"] = json!(["*", "\"3\""]);
    }
}

/// Largest age that caches have to tell [RFC 9111 §1.2.2].
const AGE_SECONDS_MAX: i64 = 1 << 31;

/// References to some of the components below.
pub(super) fn references<'a>(names: impl IntoIterator<Item = &'a str>) -> Map<String, Value> {
    let reference = |name: &str| json!({"$ref": format!("#/components/headers/{name}")});
    names
        .into_iter()
        .map(|name| (name.to_owned(), reference(name)))
        .collect()
}

/// What every answer of the edge carries, whatever became of the request.
pub(super) const ALWAYS: [&str; 8] = [
    "X-Request-Id",
    "API-Version",
    "RateLimit",
    "RateLimit-Policy",
    "Access-Control-Allow-Origin",
    "Cache-Control",
    "Server-Timing",
    "Vary",
];

/// The answers' fields, as components.
pub(super) fn headers() -> Value {
    let mut headers: Map<String, Value> = ANSWER_FIELDS
        .iter()
        .map(|(name, max, pattern, description, example)| {
            let schema = json!({"type": "string", "maxLength": max, "pattern": pattern});
            let header = json!({"description": description, "example": example, "schema": schema});
            ((*name).to_owned(), header)
        })
        .collect();
    headers.insert(
        "Retry-After".to_owned(),
        json!({"description": "Seconds until a retry makes sense.", "example": 1,
            "schema": {"type": "integer", "format": "int64", "minimum": 0,
                "maximum": 2_678_400}}),
    );
    headers.insert(
        "Age".to_owned(),
        json!({"description": "For how many seconds the answer was kept [RFC 9111].", "example": 5,
            "schema": {"type": "integer", "format": "int64", "minimum": 0,
                "maximum": AGE_SECONDS_MAX}}),
    );
    headers.insert(
        "Idempotent-Replayed".to_owned(),
        json!({"description": "Whether it is the answer of an earlier request.",
            "example": "false", "schema": {"type": "string", "enum": ["true", "false"]}}),
    );
    headers.into()
}

/// Parameters that operations share.
pub(super) fn parameters() -> Value {
    json!({"If-None-Match": {
        "name": "If-None-Match",
        "in": "header",
        "required": false,
        "description": "ETags that the client has; a match is 304 without a body.",
        "schema": {"type": "string", "maxLength": BOUNDED_BYTES_MAX, "pattern": ANYTHING},
        "example": "\"3\"",
    }})
}
