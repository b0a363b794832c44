//! What names mean everywhere in the API, written into each schema that does not say it itself.
//!
//! 1. A member that ends in `_at` (or is `member_since`) is a time [RFC 3339] in UTC with milliseconds.
//! 2. A whole number lies within what every JSON reader keeps exact.
//! 3. `data` is a page of rows; a cursor is opaque.
//! 4. `object` is the constant that its description names.
//! 5. Texts of one name have one bound, the one that the checks know.
//! 6. `pools` has lists of origins by the names of pools.

use serde_json::{Map, Value, json};
use shared::{network, order, origins, product, user};

/// Most rows a page.
const ROWS_MAX: i64 = crate::routes::list::LIMIT_MAX;
/// Longest cursor.
const CURSOR_BYTES_MAX: usize = crate::routes::list::CURSOR_BYTES_MAX;
/// Largest whole number that a double keeps exact.
const EXACT_MAX: i64 = (1 << 53) - 1;
/// `2026-11-24T05:30:40.123Z`
const TIME_CHARS: usize = 24;

/// Writes them into every schema of the document.
pub(super) fn write(document: &mut Value) {
    if let Value::Object(members) = document {
        if let Some(Value::Object(properties)) = members.get_mut("properties") {
            for (name, schema) in properties {
                if let Value::Object(schema) = schema {
                    member(name, schema);
                }
            }
        }
        // A parameter.
        if let (Some(Value::String(name)), Some(_)) = (members.get("name"), members.get("in")) {
            let name = name.clone();
            if let Some(Value::Object(schema)) = members.get_mut("schema") {
                member(&name, schema);
            }
        }
        if is(members, "integer") {
            members.entry("minimum").or_insert(json!(-EXACT_MAX));
            members.entry("maximum").or_insert(json!(EXACT_MAX));
        }
    }
    match document {
        Value::Object(members) => members.values_mut().for_each(write),
        Value::Array(items) => items.iter_mut().for_each(write),
        _ => {}
    }
}

/// Any text in any script, without control characters but for line breaks and tabs.
const ANY: &str = "^[^\\u0000-\\u0008\\u000B\\u000C\\u000E-\\u001F\\u007F-\\u009F]*$";
/// An identifier of ours or of a provider.
const NAME: &str = "^[\\x21-\\x7e]*$";

/// What texts may hold, by the names of their members and parameters.
const TEXTS: [(&[&str], usize, &str); 19] = [
    (&["name"], product::NAME_CHARS_MAX, ANY),
    (&["description"], product::DESCRIPTION_CHARS_MAX, ANY),
    (&["sku", "skus"], product::SKU_CHARS_MAX, ANY),
    (
        &["category", "categories"],
        product::CATEGORY_CHARS_MAX,
        "^[a-z0-9-]*$",
    ),
    (
        &["image_url"],
        product::IMAGE_URL_CHARS_MAX,
        "^https?://\\S+$",
    ),
    (&["label"], order::FIELD_CHARS_MAX, ANY),
    (&["email"], user::EMAIL_BYTES_MAX, "^[^@\\s]+@[^@\\s]+$"),
    (&["phone"], user::PHONE_DIGITS_MAX + 1, "^\\+[0-9]+$"),
    (&["q"], product::SEARCH_CHARS_MAX, ANY),
    (&["status"], 20, "^[a-z_]+$"),
    (&["scopes"], 40, "^[a-z:]+$"),
    (&["note"], order::NOTE_CHARS_MAX, ANY),
    (
        &["line1", "line2", "city", "state", "postal_code"],
        order::FIELD_CHARS_MAX,
        ANY,
    ),
    (&["country"], 2, "^[A-Z]{2}$"),
    (&["deny_countries", "allow_countries"], 2, "^[A-Z]{2}$"),
    (
        &["deny", "allow"],
        network::BLOCK_CHARS_MAX,
        "^[0-9A-Fa-f:.]+(/[0-9]{1,3})?$",
    ),
    (&["updated_by"], order::FIELD_CHARS_MAX, NAME),
    // The provider's names for what it charges; which ones there are is the provider's affair.
    (&["payment_method", "method"], order::FIELD_CHARS_MAX, ANY),
    (
        &["customer_id", "decline_code", "account"],
        order::FIELD_CHARS_MAX,
        NAME,
    ),
];

fn text(name: &str, schema: &mut Map<String, Value>) {
    let known = TEXTS.iter().find(|(names, ..)| names.contains(&name));
    if let Some((_, max, pattern)) = known {
        schema.entry("maxLength").or_insert(json!(max));
        if !schema.contains_key("format") && !schema.contains_key("enum") {
            schema.entry("pattern").or_insert(json!(pattern));
        }
    }
}

/// Whether the schema is of that type, or of it and null.
fn is(schema: &Map<String, Value>, kind: &str) -> bool {
    match schema.get("type") {
        Some(Value::String(one)) => one == kind,
        Some(Value::Array(several)) => several.iter().any(|one| one == kind),
        _ => false,
    }
}

fn member(name: &str, schema: &mut Map<String, Value>) {
    let array = is(schema, "array");
    let mut default = |key: &str, value: Value| {
        schema.entry(key).or_insert(value);
    };
    match name {
        _ if name.ends_with("_at") || name == "member_since" => {
            default("format", json!("date-time"));
            default("maxLength", json!(TIME_CHARS));
        }
        "version" => {
            default("minimum", json!(1));
            default("maximum", json!(EXACT_MAX));
        }
        "data" if array => default("maxItems", json!(ROWS_MAX)),
        "items" => default("maxItems", json!(order::ITEMS_MAX)),
        "cursor" | "next_cursor" => {
            default("maxLength", json!(CURSOR_BYTES_MAX));
            default("pattern", json!("^[A-Za-z0-9._-]*$"));
        }
        "object" => {
            let described = schema.get("description").and_then(Value::as_str);
            let constant = described.and_then(|text| text.split('`').nth(1));
            if let Some(constant) = constant.map(str::to_owned) {
                schema.insert("const".to_owned(), json!(constant));
            }
        }
        _ => {}
    }
    if name == "pools" {
        pools(schema);
    }
    if is(schema, "string") && !schema.contains_key("const") {
        text(name, schema);
    }
    if is(schema, "array")
        && let Some(Value::Object(items)) = schema.get_mut("items")
        && is(items, "string")
    {
        text(name, items);
    }
}

/// Lists of origins by the names of their pools.
fn pools(schema: &mut Map<String, Value>) {
    schema.insert("maxProperties".to_owned(), json!(origins::POOLS_MAX));
    let names = json!({"type": "string", "maxLength": origins::POOL_CHARS_MAX,
        "pattern": "^[A-Za-z0-9._-]+$"});
    schema.insert("propertyNames".to_owned(), names);
    if let Some(Value::Object(list)) = schema.get_mut("additionalProperties") {
        list.insert("minItems".to_owned(), json!(1));
        list.insert("maxItems".to_owned(), json!(origins::ORIGINS_MAX));
    }
}
