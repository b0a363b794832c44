//! What a request that changes something makes untrue [RFC 9111 §4.4].
//!
//! A method that is not known to be safe, when its answer is no error, invalidates its target, and
//! the targets of `Location` and `Content-Location` when they are of the same origin.

use http::{HeaderMap, Method, StatusCode, Uri, header};

/// Whether the answer tells that something changed.
pub fn changes(method: &Method, status: StatusCode) -> bool {
    !method.is_safe() && (status.is_success() || status.is_redirection())
}

/// Paths with queries that are no longer true, the target's first, each once.
pub fn targets(target: &Uri, response: &HeaderMap) -> Vec<String> {
    let mut found = vec![path_and_query(target)];
    for name in [header::LOCATION, header::CONTENT_LOCATION] {
        let named = response
            .get(name)
            .and_then(|value| resolve(target, value.to_str().ok()?));
        if let Some(named) = named
            && !found.contains(&named)
        {
            found.push(named);
        }
    }
    found
}

/// Whether an answer to POST is also the answer to a GET of the same URL [RFC 9110 §9.3.3].
pub fn stands_for_get(method: &Method, target: &Uri, response: &HeaderMap) -> bool {
    *method == Method::POST
        && response
            .get(header::CONTENT_LOCATION)
            .and_then(|value| resolve(target, value.to_str().ok()?))
            .is_some_and(|named| named == path_and_query(target))
}

/// Path and query of a reference, when its origin is the target's.
fn resolve(target: &Uri, reference: &str) -> Option<String> {
    let reference = reference.split('#').next().unwrap_or_default();
    if reference.is_empty() {
        return None;
    }
    let rest = match reference.split_once("://") {
        Some((scheme, rest)) if scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
            if !target.scheme_str()?.eq_ignore_ascii_case(scheme) {
                return None;
            }
            local(target, rest)?
        }
        _ => match reference.strip_prefix("//") {
            Some(rest) => local(target, rest)?,
            None => reference.to_owned(),
        },
    };
    if rest.starts_with('/') {
        return Some(rest);
    }
    if rest.starts_with('?') {
        return Some(format!("{}{rest}", target.path()));
    }
    let (folder, _) = target.path().rsplit_once('/')?;
    let rest = rest.strip_prefix("./").unwrap_or(&rest);
    Some(format!("{folder}/{rest}"))
}

/// What follows the authority, if it is the target's.
fn local(target: &Uri, rest: &str) -> Option<String> {
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end)?;
    target
        .authority()?
        .as_str()
        .eq_ignore_ascii_case(authority)
        .then(|| {
            if path.starts_with('/') {
                path.to_owned()
            } else {
                format!("/{path}")
            }
        })
}

fn path_and_query(uri: &Uri) -> String {
    uri.path_and_query()
        .map_or("/", http::uri::PathAndQuery::as_str)
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_something() {
        for (method, status, expected) in [
            ("GET", 200, false),
            ("HEAD", 200, false),
            ("OPTIONS", 200, false),
            ("TRACE", 200, false),
            ("POST", 201, true),
            ("PUT", 204, true),
            ("DELETE", 302, true),
            ("M-SEARCH", 200, true),
            ("POST", 404, false),
            ("POST", 500, false),
        ] {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(changes(&method, status), expected, "{method} {status}");
        }
    }

    #[test]
    fn places_that_are_no_longer_true() {
        let target: Uri = "http://shop.example:80/a/b?x=1".parse().unwrap();
        for (location, expected) in [
            ("/c", Some("/c")),
            ("/c?y=1#z", Some("/c?y=1")),
            ("c", Some("/a/c")),
            ("./c", Some("/a/c")),
            ("?y", Some("/a/b?y")),
            ("http://SHOP.example:80/c", Some("/c")),
            ("http://shop.example:80", Some("/")),
            ("//shop.example:80/c", Some("/c")),
            ("https://shop.example:80/c", None),
            ("http://other.example/c", None),
            ("//other.example/c", None),
            ("", None),
            ("/a/b?x=1", None),
        ] {
            let mut fields = HeaderMap::new();
            fields.insert(header::LOCATION, location.parse().unwrap());
            let mut all = vec!["/a/b?x=1".to_owned()];
            all.extend(expected.map(str::to_owned));
            assert_eq!(targets(&target, &fields), all, "{location}");
        }
        for (method, location, expected) in [
            (Method::POST, "/a/b?x=1", true),
            (Method::POST, "/a/b", false),
            (Method::PUT, "/a/b?x=1", false),
        ] {
            let mut fields = HeaderMap::new();
            fields.insert(header::CONTENT_LOCATION, location.parse().unwrap());
            assert_eq!(
                stands_for_get(&method, &target, &fields),
                expected,
                "{method} {location}"
            );
        }
    }
}
