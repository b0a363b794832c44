//! Reading a JSON body: every fault as a pointer, a code and a fix, so that edge and origin refuse
//! alike.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::problem::FieldError;

/// A body that can say what is wrong with it beyond its shape.
pub trait Check {
    /// Adds each fault to `checks`.
    fn check(&self, checks: &mut Checks);
}

/// Reads and checks a body; an unknown member is a fault.
pub fn parse<T: DeserializeOwned + Check>(bytes: &[u8]) -> Result<T, Vec<FieldError>> {
    parse_complete(bytes, |_| Ok(()))
}

/// The same, where a member is required that the type may do without: `complete` says which is missing,
/// as a fault of the shape, which comes before those of the values.
pub fn parse_complete<T: DeserializeOwned + Check>(
    bytes: &[u8],
    complete: impl FnOnce(&T) -> Result<(), FieldError>,
) -> Result<T, Vec<FieldError>> {
    // Serde would read an array as the struct's members in their order; no document of ours says so.
    if !bytes.trim_ascii_start().starts_with(b"{") && serde_json::from_slice::<Value>(bytes).is_ok()
    {
        return Err(vec![not_an_object()]);
    }
    let body: T = shape(bytes)?;
    complete(&body).map_err(|fault| vec![fault])?;
    let mut checks = Checks::default();
    body.check(&mut checks);
    if checks.faults.is_empty() {
        Ok(body)
    } else {
        Err(checks.into_faults())
    }
}

/// Reads a document of whatever kind, and nothing behind it.
pub fn shape<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Vec<FieldError>> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let read = serde_path_to_error::deserialize(&mut json);
    let read = read.map_err(|error| {
        let pointer = pointer(error.path());
        shape_fault(pointer, error.inner())
    });
    let read = read.and_then(|document| match json.end() {
        Ok(()) => Ok(document),
        Err(error) => Err(not_json(&error)),
    });
    read.map_err(|fault| match serde_json::from_slice::<Value>(bytes) {
        // What is no JSON has no members that could be at fault, wherever reading stopped.
        Err(error) => vec![not_json(&error)],
        // A number where a word of a list belongs, which the reader takes for no JSON.
        Ok(_) if fault.code == "syntax" => {
            let detail = "the value is of another type".to_owned();
            vec![misshapen(fault.pointer, "type", detail)]
        }
        Ok(_) => vec![fault],
    })
}

/// The fault of a body that is no JSON.
pub fn not_json(error: &serde_json::Error) -> FieldError {
    misshapen(String::new(), "syntax", error.to_string())
}

/// The fault of a body that is JSON of another kind.
pub fn not_an_object() -> FieldError {
    FieldError {
        pointer: String::new(),
        code: "type",
        detail: "the body is not a JSON object".to_owned(),
        fix: "Send an object.".to_owned(),
    }
}

/// A fault of the shape, with the fix that its code stands for.
pub fn misshapen(pointer: String, code: &'static str, detail: String) -> FieldError {
    let fix = match code {
        "syntax" => "Send well-formed JSON [RFC 8259] in UTF-8.",
        "unknown" => "Remove the member, or correct its name.",
        "required" => "Add the member.",
        "duplicate" => "Send the member once.",
        "type" => "Send the documented type.",
        _ => "Send a value of the documented form.",
    };
    FieldError {
        pointer,
        code,
        detail,
        fix: fix.to_owned(),
    }
}

/// Reads a member that may be left out, and is an object where it is there.
pub fn object_if_there<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    object(deserializer).map(Some)
}

/// Reads a member that is an object: serde alone would take an array for one, as above.
pub fn object<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    deserializer.deserialize_map(Object(PhantomData))
}

/// Reads a member that is a list of objects.
pub fn objects<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let list = Vec::<Element<T>>::deserialize(deserializer)?;
    Ok(list.into_iter().map(|Element(object)| object).collect())
}

/// Reads a member that is an object or null.
pub fn object_or_null<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    deserializer.deserialize_option(Nullable(PhantomData))
}

struct Object<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Object<T> {
    type Value = T;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<T, A::Error> {
        T::deserialize(MapAccessDeserializer::new(members))
    }
}

struct Element<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Element<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        object(deserializer).map(Self)
    }
}

struct Nullable<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Nullable<T> {
    type Value = Option<T>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object or null")
    }

    fn visit_none<E>(self) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_unit<E>(self) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<T>, D::Error> {
        object(deserializer).map(Some)
    }
}

/// `items[0].quantity` as `/items/0/quantity` [RFC 6901].
fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter()
        .map(|segment| match segment {
            Segment::Seq { index } => format!("/{index}"),
            Segment::Map { key } => format!("/{}", escaped(key)),
            Segment::Enum { variant } => format!("/{variant}"),
            Segment::Unknown => String::new(),
        })
        .collect()
}

/// A name as a pointer's part.
pub(crate) fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn shape_fault(pointer: String, error: &serde_json::Error) -> FieldError {
    let text = error.to_string();
    // Where it stands says the pointer; what our types are called is nobody's business.
    let detail = text
        .rfind(" at line ")
        .and_then(|at| text.get(..at))
        .unwrap_or(&text);
    let detail = detail
        .rfind(", expected ")
        .and_then(|at| detail.get(..at))
        .unwrap_or(detail);
    let code = if !error.is_data() {
        "syntax"
    } else if detail.starts_with("unknown field") {
        "unknown"
    } else if detail.starts_with("missing field") {
        "required"
    } else if detail.starts_with("duplicate field") {
        "duplicate"
    } else if detail.starts_with("invalid type") {
        "type"
    } else {
        "format"
    };
    let missing = detail
        .strip_prefix("missing field `")
        .and_then(|name| name.strip_suffix('`'));
    let pointer = match missing {
        // Serde names the object that it is missing from.
        Some(name) => format!("{pointer}/{}", escaped(name)),
        None => pointer,
    };
    misshapen(pointer, code, detail.to_owned())
}

