//! Payments, each for an order.

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use shared::id::PaymentId;
use shared::order::Payment;

use super::{answer, conditional};
use crate::app::Shop;
use crate::identity::middleware::Known;
use crate::refusal::Refusal;
use crate::store::order::payment;

/// The operations of this file.
#[derive(utoipa::OpenApi)]
#[openapi(paths(read))]
pub(super) struct Operations;

/// Read a payment.
///
/// It can still be read when its order was deleted, so that its owner can follow the refund.
#[utoipa::path(get, path = "/payments/{id}", operation_id = "readPayment", tag = "payments",
    params(("id" = PaymentId, Path, description = "The payment.")),
    responses((status = 200, description = "The payment.", body = Payment, headers(
            ("ETag" = String, description = "Tag of its state.")))),
    security(("access_token" = ["orders:read"])))]
pub(super) async fn read(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let principal = known.allowed("orders:read")?;
    let id: PaymentId = id.parse().map_err(|_| Refusal::NotFound)?;
    let (payment, _) = payment::read(&shop.pool, id, principal.mode)
        .await?
        .filter(|(_, owner)| *owner == principal.account || principal.may("orders:read:any"))
        .ok_or(Refusal::NotFound)?;
    let etag = conditional::tag_of(&answer::json(&payment)?);
    answer::shown(&headers, &etag, &payment)
}
