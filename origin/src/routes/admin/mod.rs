//! What admins do to the platform itself.

mod cache;

pub(super) use cache::purge;

/// The operations of this folder.
#[derive(utoipa::OpenApi)]
#[openapi(paths(cache::purge))]
pub(super) struct Operations;
