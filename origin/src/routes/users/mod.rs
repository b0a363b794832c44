//! Users: registering, and what one may do to oneself (an admin to anybody, support by reading).
//!
//! Whoever is neither is told that nothing is there, whether or not the user exists.

pub(super) mod payment_methods;
pub(super) mod push_subscriptions;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use shared::id::UserId;
use shared::order::Order;
use shared::problem::{Code, Outcome};
use shared::user::{NewUser, Password, Profile, User, UserChange};

use super::patch::Patch;
use super::{answer, body, conditional, orders as order_routes};
use crate::app::Shop;
use crate::identity::middleware::Known;
use crate::platform::rfc3339;
use crate::refusal::Refusal;
use crate::routes::list::{Page, Paging};
use crate::store::session::{self, End};
use crate::store::work::Work;
use crate::store::{user, violates};

/// The operations of this folder.
#[derive(utoipa::OpenApi)]
#[openapi(paths(
    create,
    read,
    replace,
    patch,
    delete,
    profile,
    orders,
    payment_methods::list,
    payment_methods::create,
    payment_methods::read,
    payment_methods::delete,
    push_subscriptions::list,
    push_subscriptions::create,
    push_subscriptions::read,
    push_subscriptions::delete
))]
pub(super) struct Operations;

/// How often a change is begun anew because another one came in between and the client's own
/// precondition (`If-Match: *`) still holds.
const EDITS_MAX: u32 = 5;

/// The user of a path, if the caller is it or holds the scope for anybody.
fn reachable(known: &Known, id: &str, anybody: &str) -> Result<UserId, Refusal> {
    let principal = known.caller.principal().ok_or(Refusal::TokenMissing)?;
    id.parse()
        .ok()
        .filter(|_| principal.subject == id || principal.may(anybody))
        .ok_or(Refusal::NotFound)
}

fn etag(user: &User) -> String {
    format!("\"{}\"", user.version)
}

fn email_taken(error: sqlx::Error) -> Refusal {
    if violates(&error, user::EMAIL_UNIQUE) {
        return Refusal::Taken {
            code: Code::EmailTaken,
            pointer: "/email",
            what: "email address",
        };
    }
    error.into()
}

/// Register as a customer.
///
/// Needs no token.
#[utoipa::path(post, path = "/users", operation_id = "createUser", tag = "users",
    params(("Prefer" = Option<String>, Header, description = "`return=minimal`: no body.")),
    request_body = NewUser,
    responses((status = 201, description = "The new user.", body = User, headers(
        ("Location" = String, description = "Where it is."),
        ("ETag" = String, description = "Tag of its state."))),
        (status = 409, description = "The email address is taken.")),
    security((), ("access_token" = [])))]
pub(super) async fn create(
    State(shop): State<Shop>,
    headers: HeaderMap,
    content: Body,
) -> Result<Response, Refusal> {
    let new: NewUser = body::json(&headers, content).await?;
    let hash = shop.passwords.hash(&shop.platform, &new.password).await?;
    let id = shop.platform.user_id();
    let user = user::insert(&shop.pool, id, &new, &hash, shop.platform.now())
        .await
        .map_err(email_taken)?;
    answer::created(&headers, &format!("/users/{id}"), &etag(&user), &user)
}

/// Read a user.
///
/// Oneself; anybody for support and admins.
#[utoipa::path(get, path = "/users/{id}", operation_id = "readUser", tag = "users",
    params(("id" = UserId, Path, description = "The user.")),
    responses((status = 200, description = "The user.", body = User, headers(
            ("ETag" = String, description = "Tag of its state.")))),
    security(("access_token" = ["users:read"])))]
pub(super) async fn read(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    known.allowed("users:read")?;
    let id = reachable(&known, &id, "users:read:any")?;
    let user = user::read(&shop.pool, id).await?.ok_or(Refusal::NotFound)?;
    answer::shown(&headers, &etag(&user), &user)
}

/// Replace a user.
///
/// The body is all that a client may write: optional members that are absent become null. The
/// password stays unless a new one is sent.
#[utoipa::path(put, path = "/users/{id}", operation_id = "replaceUser", tag = "users",
    params(("id" = UserId, Path, description = "The user."),
        ("If-Match" = String, Header, description = "ETag of the state that is changed."),
        ("Prefer" = Option<String>, Header, description = "`return=minimal`: no body.")),
    request_body = UserChange,
    responses(
        (status = 200, description = "The changed user.", body = User, headers(
            ("ETag" = String, description = "Tag of its state."))),
        (status = 204, description = "Changed; the client preferred no body.")),
    security(("access_token" = ["users:write"])))]
pub(super) async fn replace(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    Path(id): Path<String>,
    headers: HeaderMap,
    content: Body,
) -> Result<Response, Refusal> {
    known.allowed("users:write")?;
    let change: UserChange = body::json(&headers, content).await?;
    let id = reachable(&known, &id, "users:write:any")?;
    edit(&shop, &known, id, &headers, |_| Ok(change.clone())).await
}

/// Change some of a user's members.
///
/// Takes a merge patch [RFC 7396] or a JSON Patch [RFC 6902] over the document that PUT takes.
#[utoipa::path(patch, path = "/users/{id}", operation_id = "patchUser", tag = "users",
    params(("id" = UserId, Path, description = "The user."),
        ("If-Match" = String, Header, description = "ETag of the state that is changed."),
        ("Prefer" = Option<String>, Header, description = "`return=minimal`: no body.")),
    request_body(description = "The patch.", content(
        (Object = "application/merge-patch+json"),
        (Vec<Object> = "application/json-patch+json"))),
    responses(
        (status = 200, description = "The changed user.", body = User, headers(
            ("ETag" = String, description = "Tag of its state."))),
        (status = 204, description = "Changed; the client preferred no body.")),
    security(("access_token" = ["users:write"])))]
