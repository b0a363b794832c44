//! Products: a list with search, one, and an admin's change.

use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use shared::body::{Check, Checks};
use shared::event::EventType;
use shared::header as field;
use shared::id::ProductId;
use shared::money::{AMOUNT_MAX, Money};
use shared::product::Product;

use super::list::Query;
use super::{body, conditional, list as lists, private};
use crate::app::Shop;
use crate::identity::middleware::Known;
use crate::platform::rfc3339;
use crate::refusal::Refusal;
use crate::store::outbox::{self, NewEvent};
use crate::store::product::{self, Filter, Sort};

/// Browsers can't be purged, so they ask again each time.
const BROWSERS: &str = "public, max-age=0, must-revalidate";
/// The edge is purged when a product changes.
const EDGE_PRODUCT: &str = "max-age=3600, stale-while-revalidate=60, stale-if-error=86400";
/// A list changes with any of its products, so it is also let go soon.
const EDGE_LIST: &str = "max-age=60, stale-while-revalidate=60, stale-if-error=86400";
/// Longest search.
const SEARCH_CHARS_MAX: usize = 200;
/// Longest description.
const DESCRIPTION_CHARS_MAX: usize = 5000;
/// Longest of the short texts.
const TEXT_CHARS_MAX: usize = 200;

fn shared_copy(edge: &'static str, tag: &str, etag: &str) -> HeaderMap {
    let mut fields = HeaderMap::new();
    fields.insert(header::CACHE_CONTROL, HeaderValue::from_static(BROWSERS));
    fields.insert(
        HeaderName::from_static(field::CDN_CACHE_CONTROL),
        HeaderValue::from_static(edge),
    );
    if let Ok(tag) = HeaderValue::from_str(tag) {
        fields.insert(HeaderName::from_static(field::CACHE_TAG), tag);
    }
    if let Ok(etag) = HeaderValue::from_str(etag) {
        fields.insert(header::ETAG, etag);
    }
    fields
}

fn answer(request: &HeaderMap, fields: HeaderMap, etag: &str, bytes: Vec<u8>) -> Response {
    if conditional::unchanged(request, etag) {
        return (StatusCode::NOT_MODIFIED, fields).into_response();
    }
    let json = [(header::CONTENT_TYPE, "application/json")];
    (fields, json, bytes).into_response()
}

/// The tag of a product's representation: its version and its class of stock, which changes
/// without a new version.
pub(super) fn etag(product: &Product) -> String {
    let class = json!(product.availability);
    format!(
        "\"{}-{}\"",
        product.version,
        class.as_str().unwrap_or_default()
    )
}

/// GET /products
pub(super) async fn list(
    State(shop): State<Shop>,
    Extension(_): Extension<Known>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let query = Query::read(
        query.as_deref(),
        &[
            "q",
            "category",
            "min_price",
            "max_price",
            "sort",
            "limit",
            "cursor",
        ],
    )?;
    let search = query
        .get("q")
        .map(str::trim)
        .filter(|words| !words.is_empty());
    if search.is_some_and(|words| words.chars().count() > SEARCH_CHARS_MAX) {
        return Err(Refusal::Malformed(format!(
            "`q` is over {SEARCH_CHARS_MAX} characters."
        )));
    }
    let sort = match (query.get("sort"), search) {
        (None, None) => Sort::Newest,
        (None, Some(_)) => Sort::Relevance,
        (Some(name), search) => Sort::parse(name)
            .filter(|sort| *sort != Sort::Relevance || search.is_some())
            .ok_or_else(|| {
                Refusal::Malformed(
                    "`sort` must be newest, price_asc, price_desc or, with `q`, relevance."
                        .to_owned(),
                )
            })?,
    };
    let scope = query.scope("products", "");
    let after = query
        .get("cursor")
        .map(|cursor| lists::position(&shop.derivation_key, &scope, cursor))
        .transpose()?;
    let filter = Filter {
        search,
        category: query.get("category"),
        min_price: query.number("min_price", 0, AMOUNT_MAX)?,
        max_price: query.number("max_price", 0, AMOUNT_MAX)?,
        sort,
        after,
        limit: query.limit()?,
    };
    let (products, last) = product::list(&shop.pool, &filter).await?;
    let next = last.map(|last| lists::cursor(&shop.derivation_key, &scope, &last));
    let bytes = lists::bytes(&lists::Page::of(&products, next.as_deref()))?;
    let etag = conditional::tag_of(&bytes);
    // A text that no category's slug can be must not become a header field.
    let tag = match filter.category {
        Some(slug) if is_slug(slug) => format!("category:{slug}"),
        _ => "products".to_owned(),
    };
    let mut fields = shared_copy(EDGE_LIST, &tag, &etag);
    if let Some(links) = query.links(next.as_deref()) {
        fields.insert(header::LINK, links);
    }
    Ok(answer(&headers, fields, &etag, bytes))
}

