//! Problem documents in the OpenAPI document: one schema, and one response a status with an example
//! of each of its codes, all from the catalogue.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use serde_json::{Map, Value, json};
use shared::problem::{
    Code, DETAIL_CHARS_MAX, FAULT_CHARS_MAX, FIELD_ERRORS_MAX, MEDIA_TYPE, Outcome, Problem,
};

use super::fields;
use crate::routes::patch::DOCUMENT_BYTES_MAX;

/// Longest pointer: it names a member of a body, by whatever name the client gave it. Two bytes stand
/// for a `/` of such a name.
const POINTER_CHARS_MAX: usize = 2 * DOCUMENT_BYTES_MAX;

/// The name of a status's response among the components, such as `NotFound`.
pub(super) fn name(status: u16) -> String {
    StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason())
        .unwrap_or("Problem")
        .split_whitespace()
        .collect()
}

/// A reference to a status's response.
pub(super) fn reference(status: u16) -> Value {
    json!({"$ref": format!("#/components/responses/{}", name(status))})
}

/// The responses, by status.
pub(super) fn responses() -> BTreeMap<u16, Value> {
    let mut codes: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
    for code in Code::ALL {
        codes.entry(code.status()).or_default().push(*code);
    }
    codes
        .into_iter()
        .map(|(status, codes)| (status, response(status, &codes)))
        .collect()
}

fn response(status: u16, codes: &[Code]) -> Value {
    let names: Vec<_> = codes
        .iter()
        .map(|code| format!("`{}`", code.as_str()))
        .collect();
    let examples: Map<String, Value> = codes
        .iter()
        .map(|code| {
            let example = json!({"summary": code.title(), "value": example(*code)});
            (code.as_str().to_owned(), example)
        })
        .collect();
    let more: &[&str] = match status {
        401 | 403 => &["WWW-Authenticate"],
        // A card that was declined is an answer that is kept under its key.
        402 => &["Original-Request-Id"],
        // That there is no such product is kept as products are.
        404 => &["Age", "Cache-Status", "CDN-Cache-Control"],
        405 => &["Allow"],
        412 => &["ETag"],
        415 => &["Accept", "Accept-Patch"],
        409 | 429 => &["Retry-After"],
        502..=504 => &["Retry-After", "Proxy-Status"],
        _ => &[],
    };
    // To a key each answer says whether it is a replay.
    let always = fields::ALWAYS
        .iter()
        .chain(&["Error-Code", "Idempotent-Replayed"]);
    let carried = always.chain(more);
    let headers = fields::references(carried.copied());
    json!({
        "description": format!("Refused: {}.", names.join(", ")),
        "headers": headers,
        "content": {MEDIA_TYPE: {
            "schema": {"$ref": "#/components/schemas/Problem"},
            "examples": examples,
        }},
    })
}

/// A document as the API would write it.
fn example(code: Code) -> Value {
    let mut problem = Problem::new(code, code.meaning());
    if code.status() == 402 {
        problem = problem
            .with_outcome(Outcome::Applied)
            .with("charge", json!("ch_1"))
            .with("order", json!("ord_41h455vb4pex5vsknk084sn02q"));
        problem.decline_code = Some("insufficient_funds".to_owned());
    }
    if code.retryable() {
        problem = problem.with_retry_after(1);
    }
    problem.document(
        "https://shop.example",
        "/v2/orders",
        "req_01h455vb4pex5vsknk084sn02q",
    )
}

/// The schema of a problem document.
pub(super) fn schema() -> Value {
    let text = |max: usize, description: &str| {
        json!({"type": "string", "description": description, "maxLength": max,
            "pattern": "^[\\s\\S]*$"})
    };
    let code = || {
        let codes: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        json!({"type": "string", "description": "Which problem it is; stable.", "enum": codes})
    };
    let kinds = [
        "api_error",
        "authentication_error",
        "card_error",
        "idempotency_error",
        "invalid_request_error",
        "rate_limit_error",
    ];
    let page = "A page that explains the code.";
    let field_error = json!({
        "type": "object",
        "required": ["pointer", "code", "detail", "fix"],
        "properties": {
            "pointer": text(POINTER_CHARS_MAX, "JSON pointer [RFC 6901] into the request's body."),
            "code": text(40, "What kind of fault it is."),
            "detail": text(FAULT_CHARS_MAX, "What is wrong."),
            "fix": text(FAULT_CHARS_MAX, "What would be right."),
        },
    });
    json!({
        "type": "object",
        "description": "Why a request was refused [RFC 9457]; `error` has Stripe's shape. Further \
            members belong to some codes, as their pages say.",
        "required": ["type", "title", "status", "detail", "instance", "code", "request_id",
            "errors", "retry", "error"],
        "properties": {
            "type": {"type": "string", "format": "uri", "description": page, "maxLength": 2000},
            "title": text(200, "The same for each occurrence of the code."),
            "status": {"type": "integer", "format": "int32", "minimum": 400, "maximum": 599,
                "description": "The HTTP status."},
            "detail": text(DETAIL_CHARS_MAX, "What is wrong with this request."),
            "instance": text(65_534, "The request's path."),
            "code": code(),
            "request_id": text(64, "Our id of the request."),
            "errors": {"type": "array", "maxItems": FIELD_ERRORS_MAX, "items": field_error,
                "description": "Each fault of the body, all at once."},
            "retry": {
                "type": "object",
                "description": "Whether the same request may succeed later.",
                "required": ["retryable", "after_seconds", "same_key"],
                "properties": {
                    "retryable": {"type": "boolean", "description": "Whether it may."},
                    "after_seconds": {"type": ["integer", "null"], "format": "int64",
                        "minimum": 0, "maximum": 2_678_400,
                        "description": "When to try; `Retry-After` says the same."},
                    "same_key": {"type": "boolean",
                        "description": "Whether to send the same idempotency key."},
                },
            },
            "outcome": {"type": "string", "enum": ["not_applied", "unknown", "applied"],
                "description": "What became of the work; on keyed requests."},
            "safe_new_key": {"type": "boolean",
                "description": "Whether a new key can't do the work twice, by an earlier call either; on keyed requests."},
            "error": {
                "type": "object",
                "description": "The same in Stripe's shape.",
                "required": ["type", "code", "message", "doc_url"],
                "properties": {
                    "type": {"type": "string", "enum": kinds, "description": "Class of the error."},
                    "code": code(),
                    "decline_code": text(100, "Why the card was declined."),
                    "message": text(DETAIL_CHARS_MAX, "What is wrong with this request."),
                    "param": text(POINTER_CHARS_MAX, "The first of `errors`."),
                    "charge": text(255, "The provider's name of the charge."),
                    "order": text(64, "The order that it was for."),
                    "doc_url": {"type": "string", "format": "uri", "maxLength": 2000,
                        "description": page},
                },
            },
        },
    })
}
