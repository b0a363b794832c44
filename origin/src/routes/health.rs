//! Liveness and readiness.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use shared::problem::{Code, Problem};

use super::private;
use crate::app::Shop;
use crate::refusal::Refusal;
use crate::store::migrate;

/// The operations of this file.
#[derive(utoipa::OpenApi)]
#[openapi(paths(live, ready))]
pub(super) struct Operations;

/// What a probe is told.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Probe {
    /// `ok` or `ready`.
    status: &'static str,
}

/// Ask whether the process answers.
#[utoipa::path(get, path = "/healthz", operation_id = "readHealth", tag = "operations",
    responses((status = 200, description = "It does.", body = Probe)),
    security((), ("access_token" = [])))]
pub(super) async fn live() -> impl IntoResponse {
    ([private()], Json(Probe { status: "ok" }))
}

/// Ask whether it would serve a request now.
///
/// 503 while the process ends, or while its database is away or has an older schema.
#[utoipa::path(get, path = "/readyz", operation_id = "readReadiness", tag = "operations",
    responses((status = 200, description = "It would.", body = Probe)),
    security((), ("access_token" = [])))]
pub(super) async fn ready(State(shop): State<Shop>) -> Result<Response, Refusal> {
    let not_ready = |why: &str| Problem::new(Code::Unavailable, why).with_retry_after(1);
    if shop.draining.is_cancelled() {
        return Err(not_ready("The process is ending; another one serves.").into());
    }
    match migrate::is_current(&shop.probes).await {
        Ok(true) => Ok(([private()], Json(Probe { status: "ready" })).into_response()),
        Ok(false) => {
            Err(not_ready("The database's schema is too old: run `origin migrate`.").into())
        }
        Err(error) => {
            tracing::warn!(%error, "not ready");
            Err(not_ready("The database can't be reached.").into())
        }
    }
}
