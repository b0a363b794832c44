//! What every list shares: its parameters, its cursors, its envelope.
//!
//! A cursor is `position.scope.tag` in base64url: the position behind which the next page starts, a
//! digest of the filters, the order and, on private lists, the caller, and an HMAC over both. So it
//! survives the deletion of the row that it was taken from, and can't be made up or carried over.

use axum::http::HeaderValue;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use sha2::{Digest, Sha256};
use shared::idempotency::DerivationKey;

use crate::refusal::Refusal;

/// Most rows a page.
pub(super) const LIMIT_MAX: i64 = 100;
/// Rows a page unless asked otherwise.
pub(super) const LIMIT_DEFAULT: i64 = 20;
/// Longest cursor that is looked at.
const CURSOR_BYTES_MAX: usize = 1024;

/// The query of a list, each parameter once.
#[derive(Debug)]
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    /// Reads it; a parameter that is unknown or stands twice is refused.
    pub(super) fn read(query: Option<&str>, known: &[&str]) -> Result<Self, Refusal> {
        let mut pairs: Vec<(String, String)> = Vec::new();
        for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            if !known.contains(&&*name) {
                return Err(Refusal::Malformed(format!(
                    "`{name}` is no parameter of this list; it takes {}.",
                    known.join(", ")
                )));
            }
            if pairs.iter().any(|(other, _)| *other == name) {
                return Err(Refusal::Malformed(format!("`{name}` stands twice.")));
            }
            if value.contains(char::is_control) {
                return Err(Refusal::Malformed(format!(
                    "`{name}` holds a control character."
                )));
            }
            pairs.push((name.into_owned(), value.into_owned()));
        }
        Ok(Self(pairs))
    }

    /// A parameter's value, unless it is empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.0.iter().find(|(other, _)| other == name)?;
        (!value.is_empty()).then_some(value)
    }

    /// A whole number within bounds.
    pub(super) fn number(&self, name: &str, min: i64, max: i64) -> Result<Option<i64>, Refusal> {
        let Some(text) = self.get(name) else {
            return Ok(None);
        };
        match text.parse() {
            Ok(number) if (min..=max).contains(&number) => Ok(Some(number)),
            _ => Err(Refusal::Malformed(format!(
                "`{name}` must be a whole number from {min} to {max}."
            ))),
        }
    }

    /// Rows a page.
    pub(super) fn limit(&self) -> Result<i64, Refusal> {
        Ok(self.number("limit", 1, LIMIT_MAX)?.unwrap_or(LIMIT_DEFAULT))
    }

    /// What a cursor of this list is bound to: everything but limit and cursor, and the owner.
    pub(super) fn scope(&self, list: &str, owner: &str) -> String {
        let mut filters: Vec<_> = self
            .0
            .iter()
            .filter(|(name, value)| name != "cursor" && name != "limit" && !value.is_empty())
            .collect();
        filters.sort_unstable();
        let digest = Sha256::digest(json!([list, owner, filters]).to_string());
        URL_SAFE_NO_PAD.encode(&digest[..12])
    }

    /// The `Link` field of a page [RFC 8288]. Targets are relative, so that they hold under any
    /// prefix that the client used.
    pub(super) fn links(&self, next: Option<&str>) -> Option<HeaderValue> {
        let link = |cursor: Option<&str>, rel: &str| {
            let mut query = form_urlencoded::Serializer::new(String::new());
            for (name, value) in &self.0 {
                if name != "cursor" {
                    query.append_pair(name, value);
                }
            }
            if let Some(cursor) = cursor {
                query.append_pair("cursor", cursor);
            }
            format!("<?{}>; rel=\"{rel}\"", query.finish())
        };
        let mut links = vec![link(None, "first")];
        links.extend(next.map(|cursor| link(Some(cursor), "next")));
        HeaderValue::from_str(&links.join(", ")).ok()
    }
}

/// Writes a cursor.
pub(super) fn cursor<T: Serialize>(key: &DerivationKey, scope: &str, position: &T) -> String {
    let position = URL_SAFE_NO_PAD.encode(json!(position).to_string());
    let tag = key.cursor_tag(scope, &position);
    format!("{position}.{scope}.{tag}")
}

/// Reads a cursor of this scope.
pub(super) fn position<T: DeserializeOwned>(
    key: &DerivationKey,
    scope: &str,
    cursor: &str,
) -> Result<T, Refusal> {
    if cursor.len() > CURSOR_BYTES_MAX {
        return Err(Refusal::CursorInvalid);
    }
    let mut parts = cursor.split('.');
    let (Some(position), Some(of), Some(tag), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(Refusal::CursorInvalid);
    };
    // The tag guards our own rows against made-up positions, not a secret: comparing it in
    // variable time gives away nothing worth a guess of 256 bits.
    if key.cursor_tag(of, position) != tag {
        return Err(Refusal::CursorInvalid);
    }
    if of != scope {
        return Err(Refusal::CursorMismatch);
    }
    let bytes = URL_SAFE_NO_PAD
        .decode(position)
        .map_err(|_| Refusal::CursorInvalid)?;
    serde_json::from_slice(&bytes).map_err(|_| Refusal::CursorInvalid)
}

/// A page, as clients see it.
#[derive(Serialize)]
pub(super) struct Page<'a, T> {
    object: &'static str,
    data: &'a [T],
    has_more: bool,
    next_cursor: Option<&'a str>,
}

impl<'a, T> Page<'a, T> {
    /// The page of these rows.
    pub(super) const fn of(data: &'a [T], next: Option<&'a str>) -> Self {
        Self {
            object: "list",
            data,
            has_more: next.is_some(),
            next_cursor: next,
        }
    }
}

/// A resource's JSON, its members in the documented order.
pub(super) fn bytes(resource: &impl Serialize) -> Result<Vec<u8>, Refusal> {
    serde_json::to_vec(resource).map_err(|error| {
        tracing::error!(%error, "a resource can't be written");
        Refusal::Internal
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> DerivationKey {
        URL_SAFE_NO_PAD.encode([7; 32]).parse().unwrap()
    }

    #[test]
    fn queries() {
        let known = ["limit", "q"];
        for (query, fine) in [
            (None, true),
            (Some("limit=100&q=a%20b"), true),
            (Some("limit="), true),
            (Some("limit=0"), false),
            (Some("limit=101"), false),
            (Some("limit=1&limit=2"), false),
            (Some("limit=x"), false),
            (Some("page=2"), false),
            (Some("q=%00"), false),
        ] {
            let read = Query::read(query, &known).and_then(|query| query.limit());
            assert_eq!(read.is_ok(), fine, "{query:?}");
        }
    }

    #[test]
    fn cursors_are_ours_and_of_this_list() {
        let scope = |query: &str, owner: &str| {
            Query::read(Some(query), &["limit", "q", "cursor"])
                .unwrap()
                .scope("products", owner)
        };
        let made = cursor(&key(), &scope("q=a", ""), &(5_i64, "x"));
        let read = |query: &str, owner: &str, cursor: &str| {
            position::<(i64, String)>(&key(), &scope(query, owner), cursor)
        };
        assert_eq!(read("limit=3&q=a", "", &made).unwrap(), (5, "x".into()));
        for (query, owner) in [("q=b", ""), ("", ""), ("q=a", "usr_1")] {
            assert!(matches!(
                read(query, owner, &made),
                Err(Refusal::CursorMismatch)
            ));
        }
        for bad in ["", "a", "a.b.c", &made[1..], &format!("{made}x")] {
            assert!(matches!(read("q=a", "", bad), Err(Refusal::CursorInvalid)));
        }
    }
}
