//! How things that may become untrue are named in the feed.

/// Everything.
pub const EVERYTHING: &str = "*";
/// Longest name, bytes; one that is longer stands on no copy.
pub const NAME_BYTES_MAX: usize = 1024;

const TOKEN: &str = "token:";
const SUBJECT: &str = "subject:";
/// In a subject's place: all of them.
pub const ALL: &str = "*";

/// What a revocation names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revoked<'a> {
    /// The access token of this id.
    Token(&'a str),
    /// The access tokens of a subject.
    Subject {
        /// The subject, or [`ALL`].
        subject: &'a str,
        /// Those issued before this, Unix seconds.
        before: i64,
    },
}

/// The name of a surrogate tag. `None` for one that no copy can carry: tags stand in a field,
/// separated by blanks.
pub fn tag(tag: &str) -> Option<String> {
    named("tag:", tag)
}

/// The name of a URL, by its key in the store.
pub fn url(key: &str) -> Option<String> {
    named("url:", key)
}

/// The name of a record.
pub fn record(name: &str) -> Option<String> {
    named("record:", name)
}

/// The name of a revoked access token, by its id.
pub fn token(id: &str, expires: i64) -> Option<String> {
    named(&format!("{TOKEN}{expires}:"), id)
}

/// The name of a subject whose access tokens issued before a second are revoked.
pub fn subject(subject: &str, before: i64, expires: i64) -> Option<String> {
    named(&format!("{SUBJECT}{expires}:{before}:"), subject)
}

/// What a name revokes; `None` for a name of something else.
pub fn revoked(name: &str) -> Option<(Revoked<'_>, i64)> {
    let (rest, is_token) = match name.strip_prefix(TOKEN) {
        Some(rest) => (rest, true),
        None => (name.strip_prefix(SUBJECT)?, false),
    };
    let (expires, rest) = rest.split_once(':')?;
    let expires = expires.parse().ok()?;
    if is_token {
        return Some((Revoked::Token(rest), expires));
    }
    let (before, subject) = rest.split_once(':')?;
    let before = before.parse().ok()?;
    Some((Revoked::Subject { subject, before }, expires))
}

fn named(kind: &str, what: &str) -> Option<String> {
    let clean = what.bytes().all(|byte| byte > b' ' && byte != 0x7f);
    (clean && !what.is_empty() && what.len() <= NAME_BYTES_MAX).then(|| format!("{kind}{what}"))
}

/// The tags that a route's answers are known to carry before the first one came: `product:{id}` for a
/// route `/products/{id}`. One whose parameter the path has not is left out.
pub fn filled(templates: &[String], route: &str, path: &str) -> Vec<String> {
    let mut found = Vec::with_capacity(templates.len());
    'templates: for template in templates {
        let mut text = String::with_capacity(template.len() + 32);
        let mut rest = template.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            let Some((name, after)) = after.split_once('}') else {
                break;
            };
            let Some(value) = parameter(name, route, path) else {
                continue 'templates;
            };
            text.push_str(before);
            text.push_str(value);
            rest = after;
        }
        text.push_str(rest);
        found.push(text);
    }
    found
}

/// The segment of a path that stands where the route has this parameter.
fn parameter<'a>(name: &str, route: &str, path: &'a str) -> Option<&'a str> {
    let is_it = |part: &str| {
        part.strip_prefix('{')
            .and_then(|part| part.strip_suffix('}'))
            == Some(name)
    };
    route
        .split('/')
        .zip(path.split('/'))
        .find_map(|(part, segment)| is_it(part).then_some(segment))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_hold_no_blanks() {
        assert_eq!(tag("product:1").as_deref(), Some("tag:product:1"));
        assert_eq!(url("/v2/a?b=1").as_deref(), Some("url:/v2/a?b=1"));
        let long = "x".repeat(NAME_BYTES_MAX + 1);
        for bad in ["", "a b", "a\nb", "\u{7f}", &long] {
            assert_eq!(tag(bad), None, "{bad:.10}");
        }
    }

    #[test]
    fn revocations_are_read_from_their_names() {
        let token = token("a:b", 7).unwrap();
        assert_eq!(revoked(&token), Some((Revoked::Token("a:b"), 7)));
        let all = subject("https://id.example/u:1", -5, 9).unwrap();
        let expected = Revoked::Subject {
            subject: "https://id.example/u:1",
            before: -5,
        };
        assert_eq!(revoked(&all), Some((expected, 9)));
        for other in [
            EVERYTHING,
            "tag:token:1:a",
            "record:key:1",
            "token:a",
            "token:x:a",
            "subject:1:a",
        ] {
            assert_eq!(revoked(other), None, "{other}");
        }
    }

    #[test]
    fn templates_are_filled_from_the_path() {
        for (template, route, path, expected) in [
            (
                "product:{id}",
                "/products/{id}",
                "/products/1",
                &["product:1"][..],
            ),
            ("products", "/products", "/products", &["products"]),
            ("a:{x}:{y}!", "/{x}/b/{y}", "/1/b/2", &["a:1:2!"]),
            ("a:{z}", "/{x}", "/1", &[]),
            ("a:{x", "/{x}", "/1", &["a:{x"]),
        ] {
            assert_eq!(
                filled(&[template.to_owned()], route, path),
                expected,
                "{template}"
            );
        }
    }
}
