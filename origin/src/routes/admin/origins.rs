//! /admin/origins: where the edge sends requests.

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::{get, put};
use axum::{Extension, Router};
use shared::origins::{NewOrigins, Origins};

use crate::app::Shop;
use crate::identity::middleware::Known;
use crate::origins::{self, Sender};
use crate::refusal::Refusal;
use crate::routes::{ADMIN, answer, body, changes, conditional, traceparent};
use crate::store::origins as store;
use crate::store::work::Work;

/// Its part of the table of routes.
pub(in crate::routes) fn routes(shop: &Shop) -> Router<Shop> {
    let changes = changes::keyed(shop, put(replace).delete(remove));
    Router::new().route("/admin/origins", get(read).merge(changes))
}

fn etag(origins: &Origins) -> String {
    format!("\"{}\"", origins.version)
}

/// Read the origins of the pools.
///
/// Until they are set there are none and they are not in force: those of the edge's deployment hold.
#[utoipa::path(get, path = "/admin/origins", operation_id = "readOrigins", tag = "admin",
    responses((status = 200, description = "The lists.", body = Origins,
        headers(("ETag" = String, description = "Tag of their state.")))),
    security(("access_token" = ["admin"])))]
pub(in crate::routes) async fn read(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    known.allowed(ADMIN)?;
    let origins = store::read(&shop.pool).await?;
    answer::shown(&headers, &etag(&origins), &origins)
}

/// Replace the origins of the pools.
///
/// They hold at every edge within seconds, in the place of those of its deployment, for the pools that let them.
/// The edge signs callers to whoever is listed.
#[utoipa::path(put, path = "/admin/origins", operation_id = "replaceOrigins", tag = "admin",
    params(("If-Match" = String, Header, description = "ETag of the state that is changed."),
        ("Prefer" = Option<String>, Header, description = "`return=minimal`: no body.")),
    request_body = NewOrigins,
    responses(
        (status = 200, description = "The lists that hold now.", body = Origins,
            headers(("ETag" = String, description = "Tag of their new state."))),
        (status = 204, description = "Changed; the client preferred no body.")),
    security(("access_token" = ["admin"])))]
pub(in crate::routes) async fn replace(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    headers: HeaderMap,
    content: Body,
) -> Result<Response, Refusal> {
    known.allowed(ADMIN)?;
    let new: NewOrigins = body::json(&headers, content).await?;
    let changed = change(&shop, &known, &headers, Some(&new)).await?;
    answer::changed(&headers, &etag(&changed), &changed)
}

/// Take the origins of the pools back.
///
/// Within seconds those of the edge's deployment hold again.
#[utoipa::path(delete, path = "/admin/origins", operation_id = "deleteOrigins", tag = "admin",
    params(("If-Match" = String, Header, description = "ETag of the state that is changed.")),
    responses((status = 204, description = "They no longer hold.")),
    security(("access_token" = ["admin"])))]
pub(in crate::routes) async fn remove(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    known.allowed(ADMIN)?;
    change(&shop, &known, &headers, None).await?;
    Ok(answer::deleted())
}

async fn change(
    shop: &Shop,
    known: &Known,
    headers: &HeaderMap,
    lists: Option<&NewOrigins>,
) -> Result<Origins, Refusal> {
    let admin = known.allowed(ADMIN)?;
    let mut work = Work::begin(&shop.pool, known.claimed.as_ref()).await?;
    let before = store::lock(&mut work).await?;
    conditional::required(headers, &etag(&before))?;
    let sender = Sender {
        by: &admin.subject,
        traceparent: traceparent(headers),
    };
    let changed = origins::change(&mut work, &shop.platform, lists, sender).await?;
    work.commit().await?;
    shop.wake.notify_one();
    Ok(changed)
}
