//! /admin/webhooks: who hears of events.

use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{self, get, post};
use axum::{Extension, Router};
use chrono::TimeDelta;
use serde_json::json;
use shared::id::WebhookId;
use shared::problem::{Code, FieldError, Problem};

use crate::app::Shop;
use crate::identity::middleware::Known;
use crate::platform::rfc3339;
use crate::refusal::Refusal;
use crate::routes::list::{Page, Paging, Query};
use crate::routes::patch::Patch;
use crate::routes::{answer, body, changes, conditional, private, traceparent};
use crate::store::webhook::delivery::{self, NewMessage};
use crate::store::webhook::{self, Stored};
use crate::store::work::Work;
use crate::webhook::address::{Target, is_public};
use crate::webhook::message::{self, Keys, PING};
use crate::webhook::{
    Delivery, NewWebhook, OVERLAP_SECONDS_DEFAULT, Rotation, WEBHOOKS_MAX, Webhook,
    WebhookMergePatch, WebhookWithSecret,
};

/// The scope of all of them.
const SCOPE: &str = "admin";

/// Their part of the table of routes.
pub(in crate::routes) fn routes(shop: &Shop) -> Router<Shop> {
    let keyed = |methods| changes::keyed(shop, methods);
    Router::new()
        .route("/admin/webhooks", get(list).merge(keyed(post(create))))
        .route(
            "/admin/webhooks/{id}",
            get(read).merge(keyed(routing::patch(patch).delete(delete))),
        )
        .route("/admin/webhooks/{id}/rotate", keyed(post(rotate)))
        .route("/admin/webhooks/{id}/test", keyed(post(test)))
        .route("/admin/webhooks/{id}/deliveries", get(deliveries))
}

fn keys(shop: &Shop, stored: &Stored) -> Keys {
    let generation = u32::try_from(stored.generation).unwrap_or_default();
    Keys::derive(&shop.derivation_key, stored.id(), generation)
}

fn shown(shop: &Shop, stored: &Stored) -> Webhook {
    Webhook {
        object: "webhook",
        id: stored.id(),
        url: stored.url.clone(),
        events: stored.events.clone(),
        enabled: stored.enabled,
        gone: stored.gone,
        public_key: keys(shop, stored).public_key(),
        created_at: rfc3339(stored.created_at),
        updated_at: rfc3339(stored.updated_at),
    }
}

fn with_secret(shop: &Shop, stored: &Stored) -> WebhookWithSecret {
    WebhookWithSecret {
        webhook: shown(shop, stored),
        secret: keys(shop, stored).secret(),
    }
}

fn etag(webhook: &Webhook) -> Result<String, Refusal> {
    Ok(conditional::tag_of(&answer::json(webhook)?))
}

/// The webhook of a path, locked if it is to be changed.
async fn find(work: &mut Work, id: &str, lock: bool) -> Result<Stored, Refusal> {
    let id: WebhookId = id.parse().map_err(|_| Refusal::NotFound)?;
    let stored = webhook::read(work, id, lock).await?;
    stored.ok_or(Refusal::NotFound)
}

/// What the body alone can't say: whether this shop calls plain or private addresses.
fn reachable(shop: &Shop, new: &NewWebhook) -> Result<(), Refusal> {
    let Ok(target) = Target::parse(&new.url) else {
        return Err(Refusal::Internal);
    };
    if shop.webhooks_allow_private {
        return Ok(());
    }
    let (code, detail) = if !target.is_https() {
        ("scheme", "the URL is not https")
    } else if target.address.is_some_and(|address| !is_public(address)) {
        ("private_address", "the URL's address is not a public one")
    } else {
        return Ok(());
    };
    Err(Refusal::Body(vec![FieldError {
        pointer: "/url".to_owned(),
        code,
        detail: detail.to_owned(),
        fix: "Send an https URL of a host that everybody can reach.".to_owned(),
    }]))
}

/// List webhooks, newest first.
#[utoipa::path(get, path = "/admin/webhooks", operation_id = "listWebhooks", tag = "admin",
    params(Paging),
    responses((status = 200, description = "A page of webhooks.", body = Page<Webhook>,
        headers(("Link" = String, description = "Pages: first, prev, next [RFC 8288].")))),
    security(("access_token" = ["admin"])))]
pub(in crate::routes) async fn list(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    known.allowed(SCOPE)?;
    let query = Query::read(query.as_deref(), &["limit", "cursor"])?;
    let scope = query.scope("webhooks", "");
    let place = query.place(&shop.derivation_key, &scope)?;
    let slice = webhook::list(&shop.pool, place, query.limit()?).await?;
    let slice = slice.map(|stored| shown(&shop, &stored));
    let (page, links) = query.page(&shop.derivation_key, &scope, slice);
    Ok(([private()], [(header::LINK, links)], axum::Json(page)).into_response())
}

