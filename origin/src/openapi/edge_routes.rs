//! Operations that the edge answers by itself. Clients find them at the same address as all others,
//! so the document has them, although no handler here declares them.

use serde_json::{Value, json};
use shared::problem::Code;

/// Adds them.
pub(super) fn write(document: &mut Value) {
    document["paths"]["/account/deprecations"] = json!({"get": deprecations()});
    document["paths"]["/rate_limit"] = json!({"get": rate_limit()});
    document["paths"]["/problems/{code}"] = json!({
        // Problems name these pages for good, whichever version of the API they came from.
        "servers": [{"url": "/", "description": "Without a version", "x-internal": false}],
        "get": problem(),
    });
}

fn deprecations() -> Value {
    let text = |max: u32, pattern: &str, description: &str| json!({"type": "string", "maxLength": max, "pattern": pattern, "description": description});
    let time = |description: &str| json!({"type": "string", "format": "date-time", "description": description});
    let members = json!({
        "object": {"type": "string", "description": "Always `deprecation`."},
        "api_version": text(8, "^v[0-9]+$", "The deprecated version."),
        "route": text(100, "^[a-z0-9-]+$", "Name of the route."),
        "method": text(16, "^[A-Z]+$", "The requests' method."),
        "path": text(200, "^/", "The route's path, without the version."),
        "deprecated_at": time("Since when the version is deprecated."),
        "sunset_at": time("When it ends."),
        "successor": text(200, "^/", "What to call in its place."),
        "requests": {"type": "integer", "format": "int64", "minimum": 1,
            "description": "How often the account called it in the last 90 days, at least."},
        "last_used_at": time("When it did so last."),
    });
    let required: Vec<_> = members
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, _)| name)
        .collect();
    let row = json!({"type": "object", "required": required, "properties": members});
    let page = json!({
        "type": "object",
        "required": ["object", "data", "has_more", "next_cursor"],
        "properties": {
            "object": {"type": "string", "description": "Always `list`."},
            "data": {"type": "array", "items": row, "description": "The latest use first."},
            "has_more": {"type": "boolean", "description": "Always false: this is all."},
            "next_cursor": {"type": ["string", "null"], "description": "Always null."},
        },
    });
    json!({
        "operationId": "listDeprecations",
        "summary": "List the deprecated routes that the account still uses.",
        "description": "Counted and answered by the edge; the origin alone does not know the path.",
        "tags": ["operations"],
        "responses": {
            "200": {"description": "What was used.", "content": {"application/json": {"schema": page}}},
            "404": {"description": "There is no edge before this server."},
        },
        "security": [{super::ACCESS_TOKEN: []}],
    })
}

fn rate_limit() -> Value {
    let count = |min: u32, description: &str| json!({"type": "integer", "format": "int64", "minimum": min, "maximum": 1_000_000_000_000_i64, "description": description});
    let quota = json!({
        "type": ["object", "null"],
        "description": "The calendar quota, if the plan has one.",
        "required": ["limit", "period", "remaining", "resets_at"],
        "properties": {
            "limit": count(1, "Requests a window."),
            "period": {"type": "string", "enum": ["DAY", "WEEK", "MONTH"], "description": "Which window, in UTC."},
            "remaining": count(0, "Requests that are left of it."),
            "resets_at": {"type": "string", "format": "date-time", "description": "When it ends."},
        },
    });
    let concurrency = json!({
        "type": ["object", "null"],
        "description": "How many requests may be under way at once, if the plan bounds that.",
        "required": ["limit", "under_way"],
        "properties": {
            "limit": count(1, "Requests at once."),
            "under_way": count(0, "Requests that are under way."),
        },
    });
    let members = json!({
        "object": {"type": "string", "description": "Always `rate_limit`."},
        "policy": {"type": "string", "maxLength": 100, "pattern": "^[ -~]+$",
            "description": "As `RateLimit-Policy` names it."},
        "rate": count(1, "Tokens a window."),
        "per_seconds": count(1, "Seconds of the window."),
        "burst": count(1, "Tokens that a full bucket holds."),
        "remaining": count(0, "Tokens that are left in it."),
        "full_in_seconds": count(0, "When it is full again, if nothing is taken."),
        "quota": quota,
        "concurrency": concurrency,
    });
    let required: Vec<_> = members
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, _)| name)
        .collect();
    let limits = json!({"type": "object", "required": required, "properties": members});
    json!({
        "operationId": "readRateLimit",
        "summary": "Read how the caller stands with its limits.",
        "description": "Answered by the edge, and free; the origin alone does not know the path. A caller without a token or key stands with its address.",
        "tags": ["operations"],
        "responses": {
            "200": {"description": "The limits.", "content": {"application/json": {"schema": limits}}},
            "404": {"description": "There is no edge before this server."},
        },
        "security": [{}, {super::ACCESS_TOKEN: []}],
    })
}

fn problem() -> Value {
    let codes: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
    json!({
        "operationId": "readProblem",
        "summary": "Read what a problem's code means.",
        "description": "The page that `type` and `doc_url` of a problem document open.",
        "tags": ["operations"],
        "parameters": [{"name": "code", "in": "path", "required": true,
            "description": "The `code` of the problem.",
            "schema": {"type": "string", "enum": codes}}],
        "responses": {"200": {"description": "A page.", "content": {"text/html": {
            "schema": {"type": "string", "maxLength": 20_000, "pattern": "^<!doctype html>"}}}}},
        "security": [{}, {super::ACCESS_TOKEN: []}],
    })
}
