//! API keys, for admins. The key itself is in one answer, the one that makes it, and in its replays.

use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use shared::id::ApiKeyId;
use shared::partner::{ApiKeyView, CreatedApiKey, NewApiKey, Rotate};

use super::list::{Page, Paging, Query};
use super::{ADMIN, answer, body, conditional, private, traceparent};
use crate::app::Shop;
use crate::identity::middleware::Known;
use crate::partner;
use crate::refusal::Refusal;
use crate::store::api_key;
use crate::store::work::Work;

/// The operations of this file.
#[derive(utoipa::OpenApi)]
#[openapi(paths(list, create, read, rotate, revoke))]
pub(super) struct Operations;

fn made(made: &CreatedApiKey) -> Response {
    let location = format!("/admin/api-keys/{}", made.view.id);
    let fields = [private()];
    let place = [(header::LOCATION, location)];
    answer::secret((StatusCode::CREATED, fields, place, axum::Json(made)).into_response())
}

/// List API keys, newest first.
///
/// Those that have ended, too.
#[utoipa::path(get, path = "/admin/api-keys", operation_id = "listApiKeys", tag = "admin",
    params(Paging),
    responses((status = 200, description = "A page of keys.", body = Page<ApiKeyView>,
        headers(("Link" = String, description = "Pages: first, prev, next [RFC 8288].")))),
    security(("access_token" = ["admin"])))]
pub(super) async fn list(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    known.allowed(ADMIN)?;
    let query = Query::read(query.as_deref(), &["limit", "cursor"])?;
    let scope = query.scope("api-keys", "");
    let place = query.place(&shop.derivation_key, &scope)?;
    let slice = api_key::list(&shop.pool, place, query.limit()?).await?;
    let (page, links) = query.page(&shop.derivation_key, &scope, slice);
    Ok(([private()], [(header::LINK, links)], axum::Json(page)).into_response())
}

/// Create an API key.
///
/// The answer is the one place where the key itself stands.
#[utoipa::path(post, path = "/admin/api-keys", operation_id = "createApiKey", tag = "admin",
    request_body = NewApiKey,
    responses((status = 201, description = "The new key.", body = CreatedApiKey, headers(
        ("Location" = String, description = "Where it is managed.")))),
    security(("access_token" = ["admin"])))]
pub(super) async fn create(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    headers: HeaderMap,
    content: Body,
) -> Result<Response, Refusal> {
    let admin = known.allowed(ADMIN)?;
    let new: NewApiKey = body::json(&headers, content).await?;
    let mut work = Work::begin(&shop.pool, known.claimed.as_ref()).await?;
    let key = partner::create(&mut work, &shop.platform, &new).await?;
    work.commit().await?;
    tracing::info!(target: "audit", by = admin.subject, key = %key.view.id,
        account = key.view.account, "an API key was made");
    Ok(made(&key))
}

/// Read an API key.
#[utoipa::path(get, path = "/admin/api-keys/{id}", operation_id = "readApiKey", tag = "admin",
    params(("id" = ApiKeyId, Path, description = "The key.")),
    responses((status = 200, description = "The key, without the key itself.",
        body = ApiKeyView, headers(
        ("ETag" = String, description = "Tag of its state.")))),
    security(("access_token" = ["admin"])))]
pub(super) async fn read(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    known.allowed(ADMIN)?;
    let id: ApiKeyId = id.parse().map_err(|_| Refusal::NotFound)?;
    let key = api_key::read(&shop.pool, id)
        .await?
        .ok_or(Refusal::NotFound)?;
    answer::shown(&headers, &conditional::tag_of(&answer::json(&key)?), &key)
}

/// Rotate an API key.
///
/// Makes another key with all that this one has. This one holds for the overlap, up to seven days.
#[utoipa::path(post, path = "/admin/api-keys/{id}/rotate", operation_id = "rotateApiKey", tag = "admin",
    params(("id" = ApiKeyId, Path, description = "The key that is replaced.")),
    request_body = Option<Rotate>,
    responses((status = 201, description = "The new key.", body = CreatedApiKey, headers(
        ("Location" = String, description = "Where it is managed.")))),
    security(("access_token" = ["admin"])))]
pub(super) async fn rotate(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    Path(id): Path<String>,
    headers: HeaderMap,
    content: Body,
) -> Result<Response, Refusal> {
    let admin = known.allowed(ADMIN)?;
    let asked: Rotate = body::optional_json(&headers, content).await?;
    let id: ApiKeyId = id.parse().map_err(|_| Refusal::NotFound)?;
    let trace = traceparent(&headers);
    let seconds = asked.overlap_seconds;
    let mut work = Work::begin(&shop.pool, known.claimed.as_ref()).await?;
    let key = partner::rotate(&mut work, &shop.platform, id, seconds, trace).await?;
    work.commit().await?;
    shop.wake.notify_one();
    tracing::info!(target: "audit", by = admin.subject, key = %id, successor = %key.view.id,
        "an API key was rotated");
    Ok(made(&key))
}

/// Revoke an API key.
///
/// It holds nowhere five seconds later, at the latest.
#[utoipa::path(delete, path = "/admin/api-keys/{id}", operation_id = "revokeApiKey", tag = "admin",
    params(("id" = ApiKeyId, Path, description = "The key.")),
    responses((status = 204, description = "It is revoked.")),
    security(("access_token" = ["admin"])))]
pub(super) async fn revoke(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let admin = known.allowed(ADMIN)?;
    let id: ApiKeyId = id.parse().map_err(|_| Refusal::NotFound)?;
    let mut work = Work::begin(&shop.pool, known.claimed.as_ref()).await?;
    partner::revoke(&mut work, &shop.platform, id, traceparent(&headers)).await?;
    work.commit().await?;
    shop.wake.notify_one();
    tracing::info!(target: "audit", by = admin.subject, key = %id, "an API key was revoked");
    Ok(answer::deleted())
}
