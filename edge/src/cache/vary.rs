//! Which requests a response is for, by its `Vary` [RFC 9111 §4.1].
//!
//! 1. `*` is for no other request. A field that is absent differs from one that is empty.
//! 2. Lines of a field are combined, and blanks around commas go; `Accept-Language` and
//!    `Accept-Encoding` are compared without case or order as well.
//! 3. A variant's key follows from the URL's key, the field names and their values, so that writers of
//!    different variants never touch the same record.

use http::{HeaderMap, HeaderValue, header};
use sha2::{Digest, Sha256};

use super::directive::members;

/// The names of the fields that a response depends on, in lower case, sorted, each once; `None` when
/// it matches no other request.
pub fn names(response: &HeaderMap) -> Option<Vec<String>> {
    let mut found = Vec::new();
    for line in response.get_all(header::VARY) {
        let text = String::from_utf8_lossy(line.as_bytes());
        for name in text.split(',').map(|name| name.trim().to_ascii_lowercase()) {
            if name == "*" {
                return None;
            }
            if !name.is_empty() {
                found.push(name);
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    Some(found)
}

/// The key of the variant that a request asks for, of a URL whose responses depend on these fields.
pub fn key(url_key: &str, names: &[String], request: &HeaderMap) -> String {
    let mut hash = Sha256::new();
    for name in names {
        hash.update(name);
        match normal(name, request) {
            // Bytes that stand in no field tell a value, its absence and the next name apart.
            Some(value) => {
                hash.update([0]);
                hash.update(value);
                hash.update([1]);
            }
            None => hash.update([2]),
        }
    }
    let digest = hash.finalize();
    let mut key = String::with_capacity(url_key.len() + 66);
    key.push_str(url_key);
    // A fragment is part of no URL that is asked for.
    key.push('#');
    for byte in digest {
        for nibble in [byte >> 4, byte & 15] {
            key.extend(char::from_digit(nibble.into(), 16));
        }
    }
    key
}

/// A request's field in the form that is compared; `None` when it is absent.
fn normal(name: &str, request: &HeaderMap) -> Option<Vec<u8>> {
    let mut lines = request.get_all(name).iter().peekable();
    lines.peek()?;
    let lines: Vec<_> = lines.map(HeaderValue::as_bytes).collect();
    let combined = lines.join(&b","[..]);
    let Ok(text) = std::str::from_utf8(&combined) else {
        return Some(combined);
    };
    if matches!(name, "accept-language" | "accept-encoding") {
        let text = text.to_ascii_lowercase().replace([' ', '\t'], "");
        let mut listed: Vec<_> = text
            .split(',')
            .filter(|member| !member.is_empty())
            .collect();
        listed.sort_unstable();
        return Some(listed.join(",").into_bytes());
    }
    Some(members(text).join(",").into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn map(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in lines {
            map.append(*name, value.parse().unwrap());
        }
        map
    }

    #[test]
    fn names_are_read_from_all_lines() {
        for (lines, expected) in [
            (&[][..], Some(&[][..])),
            (&[("vary", "Foo, bar,foo")], Some(&["bar", "foo"])),
            (&[("vary", "b"), ("vary", "a")], Some(&["a", "b"])),
            (&[("vary", "")], Some(&[])),
            (&[("vary", "*")], None),
            (&[("vary", "*, *")], None),
            (&[("vary", ", *")], None),
            (&[("vary", ""), ("vary", "*")], None),
            (&[("vary", "foo, *")], None),
        ] {
            let found = names(&map(lines));
            assert_eq!(
                found
                    .as_deref()
                    .map(|names| names.iter().map(String::as_str).collect::<Vec<_>>()),
                expected.map(<[_]>::to_vec),
                "{lines:?}"
            );
        }
    }

    #[test]
    fn requests_that_are_alike() {
        for (name, one, other, alike) in [
            ("foo", &[("foo", "1")][..], &[("foo", "1")][..], true),
            ("foo", &[("foo", "1")], &[("foo", "2")], false),
            ("foo", &[("foo", "")], &[], false),
            ("foo", &[], &[], true),
            ("foo", &[("foo", "1"), ("bar", "2")], &[("foo", "1")], true),
            (
                "foo",
                &[("foo", "1, 2")],
                &[("foo", "1"), ("foo", "2")],
                true,
            ),
            ("foo", &[("foo", "1,2")], &[("foo", " 1 , 2")], true),
            ("foo", &[("foo", "1, 2")], &[("foo", "2, 1")], false),
            ("foo", &[("foo", "a")], &[("foo", "A")], false),
            (
                "accept-language",
                &[("accept-language", "en, de")],
                &[("accept-language", "De,  eN")],
                true,
            ),
            (
                "accept-language",
                &[("accept-language", "en;q=0.5")],
                &[("accept-language", "en; q=0.5")],
                true,
            ),
            (
                "accept-language",
                &[("accept-language", "en;q=0.5")],
                &[("accept-language", "en")],
                false,
            ),
            (
                "accept-encoding",
                &[("accept-encoding", "gzip, br")],
                &[("accept-encoding", "br,GZIP")],
                true,
            ),
        ] {
            let names = [name.to_owned()];
            let same = key("/a", &names, &map(one)) == key("/a", &names, &map(other));
            assert_eq!(same, alike, "{one:?} {other:?}");
        }
        assert_ne!(key("/a", &[], &map(&[])), key("/b", &[], &map(&[])));
    }

    proptest! {
        /// No request gets another variant: equal keys mean equal fields, whitespace aside.
        #[test]
        fn no_other_variant(
            one in proptest::option::of("[a-c,\"]{0,4}"), other in proptest::option::of("[a-c,\"]{0,4}"),
            two in proptest::option::of("[a-c]{0,2}"), second in proptest::option::of("[a-c]{0,2}"),
        ) {
            let request = |x: &Option<String>, y: &Option<String>| {
                let mut map = HeaderMap::new();
                for (name, value) in [("x", x), ("y", y)] {
                    if let Some(value) = value {
                        map.append(name, value.parse().unwrap());
                    }
                }
                map
            };
            let names = ["x".to_owned(), "y".to_owned()];
            let list = |value: &Option<String>| value.as_ref().map(|text| members(text).join(","));
            let same = key("/", &names, &request(&one, &two)) == key("/", &names, &request(&other, &second));
            prop_assert_eq!(same, (list(&one), two) == (list(&other), second));
        }
    }
}
