//! Answers from what is there: the stored response with its age, 304 for a client whose copy holds,
//! the bytes of a range.

use http::header::{self, HeaderValue};
use http::{Method, Response, StatusCode};

use crate::cache::entry::Entry;
use crate::cache::range::{self, Cut};
use crate::cache::{BODY_BYTES_MAX, conditional, fields};
use crate::pipeline::Inbound;
use crate::pipeline::forward;
use crate::platform::{Body, Platform};
use crate::rejection::Rejection;

/// The stored response, with its age.
pub(super) fn stored<S>(entry: &Entry, body: Body<S>, now_ms: u64) -> Response<Body<S>> {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(entry.status).unwrap_or(StatusCode::OK);
    *response.headers_mut() = fields::head(&entry.fields);
    response
        .headers_mut()
        .insert(header::AGE, HeaderValue::from(entry.age(now_ms)));
    response
}

/// The response as this client asked for it. Ranges are cut from a body that is `held`: short, and
/// whole.
pub(super) async fn conditioned<P: Platform>(
    platform: &P,
    inbound: &Inbound<P::Stream>,
    mut response: Response<Body<P::Stream>>,
    entry: Option<&Entry>,
    held: bool,
) -> Result<Response<Body<P::Stream>>, Rejection> {
    let request = &inbound.parts.headers;
    let now_seconds = i64::try_from(platform.now_ms() / 1000).unwrap_or(i64::MAX);
    if response.status() == StatusCode::OK
        && conditional::not_modified(request, response.headers(), now_seconds)
    {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        *response.headers_mut() = fields::not_modified(response.headers());
        *response.body_mut() = Body::Empty;
        return Ok(response);
    }
    if inbound.parts.method == Method::HEAD {
        *response.body_mut() = Body::Empty;
        return Ok(response);
    }
    let (Some(entry), Some(asked)) = (entry.filter(|_| held), range::asked(request)) else {
        return Ok(response);
    };
    let cuttable = match entry.part {
        None => response.status() == StatusCode::OK,
        Some(_) => response.status() == StatusCode::PARTIAL_CONTENT,
    };
    if !cuttable || !conditional::range_holds(request, entry, now_seconds) {
        return Ok(response);
    }
    let (mut parts, body) = response.into_parts();
    let bytes = forward::read(platform, body, BODY_BYTES_MAX).await?;
    let cut = match entry.part {
        None => Some(range::of_whole(asked, bytes.len())),
        Some(part) => range::of_part(asked, part, bytes.len()),
    };
    match cut {
        Some(Cut::Slice { start, end, part }) => {
            let bytes = bytes.slice(start..end.min(bytes.len()).max(start));
            parts.status = StatusCode::PARTIAL_CONTENT;
            if let Ok(value) = HeaderValue::from_str(&range::field(part)) {
                parts.headers.insert(header::CONTENT_RANGE, value);
            }
            parts
                .headers
                .insert(header::CONTENT_LENGTH, HeaderValue::from(bytes.len()));
            Ok(Response::from_parts(parts, Body::Bytes(bytes)))
        }
        Some(Cut::Unsatisfiable) => Err(Rejection::RangeNotSatisfiable(bytes.len())),
        None => Ok(Response::from_parts(parts, Body::Bytes(bytes))),
    }
}
