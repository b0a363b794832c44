//! Cache: reads of what is the same for everybody.
//!
//! 1. A fresh copy answers, with its age; a matching `If-None-Match` gets 304 [RFC 9110 §13].
//! 2. Else the origin is asked for nobody in particular, without the client's conditions, and its
//!    answer is stored when it may be [RFC 9111 §3].
//! 3. A store that forgets or does not answer is a miss.
//!
//! The rules: [`crate::cache`].

use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Response, StatusCode};
use shared::caller::Caller;
use shared::header::CACHE_TAG;
use shared::version::ApiVersion;

use super::forward::{self, Call, Outbound};
use super::{Inbound, Notes};
use crate::cache::entry::Entry;
use crate::cache::status::CacheStatus;
use crate::cache::{BODY_BYTES_MAX, conditional, freshness, key};
use crate::config::CachePolicy;
use crate::platform::{Body, Platform};
use crate::rejection::Rejection;

/// Fields that ask for something else than the whole current representation; the origin must not
/// see them when the answer is to be shared.
const CONDITIONS: [HeaderName; 8] = [
    header::IF_NONE_MATCH,
    header::IF_MODIFIED_SINCE,
    header::IF_MATCH,
    header::IF_UNMODIFIED_SINCE,
    header::IF_RANGE,
    header::RANGE,
    header::CONTENT_LENGTH,
    header::CONTENT_TYPE,
];
/// What of a 200 a 304 repeats [RFC 9110 §15.4.5].
const NOT_MODIFIED: [HeaderName; 7] = [
    header::CACHE_CONTROL,
    header::CONTENT_LOCATION,
    header::DATE,
    header::ETAG,
    header::EXPIRES,
    header::VARY,
    HeaderName::from_static(shared::header::CDN_CACHE_CONTROL),
];

/// Answers a read.
pub(super) async fn serve<P: Platform>(
    platform: &P,
    call: &Call<'_>,
    policy: &CachePolicy,
    inbound: Inbound<P::Stream>,
    notes: &mut Notes,
) -> Result<Response<Body<P::Stream>>, Rejection> {
    let query = key::query(policy, inbound.parts.uri.query());
    // All versions share a copy, which is of the origin's.
    let key = key::key(ApiVersion::LATEST.as_str(), &call.path, query.as_deref());
    let found = platform.load(&key).await;
    let now_ms = platform.now_ms();
    let was_stored = found.is_some();
    if let Some((entry, body)) = found
        && entry.ttl(now_ms) > 0
    {
        notes.cache = Some(CacheStatus::Hit {
            ttl: entry.ttl(now_ms),
        });
        let mut response = Response::new(body);
        *response.status_mut() = StatusCode::from_u16(entry.status).unwrap_or(StatusCode::OK);
        *response.headers_mut() = head(&entry);
        response
            .headers_mut()
            .insert(header::AGE, HeaderValue::from(entry.age(now_ms)));
        return Ok(conditioned(&inbound, response));
    }

    let mut fields = inbound.parts.headers.clone();
    for name in &CONDITIONS {
        fields.remove(name);
    }
    let outbound = Outbound {
        method: Method::GET,
        query,
        fields,
        body: Body::Empty,
        caller: Caller::Anonymous,
        api_version: ApiVersion::LATEST,
        fingerprint: None,
    };
    let response = forward::forward(platform, call, outbound, notes).await?;
    let (response, stored) = store(platform, key, response).await?;
    notes.cache = Some(if was_stored {
        CacheStatus::Stale { stored }
    } else {
        CacheStatus::Miss { stored }
    });
    Ok(conditioned(&inbound, response))
}

/// Keeps the response if it may be kept, and says whether it was.
async fn store<P: Platform>(
    platform: &P,
    key: String,
    mut response: Response<Body<P::Stream>>,
) -> Result<(Response<Body<P::Stream>>, bool), Rejection> {
    let tags = tags(response.headers());
    response.headers_mut().remove(CACHE_TAG);
    let lifetime = freshness::lifetime_seconds(response.status(), response.headers());
    let age_seconds = freshness::age_seconds(response.headers());
    let (Some(lifetime_seconds), true) = (lifetime, is_small(response.headers())) else {
        return Ok((response, false));
    };
    if age_seconds >= lifetime_seconds {
        return Ok((response, false));
    }
    let (parts, body) = response.into_parts();
    let body = forward::read(platform, body, BODY_BYTES_MAX).await?;
    let entry = Entry {
        status: parts.status.as_u16(),
        fields: text_fields(&parts.headers),
        stored_ms: platform.now_ms(),
        age_seconds,
        lifetime_seconds,
        tags,
    };
    keep_later(
        platform,
        key,
        entry,
        body.clone(),
        lifetime_seconds - age_seconds,
    );
    Ok((Response::from_parts(parts, Body::Bytes(body)), true))
}

fn keep_later<P: Platform>(platform: &P, key: String, entry: Entry, body: Bytes, ttl_seconds: u64) {
    let store = platform.clone();
    platform.defer(async move { store.keep(&key, &entry, body, ttl_seconds).await });
}

/// Whether the body says that it fits; one of unknown length is passed on unstored, since it
/// could not be put back once read.
fn is_small(fields: &HeaderMap) -> bool {
    fields
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<usize>().ok())
        .is_some_and(|length| length <= BODY_BYTES_MAX)
}

fn tags(fields: &HeaderMap) -> Vec<String> {
    fields
        .get_all(CACHE_TAG)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(str::split_whitespace)
        .map(str::to_owned)
        .collect()
}

/// The fields that are stored: all but the age, which changes.
fn text_fields(fields: &HeaderMap) -> Vec<(String, String)> {
    fields
        .iter()
        .filter(|(name, _)| **name != header::AGE)
        .filter_map(|(name, value)| {
            Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
        })
        .collect()
}

fn head(entry: &Entry) -> HeaderMap {
    entry
        .fields
        .iter()
        .filter_map(|(name, value)| {
            Some((
                HeaderName::from_bytes(name.as_bytes()).ok()?,
                HeaderValue::from_str(value).ok()?,
            ))
        })
        .collect()
}

/// 304 for a client whose copy still holds; no body for HEAD.
fn conditioned<S>(inbound: &Inbound<S>, mut response: Response<Body<S>>) -> Response<Body<S>> {
    let etag = response
        .headers()
        .get(header::ETAG)
        .and_then(|etag| etag.to_str().ok());
    if response.status() == StatusCode::OK
        && conditional::not_modified(&inbound.parts.headers, etag)
    {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        let kept: HeaderMap = response
            .headers()
            .iter()
            .filter(|(name, _)| NOT_MODIFIED.contains(name) || **name == header::AGE)
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        *response.headers_mut() = kept;
        *response.body_mut() = Body::Empty;
    }
    if inbound.parts.method == Method::HEAD {
        *response.body_mut() = Body::Empty;
    }
    response
}
