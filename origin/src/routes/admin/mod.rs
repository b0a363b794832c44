//! What admins do to the platform itself.

pub(super) mod analytics;
mod cache;
pub(super) mod webhooks;

pub(super) use cache::purge;

/// The operations of this folder.
#[derive(utoipa::OpenApi)]
#[openapi(paths(
    analytics::daily,
    analytics::low_stock,
    cache::purge,
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
