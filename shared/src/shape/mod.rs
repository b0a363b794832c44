//! The shape of bodies, as the OpenAPI document has it: what is wrong with one, all at once.
//!
//! 1. A type is read by serde, which stops at the first fault that it meets. What else is wrong is found
//!    here, by a table of what the document says, and told in the same words ([`crate::body`]).
//! 2. The edge refuses a body before the origin is paid for it, with the very faults that the origin would
//!    tell ([`certain`]). What can't be told so is the origin's: members that stand there twice, what a
//!    pattern excludes, no body at all.
//! 3. The origin adds to what its reader met ([`all`]).
//! 4. A merge patch is looked at before what it is for ([`of_patch`]).
//!
//! Needs no store. The tables: [`compile`], by the edge's build, and by the origin from its own document.

#[cfg(feature = "shapes")]
pub mod compile;
mod program;
#[cfg(all(test, feature = "shapes"))]
mod tests;

use serde_json::{Map, Value};

use crate::body::{Checks, by_pointer, escaped, misshapen, not_an_object, not_json};
use crate::number::EXACT_MAX;
use crate::problem::FieldError;

/// What the origin would refuse the body with; empty: it decides.
pub fn certain(table: &Value, body: &[u8]) -> Vec<FieldError> {
    if body.is_empty() {
        return Vec::new();
    }
    let json: Value = match serde_json::from_slice(body) {
        Ok(json) => json,
        Err(error) => return vec![not_json(&error)],
    };
    let mut found = Found::default();
    match &json {
        Value::Object(_) => found.look(table, &json, ""),
        _ if table.get("t") == Some(&Value::from("o")) => return vec![not_an_object()],
        _ => return Vec::new(),
    }
    if found.unsure || names_twice(body, &json) {
        return Vec::new();
    }
    found.faults.into_faults()
}

/// What is wrong with a body of which a reader met these faults: of the shape it met one only.
pub fn all(table: &Value, body: &[u8], met: Vec<FieldError>) -> Vec<FieldError> {
    let Ok(json @ Value::Object(_)) = serde_json::from_slice(body) else {
        return met;
    };
    let mut found = Found::default();
    found.look(table, &json, "");
    if !found.misshapen {
        return met;
    }
    let mut faults = found.faults.into_faults();
    for fault in met {
        if faults.iter().all(|known| known.pointer != fault.pointer) {
            faults.push(fault);
        }
    }
    by_pointer(&mut faults);
    faults
}

/// What is wrong with a merge patch [RFC 7396], whatever it is for. The table is that of the document which
/// it changes.
pub fn of_patch(table: &Value, members: &Map<String, Value>) -> Vec<FieldError> {
    let mut found = Found {
        patch: true,
        ..Found::default()
    };
    found.object(table, members, "");
    found.faults.into_faults()
}

/// Whether an object has two members of one name, of which a reader keeps one: the text has more of them.
fn names_twice(body: &[u8], json: &Value) -> bool {
    let (mut colons, mut quoted, mut escaped) = (0_usize, false, false);
    for byte in body {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => quoted = !quoted,
            b':' if !quoted => colons = colons.saturating_add(1),
            _ => {}
        }
    }
    colons != members(json)
}

fn members(json: &Value) -> usize {
    match json {
        Value::Object(all) => all
            .values()
            .map(members)
            .fold(all.len(), usize::saturating_add),
        Value::Array(all) => all.iter().map(members).fold(0, usize::saturating_add),
        _ => 0,
    }
}

#[derive(Default)]
struct Found {
    /// All of them.
    faults: Checks,
    /// There are members that are missing, unknown, or of another type or form.
    misshapen: bool,
    /// There may be faults that only the origin can tell.
    unsure: bool,
    /// It is a merge patch: it leaves out what stays, and null takes a member away.
    patch: bool,
}

impl Found {
    fn look(&mut self, node: &Value, value: &Value, at: &str) {
        let Some(kind) = node.get("t").and_then(Value::as_str) else {
            return;
        };
        if value.is_null() && node.get("z").is_some() {
            return;
        }
        match (kind, value) {
            ("o", Value::Object(members)) => self.object(node, members, at),
            ("?", _) => self.unsure = true,
            ("a", Value::Array(elements)) => self.array(node, elements, at),
            ("s", Value::String(text)) => self.string(node, text, at),
            // Its reader has words of its own for what is no word.
            ("s", _) if node.get("e").is_some() => self.unsure = true,
            ("i", Value::Number(number)) => self.integer(node, number, at),
            ("b", Value::Bool(_)) => {}
            _ => {
                let detail = format!("invalid type: {}", said(value));
                self.shape(at, "type", detail);
            }
        }
    }

    fn shape(&mut self, at: &str, code: &'static str, detail: String) {
        self.misshapen = true;
        self.faults.add(misshapen(at.to_owned(), code, detail));
    }

