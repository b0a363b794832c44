//! Compiles what the OpenAPI document says of bodies into the small tables that [`super`] reads. The edge's
//! build does so, and the Worker holds its outcome alone; the origin does it when a body first needs it.
//!
//! A table is a node: `t` is its type (`o`bject, `a`rray, `s`tring, `i`nteger, `b`oolean, or `?` for what
//! is left to the origin), without one anything goes; `z` takes null, too.
//! - object: `p` members by name, `r` those that are required, `x` no others.
//! - array: `i` the elements, `n` and `m` fewest and most of them.
//! - string: `n` and `m` fewest and most characters, `k` text without control characters (of at least so
//!   many), `g` programs ([`super::program`]) that all must match, `e` the words that it may be.
//! - integer: `n` and `m` bounds, `f` the bits that surely hold it.

use regex_syntax::hir::{Class, Hir, HirKind, Look};
use serde_json::{Map, Value, json};

/// Deepest nesting of a schema; a deeper one is left to the origin.
const DEPTH_MAX: usize = 12;
/// Most steps of one pattern's program.
const STEPS_MAX: usize = 200;
/// The greatest whole number that a double holds exactly: as a bound it is JSON's, not the API's.
const EXACT_MAX: i64 = (1 << 53) - 1;

/// Text that may be empty, and text that is more than white space: `Checks::text` says both.
const TEXT: [&str; 2] = [
    r"^[^\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]*$",
    r"^[^\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]*[^\s\u0000-\u001F\u007F-\u009F][^\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]*$",
];

/// What changes nothing about which values are valid.
const ANNOTATIONS: [&str; 8] = [
    "description",
    "title",
    "example",
    "examples",
    "default",
    "deprecated",
    "readOnly",
    "writeOnly",
];

/// The table of an operation's JSON body, if the document requires one.
pub fn table(document: &Value, method: &str, path: &str) -> Option<Value> {
    let body = document
        .get("paths")?
        .get(path)?
        .get(method.to_ascii_lowercase())?
        .get("requestBody")?;
    let schema = body
        .get("content")?
        .get("application/json")?
        .get("schema")?;
    let required = body.get("required") == Some(&json!(true));
    required.then(|| node(document, schema, 0))
}

/// The table of a schema that the document has a name for.
pub fn named(document: &Value, name: &str) -> Value {
    let place = format!("#/components/schemas/{name}");
    node(document, &json!({"$ref": place}), 0)
}

fn node(document: &Value, schema: &Value, depth: usize) -> Value {
    known(document, schema, depth).unwrap_or_else(|| json!({"t": "?"}))
}

/// The node of a schema that holds nothing which the Worker does not check.
fn known(document: &Value, schema: &Value, depth: usize) -> Option<Value> {
    let members = schema.as_object().filter(|_| depth < DEPTH_MAX)?;
    let mut said: Map<String, Value> = members.clone();
    said.retain(|name, _| !ANNOTATIONS.contains(&name.as_str()));
    if let Some(place) = said.remove("$ref") {
        let place = place.as_str()?.strip_prefix('#')?;
        let target = document.pointer(place)?;
        return said.is_empty().then(|| node(document, target, depth + 1));
    }
    if let Some(one) = said.remove("oneOf") {
        let null = json!({"type": "null"});
        let [schema, other] = one.as_array()?.as_slice() else {
            return None;
        };
        let nullable = said.is_empty() && *other == null;
        return nullable.then(|| or_null(node(document, schema, depth + 1)));
    }
    let Some(kind) = said.remove("type") else {
        return said.is_empty().then(|| json!({}));
    };
    if let Some(kinds) = kind.as_array() {
        let [kind, null] = kinds.as_slice() else {
            return None;
        };
        let found = (*null == "null").then(|| typed(document, kind.as_str()?, said, depth))??;
        return Some(or_null(found));
    }
    typed(document, kind.as_str()?, said, depth)
}

fn or_null(mut node: Value) -> Value {
    if let Some(members) = node.as_object_mut() {
        members.insert("z".to_owned(), json!(1));
    }
    node
}