pub(super) async fn patch(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    Path(id): Path<String>,
    headers: HeaderMap,
    content: Body,
) -> Result<Response, Refusal> {
    known.allowed("users:write")?;
    let patch = Patch::read::<UserChange>(&headers, content).await?;
    let id = reachable(&known, &id, "users:write:any")?;
    edit(&shop, &known, id, &headers, |user| {
        patch.apply(&UserChange {
            email: user.email.clone(),
            name: user.name.clone(),
            phone: user.phone.clone(),
            address: user.address.clone(),
            password: None,
            version: Some(user.version),
        })
    })
    .await
}

/// Reads, decides and writes if nothing came in between. No row is locked meanwhile, since hashing
/// a password takes its time. A new password ends the user's sessions but the one it is sent from.
async fn edit(
    shop: &Shop,
    known: &Known,
    id: UserId,
    headers: &HeaderMap,
    apply: impl Fn(&User) -> Result<UserChange, Refusal>,
) -> Result<Response, Refusal> {
    for _ in 0..EDITS_MAX {
        let user = user::read(&shop.pool, id).await?.ok_or(Refusal::NotFound)?;
        conditional::required(headers, &etag(&user))?;
        let change = apply(&user)?;
        conditional::version(change.version, user.version, &etag(&user))?;
        let hash = hashed(shop, change.password.as_ref()).await?;
        let now = shop.platform.now();
        let mut work = Work::begin(&shop.pool, known.claimed.as_ref()).await?;
        let hash = hash.as_deref();
        let written = user::update(&mut work, id, user.version, &change, hash, now)
            .await
            .map_err(email_taken)?;
        if written.is_some() && hash.is_some() {
            let (why, current) = (End::PasswordChanged, known.session);
            let ended = session::end_all(&mut work, id, current, why, now).await?;
            tracing::info!(target: "audit", user = %id, sessions_ended = ended,
                "the password was changed");
        }
        work.commit().await?;
        if let Some(user) = written {
            return answer::changed(headers, &etag(&user), &user);
        }
    }
    Err(Refusal::Unavailable(Outcome::NotApplied))
}

async fn hashed(shop: &Shop, password: Option<&Password>) -> Result<Option<String>, Refusal> {
    match password {
        Some(password) => Ok(Some(shop.passwords.hash(&shop.platform, password).await?)),
        None => Ok(None),
    }
}

/// Delete a user.
///
/// The person is forgotten, with its payment methods, and the email address is free again. Its
/// orders stay. Its sessions end.
#[utoipa::path(delete, path = "/users/{id}", operation_id = "deleteUser", tag = "users",
    params(("id" = UserId, Path, description = "The user."),
        ("If-Match" = String, Header, description = "ETag of the state that is deleted.")),
    responses((status = 204, description = "It is gone.")),
    security(("access_token" = ["users:write"])))]
pub(super) async fn delete(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    known.allowed("users:write")?;
    let id = reachable(&known, &id, "users:write:any")?;
    let mut transaction = Work::begin(&shop.pool, known.claimed.as_ref()).await?;
    let user = user::lock(&mut transaction, id)
        .await?
        .ok_or(Refusal::NotFound)?;
    conditional::required(&headers, &etag(&user))?;
    let now = shop.platform.now();
    user::delete(&mut transaction, id, now).await?;
    let ended = session::end_all(&mut transaction, id, None, End::UserDeleted, now).await?;
    transaction.commit().await?;
    tracing::info!(target: "audit", user = %id, sessions_ended = ended, "the user was deleted");
    Ok(answer::deleted())
}

/// Read a user at a glance.
#[utoipa::path(get, path = "/users/{id}/profile", operation_id = "readProfile", tag = "users",
    params(("id" = UserId, Path, description = "The user.")),
    responses((status = 200, description = "The profile.", body = Profile, headers(
            ("ETag" = String, description = "Tag of its state.")))),
    security(("access_token" = ["users:read"])))]
pub(super) async fn profile(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let mode = known.allowed("users:read")?.mode;
    let id = reachable(&known, &id, "users:read:any")?;
    let user = user::read(&shop.pool, id).await?.ok_or(Refusal::NotFound)?;
    let (orders_count, last) = user::orders(&shop.pool, id, mode).await?;
    let profile = Profile {
        object: "profile".to_owned(),
        user_id: user.id,
        name: user.name,
        email: user.email,
        phone: user.phone,
        address: user.address,
        member_since: user.created_at,
        orders_count,
        last_order_at: last.map(rfc3339),
    };
    let etag = conditional::tag_of(&answer::json(&profile)?);
    answer::shown(&headers, &etag, &profile)
}

/// List a user's orders, newest first.
#[utoipa::path(get, path = "/users/{id}/orders", operation_id = "listUserOrders", tag = "users",
    params(("id" = UserId, Path, description = "The user."), order_routes::Filters, Paging),
    responses((status = 200, description = "A page of orders.", body = Page<Order>,
        headers(("Link" = String, description = "Pages: first, prev, next [RFC 8288].")))),
    security(("access_token" = ["orders:read"])))]
pub(super) async fn orders(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let principal = known.allowed("orders:read")?;
    let id = reachable(&known, &id, "orders:read:any")?;
    user::read(&shop.pool, id).await?.ok_or(Refusal::NotFound)?;
    let customer = id.to_string();
    order_routes::page(&shop, principal, query.as_deref(), Some(&customer)).await
}
