//! Cache directives: `Cache-Control` [RFC 9111 §5.2] and the targeted field that takes its place
//! [RFC 9213].
//!
//! 1. Names are compared without case; a value is a token or a quoted string, and a comma inside
//!    quotes ends nothing.
//! 2. A directive that stands more than once means its most restrictive value.
//! 3. Seconds are digits only, capped at [`SECONDS_MAX`]; anything else counts as zero, so that what
//!    can't be read is stale.
//! 4. A targeted field that is no structured dictionary, or empty, is as if it were not there.

use http::{HeaderMap, HeaderValue, header};
use shared::header::CDN_CACHE_CONTROL;

/// What more seconds are taken for [RFC 9111 §1.2.2].
pub const SECONDS_MAX: u64 = 1 << 31;

/// A field's directives, names in lower case, in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Directives(Vec<(String, Option<String>)>);

/// What a directive such as `no-cache` reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// It is not there.
    Nothing,
    /// The response's fields of these names, in lower case.
    Fields(Vec<String>),
    /// All of the response.
    Whole,
}

impl Directives {
    /// Those of `Cache-Control`.
    pub fn general(fields: &HeaderMap) -> Self {
        Self::read(fields.get_all(header::CACHE_CONTROL).iter())
    }

    /// Those that hold for this cache, and whether they came in the targeted field.
    pub fn ours(fields: &HeaderMap) -> (Self, bool) {
        targeted(fields).map_or_else(|| (Self::general(fields), false), |found| (found, true))
    }

    /// Reads lines; text that is no directive is skipped.
    pub fn read<'a>(lines: impl Iterator<Item = &'a HeaderValue>) -> Self {
        let mut found = Vec::new();
        for line in lines {
            let text = String::from_utf8_lossy(line.as_bytes());
            for member in members(&text) {
                let (name, value) = match member.split_once('=') {
                    Some((name, value)) => (name, Some(unquoted(value))),
                    None => (member, None),
                };
                if is_token(name) {
                    found.push((name.to_ascii_lowercase(), value));
                }
            }
        }
        Self(found)
    }

    /// Whether it stands there, with whatever value.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| known == name)
    }

    /// Whether it stands there without a value.
    pub fn is_bare(&self, name: &str) -> bool {
        self.values(name).any(|value| value.is_none())
    }

    /// Its seconds: the fewest when it stands more than once, none when one can't be read.
    pub fn seconds(&self, name: &str) -> Option<u64> {
        self.values(name)
            .map(|value| value.and_then(delta_seconds).unwrap_or(0))
            .min()
    }

    /// What it reaches. A list that can't be read reaches all.
    pub fn reach(&self, name: &str) -> Reach {
        let mut listed = Vec::new();
        let mut any = false;
        for value in self.values(name) {
            any = true;
            let names: Vec<String> = value
                .unwrap_or_default()
                .split(',')
                .map(|name| name.trim().to_ascii_lowercase())
                .collect();
            if !names.iter().all(|name| is_token(name)) {
                return Reach::Whole;
            }
            listed.extend(names);
        }
        if any {
            Reach::Fields(listed)
        } else {
            Reach::Nothing
        }
    }

    fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = Option<&'a str>> {
        self.0
            .iter()
            .filter(move |(known, _)| known == name)
            .map(|(_, value)| value.as_deref())
    }
}

/// Digits only, capped.
pub fn delta_seconds(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(SECONDS_MAX).min(SECONDS_MAX))
}

/// The members of a list: text between commas that stand outside quotes, trimmed, none empty.
pub fn members(line: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let (mut start, mut quoted, mut escaped) = (0, false, false);
    for (at, byte) in line.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b',' if !quoted => {
                found.push(line.get(start..at).unwrap_or_default());
                start = at + 1;
            }
            _ => {}
        }
    }
    found.push(line.get(start..).unwrap_or_default());
    found
        .iter()
        .map(|text| text.trim_matches([' ', '\t']))
        .filter(|text| !text.is_empty())
        .collect()
}

/// A quoted string's content; anything else as it stands. One that does not end, or goes on after
/// its end, keeps its quote, so that it is no number and no list.
fn unquoted(value: &str) -> String {
    let Some(inner) = value
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
    else {
        return value.to_owned();
    };
    let mut text = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(char) = chars.next() {
        match char {
            '\\' => text.extend(chars.next()),
            '"' => return value.to_owned(),
            char => text.push(char),
        }
    }
    text
}

/// Whether the text is a token [RFC 9110 §5.6.2].
fn is_token(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(allowed)
}

/// The directives of the targeted field; `None` when it says nothing.
fn targeted(fields: &HeaderMap) -> Option<Directives> {
    let mut lines = fields.get_all(CDN_CACHE_CONTROL).iter().peekable();
    lines.peek()?;
    let joined = lines
        .map(HeaderValue::as_bytes)
        .collect::<Vec<_>>()
        .join(&b", "[..]);
    let dictionary = sfv::Parser::new(&joined).parse::<sfv::Dictionary>().ok()?;
    let found = dictionary
        .iter()
        .filter_map(|(name, member)| directive(name.as_str(), member));
    (!dictionary.is_empty()).then(|| Directives(found.collect()))
}

