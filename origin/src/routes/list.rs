//! What every list shares: its parameters, its cursors, its envelope.
//!
//! A cursor is `place.scope.tag` in base64url: the position behind which a page starts or before
//! which it ends, a digest of the filters, the order and, on private lists, the caller, and an HMAC
//! over both. So it survives the deletion of the row that it was taken from, and can't be made up
//! or carried over.

use axum::http::HeaderValue;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use shared::body::Checks;
use shared::idempotency::DerivationKey;

use crate::refusal::Refusal;
use crate::store::page::{Place, Slice};

/// Most rows a page.
pub(crate) const LIMIT_MAX: i64 = 100;
/// Rows a page unless asked otherwise.
pub(super) const LIMIT_DEFAULT: i64 = 20;
/// Bytes of a digest that tell lists apart.
const SCOPE_BYTES: usize = 12;
/// Longest cursor that is looked at.
pub(crate) const CURSOR_BYTES_MAX: usize = 1024;

/// The query of a list, each parameter once.
#[derive(Debug)]
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    /// Reads it; a parameter that is unknown or stands twice is refused.
    pub(super) fn read(query: Option<&str>, known: &[&str]) -> Result<Self, Refusal> {
        let mut pairs: Vec<(String, String)> = Vec::new();
        let mut checks = Checks::default();
        for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            if !known.contains(&&*name) {
                let detail = format!("`{name}` is no parameter of this list");
                let fix = format!("It takes {}.", known.join(", "));
                checks.fault(&pointer(&name), "unknown", detail, fix);
            } else if pairs.iter().any(|(other, _)| *other == name) {
                let detail = format!("`{name}` stands twice");
                checks.fault(
                    &pointer(&name),
                    "duplicate",
                    detail,
                    "Send it once.".to_owned(),
                );
            } else if value.contains(char::is_control) {
                let detail = format!("`{name}` holds a control character");
                checks.fault(&pointer(&name), "format", detail, "Remove it.".to_owned());
            }
            pairs.push((name.into_owned(), value.into_owned()));
        }
        told(checks)?;
        Ok(Self(pairs))
    }

    /// A parameter's value; an empty one is none of a number's or a name's.
    pub(super) fn given(&self, name: &str) -> Option<&str> {
        let (_, value) = self.0.iter().find(|(other, _)| other == name)?;
        Some(value)
    }

    /// A text parameter's value, unless it is empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.given(name).filter(|value| !value.is_empty())
    }

    /// A text of at most so many characters.
    pub(super) fn text(&self, name: &str, max: usize, checks: &mut Checks) -> Option<&str> {
        let value = self.get(name)?;
        checks.text(&pointer(name), value, 0, max);
        Some(value)
    }

    /// A parameter as `read` has it, or a fault: what to send.
    pub(super) fn parsed<'a, T>(
        &'a self,
        name: &str,
        send: &str,
        checks: &mut Checks,
        read: impl FnOnce(&'a str) -> Option<T>,
    ) -> Option<T> {
        let text = self.given(name)?;
        let value = read(text);
        if value.is_none() {
            let detail = format!("`{name}` is not {send}");
            checks.fault(&pointer(name), "format", detail, format!("Send {send}."));
        }
        value
    }

    /// A whole number within bounds.
    pub(super) fn number(
        &self,
        name: &str,
        (min, max): (i64, i64),
        checks: &mut Checks,
    ) -> Option<i64> {
        let send = format!("a whole number from {min} to {max}");
        self.parsed(name, &send, checks, |text| {
            text.parse()
                .ok()
                .filter(|number| (min..=max).contains(number))
        })
    }

    /// Rows a page.
    pub(super) fn rows(&self, checks: &mut Checks) -> i64 {
        self.number("limit", (1, LIMIT_MAX), checks)
            .unwrap_or(LIMIT_DEFAULT)
    }

    /// The same, of a list that has no parameters of its own.
    pub(super) fn limit(&self) -> Result<i64, Refusal> {
        let mut checks = Checks::default();
        let rows = self.rows(&mut checks);
        told(checks)?;
        Ok(rows)
    }

    /// What a cursor of this list is bound to: everything but limit and cursor, and the owner.
    pub(super) fn scope(&self, list: &str, owner: &str) -> String {
        let mut filters: Vec<_> = self
            .0
            .iter()
            .filter(|(name, value)| name != "cursor" && name != "limit" && !value.is_empty())
            .collect();
        filters.sort_unstable();
        scope(list, owner, &json!(filters))
    }

    /// Where the page stands, if its cursor is one of this scope.
    pub(super) fn place<P: DeserializeOwned>(
        &self,
        key: &DerivationKey,
        scope: &str,
    ) -> Result<Option<Place<P>>, Refusal> {
        let cursor = self.get("cursor");
        cursor.map(|cursor| place(key, scope, cursor)).transpose()
    }

    /// The page of these rows, and its `Link` field.
    pub(super) fn page<T, P: Serialize>(
        &self,
        key: &DerivationKey,
        scope: &str,
        slice: Slice<T, P>,
    ) -> (Page<T>, HeaderValue) {
        let previous = slice.previous.as_ref();
        let previous = previous.map(|place| cursor(key, scope, place));
        let page = Page::of(key, scope, slice);
        let links = self.links(previous.as_deref(), page.next_cursor.as_deref());
        (page, links)
    }

    /// The `Link` field of a page [RFC 8288]. Targets are relative, so that they hold under any
    /// prefix that the client used.
    fn links(&self, previous: Option<&str>, next: Option<&str>) -> HeaderValue {
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
        links.extend(previous.map(|cursor| link(Some(cursor), "prev")));
        links.extend(next.map(|cursor| link(Some(cursor), "next")));
        // Percent-encoded as it is, it can't fail.
        HeaderValue::from_str(&links.join(", ")).unwrap_or_else(|_| HeaderValue::from_static(""))
    }
}

