//! What the edge has counted: how often products were read. Not a part of the API's document, since only
//! the edge calls it, with its word for it; whoever comes without the edge is a stranger here.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use shared::body::{Check, Checks};
use shared::header as field;

use super::{body, private};
use crate::app::Shop;
use crate::refusal::Refusal;
use crate::store::analytics;

/// Most views that are told at once: above what an isolate serves in a minute.
const VIEWS_MAX: i64 = 10_000_000;

/// A count.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Counted {
    views: i64,
}

impl Check for Counted {
    fn check(&self, checks: &mut Checks) {
        checks.range("/views", self.views, 1, VIEWS_MAX);
    }
}

/// Adds it to the day.
pub(super) async fn hear(
    State(shop): State<Shop>,
    headers: HeaderMap,
    content: Body,
) -> Result<Response, Refusal> {
    // Where it is there, it held.
    if !headers.contains_key(field::ASSERTION) {
        return Err(Refusal::NotFound);
    }
    let counted: Counted = body::json(&headers, content).await?;
    let day = shop.platform.now().date_naive();
    analytics::view(&shop.pool, day, counted.views).await?;
    Ok((StatusCode::NO_CONTENT, [private()]).into_response())
}
