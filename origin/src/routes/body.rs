//! Reading a request's body: bounded, of the right media type.

use axum::body::Body;
use axum::http::{HeaderMap, header};
use bytes::Bytes;
use serde::de::DeserializeOwned;
use shared::body::Check;
use shared::problem::FieldError;
use utoipa::ToSchema;

use crate::openapi::shapes;
use crate::refusal::Refusal;

/// Most bytes in a body: fifty lines, an address and a note need a tenth of it.
pub(super) const BODY_BYTES_MAX: usize = 64 * 1024;

/// What bodies are, unless they are patches.
pub(super) const JSON: &str = "application/json";

/// The whole body, if it is not too large.
pub(super) async fn read(body: Body) -> Result<Bytes, Refusal> {
    axum::body::to_bytes(body, BODY_BYTES_MAX)
        .await
        .map_err(|error| {
            use std::error::Error;
            let over = error
                .source()
                .is_some_and(|source| source.to_string().contains("length limit"));
            if over {
                Refusal::TooLarge(BODY_BYTES_MAX)
            } else {
                Refusal::Malformed("The body ended before its announced length.".to_owned())
            }
        })
}

/// The whole body as a checked document: 413, then 415, then 400.
pub(super) async fn json<T: DeserializeOwned + Check + ToSchema>(
    headers: &HeaderMap,
    content: Body,
) -> Result<T, Refusal> {
    let bytes = read(content).await?;
    parsed(headers, &bytes)
}

/// A body that was read, as a checked document: 415, then 400.
pub(super) fn parsed<T: DeserializeOwned + Check + ToSchema>(
    headers: &HeaderMap,
    bytes: &[u8],
) -> Result<T, Refusal> {
    if !is(headers, JSON) {
        return Err(Refusal::MediaType(JSON));
    }
    checked(bytes)
}

/// A document, or all that is wrong with it.
pub(super) fn checked<T: DeserializeOwned + Check + ToSchema>(bytes: &[u8]) -> Result<T, Refusal> {
    complete(bytes, |_| Ok(()))
}

/// The same, where `complete` says which member is missing that the type may do without.
pub(super) fn complete<T: DeserializeOwned + Check + ToSchema>(
    bytes: &[u8],
    complete: impl FnOnce(&T) -> Result<(), FieldError>,
) -> Result<T, Refusal> {
    shared::body::parse_complete(bytes, complete)
        .map_err(|met| Refusal::Body(shapes::all::<T>(bytes, met)))
}

/// The same where no body at all, or null, stands for the document's defaults.
pub(super) async fn optional_json<T: DeserializeOwned + Check + ToSchema + Default>(
    headers: &HeaderMap,
    content: Body,
) -> Result<T, Refusal> {
    let bytes = read(content).await?;
    let nothing = bytes.is_empty() && !headers.contains_key(header::CONTENT_TYPE);
    if nothing || (is(headers, JSON) && bytes.trim_ascii() == b"null") {
        return Ok(T::default());
    }
    json(headers, bytes.into()).await
}

/// Whether the body is of that media type, whatever its parameters.
pub(super) fn is(headers: &HeaderMap, media_type: &str) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|essence| essence.trim().eq_ignore_ascii_case(media_type))
}