/// A parameter, as pointers name it.
fn pointer(name: &str) -> String {
    format!("/{name}")
}

/// Refuses a query for all that is wrong with it.
pub(super) fn told(checks: Checks) -> Result<(), Refusal> {
    let faults = checks.into_faults();
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Refusal::Query(faults))
    }
}

/// What a cursor is bound to: the list, whose it is, and its filters.
pub(super) fn scope(list: &str, owner: &str, filters: &Value) -> String {
    let digest = Sha256::digest(json!([list, owner, filters]).to_string());
    URL_SAFE_NO_PAD.encode(&digest[..SCOPE_BYTES])
}

/// Writes a cursor.
fn cursor<P: Serialize>(key: &DerivationKey, scope: &str, place: &Place<P>) -> String {
    let place = URL_SAFE_NO_PAD.encode(json!(place).to_string());
    let tag = key.cursor_tag(scope, &place);
    format!("{place}.{scope}.{tag}")
}

/// Reads a cursor of this scope.
pub(super) fn place<P: DeserializeOwned>(
    key: &DerivationKey,
    scope: &str,
    cursor: &str,
) -> Result<Place<P>, Refusal> {
    if cursor.len() > CURSOR_BYTES_MAX {
        return Err(Refusal::CursorInvalid);
    }
    let mut parts = cursor.split('.');
    let (Some(place), Some(of), Some(tag), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(Refusal::CursorInvalid);
    };
    // The tag guards our own rows against made-up positions, not a secret: comparing it in
    // variable time gives away nothing worth a guess of 256 bits.
    if key.cursor_tag(of, place) != tag {
        return Err(Refusal::CursorInvalid);
    }
    if of != scope {
        return Err(Refusal::CursorMismatch);
    }
    let bytes = URL_SAFE_NO_PAD
        .decode(place)
        .map_err(|_| Refusal::CursorInvalid)?;
    serde_json::from_slice(&bytes).map_err(|_| Refusal::CursorInvalid)
}

/// A page, as clients see it.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Page<T> {
    /// Always `list`.
    #[schema(pattern = "^list$")]
    object: &'static str,
    /// The rows of this page.
    pub(super) data: Vec<T>,
    /// Whether more rows follow.
    has_more: bool,
    /// The `cursor` of the next page, or null.
    #[schema(required)]
    next_cursor: Option<String>,
}

/// Parameters of every list.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document's form of what `Query` reads")]
pub(super) struct Paging {
    /// Most rows a page.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
    /// Where the page starts: `next_cursor` of another page of the same list.
    #[param(max_length = 1024)]
    cursor: Option<String>,
}

impl<T> Page<T> {
    /// A list that is short enough to be shown whole.
    pub(super) fn whole(data: Vec<T>) -> Self {
        Self {
            object: "list",
            data,
            has_more: false,
            next_cursor: None,
        }
    }

    /// The page of these rows.
    pub(super) fn of<P: Serialize>(key: &DerivationKey, scope: &str, slice: Slice<T, P>) -> Self {
        let next = slice.next.as_ref();
        let next = next.map(|place| cursor(key, scope, place));
        Self {
            object: "list",
            data: slice.rows,
            has_more: next.is_some(),
            next_cursor: next,
        }
    }
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
            (Some("limit="), false),
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
    fn all_that_is_wrong_with_a_query_is_told_at_once() {
        let faults = |refusal: Refusal| {
            let problem = refusal.problem();
            assert_eq!(problem.code.as_str(), "request_invalid");
            let faults = problem.errors.into_iter();
            faults
                .map(|fault| format!("{} {}", fault.code, fault.pointer))
                .collect::<Vec<_>>()
        };
        let read = Query::read(Some("page=2&q=a&q=b&limit=%00"), &["limit", "q"]);
        assert_eq!(
            faults(read.unwrap_err()),
            ["format /limit", "unknown /page", "duplicate /q"]
        );
        let query = Query::read(Some("limit=0&q=abc&sort=x"), &["limit", "q", "sort"]).unwrap();
        let mut checks = Checks::default();
        query.rows(&mut checks);
        query.text("q", 2, &mut checks);
        let sort: Option<()> = query.parsed("sort", "a or b", &mut checks, |_| None);
        assert_eq!(sort, None);
        assert_eq!(
            faults(told(checks).unwrap_err()),
            ["format /limit", "length /q", "format /sort"]
        );
    }

    #[test]
    fn cursors_are_ours_and_of_this_list() {
        let scope = |query: &str, owner: &str| {
            Query::read(Some(query), &["limit", "q", "cursor"])
                .unwrap()
                .scope("products", owner)
        };
        let made = cursor(&key(), &scope("q=a", ""), &Place::Before((5_i64, "x")));
        let read = |query: &str, owner: &str, cursor: &str| {
            place::<(i64, String)>(&key(), &scope(query, owner), cursor)
        };
        assert_eq!(
            read("limit=3&q=a", "", &made).unwrap(),
            Place::Before((5, "x".into()))
        );
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
