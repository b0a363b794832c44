//! Orders: placing one, reading one, listing one's own.

use axum::Extension;
use axum::body::Body;
use axum::extract::{OriginalUri, Path, RawQuery, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use shared::header as field;
use shared::id::OrderId;
use shared::idempotency::{Fingerprint, Key};
use shared::order::{NewOrder, Order};
use shared::problem::{Code, Problem};

use super::list::Query;
use super::{answer, body, list as lists, private};
use crate::app::Shop;
use crate::identity::middleware::Known;
use crate::order::{self, Ask};
use crate::refusal::Refusal;
use crate::store;

/// The operations of this file.
#[derive(utoipa::OpenApi)]
#[openapi(paths(create, read, list))]
pub(super) struct Operations;

/// Place an order.
///
/// Reserves the stock, charges the payment method, and confirms; all of it once for each
/// `Idempotency-Key`, however often the request is repeated.
#[utoipa::path(post, path = "/orders", operation_id = "createOrder", tag = "orders",
    params(("Idempotency-Key" = String, Header,
        description = "A random UUID for each new order, the same one with each retry of it.")),
    request_body = NewOrder,
    responses((status = 201, description = "The order is confirmed.", body = Order, headers(
        ("Location" = String, description = "Where the order is."),
        ("ETag" = String, description = "Tag of its state.")))),
    security(("access_token" = ["orders:write"])))]
pub(super) async fn create(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    content: Body,
) -> Result<Response, Refusal> {
    let principal = known.allowed("orders:write")?.clone();
    let fields = headers.get_all(field::IDEMPOTENCY_KEY);
    let key = Key::from_fields(fields.iter().map(axum::http::HeaderValue::as_bytes))
        .map_err(|why| Problem::new(Code::IdempotencyKeyInvalid, format!("{why}.")))?
        .ok_or_else(|| {
            Problem::new(
                Code::IdempotencyKeyRequired,
                "Send an Idempotency-Key: a random UUID for each new order, the same one with each \
                 retry of it.",
            )
        })?;
    let bytes = body::read(content).await?;
    let path = uri.path();
    let media_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let fingerprint = Fingerprint::of(
        "POST",
        path.strip_prefix("/v2").unwrap_or(path),
        uri.query(),
        media_type,
        &known.api_version,
        &bytes,
    );
    let order = if body::is(&headers, "application/json") {
        shared::body::parse(&bytes).map_err(Refusal::Body)
    } else {
        Err(Refusal::MediaType("application/json"))
    };
    let traceparent = super::traceparent(&headers);
    let ask = Ask {
        principal,
        key,
        fingerprint,
        order,
        path: path.to_owned(),
        request_id: known.request_id,
        traceparent: traceparent.map(str::to_owned),
    };
    // A task of its own, so that the work goes on when the client leaves.
    let tracker = shop.tasks.clone();
    let task = tracker.spawn(async move { order::place(&shop, ask).await });
    let reply = task.await.map_err(|error| {
        tracing::error!(%error, "an order's task ended early");
        Refusal::Internal
    })??;
    Ok(reply.into_response())
}

/// Read an order.
#[utoipa::path(get, path = "/orders/{id}", operation_id = "readOrder", tag = "orders",
    params(("id" = OrderId, Path, description = "The order.")),
    responses((status = 200, description = "The order.", body = Order, headers(
        ("ETag" = String, description = "Tag of its state.")))),
    security(("access_token" = ["orders:read"])))]
pub(super) async fn read(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let principal = known.allowed("orders:read")?;
    let id: OrderId = id.parse().map_err(|_| Refusal::NotFound)?;
    let order = store::order::read(&shop.pool, id, principal.mode)
        .await?
        .filter(|order| order.customer_id == principal.account || principal.may("orders:read:any"))
        .ok_or(Refusal::NotFound)?;
    let etag = format!("\"{}\"", order.version);
    answer::shown(&headers, &etag, &order)
}

/// List orders, newest first: one's own, or everyone's with the scope for it.
#[utoipa::path(get, path = "/orders", operation_id = "listOrders", tag = "orders",
    params(lists::Paging),
    responses((status = 200, description = "A page of orders.", body = lists::Page<Order>,
        headers(("Link" = String, description = "Pages: first, prev, next [RFC 8288].")))),
    security(("access_token" = ["orders:read"])))]
pub(super) async fn list(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let principal = known.allowed("orders:read")?;
    let query = Query::read(query.as_deref(), &["limit", "cursor"])?;
    let scope = query.scope(
        "orders",
        &json!([principal.account, principal.mode]).to_string(),
    );
    let place = query.place(&shop.derivation_key, &scope)?;
    let owner = (!principal.may("orders:read:any")).then_some(principal.account.as_str());
    let limit = query.limit()?;
    let orders = store::order::list(&shop.pool, owner, principal.mode, place, limit).await?;
    let (page, links) = query.page(&shop.derivation_key, &scope, orders);
    Ok(([private()], [(header::LINK, links)], axum::Json(page)).into_response())
}
