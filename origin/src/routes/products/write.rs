//! Changes of the catalogue: each bumps the product's version and is told in its own transaction.

use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use chrono::{DateTime, Utc};
use serde_json::json;
use shared::event::EventType;
use shared::id::ProductId;
use shared::problem::Code;
use shared::product::{LowStock, NewProduct, Product, ProductDocument};
use sqlx::PgConnection;

use crate::app::Shop;
use crate::identity::middleware::Known;
use crate::platform::rfc3339;
use crate::reads::etag;
use crate::refusal::Refusal;
use crate::routes::patch::Patch;
use crate::routes::{answer, body, conditional, traceparent};
use crate::store::outbox::{self, NewEvent};
use crate::store::product::{self, Locked};
use crate::store::violates;
use crate::store::work::Work;

/// What a change of products needs.
const SCOPE: &str = "products:write";

/// Add a product.
#[utoipa::path(post, path = "/products", operation_id = "createProduct", tag = "products",
    params(("Prefer" = Option<String>, Header, description = "`return=minimal`: no body.")),
    request_body = NewProduct,
    responses((status = 201, description = "The new product.", body = Product, headers(
        ("Location" = String, description = "Where the product is."),
        ("ETag" = String, description = "Tag of its state."),
            ("Headgate-Position" = String, description = "A place behind the change."))),
        (status = 409, description = "The article number is taken.")),
    security(("access_token" = ["products:write"])))]
pub(in crate::routes) async fn create(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    headers: HeaderMap,
    content: Body,
) -> Result<Response, Refusal> {
    known.allowed(SCOPE)?;
    let new: NewProduct = body::json(&headers, content).await?;
    let work = Work::begin(&shop.pool, known.claimed.as_ref()).await?;
    let id = shop.platform.product_id();
    match insert(&shop, work, &headers, id, new).await? {
        Inserted::Done(response) => Ok(response),
        Inserted::Taken(_) => Err(Refusal::Internal),
    }
}

/// Replace a product, or create it under an id of yours.
///
/// The body is the whole product: what it leaves out is cleared. `If-None-Match: *` in place of
/// `If-Match` creates the product if the id is free.
#[utoipa::path(put, path = "/products/{id}", operation_id = "replaceProduct", tag = "products",
    params(("id" = ProductId, Path, description = "The product."),
        ("If-Match" = Option<String>, Header,
            description = "ETag of the state that is replaced; required unless it is created."),
        ("If-None-Match" = Option<String>, Header, description = "`*` creates the product."),
        ("Prefer" = Option<String>, Header, description = "`return=minimal`: no body.")),
    request_body = ProductDocument,
    responses(
        (status = 200, description = "The replaced product.", body = Product, headers(
            ("ETag" = String, description = "Tag of its new state."),
            ("Headgate-Position" = String, description = "A place behind the change."))),
        (status = 201, description = "The new product.", body = Product, headers(
            ("Location" = String, description = "Where the product is."),
            ("ETag" = String, description = "Tag of its state."),
            ("Headgate-Position" = String, description = "A place behind the change."))),
        (status = 204, description = "Replaced; the client preferred no body.", headers(
            ("Headgate-Position" = String, description = "A place behind the change.")))),
    security(("access_token" = ["products:write"])))]
pub(in crate::routes) async fn replace(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    Path(id): Path<String>,
    headers: HeaderMap,
    content: Body,
) -> Result<Response, Refusal> {
    known.allowed(SCOPE)?;
    let document: ProductDocument = body::json(&headers, content).await?;
    let (new, sent) = document.parts();
    let id: ProductId = id.parse().map_err(|_| Refusal::NotFound)?;
    let mut transaction = Work::begin(&shop.pool, known.claimed.as_ref()).await?;
    let before = match product::lock(&mut transaction, id).await? {
        Some(before) => before,
        None if conditional::creates(&headers) => {
            let mut work = match insert(&shop, transaction, &headers, id, new).await? {
                Inserted::Done(response) => return Ok(response),
                Inserted::Taken(work) => work,
            };
            // The id is taken after all: by who was faster, or by a product that was deleted, and
            // an order may still name that one.
            let faster = product::lock(&mut work, id).await?;
            let faster = faster.ok_or(Refusal::NotFound)?;
            return Err(Refusal::Precondition(etag(&faster.product)));
        }
        None => return Err(Refusal::NotFound),
    };
    let tag = unaltered(&headers, &before.product)?;
    conditional::version(sent, before.product.version, &tag)?;
    update(&shop, transaction, &headers, &before, new).await
}

/// Change some of a product's members.
///
/// Takes a merge patch [RFC 7396] or a JSON Patch [RFC 6902] over the document that PUT takes.
#[utoipa::path(patch, path = "/products/{id}", operation_id = "patchProduct", tag = "products",
    params(("id" = ProductId, Path, description = "The product."),
        ("If-Match" = String, Header, description = "ETag of the state that is changed."),
        ("Prefer" = Option<String>, Header, description = "`return=minimal`: no body.")),
    request_body(description = "The patch.", content(
        (Object = "application/merge-patch+json"),
        (Vec<Object> = "application/json-patch+json"))),
    responses(
        (status = 200, description = "The changed product.", body = Product, headers(
            ("ETag" = String, description = "Tag of its new state."),
            ("Headgate-Position" = String, description = "A place behind the change."))),
        (status = 204, description = "Changed; the client preferred no body.", headers(
            ("Headgate-Position" = String, description = "A place behind the change.")))),
    security(("access_token" = ["products:write"])))]
