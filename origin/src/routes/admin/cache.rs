//! POST /admin/cache/purges.

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::app::Shop;
use crate::identity::middleware::Known;
use crate::purge::{self, NewPurge, Purge};
use crate::refusal::Refusal;
use crate::routes::{body, private, traceparent};
use crate::store::work::Work;

/// Make every edge forget copies.
///
/// A change of a product does this by itself; this is for what the API can't know of. Accepted, it
/// reaches every edge, within two seconds unless the edge is down, and then once it is back. `soft`
/// lets copies answer while they are fetched anew.
#[utoipa::path(post, path = "/admin/cache/purges", operation_id = "purgeCache", tag = "admin",
    request_body = NewPurge,
    responses((status = 202, description = "It is on its way.", body = Purge)),
    security(("access_token" = ["cache:purge"])))]
pub(in crate::routes) async fn purge(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    headers: HeaderMap,
    content: Body,
) -> Result<Response, Refusal> {
    known.allowed("cache:purge")?;
    let new: NewPurge = body::json(&headers, content).await?;
    let mut work = Work::begin(&shop.pool, known.claimed.as_ref()).await?;
    let trace = traceparent(&headers);
    let purge = purge::ask(&mut work, &shop.platform, new, trace).await?;
    work.commit().await?;
    shop.wake.notify_one();
    Ok((StatusCode::ACCEPTED, [private()], axum::Json(purge)).into_response())
}
