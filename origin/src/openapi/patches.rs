//! Patch documents: what a merge patch and a JSON Patch may hold.
//!
//! A merge patch [RFC 7396] has the members of what PUT takes at the same path, none of them
//! required. A JSON Patch [RFC 6902] looks the same everywhere.

use serde_json::{Value, json};

use crate::routes::patch::{JSON_PATCH, MERGE_PATCH, OPERATIONS_MAX};

/// Puts the schemas in where handlers name the media types.
pub(super) fn write(document: &mut Value) {
    let mut merges = Vec::new();
    for (_, item) in document["paths"].as_object_mut().into_iter().flatten() {
        let replaced = item
            .pointer("/put/requestBody/content/application~1json/schema/$ref")
            .and_then(Value::as_str)
            .map(str::to_owned);
        let content = item.pointer_mut("/patch/requestBody/content");
        let Some(content) = content.and_then(Value::as_object_mut) else {
            continue;
        };
        if let Some(media) = content.get_mut(JSON_PATCH) {
            media["schema"] = json!({"$ref": "#/components/schemas/JsonPatch"});
        }
        if let (Some(media), Some(replaced)) = (content.get_mut(MERGE_PATCH), replaced) {
            media["schema"] = json!({"$ref": format!("{replaced}MergePatch")});
            merges.push(replaced);
        }
    }
    for replaced in merges {
        let name = replaced.rsplit('/').next().unwrap_or_default();
        let mut schema = document["components"]["schemas"][name].clone();
        if let Some(members) = schema.as_object_mut() {
            members.remove("required");
            members.insert(
                "description".to_owned(),
                json!("The members to change [RFC 7396]; null clears one that may be absent."),
            );
        }
        document["components"]["schemas"][format!("{name}MergePatch")] = schema;
    }
    document["components"]["schemas"]["JsonPatch"] = json_patch();
}

fn pointer(description: &str) -> Value {
    json!({"type": "string", "maxLength": 1000, "pattern": "^(/([^~/]|~[01])*)*$",
        "description": description})
}

/// Operations that need the same member beside `op` and `path`.
fn operation(names: &[&str], member: &str, schema: Value) -> Value {
    let mut operation = json!({
        "type": "object",
        "required": ["op", "path"],
        "properties": {
            "op": {"type": "string", "description": "What to do.", "enum": names},
            "path": pointer("Where [RFC 6901]."),
        },
    });
    if member != "path" {
        operation["required"] = json!(["op", "path", member]);
    }
    operation["properties"][member] = schema;
    operation
}

fn json_patch() -> Value {
    json!({
        "type": "array",
        "maxItems": OPERATIONS_MAX,
        "description": "Operations, done in their order, all or none [RFC 6902].",
        "items": {"oneOf": [
            operation(&["add", "replace", "test"], "value",
                json!({"description": "What to put there, or what must be there."})),
            operation(&["move", "copy"], "from", pointer("From where [RFC 6901].")),
            operation(&["remove"], "path", pointer("Where [RFC 6901].")),
        ]},
        "example": [{"op": "replace", "path": "/name", "value": "Stoneware mug, green"}],
    })
}
