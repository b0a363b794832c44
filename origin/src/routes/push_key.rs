//! What browsers need to subscribe to pushes.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;

use crate::app::Shop;
use crate::push::PushKey;
use crate::refusal::Refusal;
use crate::store::push::key;

/// It never changes.
const CACHE_CONTROL: &str = "public, max-age=3600";

/// The operations of this file.
#[derive(utoipa::OpenApi)]
#[openapi(paths(read))]
pub(super) struct Operations;

/// Read the key that pushes are signed with.
///
/// It is `applicationServerKey` of `pushManager.subscribe()`.
#[utoipa::path(get, path = "/push-key", operation_id = "readPushKey", tag = "operations",
    responses((status = 200, description = "The key [RFC 8292].", body = PushKey)),
    security((), ("access_token" = [])))]
pub(super) async fn read(State(shop): State<Shop>) -> Result<impl IntoResponse, Refusal> {
    let vapid = key::ensure(&shop.pool, &shop.platform).await;
    let vapid = vapid.map_err(|error| match error.downcast::<sqlx::Error>() {
        Ok(error) => Refusal::from(error),
        Err(error) => {
            tracing::error!(%error, "there is no key for pushes");
            Refusal::Internal
        }
    })?;
    let key = PushKey {
        object: "push_key",
        public_key: vapid.public_key,
    };
    Ok(([(header::CACHE_CONTROL, CACHE_CONTROL)], Json(key)))
}