/// Create a webhook.
///
/// Events are sent to its URL by POST, signed as Standard Webhooks has it. The secret is shown here and
/// nowhere else. There are at most 50.
#[utoipa::path(post, path = "/admin/webhooks", operation_id = "createWebhook", tag = "admin",
    request_body = NewWebhook,
    responses((status = 201, description = "The new webhook, with its secret.",
        body = WebhookWithSecret, headers(
            ("Location" = String, description = "Where it is."),
            ("ETag" = String, description = "Tag of its state."))),
        (status = 409, description = "There are as many as there may be.")),
    security(("access_token" = ["admin"])))]
pub(in crate::routes) async fn create(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    headers: HeaderMap,
    content: Body,
) -> Result<Response, Refusal> {
    known.allowed(SCOPE)?;
    let new: NewWebhook = body::json(&headers, content).await?;
    reachable(&shop, &new)?;
    let mut work = Work::begin(&shop.pool, known.claimed.as_ref()).await?;
    let (id, now) = (shop.platform.webhook_id(), shop.platform.now());
    if !webhook::insert(&mut work, id, &new, now).await? {
        return Err(Problem::new(
            Code::LimitReached,
            format!("There are at most {WEBHOOKS_MAX} webhooks. Delete one."),
        )
        .into());
    }
    let stored = webhook::read(&mut work, id, false).await?;
    let stored = stored.ok_or(Refusal::Internal)?;
    work.commit().await?;
    let made = with_secret(&shop, &stored);
    let location = format!("/admin/webhooks/{id}");
    // Whoever prefers no body would never learn the secret.
    let nothing = HeaderMap::new();
    let made = answer::created(&nothing, &location, &etag(&made.webhook)?, &made)?;
    Ok(answer::secret(made))
}

/// Read a webhook.
#[utoipa::path(get, path = "/admin/webhooks/{id}", operation_id = "readWebhook", tag = "admin",
    params(("id" = WebhookId, Path, description = "The webhook.")),
    responses((status = 200, description = "The webhook.", body = Webhook,
        headers(("ETag" = String, description = "Tag of its state.")))),
    security(("access_token" = ["admin"])))]
pub(in crate::routes) async fn read(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    known.allowed(SCOPE)?;
    let mut work = Work::begin(&shop.pool, None).await?;
    let stored = find(&mut work, &id, false).await?;
    let webhook = shown(&shop, &stored);
    answer::shown(&headers, &etag(&webhook)?, &webhook)
}

/// Change a webhook: its URL, its events, or whether it is switched on.
///
/// One that a 410 switched off is switched on again by `enabled: true`.
#[utoipa::path(patch, path = "/admin/webhooks/{id}", operation_id = "patchWebhook", tag = "admin",
    params(("id" = WebhookId, Path, description = "The webhook."),
        ("If-Match" = Option<String>, Header,
            description = "ETag of the state that is changed, if it matters."),
        ("Prefer" = Option<String>, Header, description = "`return=minimal`: no body.")),
    request_body(description = "The patch, over `{url, events, enabled}`.", content(
        (WebhookMergePatch = "application/merge-patch+json"),
        (Vec<Object> = "application/json-patch+json"))),
    responses(
        (status = 200, description = "The changed webhook.", body = Webhook, headers(
            ("ETag" = String, description = "Tag of its new state."))),
        (status = 204, description = "Changed; the client preferred no body.")),
    security(("access_token" = ["admin"])))]
pub(in crate::routes) async fn patch(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    Path(id): Path<String>,
    headers: HeaderMap,
    content: Body,
) -> Result<Response, Refusal> {
    known.allowed(SCOPE)?;
    let patch = Patch::read::<NewWebhook>(&headers, content).await?;
    let mut work = Work::begin(&shop.pool, known.claimed.as_ref()).await?;
    let before = find(&mut work, &id, true).await?;
    conditional::optional(&headers, &etag(&shown(&shop, &before))?)?;
    let new = patch.apply(&before.document())?;
    reachable(&shop, &new)?;
    webhook::change(&mut work, before.id(), &new, shop.platform.now()).await?;
    let after = find(&mut work, &id, false).await?;
    work.commit().await?;
    shop.webhooks_wake.notify_one();
    let webhook = shown(&shop, &after);
    answer::changed(&headers, &etag(&webhook)?, &webhook)
}

/// Delete a webhook, and all that waits for it.
#[utoipa::path(delete, path = "/admin/webhooks/{id}", operation_id = "deleteWebhook", tag = "admin",
    params(("id" = WebhookId, Path, description = "The webhook."),
        ("If-Match" = Option<String>, Header,
            description = "ETag of the state that is deleted, if it matters.")),
    responses((status = 204, description = "It is gone.")),
    security(("access_token" = ["admin"])))]
