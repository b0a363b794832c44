//! /admin/dead-letters: what consumers gave up, and what becomes of it.

use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use shared::body::Checks;
use shared::id::DeadLetterId;

use super::{name, time};
use crate::app::Shop;
use crate::dead_letter::{
    self, DeadLetter, Discard, NewData, RATE_DEFAULT, Redrive, Redriven, STATUSES, Settling,
};
use crate::identity::middleware::Known;
use crate::refusal::Refusal;
use crate::routes::list::{Page, Paging, Query, told};
use crate::routes::{body, private};
use crate::store::dead_letters::{self, Filter};
use crate::store::page::Slice;

/// Which letters a list holds.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document's form of what `Query` reads")]
pub(in crate::routes) struct Filters {
    /// Only those of this consumer.
    #[param(max_length = 64, pattern = "^[a-z0-9_.-]+$")]
    consumer: Option<String>,
    /// Only those of this type of event.
    #[param(max_length = 64, pattern = "^[a-z0-9_.-]+$")]
    r#type: Option<String>,
    /// Only those that stand there: `dead`, `redriven`, `done` or `discarded`.
    #[param(max_length = 9, pattern = "^(dead|redriven|done|discarded)$")]
    status: Option<String>,
    /// Only those that were given up at this time or later.
    #[param(format = DateTime, max_length = 35)]
    since: Option<String>,
    /// Only those that were given up before this time.
    #[param(format = DateTime, max_length = 35)]
    until: Option<String>,
}

/// List what consumers gave up, newest first.
#[utoipa::path(get, path = "/admin/dead-letters", operation_id = "listDeadLetters", tag = "admin",
    params(Filters, Paging),
    responses((status = 200, description = "A page of dead letters.", body = Page<DeadLetter>,
        headers(("Link" = String, description = "Pages: first, prev, next [RFC 8288].")))),
    security(("access_token" = ["admin"])))]
pub(in crate::routes) async fn list(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    known.allowed("admin")?;
    let names = [
        "consumer", "type", "status", "since", "until", "limit", "cursor",
    ];
    let query = Query::read(query.as_deref(), &names)?;
    let mut checks = Checks::default();
    let send = format!("one of {}", STATUSES.join(", "));
    let status = query.parsed("status", &send, &mut checks, |status| {
        STATUSES.contains(&status).then_some(status)
    });
    let consumer = name(&query, "consumer", &mut checks);
    let kind = name(&query, "type", &mut checks);
    let filter = Filter {
        died_after: time(&query, "since", &mut checks),
        died_before: time(&query, "until", &mut checks),
        ..dead_letter::filter(consumer, kind, status)
    };
    let limit = query.rows(&mut checks);
    told(checks)?;
    let scope = query.scope("dead_letters", "");
    let place = query.place(&shop.derivation_key, &scope)?;
    let letters = dead_letters::list(&shop.pool, &filter, place, limit).await?;
    let letters = Slice {
        rows: letters.rows.into_iter().map(DeadLetter::from).collect(),
        previous: letters.previous,
        next: letters.next,
    };
    let (page, links) = query.page(&shop.derivation_key, &scope, letters);
    Ok(([private()], [(header::LINK, links)], axum::Json(page)).into_response())
}

fn id(text: &str) -> Result<DeadLetterId, Refusal> {
    text.parse().map_err(|_| Refusal::NotFound)
}

fn shown(status: StatusCode, letter: DeadLetter) -> Response {
    (status, [private()], axum::Json(letter)).into_response()
}

/// Read a dead letter.
#[utoipa::path(get, path = "/admin/dead-letters/{id}", operation_id = "readDeadLetter",
    tag = "admin", params(("id" = DeadLetterId, Path, description = "The dead letter.")),
    responses((status = 200, description = "The dead letter.", body = DeadLetter)),
    security(("access_token" = ["admin"])))]
