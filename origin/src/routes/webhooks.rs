//! What others tell us: the payment provider, of charges. It needs no token; its signature is what it
//! proves itself by. Not a part of the API's document, since no client of ours calls it.
//!
//! 204: heard, for good. 400: not the provider's, or not fresh. 404: no secret is set. 503: tell it
//! again.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use super::{body, private};
use crate::admission;
use crate::app::Shop;
use crate::order::notice;
use crate::refusal::Refusal;

/// Hears of a charge.
pub(super) async fn payments(
    State(shop): State<Shop>,
    headers: HeaderMap,
    content: Body,
) -> Result<Response, Refusal> {
    let verifier = shop.webhooks.as_ref().ok_or(Refusal::NotFound)?;
    let bytes = body::read(content).await?;
    let now = shop.platform.now().timestamp();
    let told = verifier
        .read(&headers, &bytes, now)
        .map_err(|why| Refusal::Malformed(format!("{why}.")))?;
    if let Some(told) = told {
        // A task of its own, so that the work goes on when the provider leaves.
        let tracker = shop.tasks.clone();
        let task = tracker.spawn(admission::carried(async move {
            notice::hear(&shop, &told).await
        }));
        task.await.map_err(|_| Refusal::Internal)??;
    }
    Ok((StatusCode::NO_CONTENT, [private()]).into_response())
}