fn is_slug(text: &str) -> bool {
    text.len() <= TEXT_CHARS_MAX
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// GET /products/{id}
pub(super) async fn read(
    State(shop): State<Shop>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let id: ProductId = id.parse().map_err(|_| Refusal::NotFound)?;
    let product = product::read(&shop.pool, id)
        .await?
        .ok_or(Refusal::NotFound)?;
    let etag = etag(&product);
    let fields = shared_copy(EDGE_PRODUCT, &format!("product:{id}"), &etag);
    Ok(answer(&headers, fields, &etag, lists::bytes(&product)?))
}

/// What an admin may change, as a document that a merge patch applies to.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Editable {
    name: String,
    description: String,
    category: String,
    price: Money,
    active: bool,
    #[serde(default)]
    image_url: Option<String>,
}

impl Check for Editable {
    fn check(&self, checks: &mut Checks) {
        checks.text("/name", &self.name, 1, TEXT_CHARS_MAX);
        checks.text("/description", &self.description, 0, DESCRIPTION_CHARS_MAX);
        if self.category.is_empty() || !is_slug(&self.category) {
            checks.fault(
                "/category",
                "format",
                "not a category's slug".to_owned(),
                "Send lower-case letters, digits and hyphens.".to_owned(),
            );
        }
        checks.range("/price/amount", self.price.amount, 0, AMOUNT_MAX);
        if let Some(url) = &self.image_url {
            checks.text("/image_url", url, 1, 2000);
        }
    }
}

/// A JSON merge patch [RFC 7396].
fn merge(target: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = json!({});
    }
    if let Some(members) = target.as_object_mut() {
        for (name, value) in patch {
            if value.is_null() {
                members.remove(&name);
            } else {
                merge(members.entry(name).or_insert(Value::Null), value);
            }
        }
    }
}

/// PATCH /products/{id}
pub(super) async fn patch(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    const MERGE_PATCH: &str = "application/merge-patch+json";
    known.allowed("products:write")?;
    if !body::is(&headers, MERGE_PATCH) {
        return Err(Refusal::MediaType(MERGE_PATCH));
    }
    let bytes = body::read(body).await?;
    let patch: Value = serde_json::from_slice(&bytes)
        .ok()
        .filter(Value::is_object)
        .ok_or_else(|| {
            Refusal::Malformed("The body must be a JSON object [RFC 7396].".to_owned())
        })?;
    let id: ProductId = id.parse().map_err(|_| Refusal::NotFound)?;

    let mut transaction = shop.pool.begin().await?;
    let mut product = product::lock(&mut transaction, id)
        .await?
        .ok_or(Refusal::NotFound)?;
    // Only the version guards against a lost update: the class of stock moves by itself.
    let version = format!("\"{}-", product.version);
    if !conditional::matches(&headers, |tag| tag.starts_with(&version)) {
        return Err(Refusal::Precondition(etag(&product)));
    }
    let mut document = json!(Editable {
        name: product.name.clone(),
        description: product.description.clone(),
        category: product.category.clone(),
        price: product.price,
        active: product.active,
        image_url: product.image_url.clone(),
    });
    merge(&mut document, patch);
    let edited: Editable =
        shared::body::parse(document.to_string().as_bytes()).map_err(Refusal::Body)?;
    let now = shop.platform.now();
    product = Product {
        name: edited.name,
        description: edited.description,
        category: edited.category,
        price: edited.price,
        active: edited.active,
        image_url: edited.image_url,
        version: product.version.saturating_add(1),
        updated_at: rfc3339(now),
        ..product
    };
    product::update(&mut transaction, &product, now).await?;
    let event = NewEvent {
        id: shop.platform.event_id(),
        kind: EventType::ProductUpdated,
        aggregate: id.uuid(),
        payload: json!(product),
        traceparent: headers
            .get("traceparent")
            .and_then(|value| value.to_str().ok()),
        now,
    };
    outbox::append(&mut transaction, &event).await?;
    transaction.commit().await?;
    shop.wake.notify_one();
    let etag = [(header::ETAG, etag(&product))];
    Ok(([private()], etag, axum::Json(product)).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patches_merge() {
        // From the table of RFC 7396, appendix A.
        for (target, patch, expected) in [
            (json!({"a":"b"}), json!({"a":"c"}), json!({"a":"c"})),
            (json!({"a":"b"}), json!({"b":"c"}), json!({"a":"b","b":"c"})),
            (json!({"a":"b"}), json!({"a":null}), json!({})),
            (json!({"a":["b"]}), json!({"a":"c"}), json!({"a":"c"})),
            (
                json!({"a":{"b":"c"}}),
                json!({"a":{"b":"d","c":null}}),
                json!({"a":{"b":"d"}}),
            ),
            (json!({"a":"foo"}), json!("bar"), json!("bar")),
            (
                json!({}),
                json!({"a":{"bb":{"ccc":null}}}),
                json!({"a":{"bb":{}}}),
            ),
        ] {
            let mut merged = target.clone();
            merge(&mut merged, patch.clone());
            assert_eq!(merged, expected, "{target} {patch}");
        }
    }
}
