//! Records, for the edge alone: API keys by their hash, plans, who is let in, and the origins of its pools. The
//! edge keeps them, and the feed tells it to drop them ([`shared::record`]).
//!
//! They need a scope that no role brings, so that only an assertion which the edge makes for itself
//! carries it; no token and no client can. They are in no document of the API.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use shared::api_key::KeyHash;
use shared::id::PlanId;
use shared::record::SCOPE;

use super::private;
use crate::app::Shop;
use crate::identity::middleware::Known;
use crate::refusal::Refusal;
use crate::store::plan::Lock;
use crate::store::{api_key, firewall, origins, plan};

/// GET /records/keys/{hash}
pub(super) async fn key(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    Path(hash): Path<String>,
) -> Result<Response, Refusal> {
    known.allowed(SCOPE)?;
    let hash: KeyHash = hash.parse().map_err(|_| Refusal::NotFound)?;
    let record = api_key::record(&shop.pool, hash)
        .await?
        .ok_or(Refusal::NotFound)?;
    Ok(([private()], Json(record)).into_response())
}

/// GET /records/plans/{id}
pub(super) async fn plan(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    known.allowed(SCOPE)?;
    let id: PlanId = id.parse().map_err(|_| Refusal::NotFound)?;
    let record = plan::read(&shop.pool, id, Lock::None)
        .await?
        .ok_or(Refusal::NotFound)?;
    Ok(([private()], Json(record)).into_response())
}

/// GET /records/firewall
pub(super) async fn firewall(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
) -> Result<Response, Refusal> {
    known.allowed(SCOPE)?;
    let held = firewall::read(&shop.pool).await?;
    let record = Some(held).filter(|held| held.in_force);
    Ok(([private()], Json(record)).into_response())
}

/// GET /records/origins
pub(super) async fn origins(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
) -> Result<Response, Refusal> {
    known.allowed(SCOPE)?;
    let held = origins::read(&shop.pool).await?;
    let record = Some(held).filter(|held| held.in_force);
    Ok(([private()], Json(record)).into_response())
}
