//! After a change: copies of what it was about are no longer true [RFC 9111 §4.4].

use http::{Method, Response, Uri};

use super::{store, url_key};
use crate::cache::{invalidation, key};
use crate::config::{Auth, CachePolicy, Route};
use crate::pipeline::Isolate;
use crate::pipeline::forward::Call;
use crate::platform::{Body, Platform};

/// Invalidates, before the client learns that its change is done, what this location holds.
pub(in crate::pipeline) async fn invalidate<P: Platform>(
    platform: &P,
    call: &Call<'_>,
    method: &Method,
    target: &Uri,
    response: &Response<Body<P::Stream>>,
) {
    if !invalidation::changes(method, response.status()) {
        return;
    }
    for named in invalidation::targets(target, response.headers()) {
        if let Some(key) = stored_key(call.isolate, &named) {
            store::invalidate(platform, &key).await;
        }
    }
}

/// The key under which a GET of this path and query would be stored, if it may be.
pub(in crate::pipeline) fn stored_key(isolate: &Isolate, named: &str) -> Option<String> {
    let (path, query) = match named.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (named, None),
    };
    let transparent = isolate.gateway.transparent;
    let path = if transparent { path } else { unversioned(path) };
    let place = isolate.routes.at(path).ok()?;
    let route = place.take(&Method::GET).ok()?;
    let policy = policy(route)?;
    let query = key::query(&policy, query).ok()?;
    Some(url_key(path, query.as_deref()))
}

fn policy(route: &Route) -> Option<CachePolicy> {
    (route.auth != Auth::Required).then(|| route.cache.clone().unwrap_or_default())
}

/// The path without the version of the API.
fn unversioned(path: &str) -> &str {
    let Some(rest) = path.strip_prefix("/v") else {
        return path;
    };
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    match rest.get(digits..) {
        Some(rest) if digits > 0 && rest.starts_with('/') => rest,
        _ => path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_no_part_of_a_key() {
        for (path, expected) in [
            ("/v2/products/1", "/products/1"),
            ("/v12/products", "/products"),
            ("/products", "/products"),
            ("/vintage/1", "/vintage/1"),
            ("/v2", "/v2"),
        ] {
            assert_eq!(unversioned(path), expected);
        }
    }
}
