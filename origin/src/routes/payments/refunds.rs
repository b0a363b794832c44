//! Refunds of a payment.

use axum::Extension;
use axum::body::Body;
use axum::extract::{OriginalUri, Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use shared::caller::Principal;
use shared::id::{PaymentId, RefundId};
use shared::payment::{NewRefund, Refund};

use crate::admission;
use crate::app::Shop;
use crate::identity::middleware::Known;
use crate::order::refund::{self as paying, Ask};
use crate::refusal::Refusal;
use crate::routes::list::Page;
use crate::routes::{answer, conditional, keyed, private};
use crate::store::order::key::Kind;
use crate::store::order::{payment, refund};

/// The payment of a path, if the caller may see it.
async fn visible(shop: &Shop, principal: &Principal, id: &str) -> Result<PaymentId, Refusal> {
    let id: PaymentId = id.parse().map_err(|_| Refusal::NotFound)?;
    payment::read(&shop.pool, id, principal.mode)
        .await?
        .filter(|(_, owner)| *owner == principal.account || principal.may("orders:read:any"))
        .ok_or(Refusal::NotFound)?;
    Ok(id)
}

/// List the refunds of a payment, oldest first.
///
/// Those that were asked for. What goes back because an order was cancelled is told by the payment's
/// own status.
#[utoipa::path(get, path = "/payments/{id}/refunds", operation_id = "listRefunds",
    tag = "payments",
    params(("id" = PaymentId, Path, description = "The payment.")),
    responses((status = 200, description = "The refunds.", body = Page<Refund>)),
    security(("access_token" = ["orders:read"])))]
pub(in crate::routes) async fn list(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let principal = known.allowed("orders:read")?;
    let id = visible(&shop, principal, &id).await?;
    let refunds = refund::of_payment(&shop.pool, id).await?;
    Ok(([private()], axum::Json(Page::whole(refunds))).into_response())
}

/// Read a refund.
#[utoipa::path(get, path = "/payments/{id}/refunds/{refund_id}", operation_id = "readRefund",
    tag = "payments",
    params(("id" = PaymentId, Path, description = "The payment."),
        ("refund_id" = RefundId, Path, description = "The refund.")),
    responses((status = 200, description = "The refund.", body = Refund, headers(
        ("ETag" = String, description = "Tag of its state.")))),
    security(("access_token" = ["orders:read"])))]
pub(in crate::routes) async fn read(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    Path((id, refund_id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let principal = known.allowed("orders:read")?;
    let id = visible(&shop, principal, &id).await?;
    let refund_id: RefundId = refund_id.parse().map_err(|_| Refusal::NotFound)?;
    let refunds = refund::of_payment(&shop.pool, id).await?;
    let refund = refunds.into_iter().find(|refund| refund.id == refund_id);
    let refund = refund.ok_or(Refusal::NotFound)?;
    let etag = conditional::tag_of(&answer::json(&refund)?);
    answer::shown(&headers, &etag, &refund)
}

/// Pay a payment back, or a part of it.
///
/// All refunds together are at most the payment; once nothing is left of it, its order is
/// `refunded`. Money alone moves: to have the stock back as well, cancel the order.
#[utoipa::path(post, path = "/payments/{id}/refunds", operation_id = "createRefund",
    tag = "payments",
    params(("id" = PaymentId, Path, description = "The payment."),
        ("Idempotency-Key" = String, Header,
            description = "A random UUID for each refund, the same one with each retry of it.")),
    request_body = NewRefund,
    responses((status = 201, description = "It is paid back.", body = Refund, headers(
        ("Location" = String, description = "Where the refund is."))),
        (status = 409, description = "So much is not left, or the payment is not paid.")),
    security(("access_token" = ["admin"])))]
pub(in crate::routes) async fn create(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    OriginalUri(uri): OriginalUri,
    Path(payment): Path<String>,
    headers: HeaderMap,
    content: Body,
) -> Result<Response, Refusal> {
    let principal = known.allowed("admin")?;
    let keyed = keyed::post(Kind::Refund, &known, principal, &uri, &headers, content).await?;
    let ask = Ask {
        new: keyed.document_or_empty(),
        call: keyed.call,
        fingerprint: keyed.fingerprint,
        payment,
    };
    // A task of its own, so that the work goes on when the client leaves.
    let tracker = shop.tasks.clone();
    let task = tracker.spawn(admission::carried(async move {
        paying::pay_back(&shop, ask).await
    }));
    let reply = task.await.map_err(|error| {
        tracing::error!(%error, "a refund's task ended early");
        Refusal::Internal
    })??;
    Ok(reply.into_response())
}
