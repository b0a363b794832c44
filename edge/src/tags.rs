//! Entity tags of representations that the edge makes itself [RFC 9110 §8.8.3].
//!
//! The origin's tag names what it sent. A representation that the edge derives from that, such as an
//! older version's, gets the tag with a suffix inside the quotes, since a strong tag may name one
//! sequence of bytes only. What a client sends in `If-Match` and `If-None-Match` is mapped back: a
//! tag without the suffix of what the client is speaking matches nothing; `*` stays.

use http::HeaderMap;
use http::header::{HeaderName, HeaderValue, IF_MATCH, IF_NONE_MATCH};

/// A tag that the origin never gives, in place of one that can match nothing.
const NEVER: &str = "\"-\"";

/// The tag with a suffix: `"3-low"` and `.v1` are `"3-low.v1"`. What is no tag stays.
pub fn suffixed(tag: &str, suffix: &str) -> String {
    match tag.strip_suffix('"') {
        Some(open) if tag.len() > 1 => format!("{open}{suffix}\""),
        _ => tag.to_owned(),
    }
}

/// The tag without the suffix, if it has it.
pub fn unsuffixed(tag: &str, suffix: &str) -> Option<String> {
    let open = tag.strip_suffix('"')?.strip_suffix(suffix)?;
    Some(format!("{open}\""))
}

/// Maps each tag of the request's conditions; one without an image matches nothing.
pub fn map_conditions(fields: &mut HeaderMap, image: impl Fn(&str) -> Option<String>) {
    for name in [IF_MATCH, IF_NONE_MATCH] {
        map_field(fields, &name, &image);
    }
}

fn map_field(fields: &mut HeaderMap, name: &HeaderName, image: &impl Fn(&str) -> Option<String>) {
    let lines: Vec<_> = fields
        .get_all(name)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .collect();
    if lines.is_empty() {
        return;
    }
    let mapped: Vec<String> = lines
        .iter()
        .flat_map(|line| listed(line))
        .map(|tag| match tag {
            "*" => tag.to_owned(),
            tag => image(tag).unwrap_or_else(|| NEVER.to_owned()),
        })
        .collect();
    if let Ok(value) = HeaderValue::from_str(&mapped.join(", ")) {
        fields.insert(name, value);
    }
}

/// The tags of a field's line, each with its quotes and its `W/`. A comma may stand inside a tag.
pub fn listed(line: &str) -> Vec<&str> {
    let mut tags = Vec::new();
    let mut rest = line.trim_matches([' ', '\t', ',']);
    while !rest.is_empty() {
        let open = rest.find('"').and_then(|at| at.checked_add(1));
        let comma = rest.find(',').unwrap_or(rest.len());
        let end = match open.filter(|open| *open <= comma) {
            Some(open) => rest
                .get(open..)
                .and_then(|tag| tag.find('"'))
                .map_or(rest.len(), |at| open.saturating_add(at).saturating_add(1)),
            None => comma,
        };
        let (tag, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        tags.push(tag.trim());
        rest = after.trim_matches([' ', '\t', ',']);
    }
    tags
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_of_a_line() {
        for (line, expected) in [
            ("", vec![]),
            ("*", vec!["*"]),
            ("\"a\"", vec!["\"a\""]),
            ("\"a\", W/\"b\"", vec!["\"a\"", "W/\"b\""]),
            ("\"a,b\",\"c\"", vec!["\"a,b\"", "\"c\""]),
            (",, \"a\" ,", vec!["\"a\""]),
            ("a, \"b\"", vec!["a", "\"b\""]),
            ("\"a", vec!["\"a"]),
        ] {
            assert_eq!(listed(line), expected, "{line}");
        }
    }

    #[test]
    fn suffixes_come_and_go() {
        for (tag, expected) in [
            ("\"3-low\"", "\"3-low.v1\""),
            ("W/\"3\"", "W/\"3.v1\""),
            ("\"\"", "\".v1\""),
        ] {
            assert_eq!(suffixed(tag, ".v1"), expected);
            assert_eq!(unsuffixed(expected, ".v1").as_deref(), Some(tag));
            assert_eq!(unsuffixed(tag, ".v1"), None);
        }
        for no_tag in ["", "\"", "3"] {
            assert_eq!(suffixed(no_tag, ".v1"), no_tag);
        }
    }

    #[test]
    fn conditions_are_mapped_back() {
        for (sent, expected) in [
            ("\"1.v1\"", "\"1\""),
            ("\"1\"", "\"-\""),
            ("\"1.v1\", W/\"2.v1\", \"3\"", "\"1\", W/\"2\", \"-\""),
            ("*", "*"),
            ("nonsense", "\"-\""),
        ] {
            for name in [IF_MATCH, IF_NONE_MATCH] {
                let mut fields = HeaderMap::new();
                fields.insert(&name, sent.parse().unwrap());
                map_conditions(&mut fields, |tag| unsuffixed(tag, ".v1"));
                assert_eq!(fields[&name], expected, "{sent}");
            }
        }
        let mut none = HeaderMap::new();
        map_conditions(&mut none, |_| None);
        assert!(none.is_empty());
    }
}
