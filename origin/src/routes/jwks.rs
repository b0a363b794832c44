//! The public halves of our signing keys.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;

use crate::app::Shop;
use crate::identity::rotation::KEY_SET_SECONDS;
use crate::refusal::Refusal;

/// How long a verifier may keep them ([`KEY_SET_SECONDS`]); a new key is published for longer than
/// that before it signs.
const CACHE_CONTROL: &str = "public, max-age=600";
const _: () = assert!(KEY_SET_SECONDS == 600);

/// The operations of this file.
#[derive(utoipa::OpenApi)]
#[openapi(paths(read))]
pub(super) struct Operations;

/// Read the public keys of our tokens.
#[utoipa::path(get, path = "/.well-known/jwks.json", operation_id = "readKeySet",
    tag = "operations",
    responses((status = 200, description = "A JSON Web Key Set [RFC 7517].", body = Object)),
    security((), ("access_token" = [])))]
pub(super) async fn read(State(shop): State<Shop>) -> Result<impl IntoResponse, Refusal> {
    let now = shop.platform.now();
    let keys = shop.keys.current(&shop.pool, now).await?;
    let fields = [(header::CACHE_CONTROL, CACHE_CONTROL)];
    Ok((fields, Json(keys.jwks(now))))
}
