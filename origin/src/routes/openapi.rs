//! The API's own description.

use std::sync::LazyLock;

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;

use super::conditional;
use crate::refusal::Refusal;

/// How long a copy may be kept: the document changes only with a new build.
const CACHE_CONTROL: &str = "public, max-age=300";

/// The document's bytes and their tag; written once.
static DOCUMENT: LazyLock<Option<(Bytes, String)>> = LazyLock::new(|| {
    let bytes = Bytes::from(crate::openapi::document().ok()?.to_string());
    let tag = conditional::tag_of(&bytes);
    Some((bytes, tag))
});

/// The operations of this file.
#[derive(utoipa::OpenApi)]
#[openapi(paths(read))]
pub(super) struct Operations;

/// Read this API's OpenAPI document.
#[utoipa::path(get, path = "/openapi.json", operation_id = "readOpenapi", tag = "operations",
    responses((status = 200, description = "An OpenAPI 3.1 document.", body = Object,
        content_type = "application/json",
        headers(("ETag" = String, description = "Changes with the document.")))),
    security((), ("access_token" = [])))]
pub(super) async fn read(headers: HeaderMap) -> Result<Response, Refusal> {
    let (bytes, tag) = DOCUMENT.as_ref().ok_or(Refusal::Internal)?;
    let fields = [
        (header::CACHE_CONTROL, CACHE_CONTROL.to_owned()),
        (header::ETAG, tag.clone()),
    ];
    if conditional::unchanged(&headers, tag) {
        return Ok((StatusCode::NOT_MODIFIED, fields).into_response());
    }
    let content = [(header::CONTENT_TYPE, "application/json")];
    Ok((fields, content, bytes.clone()).into_response())
}
