//! How a record is kept in a store of responses: as words in one field of the stored response, each with
//! a bar behind it.
//!
//! A field's value is ASCII to be safe on every path, so any other byte of a text is escaped as in a URL,
//! and so are bars. Written by hand, since every hit reads one.

use std::fmt::Write;

use super::entry::{Entry, Part};
use super::record::{Index, Record};
use crate::feed::Seen;

/// The form; a record of another one is a miss.
const FORM: &str = "2";

/// The record as a field's value.
pub fn write(record: &Record) -> String {
    let mut words = Words(String::with_capacity(512));
    words.text(FORM);
    words.number(record.index.invalidated_ms);
    words.list(&record.index.varies, |words, names| {
        words.list(names, |words, name| words.text(name));
    });
    let Some(entry) = &record.entry else {
        return words.0;
    };
    for number in [
        u64::from(entry.status),
        entry.requested_ms,
        entry.stored_ms,
        entry.age_seconds,
        entry.lifetime_seconds,
        u64::from(entry.no_cache),
        u64::from(entry.must_revalidate),
        entry.while_revalidate_seconds,
    ] {
        words.number(number);
    }
    words.maybe(entry.if_error_seconds);
    words.maybe(entry.part.map(|part| part.first));
    words.maybe(entry.part.map(|part| part.last));
    words.maybe(entry.part.and_then(|part| part.total));
    words.maybe(entry.seen.map(|seen| seen.epoch));
    words.maybe(entry.seen.map(|seen| seen.seq));
    words.list(&entry.fields, |words, (name, value)| {
        words.text(name);
        words.text(value);
    });
    words.list(&entry.tags, |words, tag| words.text(tag));
    words.0
}

/// Reads it. A record that another version wrote and that can't be read is a miss.
pub fn read(value: &str) -> Option<Record> {
    let mut words = Reader(value);
    if words.word()? != FORM {
        return None;
    }
    let index = Index {
        invalidated_ms: words.number()?,
        varies: words.list(|words| words.list(Reader::text))?,
    };
    let entry = if words.0.is_empty() {
        None
    } else {
        Some(entry(&mut words)?)
    };
    words.0.is_empty().then_some(Record { index, entry })
}

fn entry(words: &mut Reader<'_>) -> Option<Entry> {
    Some(Entry {
        status: u16::try_from(words.number()?).ok()?,
        requested_ms: words.number()?,
        stored_ms: words.number()?,
        age_seconds: words.number()?,
        lifetime_seconds: words.number()?,
        no_cache: words.number()? == 1,
        must_revalidate: words.number()? == 1,
        while_revalidate_seconds: words.number()?,
        if_error_seconds: words.maybe()?,
        part: match (words.maybe()?, words.maybe()?, words.maybe()?) {
            (Some(first), Some(last), total) => Some(Part { first, last, total }),
            _ => None,
        },
        seen: match (words.maybe()?, words.maybe()?) {
            (Some(epoch), Some(seq)) => Some(Seen { epoch, seq }),
            _ => None,
        },
        fields: words.list(|words| Some((words.text()?, words.text()?)))?,
        tags: words.list(Reader::text)?,
    })
}

struct Words(String);

impl Words {
    fn number(&mut self, number: u64) {
        // Writing into a String can't fail.
        let _ = write!(self.0, "{number}|");
    }

    /// A number, or an empty word.
    fn maybe(&mut self, number: Option<u64>) {
        match number {
            Some(number) => self.number(number),
            None => self.0.push('|'),
        }
    }

    fn text(&mut self, text: &str) {
        for byte in text.bytes() {
            match byte {
                b'|' | b'%' | ..b' ' | 0x7f.. => {
                    self.0.push('%');
                    for nibble in [byte >> 4, byte & 15] {
                        self.0.extend(char::from_digit(nibble.into(), 16));
                    }
                }
                byte => self.0.push(char::from(byte)),
            }
        }
        self.0.push('|');
    }

    fn list<T>(&mut self, all: &[T], one: impl Fn(&mut Self, &T)) {
        self.number(u64::try_from(all.len()).unwrap_or(u64::MAX));
        for item in all {
            one(self, item);
        }
    }
}

/// What is left.
struct Reader<'a>(&'a str);

impl<'a> Reader<'a> {
    fn word(&mut self) -> Option<&'a str> {
        let (word, rest) = self.0.split_once('|')?;
        self.0 = rest;
        Some(word)
    }

    fn number(&mut self) -> Option<u64> {
        self.word()?.parse().ok()
    }

    #[expect(
        clippy::option_option,
        reason = "the outer one is for what can't be read"
    )]
    fn maybe(&mut self) -> Option<Option<u64>> {
        match self.word()? {
            "" => Some(None),
            word => word.parse().ok().map(Some),
        }
    }

    fn text(&mut self) -> Option<String> {
        let word = self.word()?;
        let Some((plain, _)) = word.split_once('%') else {
            return Some(word.to_owned());
        };
        let mut bytes = Vec::with_capacity(word.len());
        bytes.extend(plain.as_bytes());
        for escaped in word.split('%').skip(1) {
            let (hex, rest) = escaped.split_at_checked(2)?;
            bytes.push(u8::from_str_radix(hex, 16).ok()?);
            bytes.extend(rest.as_bytes());
        }
        String::from_utf8(bytes).ok()
    }

    fn list<T>(&mut self, one: impl Fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let length = self.number()?;
        let mut all = Vec::new();
        for _ in 0..length {
            all.push(one(self)?);
        }
        Some(all)
    }
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

    #[test]
    fn what_is_written_is_what_is_read() {
        for value in [
            "",
            "\"1\"",
            "a\u{7f}b",
            "a|b%7c|",
            " \t ",
            "Jos\u{e9} \u{1f6d2} \\u0041",
        ] {
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
                seen: Some(Seen {
                    epoch: u64::MAX,
                    seq: 3,
                }),
                ..Entry::default()
            };
            let bare = Record {
                index: Index::default(),
                entry: None,
            };
            assert_eq!(read(&write(&bare)), Some(bare));
            let record = Record {
                index: Index::default().noting(&[value.to_owned()]),
                entry: Some(entry),
            };
            let written = write(&record);
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
        for value in [
            "",
            "2|",
            "1|0|0|",
            "2|0|0",
            "2|0|0|200|",
            "2|0|9|",
            "2|x|0|",
            "2|0|1|1|%4|",
            "{\"entry\":{\"status\":200}}",
        ] {
            assert_eq!(read(value), None, "{value}");
        }
    }
}
