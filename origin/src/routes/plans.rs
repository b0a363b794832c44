//! Plans, for admins. A change reaches the edge by the outbox; a key asks for its plan's record there.

use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use shared::event::EventType;
use shared::id::PlanId;
use shared::plan::{NewPlan, Plan};
use shared::problem::{Code, Problem};
use sqlx::PgConnection;

use super::list::{Page, Paging, Query};
use super::{ADMIN, answer, body, conditional, private, traceparent};
use crate::app::Shop;
use crate::identity::middleware::Known;
use crate::refusal::Refusal;
use crate::store::outbox::{self, NewEvent};
use crate::store::plan::{self, Lock};
use crate::store::violates;
use crate::store::work::Work;

/// The operations of this file.
#[derive(utoipa::OpenApi)]
#[openapi(paths(list, create, read, replace, remove))]
pub(super) struct Operations;

fn etag(plan: &Plan) -> String {
    format!("\"{}\"", plan.version)
}

fn name_taken(error: sqlx::Error) -> Refusal {
    if violates(&error, plan::NAME_UNIQUE) {
        return Refusal::Taken {
            code: Code::NameTaken,
            pointer: "/name",
            what: "name",
        };
    }
    error.into()
}

async fn locked(connection: &mut PgConnection, id: &str) -> Result<Plan, Refusal> {
    let id: PlanId = id.parse().map_err(|_| Refusal::NotFound)?;
    plan::read(connection, id, Lock::Change)
        .await?
        .ok_or(Refusal::NotFound)
}

async fn tell(
    shop: &Shop,
    connection: &mut PgConnection,
    kind: EventType,
    plan: &Plan,
    headers: &HeaderMap,
) -> sqlx::Result<()> {
    let event = NewEvent {
        id: shop.platform.event_id(),
        kind,
        aggregate: plan.id.uuid(),
        payload: json!(plan),
        traceparent: traceparent(headers),
        now: shop.platform.now(),
    };
    outbox::append(connection, &event).await
}

/// List plans, newest first.
#[utoipa::path(get, path = "/admin/plans", operation_id = "listPlans", tag = "admin",
    params(Paging),
    responses((status = 200, description = "A page of plans.", body = Page<Plan>,
        headers(("Link" = String, description = "Pages: first, prev, next [RFC 8288].")))),
    security(("access_token" = ["admin"])))]
pub(super) async fn list(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    known.allowed(ADMIN)?;
    let query = Query::read(query.as_deref(), &["limit", "cursor"])?;
    let scope = query.scope("plans", "");
    let place = query.place(&shop.derivation_key, &scope)?;
    let slice = plan::list(&shop.pool, place, query.limit()?).await?;
    let (page, links) = query.page(&shop.derivation_key, &scope, slice);
    Ok(([private()], [(header::LINK, links)], axum::Json(page)).into_response())
}

/// Create a plan.
#[utoipa::path(post, path = "/admin/plans", operation_id = "createPlan", tag = "admin",
    params(("Prefer" = Option<String>, Header, description = "`return=minimal`: no body.")),
    request_body = NewPlan,
    responses((status = 201, description = "The new plan.", body = Plan, headers(
        ("Location" = String, description = "Where it is."),
        ("ETag" = String, description = "Tag of its state."))),
        (status = 409, description = "The name is taken.")),
    security(("access_token" = ["admin"])))]
pub(super) async fn create(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    headers: HeaderMap,
    content: Body,
) -> Result<Response, Refusal> {
    known.allowed(ADMIN)?;
    let new: NewPlan = body::json(&headers, content).await?;
    let id = shop.platform.plan_id();
    let mut work = Work::begin(&shop.pool, known.claimed.as_ref()).await?;
    let plan = plan::insert(&mut work, id, &new, shop.platform.now())
        .await
        .map_err(name_taken)?;
    work.commit().await?;
    answer::created(&headers, &format!("/admin/plans/{id}"), &etag(&plan), &plan)
}

/// Read a plan.
#[utoipa::path(get, path = "/admin/plans/{id}", operation_id = "readPlan", tag = "admin",
    params(("id" = PlanId, Path, description = "The plan.")),
    responses((status = 200, description = "The plan.", body = Plan, headers(
        ("ETag" = String, description = "Tag of its state.")))),
    security(("access_token" = ["admin"])))]
pub(super) async fn read(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    known.allowed(ADMIN)?;
    let id: PlanId = id.parse().map_err(|_| Refusal::NotFound)?;
    let plan = plan::read(&shop.pool, id, Lock::None)
        .await?
        .ok_or(Refusal::NotFound)?;
    answer::shown(&headers, &etag(&plan), &plan)
}

/// Replace a plan.
///
/// It holds for its keys within two seconds.
#[utoipa::path(put, path = "/admin/plans/{id}", operation_id = "replacePlan", tag = "admin",
    params(("id" = PlanId, Path, description = "The plan."),
        ("If-Match" = Option<String>, Header,
            description = "ETag of the state that is changed, if it matters."),
        ("Prefer" = Option<String>, Header, description = "`return=minimal`: no body.")),
    request_body = NewPlan,
    responses(
        (status = 200, description = "The changed plan.", body = Plan, headers(
            ("ETag" = String, description = "Tag of its state."))),
        (status = 204, description = "Changed; the client preferred no body."),
        (status = 409, description = "The name is taken.")),
    security(("access_token" = ["admin"])))]
pub(super) async fn replace(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    Path(id): Path<String>,
    headers: HeaderMap,
    content: Body,
) -> Result<Response, Refusal> {
    known.allowed(ADMIN)?;
    let new: NewPlan = body::json(&headers, content).await?;
    let mut work = Work::begin(&shop.pool, known.claimed.as_ref()).await?;
    let before = locked(&mut work, &id).await?;
    conditional::optional(&headers, &etag(&before))?;
    let plan = plan::update(&mut work, before.id, &new, shop.platform.now())
        .await
        .map_err(name_taken)?;
    tell(&shop, &mut work, EventType::PlanUpdated, &plan, &headers).await?;
    work.commit().await?;
    shop.wake.notify_one();
    answer::changed(&headers, &etag(&plan), &plan)
}

/// Delete a plan.
///
/// One that keys which still hold are on is not deleted.
#[utoipa::path(delete, path = "/admin/plans/{id}", operation_id = "deletePlan", tag = "admin",
    params(("id" = PlanId, Path, description = "The plan."),
        ("If-Match" = Option<String>, Header,
            description = "ETag of the state that is deleted, if it matters.")),
    responses((status = 204, description = "It is gone."),
        (status = 409, description = "Keys are on it.")),
    security(("access_token" = ["admin"])))]
pub(super) async fn remove(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    known.allowed(ADMIN)?;
    let mut work = Work::begin(&shop.pool, known.claimed.as_ref()).await?;
    let plan = locked(&mut work, &id).await?;
    conditional::optional(&headers, &etag(&plan))?;
    if !plan::delete(&mut work, plan.id, shop.platform.now()).await? {
        let detail = "API keys that still hold are on this plan.";
        return Err(Problem::new(Code::PlanInUse, detail).into());
    }
    tell(&shop, &mut work, EventType::PlanDeleted, &plan, &headers).await?;
    work.commit().await?;
    shop.wake.notify_one();
    Ok(answer::deleted())
}
