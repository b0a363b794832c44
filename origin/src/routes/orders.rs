//! Orders: placing one, reading one, listing one's own.

use axum::Extension;
use axum::body::Body;
use axum::extract::{OriginalUri, Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use shared::header as field;
use shared::id::OrderId;
use shared::idempotency::{Fingerprint, Key};
use shared::problem::{Code, Problem};

use super::list::Query;
use super::{body, conditional, list as lists, private};
use crate::app::Shop;
use crate::identity::middleware::Known;
use crate::order::{self, Ask};
use crate::refusal::Refusal;
use crate::store;

/// POST /orders
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
    let traceparent = headers
        .get("traceparent")
        .and_then(|value| value.to_str().ok());
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

/// GET /orders/{id}
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
    if conditional::unchanged(&headers, &etag) {
        let fields = [
            private(),
            (header::ETAG, etag.parse().map_err(|_| Refusal::Internal)?),
        ];
        return Ok((StatusCode::NOT_MODIFIED, fields).into_response());
    }
    Ok(([private()], [(header::ETAG, etag)], axum::Json(order)).into_response())
}

/// GET /orders: one's own, or everyone's with the scope for it.
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
    let after = query
        .get("cursor")
        .map(|cursor| lists::position(&shop.derivation_key, &scope, cursor))
        .transpose()?;
    let owner = (!principal.may("orders:read:any")).then_some(principal.account.as_str());
    let limit = query.limit()?;
    let (orders, last) =
        store::order::list(&shop.pool, owner, principal.mode, after, limit).await?;
    let next = last.map(|last| lists::cursor(&shop.derivation_key, &scope, &last));
    let page = axum::Json(lists::Page::of(&orders, next.as_deref()));
    let mut response = ([private()], page).into_response();
    if let Some(links) = query.links(next.as_deref()) {
        response.headers_mut().insert(header::LINK, links);
    }
    Ok(response)
}
