//! /admin/firewall: who is let in at the edge.

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::{get, put};
use axum::{Extension, Router};
use shared::firewall::{Firewall, NewFirewall};

use crate::app::Shop;
use crate::firewall::{self, Sender};
use crate::identity::middleware::Known;
use crate::refusal::Refusal;
use crate::routes::{ADMIN, answer, body, changes, conditional, traceparent};
use crate::store::firewall as store;
use crate::store::work::Work;

/// Its part of the table of routes.
pub(in crate::routes) fn routes(shop: &Shop) -> Router<Shop> {
    let changes = changes::keyed(shop, put(replace).delete(remove));
    Router::new().route("/admin/firewall", get(read).merge(changes))
}

fn etag(firewall: &Firewall) -> String {
    format!("\"{}\"", firewall.version)
}

/// Read the firewall's lists.
///
/// Until they are set they are empty and not in force: those of the edge's configuration hold.
#[utoipa::path(get, path = "/admin/firewall", operation_id = "readFirewall", tag = "admin",
    responses((status = 200, description = "The lists.", body = Firewall,
        headers(("ETag" = String, description = "Tag of their state.")))),
    security(("access_token" = ["admin"])))]
pub(in crate::routes) async fn read(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    known.allowed(ADMIN)?;
    let firewall = store::read(&shop.pool).await?;
    answer::shown(&headers, &etag(&firewall), &firewall)
}

/// Replace the firewall's lists.
///
/// They hold at every edge within two seconds, in the place of its configuration. Lists that leave out
/// everybody, or whoever sends them, are refused unless `force` says that it is meant.
#[utoipa::path(put, path = "/admin/firewall", operation_id = "replaceFirewall", tag = "admin",
    params(("If-Match" = String, Header, description = "ETag of the state that is changed."),
        ("Prefer" = Option<String>, Header, description = "`return=minimal`: no body.")),
    request_body = NewFirewall,
    responses(
        (status = 200, description = "The lists that hold now.", body = Firewall,
            headers(("ETag" = String, description = "Tag of their new state."))),
        (status = 204, description = "Changed; the client preferred no body."),
        (status = 409, description = "They leave out everybody, or whoever sends them.")),
    security(("access_token" = ["admin"])))]
pub(in crate::routes) async fn replace(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    headers: HeaderMap,
    content: Body,
) -> Result<Response, Refusal> {
    known.allowed(ADMIN)?;
    let new: NewFirewall = body::json(&headers, content).await?;
    let changed = change(&shop, &known, &headers, Some(&new)).await?;
    answer::changed(&headers, &etag(&changed), &changed)
}

/// Take the firewall's lists back.
///
/// Within two seconds those of the edge's configuration hold again.
#[utoipa::path(delete, path = "/admin/firewall", operation_id = "deleteFirewall", tag = "admin",
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
    lists: Option<&NewFirewall>,
) -> Result<Firewall, Refusal> {
    let admin = known.allowed(ADMIN)?;
    let mut work = Work::begin(&shop.pool, known.claimed.as_ref()).await?;
    let before = store::lock(&mut work).await?;
    conditional::required(headers, &etag(&before))?;
    let sender = Sender {
        by: &admin.subject,
        address: known.address,
        country: known.country.as_deref(),
        traceparent: traceparent(headers),
    };
    let changed = firewall::change(&mut work, &shop.platform, lists, sender).await?;
    work.commit().await?;
    shop.wake.notify_one();
    Ok(changed)
}
