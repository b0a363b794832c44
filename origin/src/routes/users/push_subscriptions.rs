//! The browsers of a user that hear of its orders. They have no version: they come and go.

use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use shared::id::{PushSubscriptionId, UserId};
use shared::problem::{Code, FieldError, Problem};

use super::reachable;
use crate::app::Shop;
use crate::identity::middleware::Known;
use crate::push::{NewPushSubscription, PushSubscription, SUBSCRIPTIONS_MAX};
use crate::refusal::Refusal;
use crate::routes::list::{Page, Paging, Query};
use crate::routes::{answer, body, conditional, private};
use crate::store::push::{self, New};
use crate::store::user;
use crate::store::work::Work;
use crate::webhook::address::{Target, is_public};

fn etag(subscription: &PushSubscription) -> Result<String, Refusal> {
    Ok(conditional::tag_of(&answer::json(subscription)?))
}

/// The subscription of a path.
async fn find(shop: &Shop, user: UserId, id: &str) -> Result<PushSubscription, Refusal> {
    let id: PushSubscriptionId = id.parse().map_err(|_| Refusal::NotFound)?;
    push::read(&shop.pool, user, id)
        .await?
        .ok_or(Refusal::NotFound)
}

/// What the body alone can't say: whether this shop calls plain or private addresses.
fn callable(shop: &Shop, endpoint: &str) -> Result<(), Refusal> {
    let Ok(target) = Target::parse(endpoint) else {
        return Err(Refusal::Internal);
    };
    let private = target.address.is_some_and(|address| !is_public(address));
    if shop.webhooks_allow_private || (target.is_https() && !private) {
        return Ok(());
    }
    Err(Refusal::Body(vec![FieldError {
        pointer: "/endpoint".to_owned(),
        code: if private { "private_address" } else { "scheme" },
        detail: "not an https URL of a public address".to_owned(),
        fix: "Send `endpoint` as the browser's `PushSubscription` has it.".to_owned(),
    }]))
}

/// List the browsers that hear of a user's orders, newest first.
///
/// There are at most 20.
#[utoipa::path(get, path = "/users/{id}/push-subscriptions", operation_id = "listPushSubscriptions",
    tag = "users",
    params(("id" = UserId, Path, description = "The user."), Paging),
    responses((status = 200, description = "A page of push subscriptions.",
        body = Page<PushSubscription>,
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
    let scope = query.scope("push-subscriptions", &user.to_string());
    let place = query.place(&shop.derivation_key, &scope)?;
    let limit = query.limit()?;
    user::read(&shop.pool, user)
        .await?
        .ok_or(Refusal::NotFound)?;
    let slice = push::list(&shop.pool, user, place, limit).await?;
    let (page, links) = query.page(&shop.derivation_key, &scope, slice);
    Ok(([private()], [(header::LINK, links)], axum::Json(page)).into_response())
}

/// Let a browser hear of a user's orders.
///
/// Subscribe in the browser with the key of GET /push-key, and send `endpoint` and `keys` of what
/// `pushManager.subscribe()` gives. A browser that is there keeps its id and gets the new keys; one that was
/// another user's is this user's from now on. At most 20 a user.
#[utoipa::path(post, path = "/users/{id}/push-subscriptions", operation_id = "createPushSubscription",
    tag = "users",
    params(("id" = UserId, Path, description = "The user."),
        ("Prefer" = Option<String>, Header, description = "`return=minimal`: no body.")),
    request_body = NewPushSubscription,
    responses((status = 201, description = "The push subscription.", body = PushSubscription,
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
    let new: NewPushSubscription = body::json(&headers, content).await?;
    callable(&shop, &new.endpoint)?;
    let (Some(p256dh), Some(auth)) = (new.keys.p256dh(), new.keys.auth()) else {
        return Err(Refusal::Internal);
    };
    let user = reachable(&known, &user, "users:write:any")?;
    let mut transaction = Work::begin(&shop.pool, known.claimed.as_ref()).await?;
    user::lock(&mut transaction, user)
        .await?
        .ok_or(Refusal::NotFound)?;
    let new = New {
        id: shop.platform.push_subscription_id(),
        user,
        endpoint: &new.endpoint,
        p256dh: &p256dh,
        auth: &auth,
        now: shop.platform.now(),
    };
    let subscription = push::put(&mut transaction, &new).await?.ok_or_else(|| {
        Problem::new(
            Code::LimitReached,
            format!("A user has at most {SUBSCRIPTIONS_MAX} push subscriptions. Delete one."),
        )
    })?;
    transaction.commit().await?;
    let location = format!("/users/{user}/push-subscriptions/{}", subscription.id);
    answer::created(&headers, &location, &etag(&subscription)?, &subscription)
}

/// Read a push subscription.
#[utoipa::path(get, path = "/users/{id}/push-subscriptions/{subscription_id}",
    operation_id = "readPushSubscription", tag = "users",
    params(("id" = UserId, Path, description = "The user."),
        ("subscription_id" = PushSubscriptionId, Path, description = "The push subscription.")),
    responses((status = 200, description = "The push subscription.", body = PushSubscription,
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
    let subscription = find(&shop, user, &id).await?;
    answer::shown(&headers, &etag(&subscription)?, &subscription)
}

/// Delete a push subscription.
///
/// The browser hears of nothing more, not even of what was on its way.
#[utoipa::path(delete, path = "/users/{id}/push-subscriptions/{subscription_id}",
    operation_id = "deletePushSubscription", tag = "users",
    params(("id" = UserId, Path, description = "The user."),
        ("subscription_id" = PushSubscriptionId, Path, description = "The push subscription."),
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
    let subscription = find(&shop, user, &id).await?;
    conditional::optional(&headers, &etag(&subscription)?)?;
    let mut work = Work::begin(&shop.pool, known.claimed.as_ref()).await?;
    if !push::delete(&mut work, user, subscription.id).await? {
        return Err(Refusal::NotFound);
    }
    work.commit().await?;
    Ok(answer::deleted())
}
