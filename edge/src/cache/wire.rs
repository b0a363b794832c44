//! How a record is kept in a store of responses: as JSON in one field of the stored response.
//!
//! A field's value is printable ASCII to be safe on every path, so any other character is escaped
//! [RFC 8259 §7], which JSON allows in strings only, where alone such characters stand.

use std::fmt::Write;

use super::record::Record;

/// The record as a field's value. `None` if it can't be serialised, which no record can cause.
pub fn write(entry: &Record) -> Option<String> {
    let json = serde_json::to_string(entry).ok()?;
    let plain = |char: char| (' '..='~').contains(&char);
    if json.chars().all(plain) {
        return Some(json);
    }
    let mut ascii = String::with_capacity(json.len() + 32);
    for char in json.chars() {
        if plain(char) {
            ascii.push(char);
        } else {
            for unit in char.encode_utf16(&mut [0; 2]) {
                write!(ascii, "\\u{unit:04x}").ok()?;
            }
        }
    }
    Some(ascii)
}

/// Reads it. A record that another version wrote and that can't be read is a miss.
pub fn read(value: &str) -> Option<Record> {
    serde_json::from_str(value).ok()
}

/// A host that no client can ask for [RFC 6761 §6.4].
const BASE: &str = "https://copies.headgate.invalid/?";

/// The key as a URL. Whatever may not stand in a query is escaped, so that keys stay distinct.
pub fn url(key: &str) -> String {
    let mut url = String::with_capacity(BASE.len() + key.len() + 16);
    url.push_str(BASE);
    for byte in key.bytes() {
        match byte {
            b'a'..=b'z'
            | b'A'..=b'Z'
            | b'0'..=b'9'
            | b'-'
            | b'.'
            | b'_'
            | b'~'
            | b'/'
            | b'?'
            | b'='
            | b'&'
            | b':' => url.push(char::from(byte)),
            _ => {
                url.push('%');
                for nibble in [byte >> 4, byte & 15] {
                    url.extend(char::from_digit(nibble.into(), 16));
                }
            }
        }
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::entry::{Entry, Part};
    use crate::cache::record::Index;

    #[test]
    fn what_is_written_is_what_is_read() {
        for value in ["", "\"1\"", "a\u{7f}b", "Jos\u{e9} \u{1f6d2} \\u0041"] {
            let entry = Entry {
                status: 206,
                fields: vec![("x".into(), value.into())],
                stored_ms: 1_800_000_000_000,
                lifetime_seconds: 60,
                if_error_seconds: Some(0),
                part: Some(Part {
                    first: 1,
                    last: 2,
                    total: None,
                }),
                tags: vec!["product:1".into()],
                ..Entry::default()
            };
            let record = Record {
                index: Index::default().noting(&[value.to_owned()]),
                entry: Some(entry),
            };
            let written = write(&record).unwrap();
            assert!(
                written.bytes().all(|byte| (b' '..=b'~').contains(&byte)),
                "{written}"
            );
            assert_eq!(read(&written), Some(record));
        }
    }

    #[test]
    fn keys_are_urls_and_stay_distinct() {
        for (key, expected) in [
            ("/products?a=1&b=%20", "/products?a=1&b=%2520"),
            ("/products?a=1&b= ", "/products?a=1&b=%20"),
            ("/a#b\n\u{e9}", "/a%23b%0a%c3%a9"),
            ("a|b+c;d", "a%7cb%2bc%3bd"),
        ] {
            assert_eq!(url(key), format!("{BASE}{expected}"));
        }
    }

    #[test]
    fn anything_else_is_a_miss() {
        for value in ["", "null", "[", "{\"entry\":{\"status\":200}}"] {
            assert_eq!(read(value), None, "{value}");
        }
    }
}
