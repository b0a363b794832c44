//! Operations that the edge answers by itself. Clients find them at the same address as all others,
//! so the document has them, although no handler here declares them.

use serde_json::{Value, json};
use shared::problem::Code;

/// Adds them.
pub(super) fn write(document: &mut Value) {
    document["paths"]["/account/deprecations"] = json!({"get": deprecations()});
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