pub(in crate::routes) async fn patch(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    Path(id): Path<String>,
    headers: HeaderMap,
    content: Body,
) -> Result<Response, Refusal> {
    known.allowed(SCOPE)?;
    let patch = Patch::read::<ProductDocument>(&headers, content).await?;
    let id: ProductId = id.parse().map_err(|_| Refusal::NotFound)?;
    let mut transaction = Work::begin(&shop.pool, known.claimed.as_ref()).await?;
    let before = product::lock(&mut transaction, id).await?;
    let before = before.ok_or(Refusal::NotFound)?;
    let tag = unaltered(&headers, &before.product)?;
    let version = before.product.version;
    let document = patch.apply(&ProductDocument::of(before.document(), version))?;
    let (new, sent) = document.parts();
    conditional::version(sent, version, &tag)?;
    update(&shop, transaction, &headers, &before, new).await
}

/// Delete a product.
///
/// It is gone from lists and from sale, and its article number is free again. Orders that have it
/// go on.
#[utoipa::path(delete, path = "/products/{id}", operation_id = "deleteProduct", tag = "products",
    params(("id" = ProductId, Path, description = "The product."),
        ("If-Match" = String, Header, description = "ETag of the state that is deleted.")),
    responses((status = 204, description = "It is gone.", headers(
            ("Headgate-Position" = String, description = "A place behind the change.")))),
    security(("access_token" = ["products:write"])))]
pub(in crate::routes) async fn remove(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    known.allowed(SCOPE)?;
    let id: ProductId = id.parse().map_err(|_| Refusal::NotFound)?;
    let mut transaction = Work::begin(&shop.pool, known.claimed.as_ref()).await?;
    let before = product::lock(&mut transaction, id).await?;
    let before = before.ok_or(Refusal::NotFound)?;
    unaltered(&headers, &before.product)?;
    let now = shop.platform.now();
    let new = NewProduct {
        active: false,
        ..before.document()
    };
    let after = before.product.changed(new, rfc3339(now));
    product::remove(&mut transaction, &after, now).await?;
    let kind = EventType::ProductDeleted;
    tell(&shop, &mut transaction, &headers, kind, &after, now).await?;
    commit(&shop, transaction, id).await?;
    Ok(answer::deleted())
}

/// Lets a change pass that names the product's current version, and returns the current tag. Only
/// the version guards against a lost update: the class of stock in the tag moves by itself.
fn unaltered(headers: &HeaderMap, product: &Product) -> Result<String, Refusal> {
    let tag = etag(product);
    let version = format!("\"{}-", product.version);
    conditional::required_where(headers, &tag, |tag| tag.starts_with(&version))?;
    Ok(tag)
}

/// What became of an insertion.
enum Inserted {
    /// It is there.
    Done(Response),
    /// The id is taken, and nothing was written.
    Taken(Work),
}

/// Inserts and answers.
async fn insert(
    shop: &Shop,
    mut transaction: Work,
    headers: &HeaderMap,
    id: ProductId,
    new: NewProduct,
) -> Result<Inserted, Refusal> {
    let now = shop.platform.now();
    let stock = new.stock;
    let product = Product::created(id, new, rfc3339(now));
    let inserted = product::insert(&mut transaction, &product, stock, now).await;
    if !inserted.map_err(conflict)? {
        return Ok(Inserted::Taken(transaction));
    }
    let kind = EventType::ProductCreated;
    tell(shop, &mut transaction, headers, kind, &product, now).await?;
    commit(shop, transaction, id).await?;
    let location = format!("/products/{id}");
    answer::created(headers, &location, &etag(&product), &product).map(Inserted::Done)
}

/// Writes a product that is locked, and answers.
async fn update(
    shop: &Shop,
    mut transaction: Work,
    headers: &HeaderMap,
    before: &Locked,
    new: NewProduct,
) -> Result<Response, Refusal> {
    let now = shop.platform.now();
    let stock = new.stock;
    let after = before.product.changed(new, rfc3339(now));
    product::update(&mut transaction, &after, stock, now)
        .await
        .map_err(conflict)?;
    let kind = EventType::ProductUpdated;
    tell(shop, &mut transaction, headers, kind, &after, now).await?;
    if after
        .availability
        .is_scarcer_than(before.product.availability)
    {
        let event = NewEvent {
            id: shop.platform.event_id(),
            kind: EventType::InventoryLow,
            aggregate: after.id.uuid(),
            payload: json!(LowStock::of(&after, stock)),
            traceparent: traceparent(headers),
            now,
        };
        outbox::append(&mut transaction, &event).await?;
    }
    commit(shop, transaction, after.id).await?;
    answer::changed(headers, &etag(&after), &after)
}

/// Tells of the change in its transaction.
async fn tell(
    shop: &Shop,
    connection: &mut PgConnection,
    headers: &HeaderMap,
    kind: EventType,
    product: &Product,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    let event = NewEvent {
        id: shop.platform.event_id(),
        kind,
        aggregate: product.id.uuid(),
        payload: json!(product),
        traceparent: traceparent(headers),
        now,
    };
    outbox::append(connection, &event).await?;
    Ok(())
}

/// Commits a product's change with all that tells of it.
async fn commit(shop: &Shop, transaction: Work, id: ProductId) -> Result<(), Refusal> {
    transaction.commit().await?;
    shop.reads.forget(id).await;
    shop.wake.notify_one();
    Ok(())
}

/// The one conflict that the database finds for us.
fn conflict(error: sqlx::Error) -> Refusal {
    if violates(&error, product::SKU_UNIQUE) {
        return Refusal::Taken {
            code: Code::SkuTaken,
            pointer: "/sku",
            what: "article number",
        };
    }
    error.into()
}
