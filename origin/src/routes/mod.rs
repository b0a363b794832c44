//! The API's one table of routes. They stand at `/…`, as the edge sends them, and at `/v2/…` for
//! callers who come without it.

mod admin;
mod answer;
mod api_keys;
mod body;
mod changes;
mod conditional;
mod docs;
mod health;
mod jwks;
mod keyed;
mod keys;
pub(crate) mod list;
mod metrics;
mod oauth;
mod openapi;
mod orders;
pub(crate) mod patch;
mod payments;
mod plans;
pub(crate) mod position;
mod prefer;
mod problems;
mod products;
mod push_key;
mod records;
mod revocations;
mod sessions;
mod shortcut;
mod users;
mod views;
mod webhooks;

pub use shortcut::Api;

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::middleware;
use axum::routing::{delete, get, patch, post, put};
use utoipa::OpenApi as _;
use utoipa::openapi::OpenApi;

use crate::app::Shop;
use crate::arrival::traceparent;
use crate::identity::middleware::around;
use crate::refusal::Refusal;
use crate::services::Service;

/// Cache-Control of everything that belongs to someone.
pub const PRIVATE: &str = "private, no-store";

/// The scope of whoever runs the shop.
const ADMIN: &str = "admin";

/// The API as a service: these parts of it, and what every origin answers. Paths of other parts are not there.
pub fn api(shop: Shop, services: &[Service]) -> Api {
    let router = router(shop.clone(), services);
    Api::new(shop, router)
}

fn router(shop: Shop, services: &[Service]) -> Router {
    let parts = Service::ALL
        .into_iter()
        .filter(|service| services.contains(service));
    let table = parts
        .fold(everywhere(), |table, service| {
            table.merge(match service {
                Service::Products => products(&shop),
                Service::Orders => orders(&shop),
                Service::Users => users(&shop).merge(browsers(&shop)).merge(sessions()),
                Service::Admin => admin::router(&shop).merge(callers(&shop)),
            })
        })
        .method_not_allowed_fallback(|| async { Refusal::Method })
        .fallback(|| async { Refusal::NotFound });
    Router::new()
        .nest("/v2", table.clone())
        .merge(table)
        .merge(docs::router())
        .layer(middleware::from_fn_with_state(shop.clone(), around))
        .with_state(shop)
}

/// What every origin answers.
fn everywhere() -> Router<Shop> {
    Router::new()
        .route("/idempotency-keys/{key}", get(keys::read))
        .route("/analytics/views", post(views::hear))
        .route("/records/keys/{hash}", get(records::key))
        .route("/records/plans/{id}", get(records::plan))
        .route(shared::record::FIREWALL_PATH, get(records::firewall))
        .route(shared::record::ORIGINS_PATH, get(records::origins))
        .route("/.well-known/jwks.json", get(jwks::read))
        .route("/problems/{code}", get(problems::read))
        .route("/healthz", get(health::live))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(metrics::read))
        .route("/openapi.json", get(openapi::read))
}

fn products(shop: &Shop) -> Router<Shop> {
    // Around keys, since with one the change commits there.
    let told = |methods| position::told(shop, changes::keyed(shop, methods));
    Router::new()
        .route(
            "/products",
            get(products::list).merge(told(post(products::create))),
        )
        .route("/products/search", post(products::search))
        .route(
            "/products/{id}",
            get(products::read).merge(told(
                put(products::replace)
                    .patch(products::patch)
                    .delete(products::remove),
            )),
        )
}

fn orders(shop: &Shop) -> Router<Shop> {
    let keyed = |methods| changes::keyed(shop, methods);
    Router::new()
        .route("/orders", post(orders::create).get(orders::list))
        .route(
            "/orders/{id}",
            get(orders::read).merge(keyed(patch(orders::patch).delete(orders::delete))),
        )
        .route("/orders/{id}/status", keyed(put(orders::put_status)))
        .route(
            "/orders/{id}/payments",
            get(payments::of_order).post(payments::create),
        )
        .route("/payments", get(payments::list))
        .route("/payments/{id}", get(payments::read))
        .route(
            "/payments/{id}/refunds",
            get(payments::refunds::list).post(payments::refunds::create),
        )
        .route(
            "/payments/{id}/refunds/{refund_id}",
            get(payments::refunds::read),
        )
        .route("/webhooks/payments", post(webhooks::payments))
}

