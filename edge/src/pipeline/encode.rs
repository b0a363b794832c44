//! Encode: the coding in which an answer goes out.
//!
//! 1. The heaviest of gzip and br that the client accepts, for texts that are worth it
//!    ([`crate::encoding`]); `Vary: Accept-Encoding` stands on every text, encoded or not.
//! 2. `Content-Encoding` is set and the body left alone: the platform encodes what is not encoded yet.
//!    It also encodes by itself where we don't, on Cloudflare and under wrangler, but weakens the
//!    tag by that, and a weak tag can guard no change (`If-Match` compares strongly).
//! 3. Between us and the client that front may accept more than the client does. The field that is
//!    read here is therefore the client's own (`boundary.js`), so that a tag names the bytes that
//!    the client gets.
//! 4. A 304 repeats the tag that the client sent, which names the copy that it has
//!    [RFC 9111 §4.3.4].
//!
//! Needs no store.

use http::header::{self, HeaderMap, HeaderValue};
use http::{Response, StatusCode};

use super::convert::essence;
use super::finish::vary;
use crate::encoding::{Accepted, Coding, is_text};
use crate::platform::Body;
use crate::tags;

/// What a request says about codings, read before its fields are changed for the origin.
#[derive(Debug, Default)]
pub(super) struct Wish {
    accepted: Accepted,
    /// The tags of `If-None-Match`.
    known: Vec<String>,
}

impl Wish {
    /// The wish of a request.
    pub(super) fn of(fields: &HeaderMap) -> Self {
        let known = fields
            .get_all(header::IF_NONE_MATCH)
            .iter()
            .filter_map(|line| line.to_str().ok())
            .flat_map(tags::listed)
            .map(str::to_owned)
            .collect();
        Self {
            accepted: Accepted::of(fields),
            known,
        }
    }
}

/// The request's conditions without the suffixes of codings.
pub(super) fn conditions(fields: &mut HeaderMap) {
    tags::map_conditions(fields, |tag| {
        Some(Coding::unsuffixed(tag).unwrap_or_else(|| tag.to_owned()))
    });
}

/// Sets the answer's coding.
pub(super) fn encode<S>(response: &mut Response<Body<S>>, wish: &Wish) {
    if response.status() == StatusCode::NOT_MODIFIED {
        not_modified(response.headers_mut(), wish);
        return;
    }
    let bytes = match response.body() {
        Body::Bytes(bytes) => u64::try_from(bytes.len()).ok(),
        Body::Empty | Body::Stream(_) => announced(response.headers()),
    };
    // HEAD: what a GET would have got.
    let bodyless = matches!(response.body(), Body::Empty) && bytes.is_none_or(|bytes| bytes == 0);
    let fields = response.headers();
    let media_type = essence(fields);
    if bodyless || fields.contains_key(header::CONTENT_ENCODING) || !is_text(&media_type) {
        return;
    }
    let partial = response.status() == StatusCode::PARTIAL_CONTENT;
    let success = response.status().is_success();
    let fields = response.headers_mut();
    vary(fields, "Accept-Encoding");
    let Some(coding) = wish
        .accepted
        .choose(&media_type, bytes)
        .filter(|_| !partial)
    else {
        return;
    };
    fields.insert(
        header::CONTENT_ENCODING,
        HeaderValue::from_static(coding.as_str()),
    );
    // It is the length before encoding.
    fields.remove(header::CONTENT_LENGTH);
    // The tag of a refusal names the resource, not this body.
    if success {
        let suffixed = fields
            .get(header::ETAG)
            .and_then(|tag| tag.to_str().ok())
            .map(|tag| tags::suffixed(tag, coding.suffix()));
        put_tag(fields, suffixed.as_deref());
    }
}

fn not_modified(fields: &mut HeaderMap, wish: &Wish) {
    let Some(current) = fields.get(header::ETAG).and_then(|tag| tag.to_str().ok()) else {
        return;
    };
    let opaque = |tag: &str| tag.trim_start_matches("W/").to_owned();
    let sent = wish.known.iter().map(|tag| opaque(tag)).find(|tag| {
        let plain = Coding::unsuffixed(tag);
        plain.as_deref().unwrap_or(tag) == opaque(current)
    });
    put_tag(fields, sent.as_deref());
    vary(fields, "Accept-Encoding");
}

fn put_tag(fields: &mut HeaderMap, tag: Option<&str>) {
    if let Some(tag) = tag.and_then(|tag| HeaderValue::from_str(tag).ok()) {
        fields.insert(header::ETAG, tag);
    }
}

fn announced(fields: &HeaderMap) -> Option<u64> {
    fields
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse().ok())
}
