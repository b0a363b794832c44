//! Media: sizes of the request's head, what the client accepts, and what its body may be.
//!
//! 1. URI over [`URI_BYTES_MAX`]: 414. Header section over [`FIELDS_BYTES_MAX`], or a condition or
//!    preference over [`ours::BOUNDED_BYTES_MAX`]: 431. All come before anything is read from them.
//! 2. Accept excludes every media type that the route answers with: 406 [RFC 9110 §12.5.1]. A
//!    problem document is sent whatever it says.
//! 3. A body of another media type than the route takes: 415, with the list in `Accept`, for PATCH
//!    in `Accept-Patch`. No body needs no media type.
//!
//! Needs no store.

use bytes::Bytes;
use http::Method;
use http::header::{HeaderMap, HeaderValue};
use http::request::Parts;
use shared::header as ours;
use shared::version::ApiVersion;

use super::{convert, cors};
use crate::config::Route;
use crate::negotiation::Accept;
use crate::platform::wire::URI_BYTES_MAX;
use crate::rejection::Rejection;

/// Most bytes in names and values of all header fields.
pub(super) const FIELDS_BYTES_MAX: usize = 32 * 1024;

/// The head is small enough to be read.
pub(super) fn small(parts: &Parts) -> Result<(), Rejection> {
    let target = parts
        .uri
        .path_and_query()
        .map_or(0, |target| target.as_str().len());
    if target > URI_BYTES_MAX {
        return Err(Rejection::UriTooLong(URI_BYTES_MAX));
    }
    let bytes: usize = parts
        .headers
        .iter()
        .map(|(name, value)| name.as_str().len().saturating_add(value.len()))
        .sum();
    if bytes > FIELDS_BYTES_MAX {
        return Err(Rejection::HeadersTooLarge(FIELDS_BYTES_MAX));
    }
    for name in ours::BOUNDED {
        let lines = parts.headers.get_all(name).iter();
        if ours::is_too_long(lines.map(HeaderValue::len)) {
            return Err(Rejection::FieldTooLong(name));
        }
    }
    Ok(())
}

/// The client takes what the route answers with.
pub(super) fn acceptable(route: &Route, accept: &Accept) -> Result<(), Rejection> {
    if route.produces.is_empty() || accept.allows(&route.produces) {
        Ok(())
    } else {
        Err(Rejection::NotAcceptable(route.produces.clone()))
    }
}

/// The route takes a body of this media type.
pub(super) fn consumed(
    route: &Route,
    method: &Method,
    version: ApiVersion,
    fields: &HeaderMap,
    body: &Bytes,
) -> Result<(), Rejection> {
    let accepted = cors::accepted(route, method, version);
    let essence = convert::essence(fields);
    if accepted.is_empty()
        || accepted.contains(&essence.as_str())
        || (body.is_empty() && essence.is_empty())
    {
        return Ok(());
    }
    Err(Rejection::MediaType {
        accepted: accepted.into_iter().map(str::to_owned).collect(),
        patch: method == Method::PATCH,
    })
}
