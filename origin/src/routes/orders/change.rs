//! What may be done to an order once it stands: editing, moving, deleting.
//!
//! Decides, with the order locked:
//! 1. Whose it is: what the caller may not see is 404; what it may see and not do is 403.
//! 2. Preconditions: 428, 412, 409.
//! 3. The rules of [`moves`]: 409 `illegal_transition`.
//!
//! A move commits together with its event. What follows from it (mail, refund) reads the outbox.

use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::json;
use shared::caller::Principal;
use shared::event::EventType;
use shared::id::OrderId;
use shared::order::{Order, OrderChange, StatusChange};
use shared::problem::{Code, Problem};
use sqlx::PgConnection;

use super::etag;
use super::merge_patch::OrderMergePatch;
use crate::app::Shop;
use crate::identity::middleware::Known;
use crate::order::moves::{self, Move, Who};
use crate::refusal::Refusal;
use crate::routes::patch::Patch;
use crate::routes::{answer, body, conditional, traceparent};
use crate::store::order::{self as store, Viewer};
use crate::store::outbox::{self, NewEvent};
use crate::store::work::Work;

/// Who asks; `None` for those who may only look.
fn who(principal: &Principal, order: &Order) -> Option<Who> {
    if principal.may("admin") {
        Some(Who::Admin)
    } else if order.customer_id == principal.account {
        Some(Who::Owner)
    } else {
        None
    }
}

fn forbidden() -> Refusal {
    Problem::new(
        Code::Forbidden,
        "The order is another's: you may see it, and its owner alone may do this.",
    )
    .into()
}

async fn locked(
    connection: &mut PgConnection,
    id: &str,
    principal: &Principal,
) -> Result<Order, Refusal> {
    let id: OrderId = id.parse().map_err(|_| Refusal::NotFound)?;
    store::lock(connection, id, Viewer::of(principal))
        .await?
        .ok_or(Refusal::NotFound)
}

/// The order as the transaction has left it.
async fn outcome(
    connection: &mut PgConnection,
    order: &Order,
    principal: &Principal,
) -> Result<Order, Refusal> {
    store::read(connection, order.id, principal.mode)
        .await?
        .ok_or(Refusal::Internal)
}

/// Change an order's address or note.
///
/// Takes a merge patch [RFC 7396] or a JSON Patch [RFC 6902]. Only while the order is confirmed: not
/// while its payment is under way, and not once it is fulfilled or at its end.
#[utoipa::path(patch, path = "/orders/{id}", operation_id = "patchOrder", tag = "orders",
    params(("id" = OrderId, Path, description = "The order."),
        ("If-Match" = String, Header, description = "ETag of the state that is changed."),
        ("Prefer" = Option<String>, Header, description = "`return=minimal`: no body.")),
    request_body(description = "The patch, over `{shipping_address, note, version}`.", content(
        (OrderMergePatch = "application/merge-patch+json"),
        (Vec<Object> = "application/json-patch+json"))),
    responses(
        (status = 200, description = "The changed order.", body = Order, headers(
            ("ETag" = String, description = "Tag of its new state."))),
        (status = 204, description = "Changed; the client preferred no body.")),
    security(("access_token" = ["orders:write"])))]
pub(in crate::routes) async fn patch(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    Path(id): Path<String>,
    headers: HeaderMap,
    content: Body,
) -> Result<Response, Refusal> {
    let principal = known.allowed("orders:write")?;
    let patch = Patch::read::<OrderMergePatch>(&headers, content).await?;
    let mut transaction = Work::begin(&shop.pool, known.claimed.as_ref()).await?;
    let order = locked(&mut transaction, &id, principal).await?;
    who(principal, &order).ok_or_else(forbidden)?;
    conditional::required(&headers, &etag(&order))?;
    let change = patch.apply(&OrderChange {
        shipping_address: order.shipping_address.clone(),
        note: order.note.clone(),
        version: Some(order.version),
    })?;
    conditional::version(change.version, order.version, &etag(&order))?;
    if !moves::is_editable(order.status) {
        return Err(moves::illegal(order.status, "edited", "be edited"));
    }
    store::edit(&mut transaction, order.id, &change, shop.platform.now()).await?;
    let order = outcome(&mut transaction, &order, principal).await?;
    transaction.commit().await?;
    answer::changed(&headers, &etag(&order), &order)
}

