//! Revocations, for admins: access tokens that end before their time.

use axum::Extension;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use shared::revocation::{NewRevocation, Revocation};

use super::list::{Page, Paging, Query};
use super::{ADMIN, body, private, traceparent};
use crate::app::Shop;
use crate::identity::middleware::Known;
use crate::identity::revoke::revoke;
use crate::refusal::Refusal;
use crate::store::revocation;
use crate::store::work::Work;

/// The operations of this file.
#[derive(utoipa::OpenApi)]
#[openapi(paths(list, create))]
pub(super) struct Operations;

/// List the revocations in force, newest first.
#[utoipa::path(get, path = "/admin/revocations", operation_id = "listRevocations", tag = "admin",
    params(Paging),
    responses((status = 200, description = "A page of revocations.", body = Page<Revocation>,
        headers(("Link" = String, description = "Pages: first, prev, next [RFC 8288].")))),
    security(("access_token" = ["admin"])))]
pub(super) async fn list(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    known.allowed(ADMIN)?;
    let query = Query::read(query.as_deref(), &["limit", "cursor"])?;
    let scope = query.scope("revocations", "");
    let place = query.place(&shop.derivation_key, &scope)?;
    let now = shop.platform.now();
    let slice = revocation::list(&shop.pool, place, query.limit()?, now).await?;
    let (page, links) = query.page(&shop.derivation_key, &scope, slice);
    Ok(([private()], [(header::LINK, links)], axum::Json(page)).into_response())
}

/// Revoke access tokens.
///
/// One by its id, or all that a subject was issued until now. They hold nowhere five seconds later, at
/// the latest.
#[utoipa::path(post, path = "/admin/revocations", operation_id = "createRevocation", tag = "admin",
    request_body = NewRevocation,
    responses((status = 201, description = "The revocation.", body = Revocation)),
    security(("access_token" = ["admin"])))]
pub(super) async fn create(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    headers: HeaderMap,
    content: Body,
) -> Result<Response, Refusal> {
    let admin = known.allowed(ADMIN)?;
    let new: NewRevocation = body::json(&headers, content).await?;
    let mut work = Work::begin(&shop.pool, known.claimed.as_ref()).await?;
    let trace = traceparent(&headers);
    let by = &admin.subject;
    let revoked = revoke(&mut work, &shop.platform, &new, by, trace).await?;
    work.commit().await?;
    shop.wake.notify_one();
    tracing::info!(target: "audit", by, revocation = %revoked.id, "tokens were revoked");
    Ok((StatusCode::CREATED, [private()], axum::Json(revoked)).into_response())
}
