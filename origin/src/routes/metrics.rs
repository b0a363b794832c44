//! What this process counts, for Prometheus. No route of the edge leads here.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::private;
use crate::app::Shop;
use crate::metrics::MEDIA_TYPE;
use crate::refusal::Refusal;

/// GET /metrics
pub(super) async fn read(State(shop): State<Shop>) -> Result<Response, Refusal> {
    let text = shop.metrics.text(&shop).await.map_err(|error| {
        tracing::error!(%error, "what was counted can't be written");
        Refusal::Internal
    })?;
    let kind = [(header::CONTENT_TYPE, MEDIA_TYPE)];
    Ok(([private()], kind, text).into_response())
}