pub(in crate::routes) async fn read(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    Path(letter): Path<String>,
) -> Result<Response, Refusal> {
    known.allowed("admin")?;
    let letter = dead_letter::read(&shop.pool, id(&letter)?).await?;
    Ok(shown(StatusCode::OK, letter))
}

async fn settle(shop: &Shop, letter: &str, settling: Settling<'_>) -> Result<Response, Refusal> {
    let letter = dead_letter::settle(&shop.pool, &shop.platform, id(letter)?, settling).await?;
    shop.wake.notify_one();
    Ok(shown(StatusCode::OK, letter))
}

/// Have a dead letter tried again, with all its tries.
#[utoipa::path(post, path = "/admin/dead-letters/{id}/redrive", operation_id = "redriveDeadLetter",
    tag = "admin", params(("id" = DeadLetterId, Path, description = "The dead letter.")),
    responses((status = 200, description = "It is on its way.", body = DeadLetter),
        (status = 409, description = "It is not dead.")),
    security(("access_token" = ["admin"])))]
pub(in crate::routes) async fn redrive(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    Path(letter): Path<String>,
) -> Result<Response, Refusal> {
    known.allowed("admin")?;
    settle(&shop, &letter, Settling::Redrive).await
}

/// Have a dead letter tried again with other data.
///
/// What the data was before stays in `edits`.
#[utoipa::path(post, path = "/admin/dead-letters/{id}/edit", operation_id = "editDeadLetter",
    tag = "admin", params(("id" = DeadLetterId, Path, description = "The dead letter.")),
    request_body = NewData,
    responses((status = 200, description = "It is on its way.", body = DeadLetter),
        (status = 409, description = "It is not dead.")),
    security(("access_token" = ["admin"])))]
pub(in crate::routes) async fn edit(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    Path(letter): Path<String>,
    headers: HeaderMap,
    content: Body,
) -> Result<Response, Refusal> {
    let by = known.allowed("admin")?.subject.clone();
    let new: NewData = body::json(&headers, content).await?;
    let data = Value::Object(new.data);
    settle(&shop, &letter, Settling::Edit { data, by: &by }).await
}

/// End a dead letter without a delivery.
///
/// What waits behind it goes on.
#[utoipa::path(post, path = "/admin/dead-letters/{id}/discard", operation_id = "discardDeadLetter",
    tag = "admin", params(("id" = DeadLetterId, Path, description = "The dead letter.")),
    request_body = Discard,
    responses((status = 200, description = "It is discarded.", body = DeadLetter),
        (status = 409, description = "It is not dead.")),
    security(("access_token" = ["admin"])))]
pub(in crate::routes) async fn discard(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    Path(letter): Path<String>,
    headers: HeaderMap,
    content: Body,
) -> Result<Response, Refusal> {
    known.allowed("admin")?;
    let discard: Discard = body::json(&headers, content).await?;
    let reason = &discard.reason;
    settle(&shop, &letter, Settling::Discard { reason }).await
}

/// Have dead letters tried again, the oldest first.
///
/// They become due one by one at the rate, ten thousand of them at most; `more` says whether others are
/// left.
#[utoipa::path(post, path = "/admin/dead-letters/redrive", operation_id = "redriveDeadLetters",
    tag = "admin", request_body = Redrive,
    responses((status = 202, description = "They are on their way.", body = Redriven)),
    security(("access_token" = ["admin"])))]
pub(in crate::routes) async fn redrive_all(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    headers: HeaderMap,
    content: Body,
) -> Result<Response, Refusal> {
    known.allowed("admin")?;
    let asked: Redrive = body::json(&headers, content).await?;
    let filter = dead_letter::filter(asked.consumer.as_deref(), asked.r#type.as_deref(), None);
    let rate = asked.per_second.unwrap_or(RATE_DEFAULT);
    let redriven = dead_letter::redrive(&shop.pool, &shop.platform, &filter, rate).await?;
    shop.wake.notify_one();
    Ok((StatusCode::ACCEPTED, [private()], axum::Json(redriven)).into_response())
}
