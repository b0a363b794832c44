//! GET /products/{id}.

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use shared::id::ProductId;
use shared::product::Product;

use super::{copy, shared_copy};
use crate::app::Shop;
use crate::identity::middleware::Known;
use crate::reads::{Labelled, Representation};
use crate::refusal::Refusal;

/// The edge is purged when a product changes.
const EDGE: &str = "max-age=3600, stale-while-revalidate=60, stale-if-error=86400";

/// Read a product.
#[utoipa::path(get, path = "/products/{id}", operation_id = "readProduct", tag = "products",
    params(("id" = ProductId, Path, description = "The product."), ("Headgate-Position" = Option<String>,
        Header, description = "That of an answer to a change of products: nothing older is shown.")),
    responses((status = 200, description = "The product.", body = Product, headers(
        ("ETag" = String, description = "Tag of its state: version and class of stock.")))),
    security((), ("access_token" = [])))]
pub(in crate::routes) async fn read(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let id: ProductId = id.parse().map_err(|_| Refusal::NotFound)?;
    let found = shop.reads.product(id, known.wanted).await?;
    Ok(shown(&headers, found.ok_or(Refusal::NotFound)?))
}

/// The answer to who asks for a product that there is.
pub(in crate::routes) fn shown(headers: &HeaderMap, found: Labelled<Representation>) -> Response {
    let Labelled { read, label } = found;
    let fields = shared_copy(EDGE, read.cache_tag, read.etag, label);
    copy(headers, fields, read.json)
}
