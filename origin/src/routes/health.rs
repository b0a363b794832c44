//! Liveness and readiness.

use std::sync::atomic::Ordering;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use shared::problem::{Code, Problem};

use super::private;
use crate::app::Shop;
use crate::refusal::Refusal;
use crate::store::migrate;

/// GET /healthz: the process answers.
pub(super) async fn live() -> impl IntoResponse {
    ([private()], Json(json!({"status": "ok"})))
}

/// GET /readyz: it would serve a request now.
pub(super) async fn ready(State(shop): State<Shop>) -> Result<Response, Refusal> {
    let not_ready = |why: &str| Problem::new(Code::Unavailable, why).with_retry_after(1);
    if shop.draining.load(Ordering::SeqCst) {
        return Err(not_ready("The process is ending; another one serves.").into());
    }
    match migrate::is_current(&shop.pool).await {
        Ok(true) => Ok(([private()], Json(json!({"status": "ready"}))).into_response()),
        Ok(false) => {
            Err(not_ready("The database's schema is too old: run `origin migrate`.").into())
        }
        Err(error) => {
            tracing::warn!(%error, "not ready");
            Err(not_ready("The database can't be reached.").into())
        }
    }
}
