//! The API's one table of routes. They stand at `/…`, as the edge sends them, and at `/v2/…` for
//! callers who come without it.

mod body;
mod conditional;
mod health;
mod jwks;
mod list;
mod orders;
mod problems;
mod products;

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::middleware;
use axum::routing::{get, post};
use tower_http::catch_panic::CatchPanicLayer;

use crate::app::Shop;
use crate::identity::middleware::around;
use crate::refusal::Refusal;

/// Cache-Control of everything that belongs to someone.
pub const PRIVATE: &str = "private, no-store";

/// The API as a service.
pub fn router(shop: Shop) -> Router {
    let table = Router::new()
        .route("/products", get(products::list))
        .route("/products/{id}", get(products::read).patch(products::patch))
        .route("/orders", post(orders::create).get(orders::list))
        .route("/orders/{id}", get(orders::read))
        .route("/.well-known/jwks.json", get(jwks::read))
        .route("/problems/{code}", get(problems::read))
        .route("/healthz", get(health::live))
        .route("/readyz", get(health::ready))
        .method_not_allowed_fallback(|| async { Refusal::Method })
        .fallback(|| async { Refusal::NotFound });
    Router::new()
        .nest("/v2", table.clone())
        .merge(table)
        .layer(CatchPanicLayer::custom(
            |panic: Box<dyn std::any::Any + Send>| {
                use axum::response::IntoResponse;
                let message = panic
                    .downcast_ref::<&str>()
                    .map(|text| (*text).to_owned())
                    .or_else(|| panic.downcast_ref::<String>().cloned());
                tracing::error!(message, "a handler panicked");
                Refusal::Internal.into_response()
            },
        ))
        .layer(middleware::from_fn_with_state(shop.clone(), around))
        .with_state(shop)
}

/// Marks an answer as somebody's own.
pub fn private() -> (header::HeaderName, HeaderValue) {
    (header::CACHE_CONTROL, HeaderValue::from_static(PRIVATE))
}
