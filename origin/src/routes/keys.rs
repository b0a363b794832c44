//! What became of one's own idempotency key.

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Serialize;
use shared::id::OrderId;
use shared::idempotency::Key;

use super::{answer, conditional};
use crate::app::Shop;
use crate::identity::middleware::Known;
use crate::platform::rfc3339;
use crate::refusal::Refusal;
use crate::store::order::key::{self, KeyId};

/// The operations of this file.
#[derive(utoipa::OpenApi)]
#[openapi(paths(read))]
pub(super) struct Operations;

/// Whether there is an answer.
#[derive(Debug, Clone, Copy, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
enum KeyStatus {
    /// Not yet: whoever repeats the request waits for it.
    InProgress,
    /// Yes: whoever repeats the request gets it.
    Completed,
}

/// An idempotency key that a request has taken.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub(super) struct IdempotencyKey {
    /// Always `idempotency_key`.
    #[schema(pattern = "^idempotency_key$")]
    object: &'static str,
    /// The key.
    #[schema(min_length = 1, max_length = 255, pattern = "^[ -~]+$")]
    key: String,
    /// Whether there is an answer.
    status: KeyStatus,
    /// What was asked for: `order`, `payment`, `refund` or `change`.
    #[schema(max_length = 8, pattern = "^(order|payment|refund|change)$")]
    kind: String,
    /// The path of the request that did the work.
    #[schema(max_length = 8192, pattern = "^/")]
    path: String,
    /// The order that it made, pays or pays back; null of a change.
    #[schema(required)]
    order_id: Option<OrderId>,
    /// The id of the request that did the work.
    #[schema(max_length = 30, pattern = "^req_")]
    request_id: String,
    /// The answer's HTTP status, once there is one.
    #[schema(required, minimum = 100, maximum = 599)]
    response_status: Option<i16>,
    /// RFC 3339, UTC.
    created_at: String,
    /// RFC 3339, UTC; null while there is no answer.
    #[schema(required)]
    completed_at: Option<String>,
}

/// Look at one of your own idempotency keys.
///
/// A key that is not found is free: no request with it has changed anything, though one may be under
/// way.
#[utoipa::path(get, path = "/idempotency-keys/{key}", operation_id = "readIdempotencyKey",
    tag = "operations",
    params(("key" = String, Path, description = "The key, percent-encoded.", min_length = 1,
        max_length = 255, pattern = "^[ -~]+$")),
    responses((status = 200, description = "The key.", body = IdempotencyKey, headers(
            ("ETag" = String, description = "Tag of its state.")))),
    security(("access_token" = [])))]
pub(super) async fn read(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    Path(text): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let principal = known.caller.principal().ok_or(Refusal::TokenMissing)?;
    let id = KeyId {
        account: principal.account.clone(),
        mode: principal.mode,
        key: Key::from_stored(text.clone()),
    };
    // A zero byte is no text to Postgres, and no key to anybody.
    let seen = if text.contains('\0') {
        None
    } else {
        key::see(&shop.pool, &id).await?
    };
    let seen = seen.ok_or(Refusal::NotFound)?;
    let shown = IdempotencyKey {
        object: "idempotency_key",
        key: text,
        status: if seen.is_done {
            KeyStatus::Completed
        } else {
            KeyStatus::InProgress
        },
        kind: seen.kind,
        path: seen.path,
        order_id: seen.order_id.map(OrderId::from_uuid),
        request_id: seen.request_id,
        response_status: seen.status,
        created_at: rfc3339(seen.created_at),
        completed_at: seen.completed_at.map(rfc3339),
    };
    let etag = conditional::tag_of(&answer::json(&shown)?);
    answer::shown(&headers, &etag, &shown)
}