/// Move an order to another status.
///
/// To `cancelled`: by its owner or an admin, while it is confirmed; the stock is free again and what
/// was paid goes back. To `fulfilled`: by an admin. An order that stands there already is answered
/// as it is.
#[utoipa::path(put, path = "/orders/{id}/status", operation_id = "moveOrder", tag = "orders",
    params(("id" = OrderId, Path, description = "The order."),
        ("If-Match" = Option<String>, Header,
            description = "ETag of the state that is changed, if it matters."),
        ("Prefer" = Option<String>, Header, description = "`return=minimal`: no body.")),
    request_body = StatusChange,
    responses(
        (status = 200, description = "The order, where it stands now.", body = Order, headers(
            ("ETag" = String, description = "Tag of its state."))),
        (status = 204, description = "Moved; the client preferred no body.")),
    security(("access_token" = ["orders:write"])))]
pub(in crate::routes) async fn put_status(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    Path(id): Path<String>,
    headers: HeaderMap,
    content: Body,
) -> Result<Response, Refusal> {
    let principal = known.allowed("orders:write")?;
    let change: StatusChange = body::json(&headers, content).await?;
    let mut transaction = Work::begin(&shop.pool, known.claimed.as_ref()).await?;
    let order = locked(&mut transaction, &id, principal).await?;
    let who = who(principal, &order).ok_or_else(forbidden)?;
    let (from, to) = (order.status, change.status);
    let permitted = moves::may(from, to, who);
    if let Err(refused @ moves::Refused::NotFor(_)) = permitted {
        return Err(moves::refusal(from, to, refused));
    }
    conditional::optional(&headers, &etag(&order))?;
    conditional::version(change.version, order.version, &etag(&order))?;
    let what = permitted.map_err(|refused| moves::refusal(from, to, refused))?;
    let (order, told) = move_to(&shop, &mut transaction, &headers, order, what, principal).await?;
    transaction.commit().await?;
    if told {
        shop.wake.notify_one();
    }
    answer::changed(&headers, &etag(&order), &order)
}

/// Delete an order of one's own.
///
/// Cancels a confirmed order and hides it from its owner; one that is at its end is only hidden.
/// Support and admins still see it. What was paid goes back as with any cancelled order.
#[utoipa::path(delete, path = "/orders/{id}", operation_id = "deleteOrder", tag = "orders",
    params(("id" = OrderId, Path, description = "The order."),
        ("If-Match" = String, Header, description = "ETag of the state that is deleted.")),
    responses((status = 204, description = "It is gone.")),
    security(("access_token" = ["orders:write"])))]
pub(in crate::routes) async fn delete(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let principal = known.allowed("orders:write")?;
    let mut transaction = Work::begin(&shop.pool, known.claimed.as_ref()).await?;
    let order = locked(&mut transaction, &id, principal).await?;
    if order.customer_id != principal.account {
        return Err(forbidden());
    }
    conditional::required(&headers, &etag(&order))?;
    let what = moves::on_delete(order.status)
        .ok_or_else(|| moves::illegal(order.status, "deleted", "be deleted"))?;
    let (order, told) = move_to(&shop, &mut transaction, &headers, order, what, principal).await?;
    store::hide(&mut transaction, order.id, shop.platform.now()).await?;
    transaction.commit().await?;
    if told {
        shop.wake.notify_one();
    }
    Ok(answer::deleted())
}

/// Makes a permitted move and writes its event; the order after it, and whether there is an event
/// to be carried.
async fn move_to(
    shop: &Shop,
    connection: &mut PgConnection,
    headers: &HeaderMap,
    order: Order,
    what: Move,
    principal: &Principal,
) -> Result<(Order, bool), Refusal> {
    let now = shop.platform.now();
    let (moved, kind) = match what {
        Move::Stay => return Ok((order, false)),
        Move::Cancel => (
            {
                let ids = shop.platform.stock_event_ids(order.items.len());
                store::cancel(connection, order.id, &ids, traceparent(headers), now).await?
            },
            EventType::OrderCancelled,
        ),
        Move::Fulfil => (
            store::fulfil(connection, order.id, now).await?,
            EventType::OrderFulfilled,
        ),
    };
    if !moved {
        tracing::error!(order = %order.id, "an order moved although it was locked");
        return Err(Refusal::Internal);
    }
    let order = outcome(connection, &order, principal).await?;
    let event = NewEvent {
        id: shop.platform.event_id(),
        kind,
        aggregate: order.id.uuid(),
        payload: json!(order),
        traceparent: traceparent(headers),
        now,
    };
    outbox::append(connection, &event).await?;
    Ok((order, true))
}
