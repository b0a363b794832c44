//! Payments, each for an order: reading them, and paying an order again. What is paid back stands in
//! `refunds.rs`.

pub(super) mod refunds;

use axum::Extension;
use axum::body::Body;
use axum::extract::{OriginalUri, Path, RawQuery, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use shared::id::{OrderId, PaymentId};
use shared::order::Payment;
use shared::payment::NewPayment;

use super::list::{Page, Paging, Query};
use super::{answer, conditional, keyed, private};
use crate::admission;
use crate::app::Shop;
use crate::identity::middleware::Known;
use crate::order::pay::{self, Ask};
use crate::refusal::Refusal;
use crate::store::order::key::Kind;
use crate::store::order::{self as store, Viewer, payment};

/// The operations of this folder.
#[derive(utoipa::OpenApi)]
#[openapi(paths(
    read,
    list,
    of_order,
    create,
    refunds::list,
    refunds::read,
    refunds::create
))]
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

/// List one's own payments: those of the newest orders first.
#[utoipa::path(get, path = "/payments", operation_id = "listPayments", tag = "payments",
    params(Paging),
    responses((status = 200, description = "A page of payments.", body = Page<Payment>,
        headers(("Link" = String, description = "Pages: first, prev, next [RFC 8288].")))),
    security(("access_token" = ["orders:read"])))]
pub(super) async fn list(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let principal = known.allowed("orders:read")?;
    let query = Query::read(query.as_deref(), &["limit", "cursor"])?;
    let owner = json!([principal.account, principal.mode]).to_string();
    let scope = query.scope("payments", &owner);
    let place = query.place(&shop.derivation_key, &scope)?;
    let limit = query.limit()?;
    let (account, mode) = (principal.account.as_str(), principal.mode);
    let payments = payment::list(&shop.pool, account, mode, place, limit).await?;
    let (page, links) = query.page(&shop.derivation_key, &scope, payments);
    Ok(([private()], [(header::LINK, links)], axum::Json(page)).into_response())
}

/// List the payments of an order, the latest first.
///
/// All of them: an order may be tried to pay 20 times.
#[utoipa::path(get, path = "/orders/{id}/payments", operation_id = "listOrderPayments",
    tag = "payments",
    params(("id" = OrderId, Path, description = "The order.")),
    responses((status = 200, description = "The payments.", body = Page<Payment>)),
    security(("access_token" = ["orders:read"])))]
pub(super) async fn of_order(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let principal = known.allowed("orders:read")?;
    let id: OrderId = id.parse().map_err(|_| Refusal::NotFound)?;
    store::view(&shop.pool, id, Viewer::of(principal))
        .await?
        .ok_or(Refusal::NotFound)?;
    let payments = payment::of_order(&shop.pool, id).await?;
    Ok(([private()], axum::Json(Page::whole(payments))).into_response())
}

/// Pay an order again.
///
/// After its payment has failed, at the price at which it was ordered. The stock is reserved anew;
/// once for each `Idempotency-Key`, which is another one than the order's.
#[utoipa::path(post, path = "/orders/{id}/payments", operation_id = "payOrder", tag = "payments",
    params(("id" = OrderId, Path, description = "The order."),
        ("Idempotency-Key" = String, Header,
            description = "A random UUID for each attempt to pay, the same one with each retry of it.")),
    request_body = NewPayment,
    responses((status = 201, description = "The order is paid.", body = Payment, headers(
        ("Location" = String, description = "Where the payment is."))),
        (status = 402, description = "The card was declined."),
        (status = 409, description = "The order is not to be paid, or its stock is gone.")),
    security(("access_token" = ["orders:write"])))]
pub(super) async fn create(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    OriginalUri(uri): OriginalUri,
    Path(order): Path<String>,
    headers: HeaderMap,
    content: Body,
) -> Result<Response, Refusal> {
    let principal = known.allowed("orders:write")?.clone();
    let keyed = keyed::post(Kind::Payment, &known, &principal, &uri, &headers, content).await?;
    let ask = Ask {
        new: keyed.document(),
        call: keyed.call,
        fingerprint: keyed.fingerprint,
        order,
    };
    // A task of its own, so that the work goes on when the client leaves.
    let tracker = shop.tasks.clone();
    let task = tracker.spawn(admission::carried(async move {
        pay::pay(&shop, &principal, ask).await
    }));
    let reply = task.await.map_err(|error| {
        tracing::error!(%error, "a payment's task ended early");
        Refusal::Internal
    })??;
    Ok(reply.into_response())
}
