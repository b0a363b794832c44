//! Products: lists and search for everybody, changes for admins.

mod list;
mod read;
mod search;
mod write;

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use shared::feed::Position;
use shared::header as field;

use super::conditional;

pub(super) use list::list;
pub(super) use read::{read, shown};
pub(super) use search::search;
pub(super) use write::{create, patch, remove, replace};

static CDN_CACHE_CONTROL: HeaderName = HeaderName::from_static(field::CDN_CACHE_CONTROL);
static CACHE_TAG: HeaderName = HeaderName::from_static(field::CACHE_TAG);
static LABEL: HeaderName = HeaderName::from_static(field::LABEL);
/// Room for as many fields as an answer has, with those that are added to all answers.
const FIELDS: usize = 12;

/// Browsers can't be purged, so they ask again each time.
const BROWSERS: &str = "public, max-age=0, must-revalidate";

/// The operations of this folder.
#[derive(utoipa::OpenApi)]
#[openapi(paths(
    list::list,
    search::search,
    read::read,
    write::create,
    write::replace,
    write::patch,
    write::remove
))]
pub(super) struct Operations;

/// The fields of what shared caches may keep.
fn shared_copy(
    edge: &'static str,
    cache_tag: HeaderValue,
    etag: HeaderValue,
    label: Option<Position>,
) -> HeaderMap {
    let mut fields = HeaderMap::with_capacity(FIELDS);
    fields.insert(header::CACHE_CONTROL, HeaderValue::from_static(BROWSERS));
    fields.insert(&CDN_CACHE_CONTROL, HeaderValue::from_static(edge));
    fields.insert(&CACHE_TAG, cache_tag);
    if let Some(Position(place)) = label {
        fields.insert(&LABEL, place.into());
    }
    fields.insert(header::ETAG, etag);
    fields
}

/// The copy itself, or 304 if the client has it.
fn copy(request: &HeaderMap, mut fields: HeaderMap, bytes: Bytes) -> Response {
    let etag = fields.get(header::ETAG).map(HeaderValue::to_str);
    if etag.is_some_and(|etag| etag.is_ok_and(|etag| conditional::unchanged(request, etag))) {
        return (StatusCode::NOT_MODIFIED, fields).into_response();
    }
    fields.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    let mut response = Response::new(bytes.into());
    *response.headers_mut() = fields;
    response
}