/// A member as a directive. One of another type than its directive has is left out, unless it
/// forbids something, and so is a switch that is off.
fn directive(name: &str, member: &sfv::ListEntry) -> Option<(String, Option<String>)> {
    let listing = matches!(name, "no-cache" | "private");
    let item = match member {
        sfv::ListEntry::Item(item) => Some(&item.bare_item),
        sfv::ListEntry::InnerList(_) => None,
    };
    let value = match item {
        Some(sfv::BareItem::Boolean(true)) => None,
        Some(sfv::BareItem::Boolean(false)) => return None,
        Some(sfv::BareItem::Integer(seconds)) if !listing => Some(i64::from(*seconds).to_string()),
        Some(sfv::BareItem::String(text)) if listing => Some(text.as_str().to_owned()),
        Some(sfv::BareItem::Token(text)) if listing => Some(text.as_str().to_owned()),
        _ if listing || name == "no-store" => None,
        _ => return None,
    };
    Some((name.to_owned(), value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&'static str]) -> Directives {
        let values: Vec<_> = lines
            .iter()
            .map(|line| HeaderValue::from_static(line))
            .collect();
        Directives::read(values.iter())
    }

    #[test]
    fn seconds_are_digits_and_the_fewest_count() {
        for (lines, expected) in [
            (&[][..], None),
            (&["no-store"], None),
            (&["max-age=60"], Some(60)),
            (&["MAX-Age=60"], Some(60)),
            (&["max-age=\"60\""], Some(60)),
            (&["max-age=003600"], Some(3600)),
            (&["public,max-age=60,"], Some(60)),
            (&["max-age=1800, max-age=1"], Some(1)),
            (&["max-age=1", "max-age=1800"], Some(1)),
            (&["max-age=1800", "max-age=x"], Some(0)),
            (&["x=\"max-age=3600\", max-age=1"], Some(1)),
            (&["max-age=1, x=\"a, max-age=0\""], Some(1)),
            (&["x=\"a\\\", max-age=0\", max-age=1"], Some(1)),
            (&["x=\"a, max-age=3600"], None),
            (&["max-age =3600"], None),
            (&["max-age= 3600"], Some(0)),
            (&["max-age"], Some(0)),
            (&["max-age='3600'"], Some(0)),
            (&["max-age=\"3600"], Some(0)),
            (&["max-age=3600.0"], Some(0)),
            (&["max-age=a3600"], Some(0)),
            (&["max-age=3600a"], Some(0)),
            (&["max-age=-1"], Some(0)),
            (&["max-age=2147483648"], Some(SECONDS_MAX)),
            (&["max-age=99999999999999999999999"], Some(SECONDS_MAX)),
        ] {
            assert_eq!(read(lines).seconds("max-age"), expected, "{lines:?}");
        }
    }

    #[test]
    fn both_forms_of_no_cache() {
        let listed =
            |names: &[&str]| Reach::Fields(names.iter().map(|name| (*name).to_owned()).collect());
        for (lines, expected) in [
            (&["max-age=1"][..], Reach::Nothing),
            (&["No-CaChE"], Reach::Whole),
            (&["no-cache=\"a\""], listed(&["a"])),
            (&["no-cache=\"A, b\""], listed(&["a", "b"])),
            (&["no-cache=\"a\"", "no-cache=b"], listed(&["a", "b"])),
            (&["no-cache=\"a\", no-cache"], Reach::Whole),
            (&["no-cache=\"\""], Reach::Whole),
            (&["no-cache=\"a"], Reach::Whole),
        ] {
            assert_eq!(read(lines).reach("no-cache"), expected, "{lines:?}");
        }
    }

    #[test]
    fn the_targeted_field_takes_the_place_of_the_general_one() {
        for (targeted, expected) in [
            ("max-age=20", Some(20)),
            ("foobar, max-age=20", Some(20)),
            ("max-age=20, max-age=30", Some(30)),
            ("max-age=-1", Some(0)),
            ("max-age=99999999999", Some(SECONDS_MAX)),
            ("max-age=\"20\"", None),
            ("max-age=20.5", None),
            ("no-store", None),
            // Not a dictionary: as if it were not there.
            ("", Some(10)),
            ("MAX-AGE=20", Some(10)),
            ("max-age =20", Some(10)),
            ("max-age=20, &&&&", Some(10)),
        ] {
            let mut fields = HeaderMap::new();
            fields.insert(
                header::CACHE_CONTROL,
                HeaderValue::from_static("max-age=10"),
            );
            fields.insert(CDN_CACHE_CONTROL, HeaderValue::from_static(targeted));
            let (found, _) = Directives::ours(&fields);
            assert_eq!(found.seconds("max-age"), expected, "{targeted}");
        }
        let mut fields = HeaderMap::new();
        for (line, expected) in [
            ("no-cache", Reach::Whole),
            ("no-cache=?0", Reach::Nothing),
            ("no-cache=\"a\"", Reach::Fields(vec!["a".to_owned()])),
            ("no-cache=1.5", Reach::Whole),
        ] {
            fields.insert(CDN_CACHE_CONTROL, HeaderValue::from_static(line));
            assert_eq!(
                Directives::ours(&fields).0.reach("no-cache"),
                expected,
                "{line}"
            );
        }
    }
}
