use serde_json::json;

use super::compile::{program, table};
use super::*;

#[test]
fn a_merge_patch_is_looked_at_without_what_it_is_for() {
    let address = json!({"type": "object", "required": ["city"], "additionalProperties": false,
        "properties": {"city": {"type": "string"}, "state": {"type": ["string", "null"]}}});
    let line =
        json!({"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}});
    let document = json!({"components": {"schemas": {"Thing": {
    "type": "object", "required": ["name", "address"], "additionalProperties": false,
    "properties": {
        "name": {"type": "string", "minLength": 0, "maxLength": 3,
            "pattern": "^[^\\u0000-\\u0008\\u000B\\u000C\\u000E-\\u001F\\u007F-\\u009F]*$"},
        "note": {"type": "string"},
        "address": address,
        "lines": {"type": "array", "items": line},
    }}}}});
    let table = compile::named(&document, "Thing");
    for (patch, expected) in [
        (json!({}), vec![]),
        (json!({"name": "a"}), vec![]),
        // It takes away what may be absent, and is a part of what it changes.
        (json!({"note": null}), vec![]),
        (json!({"address": {"state": null}}), vec![]),
        (json!({"name": null}), vec!["required /name"]),
        (
            json!({"address": {"city": null}}),
            vec!["required /address/city"],
        ),
        // A list is replaced whole.
        (
            json!({"lines": [{"id": "a"}, {}]}),
            vec!["required /lines/1/id"],
        ),
        (
            json!({"nane": 1, "name": "long", "note": 7, "address": {"x": 1}}),
            vec![
                "unknown /address/x",
                "length /name",
                "unknown /nane",
                "type /note",
            ],
        ),
    ] {
        let found = of_patch(&table, patch.as_object().unwrap());
        let found: Vec<_> = found
            .iter()
            .map(|fault| format!("{} {}", fault.code, fault.pointer))
            .collect();
        assert_eq!(found, expected, "{patch}");
    }
}

#[test]
fn what_a_reader_met_is_not_lost_where_a_table_is_silent() {
    let document = json!({"components": {"schemas": {"Thing": {"type": "object", "properties": {
        "a": {"type": "boolean"}, "b": {"type": "string", "format": "uri"}}}}}});
    let table = compile::named(&document, "Thing");
    let met = || vec![misshapen("/b".to_owned(), "format", "odd".to_owned())];
    let pointers = |body: &str| {
        let found = all(&table, body.as_bytes(), met());
        found
            .into_iter()
            .map(|fault| fault.pointer)
            .collect::<Vec<_>>()
    };
    assert_eq!(pointers(r#"{"a": 1, "b": 2}"#), ["/a", "/b"]);
    assert_eq!(pointers(r#"{"a": true, "b": 2}"#), ["/b"]);
    assert_eq!(pointers("[]"), ["/b"]);
    assert_eq!(pointers("{"), ["/b"]);
}

#[test]
fn schemas_that_are_not_known_whole_are_the_origins() {
    for schema in [
        json!({"type": "string", "format": "uri"}),
        json!({"type": "number"}),
        json!({"type": "array", "uniqueItems": true}),
        json!({"type": ["string", "integer"]}),
        json!({"oneOf": [{"type": "string"}, {"type": "integer"}]}),
        json!({"type": "string", "pattern": "^a"}),
        json!({"type": "string", "pattern": "^a+$"}),
        json!({"$ref": "#/components/schemas/Self"}),
        json!({"if": true}),
    ] {
        let document = json!({
            "components": {"schemas": {"Self": {"$ref": "#/components/schemas/Self"}}},
            "paths": {"/x": {"post": {"requestBody": {"required": true, "content": {"application/json":
                {"schema": {"type": "object", "properties": {"a": schema}}}}}}}},
        });
        let table = table(&document, "POST", "/x").unwrap();
        assert_eq!(table["p"]["a"]["t"], "?", "{schema}");
        for body in [r#"{"a": "b"}"#, r#"{"a": [1.5]}"#] {
            assert_eq!(certain(&table, body.as_bytes()), [], "{schema} {body}");
        }
    }
}

#[test]
fn programs_match_as_their_patterns_say() {
    for (pattern, fine, others) in [
        ("^[A-Z]{2}$", vec!["DE"], vec!["", "D", "DEU", "de", "D1"]),
        (
            "^a*b+c?$",
            vec!["b", "aab", "abbc"],
            vec!["", "a", "bcc", "ac"],
        ),
        ("^(ab|c|)d$", vec!["abd", "cd", "d"], vec!["abcd", "ad", ""]),
        ("^(a|b){1,3}$", vec!["a", "bab"], vec!["", "abab"]),
        (
            "^([a-z]([a-z-]*[a-z])?)+$",
            vec!["a", "a-b", "abc"],
            vec!["-", "a-"],
        ),
        (
            "^https?://[^\\s]+$",
            vec!["http://ä", "https://x"],
            vec!["https://", "http://a b"],
        ),
        (
            "^(a*)*$",
            vec!["", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"],
            vec!["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"],
        ),
    ] {
        let program = program(pattern).unwrap();
        for text in fine {
            assert!(program::matches(&program, text), "{pattern} {text}");
        }
        for text in others {
            assert!(!program::matches(&program, text), "{pattern} {text}");
        }
    }
    for pattern in ["a", "^a", "a$", "^(?=a)b$", "^a{300}$", "^(", "^\\b$"] {
        assert!(program(pattern).is_none(), "{pattern}");
    }
}
