//! What a client accepts [RFC 9110 §12.5]: weighted lists, read leniently, as that section asks.

use http::HeaderMap;
use http::header::{self, HeaderName};

/// One entry of a weighted list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weighted {
    /// In lower case, without parameters.
    pub name: String,
    /// Thousandths; zero means "not this".
    pub quality: u16,
}

/// The `Accept` field.
#[derive(Debug, Clone, Default)]
pub struct Accept(Vec<Weighted>);

/// How our versions name themselves in a media type.
const VENDOR: (&str, &str) = ("application/vnd.headgate.", "+json");

impl Accept {
    /// Reads it; absent or empty is the same.
    pub fn of(fields: &HeaderMap) -> Self {
        Self(weighted(fields, &header::ACCEPT))
    }

    /// Versions that it asks for by media type, the most wanted first.
    pub fn versions(&self) -> Vec<&str> {
        let mut asked: Vec<(u16, &str)> = Vec::new();
        for range in self.0.iter().filter(|range| range.quality > 0) {
            let name = range
                .name
                .strip_prefix(VENDOR.0)
                .and_then(|rest| rest.strip_suffix(VENDOR.1));
            if let Some(name) = name {
                let lighter = asked.iter().position(|(other, _)| *other < range.quality);
                asked.insert(lighter.unwrap_or(asked.len()), (range.quality, name));
            }
        }
        asked.into_iter().map(|(_, name)| name).collect()
    }

    /// Whether it lets us answer in one of these media types. Whoever asks for one of our versions
    /// or for problem documents takes JSON.
    pub fn allows(&self, produced: &[String]) -> bool {
        self.0.is_empty()
            || produced.iter().any(|media_type| {
                self.quality(media_type) > 0
                    || media_type == "application/json"
                        && (!self.versions().is_empty() || self.names(shared::problem::MEDIA_TYPE))
            })
    }

    fn names(&self, media_type: &str) -> bool {
        self.0
            .iter()
            .any(|range| range.name == media_type && range.quality > 0)
    }

    /// The weight of the most specific range that covers the media type.
    fn quality(&self, media_type: &str) -> u16 {
        let kind = media_type.split('/').next().unwrap_or_default();
        let wanted = [media_type, &format!("{kind}/*"), "*/*"];
        wanted
            .iter()
            .find_map(|name| self.0.iter().find(|range| range.name == *name))
            .map_or(0, |range| range.quality)
    }
}

/// Reads a weighted list. A weight that can't be read counts as one; so does a missing one.
pub fn weighted(fields: &HeaderMap, field: &HeaderName) -> Vec<Weighted> {
    fields
        .get_all(field)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .filter_map(|entry| {
            let mut parts = entry.split(';');
            let name = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
            let quality = parts.find_map(|parameter| {
                let (name, value) = parameter.split_once('=')?;
                name.trim().eq_ignore_ascii_case("q").then(|| value.trim())
            });
            (!name.is_empty()).then(|| Weighted {
                name,
                quality: quality.and_then(thousandths).unwrap_or(1000),
            })
        })
        .collect()
}

/// `0.25` as 250; `None` for what is no weight.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.len() > 3 || !matches!(whole, "0" | "1") {
        return None;
    }
    let digits: u16 = format!("{whole}{fraction:0<3}").parse().ok()?;
    (digits <= 1000).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accept(lines: &[&'static str]) -> Accept {
        let mut fields = HeaderMap::new();
        for line in lines {
            fields.append(header::ACCEPT, line.parse().unwrap());
        }
        Accept::of(&fields)
    }

    #[test]
    fn json_is_allowed_or_not() {
        let json = ["application/json".to_owned()];
        for (line, expected) in [
            ("", true),
            (" , ", true),
            ("*/*", true),
            ("application/*", true),
            ("application/json", true),
            ("Application/JSON; charset=utf-8", true),
            ("text/html, */*;q=0.1", true),
            ("application/problem+json", true),
            ("application/vnd.headgate.v1+json", true),
            ("text/html", false),
            ("application/xml, text/*", false),
            ("application/json;q=0", false),
            ("application/json; Q=0.000, */*", false),
            ("application/*;q=0, */*", false),
            ("application/json, */*;q=0", true),
            ("*/*;q=0", false),
            ("application/vnd.headgate.v1+json;q=0", false),
            ("application/json;q=high", true),
        ] {
            assert_eq!(accept(&[line]).allows(&json), expected, "{line}");
        }
        assert!(accept(&[]).allows(&json));
        assert!(accept(&["text/html", "application/json"]).allows(&json));
        assert!(accept(&["text/html"]).allows(&["text/html".to_owned()]));
    }

    #[test]
    fn versions_by_media_type() {
        for (line, expected) in [
            ("application/json", vec![]),
            ("Application/Vnd.Headgate.V2+json;q=0.5", vec!["v2"]),
            (
                "application/vnd.headgate.v1+json;q=0.5, application/vnd.headgate.v2+json",
                vec!["v2", "v1"],
            ),
            ("application/vnd.headgate.v1+json;q=0", vec![]),
            ("application/vnd.headgate.v1+xml", vec![]),
        ] {
            assert_eq!(accept(&[line]).versions(), expected, "{line}");
        }
    }

    #[test]
    fn weights() {
        for (text, expected) in [
            ("1", Some(1000)),
            ("1.000", Some(1000)),
            ("0.25", Some(250)),
            ("0", Some(0)),
            ("0.", Some(0)),
            ("1.1", None),
            ("2", None),
            ("0.1234", None),
            ("-1", None),
            ("0.x", None),
        ] {
            assert_eq!(thousandths(text), expected, "{text}");
        }
    }
}