/// The node of one type. What is left over of the schema is not checked here, so the origin decides.
fn typed(
    document: &Value,
    kind: &str,
    mut said: Map<String, Value>,
    depth: usize,
) -> Option<Value> {
    let mut out = Map::new();
    let mut put =
        |name: &str, value: Option<Value>| value.map(|value| out.insert(name.to_owned(), value));
    match kind {
        "object" => {
            put("t", Some(json!("o")));
            if let Some(members) = said.remove("properties") {
                let members = members.as_object()?.iter();
                let members: Map<String, Value> = members
                    .map(|(name, schema)| (name.clone(), node(document, schema, depth + 1)))
                    .collect();
                put("p", Some(members.into()));
            }
            put("r", said.remove("required"));
            let closed = said.remove("additionalProperties") == Some(json!(false));
            put("x", closed.then(|| json!(1)));
        }
        "array" => {
            put("t", Some(json!("a")));
            put("n", said.remove("minItems"));
            put("m", said.remove("maxItems"));
            put(
                "i",
                said.remove("items")
                    .map(|schema| node(document, &schema, depth + 1)),
            );
        }
        "string" => {
            put("t", Some(json!("s")));
            string(&mut said, &mut put)?;
        }
        "integer" => {
            put("t", Some(json!("i")));
            let bits = if said.remove("format") == Some(json!("int32")) {
                32
            } else {
                64
            };
            put("f", Some(json!(bits)));
            let bounds = (said.remove("minimum"), said.remove("maximum"));
            if bounds.1 != Some(json!(EXACT_MAX)) {
                put("n", bounds.0);
                put("m", bounds.1);
            }
        }
        "boolean" => {
            put("t", Some(json!("b")));
        }
        _ => return None,
    }
    said.is_empty().then_some(Value::Object(out))
}

fn string(
    said: &mut Map<String, Value>,
    put: &mut impl FnMut(&str, Option<Value>) -> Option<Option<Value>>,
) -> Option<()> {
    if said.get("format") == Some(&json!("password")) {
        said.remove("format");
    }
    let (least, most) = (said.remove("minLength"), said.remove("maxLength"));
    if let Some(pattern) = said.remove("pattern") {
        let pattern = pattern.as_str()?;
        // A program takes as many steps as the text has characters, so those must be bounded.
        most.as_ref()?;
        let kind = TEXT.iter().position(|text| *text == pattern);
        let fewest = least.as_ref().and_then(Value::as_u64).unwrap_or(0);
        match kind.and_then(|kind| u64::try_from(kind).ok()) {
            Some(kind) if kind == fewest => put("k", Some(json!(kind))),
            _ => put("g", Some(json!([program(pattern)?]))),
        };
    }
    put("n", least);
    put("m", most);
    put("e", said.remove("enum"));
    Some(())
}

/// The program of a pattern that stands for the whole text.
pub(super) fn program(pattern: &str) -> Option<Vec<Value>> {
    let hir = regex_syntax::parse(pattern).ok()?;
    let HirKind::Concat(parts) = hir.kind() else {
        return None;
    };
    let [first, between @ .., last] = parts.as_slice() else {
        return None;
    };
    if *first.kind() != HirKind::Look(Look::Start) || *last.kind() != HirKind::Look(Look::End) {
        return None;
    }
    let mut steps = Vec::new();
    for part in between {
        emit(part, &mut steps)?;
    }
    (steps.len() <= STEPS_MAX).then_some(steps)
}

fn emit(hir: &Hir, steps: &mut Vec<Value>) -> Option<()> {
    match hir.kind() {
        HirKind::Empty => {}
        HirKind::Literal(literal) => {
            for letter in std::str::from_utf8(&literal.0).ok()?.chars() {
                steps.push(json!([0, u32::from(letter), u32::from(letter)]));
            }
        }
        HirKind::Class(class) => {
            let mut step = vec![json!(0)];
            match class {
                Class::Unicode(class) => {
                    for range in class.iter() {
                        step.push(u32::from(range.start()).into());
                        step.push(u32::from(range.end()).into());
                    }
                }
                Class::Bytes(_) => return None,
            }
            steps.push(step.into());
        }
        HirKind::Look(_) => return None,
        HirKind::Capture(capture) => emit(&capture.sub, steps)?,
        HirKind::Concat(parts) => {
            for part in parts {
                emit(part, steps)?;
            }
        }
        HirKind::Repetition(repetition) => {
            let mut once = Vec::new();
            emit(&repetition.sub, &mut once)?;
            let length = i64::try_from(once.len()).ok()?;
            for _ in 0..repetition.min {
                steps.extend(once.iter().cloned());
            }
            match repetition.max {
                None => {
                    steps.push(json!([1, 1, length + 2]));
                    steps.extend(once);
                    steps.push(json!([1, -length - 1]));
                }
                Some(max) => {
                    for _ in repetition.min..max {
                        steps.push(json!([1, 1, length + 1]));
                        steps.extend(once.iter().cloned());
                    }
                }
            }
        }
        HirKind::Alternation(ways) => {
            // Each way but the last is tried beside what follows it, and leads to the end of all.
            let mut tail: Vec<Value> = Vec::new();
            for (place, way) in ways.iter().enumerate().rev() {
                let mut once = Vec::new();
                emit(way, &mut once)?;
                if place + 1 < ways.len() {
                    let length = i64::try_from(once.len()).ok()?;
                    once.insert(0, json!([1, 1, length + 2]));
                    once.push(json!([1, i64::try_from(tail.len()).ok()? + 1]));
                }
                once.append(&mut tail);
                tail = once;
            }
            steps.append(&mut tail);
        }
    }
    Some(())
}
