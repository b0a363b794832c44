//! What a client would rather have [RFC 7240]: of our preferences, how much a write answers.

use axum::http::HeaderMap;

/// What the answer to a write holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Return {
    /// Nothing but its fields.
    Minimal,
    /// The resource.
    Representation,
}

impl Return {
    /// As it stands in `Prefer` and `Preference-Applied`.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Minimal => "return=minimal",
            Self::Representation => "return=representation",
        }
    }

    /// What was asked for. The first `return` counts; a value that is none of the two is as good as
    /// none, since a preference never makes a request fail.
    pub(super) fn asked(headers: &HeaderMap) -> Option<Self> {
        let value = preference(headers, "return")?;
        [Self::Minimal, Self::Representation]
            .into_iter()
            .find(|one| {
                one.as_str()
                    .split_once('=')
                    .is_some_and(|(_, name)| name.eq_ignore_ascii_case(&value))
            })
    }
}

/// The value of a preference, where it stands first; empty if it has none.
fn preference(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all("prefer")
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| split(line, ','))
        .find_map(|preference| {
            // What follows a semicolon are parameters of the preference: none of ours has any.
            let own = split(&preference, ';').into_iter().next()?;
            let (token, value) = own.split_once('=').unwrap_or((&own, ""));
            token
                .trim()
                .eq_ignore_ascii_case(name)
                .then(|| value.trim().trim_matches('"').to_owned())
        })
}

/// The parts between separators that stand outside of quotes.
fn split(text: &str, separator: char) -> Vec<String> {
    let mut parts = vec![String::new()];
    let (mut quoted, mut escaped) = (false, false);
    for char in text.chars() {
        if char == separator && !quoted {
            parts.push(String::new());
            continue;
        }
        if char == '"' && !escaped {
            quoted = !quoted;
        }
        escaped = quoted && char == '\\' && !escaped;
        if let Some(part) = parts.last_mut() {
            part.push(char);
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn preferences() {
        let minimal = Some(Return::Minimal);
        let representation = Some(Return::Representation);
        for (lines, asked) in [
            (&[][..], None),
            (&[""], None),
            (&["return=minimal"], minimal),
            (&["Return = Minimal"], minimal),
            (&["return=\"representation\""], representation),
            (&["respond-async, return=minimal; foo=bar"], minimal),
            (&["respond-async", "return=minimal"], minimal),
            (&["return=minimal, return=representation"], minimal),
            (&["return=maximal"], None),
            (&["return"], None),
            (&["returns=minimal"], None),
            (&["foo; return=minimal"], None),
            (&["foo=\"a, return=minimal\""], None),
            (
                &["foo=\"a\\\", return=minimal\", return=representation"],
                representation,
            ),
        ] {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append("prefer", HeaderValue::from_static(line));
            }
            assert_eq!(Return::asked(&headers), asked, "{lines:?}");
        }
    }
}