    fn object(&mut self, node: &Value, members: &Map<String, Value>, at: &str) {
        let required = || {
            let names = node.get("r").and_then(Value::as_array);
            names.into_iter().flatten().filter_map(Value::as_str)
        };
        for (name, value) in members {
            let below = below(at, name);
            if self.patch && value.is_null() {
                if required().any(|required| required == name) {
                    self.missing(&below, name);
                }
                continue;
            }
            match node.get("p").and_then(|known| known.get(name)) {
                Some(known) => self.look(known, value, &below),
                None if node.get("x").is_some() => {
                    self.shape(&below, "unknown", format!("unknown field `{name}`"));
                }
                None => {}
            }
        }
        let patch = self.patch;
        for name in required().filter(|_| !patch) {
            if !members.contains_key(name) {
                self.missing(&below(at, name), name);
            }
        }
    }

    fn missing(&mut self, at: &str, name: &str) {
        self.shape(at, "required", format!("missing field `{name}`"));
    }

    fn array(&mut self, node: &Value, elements: &[Value], at: &str) {
        let count = elements.len();
        let most = bound(node, "m");
        let over = most.is_some_and(|most| count > most);
        match (bound(node, "n"), most) {
            (Some(least), Some(most)) => self.faults.count(at, count, least, most),
            _ => self.unsure |= over,
        }
        let Some(known) = node.get("i") else {
            return;
        };
        // A list is replaced whole, and its elements with it. Of too many, the origin looks at the values of
        // the first ones alone.
        let mut aside = Self::default();
        let patch = std::mem::take(&mut self.patch);
        let found = if over { &mut aside } else { &mut *self };
        for (place, element) in elements.iter().enumerate() {
            found.look(known, element, &format!("{at}/{place}"));
        }
        self.patch = patch;
        if over {
            self.unsure |= aside.unsure || !aside.faults.into_faults().is_empty();
        }
    }

    fn string(&mut self, node: &Value, text: &str, at: &str) {
        let words = node.get("e").and_then(Value::as_array);
        if words.is_some_and(|words| !words.iter().any(|word| word == text)) {
            self.shape(at, "format", format!("unknown variant `{text}`"));
            return;
        }
        let least = bound(node, "n").unwrap_or_default();
        let most = bound(node, "m").unwrap_or(usize::MAX);
        if node.get("k").is_some() {
            self.faults.text(at, text, least, most);
            return;
        }
        if !(least..=most).contains(&text.chars().count()) {
            self.unsure = true;
            return;
        }
        let programs = node.get("g").and_then(Value::as_array);
        for program in programs.into_iter().flatten().filter_map(Value::as_array) {
            self.unsure |= !program::matches(program, text);
        }
    }

    fn integer(&mut self, node: &Value, number: &serde_json::Number, at: &str) {
        let whole = number.as_i64().or_else(|| exact(number));
        let Some(whole) = whole else {
            let fraction = number.as_f64().is_some_and(|number| number.fract() != 0.0);
            if fraction {
                let detail = format!("invalid type: floating point `{number}`");
                self.shape(at, "type", detail);
            }
            // A number too large for its type is told in another way.
            self.unsure |= !fraction;
            return;
        };
        let bounds = (
            node.get("n").and_then(Value::as_i64),
            node.get("m").and_then(Value::as_i64),
        );
        let (Some(least), Some(most)) = bounds else {
            return;
        };
        if !(least..=most).contains(&whole) {
            let narrow = node.get("f") == Some(&Value::from(32));
            if narrow && !(0..=i64::from(i32::MAX)).contains(&whole) {
                self.unsure = true;
            } else {
                self.faults.range(at, whole, least, most);
            }
        }
    }
}

/// A whole number that was written with a point or an exponent.
fn exact(number: &serde_json::Number) -> Option<i64> {
    let number = number.as_f64().filter(|_| number.is_f64())?;
    #[expect(clippy::cast_precision_loss, reason = "below 2^53 every one is exact")]
    let exact = number.fract() == 0.0 && number.abs() <= EXACT_MAX as f64;
    #[expect(clippy::cast_possible_truncation, reason = "it was just checked")]
    exact.then_some(number as i64)
}

fn below(at: &str, name: &str) -> String {
    format!("{at}/{}", escaped(name))
}

fn bound(node: &Value, name: &str) -> Option<usize> {
    node.get(name)?.as_u64()?.try_into().ok()
}

/// A value of another type, as serde's messages name it.
fn said(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => format!("boolean `{value}`"),
        Value::Number(number) if number.is_f64() => format!("floating point `{number}`"),
        Value::Number(number) => format!("integer `{number}`"),
        Value::String(text) => format!("string {text:?}"),
        Value::Array(_) => "sequence".to_owned(),
        Value::Object(_) => "map".to_owned(),
    }
}