/// Puts faults in the order of their pointers.
pub(crate) fn by_pointer(faults: &mut [FieldError]) {
    faults.sort_by(|one, other| one.pointer.cmp(&other.pointer));
}

/// Collects what is wrong with a body, all at once.
#[derive(Debug, Default)]
pub struct Checks {
    faults: Vec<FieldError>,
}

impl Checks {
    /// What was found, by pointer: so it is the same list whoever looked in which order.
    pub fn into_faults(mut self) -> Vec<FieldError> {
        by_pointer(&mut self.faults);
        self.faults
    }

    /// Adds a fault that was found elsewhere.
    pub(crate) fn add(&mut self, fault: FieldError) {
        self.faults.push(fault);
    }

    /// Adds a fault.
    pub fn fault(&mut self, pointer: &str, code: &'static str, detail: String, fix: String) {
        self.faults.push(FieldError {
            pointer: pointer.to_owned(),
            code,
            detail,
            fix,
        });
    }

    /// The number lies within the bounds.
    pub fn range(&mut self, pointer: &str, value: i64, min: i64, max: i64) {
        if !(min..=max).contains(&value) {
            self.fault(
                pointer,
                "range",
                format!("{value} is out of range"),
                format!("Send an integer from {min} to {max}."),
            );
        }
    }

    /// The count of members lies within the bounds.
    pub fn count(&mut self, pointer: &str, count: usize, min: usize, max: usize) {
        if !(min..=max).contains(&count) {
            self.fault(
                pointer,
                "length",
                format!("{count} members are out of range"),
                format!("Send {min} to {max} of them."),
            );
        }
    }

    /// The text's characters lie within the bounds, and none of them is a control character but a
    /// line break or a tab (Postgres can't store U+0000, and mail and logs must not be split).
    pub fn text(&mut self, pointer: &str, text: &str, min: usize, max: usize) {
        let chars = text.chars().count();
        if !(min..=max).contains(&chars) || (min > 0 && text.trim().is_empty()) {
            self.fault(
                pointer,
                "length",
                format!("{chars} characters are out of range"),
                format!("Send {min} to {max} characters, not only white space."),
            );
        }
        if text
            .chars()
            .any(|char| char.is_control() && !matches!(char, '\n' | '\r' | '\t'))
        {
            self.fault(
                pointer,
                "format",
                "the text holds a control character".to_owned(),
                "Remove it.".to_owned(),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Line {
        quantity: u32,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Body {
        #[serde(deserialize_with = "objects")]
        lines: Vec<Line>,
        #[serde(default)]
        note: String,
    }

    impl Check for Body {
        fn check(&self, checks: &mut Checks) {
            checks.count("/lines", self.lines.len(), 1, 2);
            for (place, line) in self.lines.iter().enumerate() {
                checks.range(
                    &format!("/lines/{place}/quantity"),
                    line.quantity.into(),
                    1,
                    9,
                );
            }
            checks.text("/note", &self.note, 0, 3);
        }
    }

    #[test]
    fn faults_have_pointers_and_codes() {
        for (body, expected) in [
            (r#"{"lines":[{"quantity":1}]}"#, vec![]),
            ("", vec![("", "syntax")]),
            ("{", vec![("", "syntax")]),
            (r#"{"lines":[{"quantity":1}]} x"#, vec![("", "syntax")]),
            ("[]", vec![("", "type")]),
            (r#"[[{"quantity":1}],"n"]"#, vec![("", "type")]),
            ("7", vec![("", "type")]),
            (
                r#"{"lines":[{"quantity":"1"}]}"#,
                vec![("/lines/0/quantity", "type")],
            ),
            (
                r#"{"lines":[{"quantity":-1}]}"#,
                vec![("/lines/0/quantity", "format")],
            ),
            (
                r#"{"lines":[{"qty":1}]}"#,
                vec![("/lines/0/qty", "unknown")],
            ),
            (r#"{"lines":[{}]}"#, vec![("/lines/0/quantity", "required")]),
            (
                r#"{"lines":[{"quantity":1},[1]]}"#,
                vec![("/lines/1", "type")],
            ),
            (r#"{"lines":{"quantity":1}}"#, vec![("/lines", "type")]),
            ("{}", vec![("/lines", "required")]),
            (r#"{"lines":[],"lines":[]}"#, vec![("", "duplicate")]),
            (
                r#"{"lines":[{"quantity":0},{"quantity":10}],"note":"four"}"#,
                vec![
                    ("/lines/0/quantity", "range"),
                    ("/lines/1/quantity", "range"),
                    ("/note", "length"),
                ],
            ),
            (
                "{\"lines\":[{\"quantity\":1}],\"note\":\"a\\u0000\"}",
                vec![("/note", "format")],
            ),
        ] {
            let faults = match parse::<Body>(body.as_bytes()) {
                Ok(_) => vec![],
                Err(faults) => faults,
            };
            let found: Vec<_> = faults
                .iter()
                .map(|f| (f.pointer.as_str(), f.code))
                .collect();
            assert_eq!(found, expected, "{body}");
        }
    }
}