pub(in crate::routes) async fn delete(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    known.allowed(SCOPE)?;
    let mut work = Work::begin(&shop.pool, known.claimed.as_ref()).await?;
    let stored = find(&mut work, &id, true).await?;
    conditional::optional(&headers, &etag(&shown(&shop, &stored))?)?;
    if !webhook::delete(&mut work, stored.id(), shop.platform.now()).await? {
        return Err(Refusal::NotFound);
    }
    work.commit().await?;
    Ok(answer::deleted())
}

/// Replace a webhook's secret.
///
/// The new one is shown here and nowhere else. The one before it signs beside it for a while, so that
/// the receiver can take the new one up when it likes. The pair of keys behind `public_key` is
/// replaced along with it.
#[utoipa::path(post, path = "/admin/webhooks/{id}/rotate", operation_id = "rotateWebhookSecret",
    tag = "admin",
    params(("id" = WebhookId, Path, description = "The webhook.")),
    request_body = Option<Rotation>,
    responses((status = 200, description = "The webhook, with its new secret.",
        body = WebhookWithSecret,
        headers(("ETag" = String, description = "Tag of its new state.")))),
    security(("access_token" = ["admin"])))]
pub(in crate::routes) async fn rotate(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    Path(id): Path<String>,
    headers: HeaderMap,
    content: Body,
) -> Result<Response, Refusal> {
    known.allowed(SCOPE)?;
    let rotation: Rotation = body::optional_json(&headers, content).await?;
    let seconds = rotation.overlap_seconds.unwrap_or(OVERLAP_SECONDS_DEFAULT);
    let mut work = Work::begin(&shop.pool, known.claimed.as_ref()).await?;
    let before = find(&mut work, &id, true).await?;
    let now = shop.platform.now();
    let until = now + TimeDelta::seconds(seconds);
    webhook::rotate(&mut work, before.id(), until, now).await?;
    let after = find(&mut work, &id, false).await?;
    work.commit().await?;
    let rotated = with_secret(&shop, &after);
    let rotated = answer::changed(&HeaderMap::new(), &etag(&rotated.webhook)?, &rotated)?;
    Ok(answer::secret(rotated))
}

/// Send a ping.
///
/// It is signed as events are, and tried once; its delivery says what came of it.
#[utoipa::path(post, path = "/admin/webhooks/{id}/test", operation_id = "testWebhook", tag = "admin",
    params(("id" = WebhookId, Path, description = "The webhook.")),
    responses((status = 202, description = "It is on its way.", body = Delivery),
        (status = 409, description = "The webhook is switched off.")),
    security(("access_token" = ["admin"])))]
pub(in crate::routes) async fn test(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    known.allowed(SCOPE)?;
    let mut work = Work::begin(&shop.pool, known.claimed.as_ref()).await?;
    let stored = find(&mut work, &id, true).await?;
    if !stored.enabled {
        return Err(Problem::new(
            Code::WebhookDisabled,
            "Nothing is sent to this webhook while it is switched off.",
        )
        .into());
    }
    let (event, now) = (shop.platform.event_id(), shop.platform.now());
    let message = NewMessage {
        event,
        kind: PING,
        schema_version: 1,
        aggregate: event.uuid(),
        seq: 0,
        body: &message::body(PING, &rfc3339(now), &json!({"webhook_id": stored.id()})),
        traceparent: traceparent(&headers),
        now,
    };
    delivery::add(&mut work, stored.id(), &message).await?;
    let ping = delivery::read(&mut work, stored.id(), event).await?;
    let ping = ping.ok_or(Refusal::Internal)?;
    work.commit().await?;
    shop.webhooks_wake.notify_one();
    Ok((StatusCode::ACCEPTED, [private()], axum::Json(ping)).into_response())
}

/// List a webhook's deliveries, newest first.
///
/// With every try: what the receiver answered, or why it did not. They are kept for 30 days.
#[utoipa::path(get, path = "/admin/webhooks/{id}/deliveries",
    operation_id = "listWebhookDeliveries", tag = "admin",
    params(("id" = WebhookId, Path, description = "The webhook."), Paging),
    responses((status = 200, description = "A page of deliveries.", body = Page<Delivery>,
        headers(("Link" = String, description = "Pages: first, prev, next [RFC 8288].")))),
    security(("access_token" = ["admin"])))]
pub(in crate::routes) async fn deliveries(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    known.allowed(SCOPE)?;
    let query = Query::read(query.as_deref(), &["limit", "cursor"])?;
    let scope = query.scope("webhook-deliveries", &id);
    let place = query.place(&shop.derivation_key, &scope)?;
    let limit = query.limit()?;
    let mut work = Work::begin(&shop.pool, None).await?;
    let stored = find(&mut work, &id, false).await?;
    let slice = delivery::list(&mut work, stored.id(), place, limit).await?;
    let (page, links) = query.page(&shop.derivation_key, &scope, slice);
    Ok(([private()], [(header::LINK, links)], axum::Json(page)).into_response())
}
