//! What admins do to the platform itself.

mod analytics;
mod cache;
mod dead_letters;
mod events;
mod firewall;
mod origins;
mod webhooks;

use axum::Router;
use axum::routing::{get, post};
use chrono::{DateTime, Utc};
use shared::body::Checks;

use super::changes;
use super::list::Query;
use crate::app::Shop;
use crate::dead_letter;

/// Longest time with an offset that is read.
const TIME_CHARS_MAX: usize = 35;

/// The operations of this folder.
#[derive(utoipa::OpenApi)]
#[openapi(paths(
    analytics::daily,
    analytics::low_stock,
    cache::purge,
    dead_letters::list,
    dead_letters::read,
    dead_letters::redrive,
    dead_letters::edit,
    dead_letters::discard,
    dead_letters::redrive_all,
    events::list,
    firewall::read,
    firewall::replace,
    firewall::remove,
    origins::read,
    origins::replace,
    origins::remove,
    webhooks::list,
    webhooks::create,
    webhooks::read,
    webhooks::patch,
    webhooks::delete,
    webhooks::rotate,
    webhooks::test,
    webhooks::deliveries
))]
pub(super) struct Operations;

/// The routes of this folder.
pub(super) fn router(shop: &Shop) -> Router<Shop> {
    Router::new()
        .merge(webhooks::routes(shop))
        .merge(firewall::routes(shop))
        .merge(origins::routes(shop))
        .route("/admin/analytics/daily", get(analytics::daily))
        .route("/admin/inventory/low", get(analytics::low_stock))
        .route(
            "/admin/cache/purges",
            changes::keyed(shop, post(cache::purge)),
        )
        .route("/admin/events", get(events::list))
        .route("/admin/dead-letters", get(dead_letters::list))
        .route(
            "/admin/dead-letters/redrive",
            post(dead_letters::redrive_all),
        )
        .route("/admin/dead-letters/{id}", get(dead_letters::read))
        .route(
            "/admin/dead-letters/{id}/redrive",
            post(dead_letters::redrive),
        )
        .route("/admin/dead-letters/{id}/edit", post(dead_letters::edit))
        .route(
            "/admin/dead-letters/{id}/discard",
            post(dead_letters::discard),
        )
}

/// A parameter that is a time.
fn time(query: &Query, name: &str, checks: &mut Checks) -> Option<DateTime<Utc>> {
    let send = format!("a time [RFC 3339] of at most {TIME_CHARS_MAX} characters");
    query.parsed(name, &send, checks, |text| {
        let short = (text.len() <= TIME_CHARS_MAX).then_some(text)?;
        DateTime::parse_from_rfc3339(short)
            .ok()
            .map(|time| time.to_utc())
    })
}

/// A parameter that names a consumer or a type.
fn name<'a>(query: &'a Query, name: &str, checks: &mut Checks) -> Option<&'a str> {
    query.parsed(name, "a name that this list shows", checks, |text| {
        dead_letter::is_name(text).then_some(text)
    })
}