fn users(shop: &Shop) -> Router<Shop> {
    let keyed = |methods| changes::keyed(shop, methods);
    Router::new()
        .route("/users", post(users::create))
        .route(
            "/users/{id}",
            get(users::read).merge(keyed(
                put(users::replace)
                    .patch(users::patch)
                    .delete(users::delete),
            )),
        )
        .route("/users/{id}/profile", get(users::profile))
        .route("/users/{id}/orders", get(users::orders))
        .route(
            "/users/{id}/payment-methods",
            get(users::payment_methods::list).merge(keyed(post(users::payment_methods::create))),
        )
        .route(
            "/users/{id}/payment-methods/{method_id}",
            get(users::payment_methods::read).merge(keyed(delete(users::payment_methods::delete))),
        )
}

/// Who hears of orders by push.
fn browsers(shop: &Shop) -> Router<Shop> {
    let keyed = |methods| changes::keyed(shop, methods);
    Router::new()
        .route("/push-key", get(push_key::read))
        .route(
            "/users/{id}/push-subscriptions",
            get(users::push_subscriptions::list)
                .merge(keyed(post(users::push_subscriptions::create))),
        )
        .route(
            "/users/{id}/push-subscriptions/{subscription_id}",
            get(users::push_subscriptions::read)
                .merge(keyed(delete(users::push_subscriptions::delete))),
        )
}

/// Who gets tokens.
fn sessions() -> Router<Shop> {
    Router::new()
        .route("/sessions", post(sessions::create))
        .route("/sessions/refresh", post(sessions::refresh))
        .route("/sessions/current", delete(sessions::end))
        .route("/oauth/token", post(oauth::token))
}

/// Who calls with a key, how much they may, and who may no more.
fn callers(shop: &Shop) -> Router<Shop> {
    let keyed = |methods| changes::keyed(shop, methods);
    Router::new()
        .route(
            "/admin/plans",
            get(plans::list).merge(keyed(post(plans::create))),
        )
        .route(
            "/admin/plans/{id}",
            get(plans::read).merge(keyed(put(plans::replace).delete(plans::remove))),
        )
        .route(
            "/admin/api-keys",
            get(api_keys::list).merge(keyed(post(api_keys::create))),
        )
        .route(
            "/admin/api-keys/{id}",
            get(api_keys::read).merge(keyed(delete(api_keys::revoke))),
        )
        .route("/admin/api-keys/{id}/rotate", keyed(post(api_keys::rotate)))
        .route(
            "/admin/revocations",
            get(revocations::list).merge(keyed(post(revocations::create))),
        )
}

/// What the routes above do, for the OpenAPI document: each file lists its own.
pub fn operations() -> OpenApi {
    let mut all = products::Operations::openapi();
    for more in [
        orders::Operations::openapi(),
        payments::Operations::openapi(),
        keys::Operations::openapi(),
        users::Operations::openapi(),
        admin::Operations::openapi(),
        sessions::Operations::openapi(),
        oauth::Operations::openapi(),
        plans::Operations::openapi(),
        api_keys::Operations::openapi(),
        revocations::Operations::openapi(),
        jwks::Operations::openapi(),
        push_key::Operations::openapi(),
        health::Operations::openapi(),
        openapi::Operations::openapi(),
    ] {
        all.merge(more);
    }
    all
}

/// Marks an answer as somebody's own.
pub fn private() -> (header::HeaderName, HeaderValue) {
    (header::CACHE_CONTROL, HeaderValue::from_static(PRIVATE))
}
