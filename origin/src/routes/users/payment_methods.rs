//! The payment methods that a user has put by. They have no version: they come and go, and never
//! change but for which one is the default.

use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use shared::id::{PaymentMethodId, UserId};
use shared::problem::{Code, Problem};
use shared::user::{NewPaymentMethod, PAYMENT_METHODS_MAX, PaymentMethod};

use super::reachable;
use crate::app::Shop;
use crate::identity::middleware::Known;
use crate::refusal::Refusal;
use crate::routes::list::{Page, Paging, Query};
use crate::routes::{answer, body, conditional, private};
use crate::store::user::{self, payment_method};
use crate::store::work::Work;

fn etag(method: &PaymentMethod) -> Result<String, Refusal> {
    Ok(conditional::tag_of(&answer::json(method)?))
}

/// The payment method of a path. A user who is gone has none.
async fn find(shop: &Shop, user: UserId, id: &str) -> Result<PaymentMethod, Refusal> {
    let id: PaymentMethodId = id.parse().map_err(|_| Refusal::NotFound)?;
    payment_method::read(&shop.pool, user, id)
        .await?
        .ok_or(Refusal::NotFound)
}

/// List a user's payment methods, newest first.
///
/// There are at most 20.
#[utoipa::path(get, path = "/users/{id}/payment-methods", operation_id = "listPaymentMethods",
    tag = "users",
    params(("id" = UserId, Path, description = "The user."), Paging),
    responses((status = 200, description = "A page of payment methods.",
        body = Page<PaymentMethod>,
        headers(("Link" = String, description = "Pages: first, prev, next [RFC 8288].")))),
    security(("access_token" = ["users:read"])))]
pub(in crate::routes) async fn list(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    Path(user): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    known.allowed("users:read")?;
    let user = reachable(&known, &user, "users:read:any")?;
    let query = Query::read(query.as_deref(), &["limit", "cursor"])?;
    let scope = query.scope("payment-methods", &user.to_string());
    let place = query.place(&shop.derivation_key, &scope)?;
    let limit = query.limit()?;
    user::read(&shop.pool, user)
        .await?
        .ok_or(Refusal::NotFound)?;
    let slice = payment_method::list(&shop.pool, user, place, limit).await?;
    let (page, links) = query.page(&shop.derivation_key, &scope, slice);
    Ok(([private()], [(header::LINK, links)], axum::Json(page)).into_response())
}

/// Put a payment method by.
///
/// At most 20 a user. The new one is the default if it says so.
#[utoipa::path(post, path = "/users/{id}/payment-methods", operation_id = "createPaymentMethod", tag = "users",
    params(("id" = UserId, Path, description = "The user."),
        ("Prefer" = Option<String>, Header, description = "`return=minimal`: no body.")),
    request_body = NewPaymentMethod,
    responses((status = 201, description = "The new payment method.", body = PaymentMethod,
        headers(
        ("Location" = String, description = "Where it is."),
        ("ETag" = String, description = "Tag of its state."))),
        (status = 409, description = "The user has as many as there may be.")),
    security(("access_token" = ["users:write"])))]
pub(in crate::routes) async fn create(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    Path(user): Path<String>,
    headers: HeaderMap,
    content: Body,
) -> Result<Response, Refusal> {
    known.allowed("users:write")?;
    let new: NewPaymentMethod = body::json(&headers, content).await?;
    let user = reachable(&known, &user, "users:write:any")?;
    let mut transaction = Work::begin(&shop.pool, known.claimed.as_ref()).await?;
    user::lock(&mut transaction, user)
        .await?
        .ok_or(Refusal::NotFound)?;
    let id = shop.platform.payment_method_id();
    let now = shop.platform.now();
    let method = payment_method::insert(&mut transaction, user, id, &new, now)
        .await?
        .ok_or_else(|| {
            Problem::new(
                Code::LimitReached,
                format!("A user has at most {PAYMENT_METHODS_MAX} payment methods. Delete one."),
            )
        })?;
    transaction.commit().await?;
    let location = format!("/users/{user}/payment-methods/{id}");
    answer::created(&headers, &location, &etag(&method)?, &method)
}

/// Read a payment method.
#[utoipa::path(get, path = "/users/{id}/payment-methods/{method_id}", operation_id = "readPaymentMethod", tag = "users",
    params(("id" = UserId, Path, description = "The user."),
        ("method_id" = PaymentMethodId, Path, description = "The payment method.")),
    responses((status = 200, description = "The payment method.", body = PaymentMethod,
        headers(
            ("ETag" = String, description = "Tag of its state.")))),
    security(("access_token" = ["users:read"])))]
pub(in crate::routes) async fn read(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    Path((user, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    known.allowed("users:read")?;
    let user = reachable(&known, &user, "users:read:any")?;
    let method = find(&shop, user, &id).await?;
    answer::shown(&headers, &etag(&method)?, &method)
}

/// Delete a payment method.
///
/// Orders that were paid with it stay as they are.
#[utoipa::path(delete, path = "/users/{id}/payment-methods/{method_id}", operation_id = "deletePaymentMethod", tag = "users",
    params(("id" = UserId, Path, description = "The user."),
        ("method_id" = PaymentMethodId, Path, description = "The payment method."),
        ("If-Match" = Option<String>, Header,
            description = "ETag of the state that is deleted, if it matters.")),
    responses((status = 204, description = "It is gone.")),
    security(("access_token" = ["users:write"])))]
pub(in crate::routes) async fn delete(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    Path((user, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    known.allowed("users:write")?;
    let user = reachable(&known, &user, "users:write:any")?;
    let method = find(&shop, user, &id).await?;
    conditional::optional(&headers, &etag(&method)?)?;
    let mut work = Work::begin(&shop.pool, known.claimed.as_ref()).await?;
    if !payment_method::delete(&mut work, user, method.id).await? {
        return Err(Refusal::NotFound);
    }
    work.commit().await?;
    Ok(answer::deleted())
}
