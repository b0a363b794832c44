//! Orders: placing one, reading one, listing one's own; what may be done to one stands in
//! `change.rs`.

mod change;
mod merge_patch;

pub(super) use change::{delete, patch, put_status};

use axum::Extension;
use axum::body::Body;
use axum::extract::{OriginalUri, Path, RawQuery, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use shared::body::{Checks, misshapen};
use shared::caller::Principal;
use shared::id::OrderId;
use shared::order::{NewOrder, Order, OrderStatus};
use shared::problem::FieldError;

use super::list::Query;
use super::{answer, keyed, list as lists, private};
use crate::admission;
use crate::app::Shop;
use crate::identity::middleware::Known;
use crate::order::{self, Ask};
use crate::refusal::Refusal;
use crate::store::order::key::Kind;
use crate::store::order::{self as store, Filter, Viewer};

/// The version whose clients do not say what they expect to pay.
const WITHOUT_EXPECTATION: &str = "v1";
/// Where they say it.
const EXPECTED_TOTAL: &str = "/expected_total";

/// The operations of this folder.
#[derive(utoipa::OpenApi)]
#[openapi(paths(create, read, list, change::patch, change::put_status, change::delete))]
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
        ("ETag" = String, description = "Tag of its state."))),
        (status = 402, description = "The card was declined.")),
    security(("access_token" = ["orders:write"])))]
pub(super) async fn create(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    content: Body,
) -> Result<Response, Refusal> {
    let principal = known.allowed("orders:write")?;
    let keyed = keyed::post(Kind::Order, &known, principal, &uri, &headers, content).await?;
    let order = document(&keyed, &known.api_version);
    let ask = Ask {
        call: keyed.call,
        fingerprint: keyed.fingerprint,
        order,
    };
    // A task of its own, so that the work goes on when the client leaves.
    let tracker = shop.tasks.clone();
    let task = tracker.spawn(admission::carried(
        async move { order::place(&shop, ask).await },
    ));
    let reply = task.await.map_err(|error| {
        tracing::error!(%error, "an order's task ended early");
        Refusal::Internal
    })??;
    Ok(reply.into_response())
}

/// The body. Clients of v1 never said what they expect to pay, and are charged what it costs; the
/// document is the latest version's.
fn document(keyed: &keyed::Keyed, api_version: &str) -> Result<NewOrder, Refusal> {
    let excused = api_version == WITHOUT_EXPECTATION;
    let missing = |fault: &FieldError| fault.pointer == EXPECTED_TOTAL && fault.code == "required";
    let read = keyed.document_complete(|order: &NewOrder| {
        if order.expected_total.is_some() || excused {
            return Ok(());
        }
        let detail = "missing field `expected_total`".to_owned();
        Err(misshapen(EXPECTED_TOTAL.to_owned(), "required", detail))
    });
    match read {
        Err(Refusal::Body(mut faults)) if excused => {
            faults.retain(|fault| !missing(fault));
            Err(Refusal::Body(faults))
        }
        read => read,
    }
}

/// The tag of an order's state.
fn etag(order: &Order) -> String {
    format!("\"{}\"", order.version)
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
    let order = store::view(&shop.pool, id, Viewer::of(principal))
        .await?
        .ok_or(Refusal::NotFound)?;
    answer::shown(&headers, &etag(&order), &order)
}

/// Which orders a list holds.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document's form of what `Query` reads")]
pub(super) struct Filters {
    /// Only orders that stand there.
    status: Option<OrderStatus>,
}

/// List orders, newest first: one's own, or everyone's with the scope for it.
#[utoipa::path(get, path = "/orders", operation_id = "listOrders", tag = "orders",
    params(Filters, lists::Paging),
    responses((status = 200, description = "A page of orders.", body = lists::Page<Order>,
        headers(("Link" = String, description = "Pages: first, prev, next [RFC 8288].")))),
    security(("access_token" = ["orders:read"])))]
pub(super) async fn list(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let principal = known.allowed("orders:read")?;
    page(&shop, principal, query.as_deref(), None).await
}

/// A page of the orders that the caller may see: of one customer, or of all.
pub(super) async fn page(
    shop: &Shop,
    principal: &Principal,
    query: Option<&str>,
    customer: Option<&str>,
) -> Result<Response, Refusal> {
    let query = Query::read(query, &["status", "limit", "cursor"])?;
    let mut checks = Checks::default();
    let names = OrderStatus::ALL.map(OrderStatus::as_str).join(", ");
    let send = format!("one of {names}");
    let status = query.parsed("status", &send, &mut checks, OrderStatus::parse);
    let limit = query.rows(&mut checks);
    lists::told(checks)?;
    let owner = json!([principal.account, principal.mode, customer]).to_string();
    let scope = query.scope("orders", &owner);
    let filter = Filter {
        customer,
        status,
        place: query.place(&shop.derivation_key, &scope)?,
        limit,
    };
    let orders = store::list(&shop.pool, Viewer::of(principal), filter).await?;
    let (page, links) = query.page(&shop.derivation_key, &scope, orders);
    Ok(([private()], [(header::LINK, links)], axum::Json(page)).into_response())
}
