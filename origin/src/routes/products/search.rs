//! POST /products/search: filters that are too long for a URL. A search changes nothing; it is a
//! POST for its body's sake, and not cached.

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::json;
use shared::body::{Check, Checks};
use shared::id::ProductId;
use shared::money::AMOUNT_MAX;
use shared::product::{Availability, Product, SEARCH_CHARS_MAX, SKU_CHARS_MAX, is_category};

use super::list::{order, words};
use crate::app::Shop;
use crate::identity::middleware::Known;
use crate::refusal::Refusal;
use crate::routes::list::{self, LIMIT_DEFAULT, LIMIT_MAX, Page};
use crate::routes::{body, private};
use crate::store::product::{Filter, Sort};

/// Most categories in one search.
const CATEGORIES_MAX: usize = 50;
/// Most ids in one search.
const IDS_MAX: usize = 100;
/// Most article numbers in one search.
const SKUS_MAX: usize = 100;

/// Which products, and in which order. Filters that are left out hold for all products; those that
/// are there must all hold.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::routes) struct Search {
    /// Words to find in name, category and description; `"a phrase"`, `or` and `-not` work.
    #[serde(default)]
    #[schema(
        max_length = 200,
        pattern = r"^[^\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]*$"
    )]
    q: Option<String>,
    /// In one of these categories.
    #[serde(default)]
    #[schema(max_items = 50, pattern = "^[a-z0-9-]{1,100}$")]
    categories: Option<Vec<String>>,
    /// One of these products.
    #[serde(default)]
    #[schema(max_items = 100)]
    ids: Option<Vec<ProductId>>,
    /// With one of these article numbers.
    #[serde(default)]
    #[schema(
        max_items = 100,
        min_length = 1,
        max_length = 64,
        pattern = r"^[^\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]*[^\s\u0000-\u001F\u007F-\u009F][^\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]*$"
    )]
    skus: Option<Vec<String>>,
    /// Least price in minor units.
    #[serde(default, deserialize_with = "shared::number::whole_or_null")]
    #[schema(minimum = 0, maximum = 1_000_000_000_000_i64)]
    min_price: Option<i64>,
    /// Greatest price in minor units.
    #[serde(default, deserialize_with = "shared::number::whole_or_null")]
    #[schema(minimum = 0, maximum = 1_000_000_000_000_i64)]
    max_price: Option<i64>,
    /// With this class of stock.
    #[serde(default)]
    availability: Option<Availability>,
    /// The order of the rows; by default `relevance` with `q`, else `newest`. `relevance` needs `q`.
    #[serde(default)]
    sort: Option<Sort>,
    /// Most rows a page.
    #[serde(default, deserialize_with = "shared::number::whole_or_null")]
    #[schema(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
    /// `next_cursor` of the page before, with the same filters.
    #[serde(default)]
    #[schema(max_length = 1024)]
    cursor: Option<String>,
}

impl Check for Search {
    fn check(&self, checks: &mut Checks) {
        if let Some(q) = &self.q {
            checks.text("/q", q, 0, SEARCH_CHARS_MAX);
        }
        let categories = self.categories.as_deref().unwrap_or_default();
        checks.count("/categories", categories.len(), 0, CATEGORIES_MAX);
        for (place, category) in categories.iter().enumerate().take(CATEGORIES_MAX) {
            if !is_category(category) {
                checks.fault(
                    &format!("/categories/{place}"),
                    "format",
                    "not a category's slug".to_owned(),
                    "Send lower-case letters, digits and hyphens.".to_owned(),
                );
            }
        }
        let ids = self.ids.as_deref().unwrap_or_default();
        checks.count("/ids", ids.len(), 0, IDS_MAX);
        let skus = self.skus.as_deref().unwrap_or_default();
        checks.count("/skus", skus.len(), 0, SKUS_MAX);
        for (place, sku) in skus.iter().enumerate().take(SKUS_MAX) {
            checks.text(&format!("/skus/{place}"), sku, 1, SKU_CHARS_MAX);
        }
        for (pointer, price) in [
            ("/min_price", self.min_price),
            ("/max_price", self.max_price),
        ] {
            if let Some(price) = price {
                checks.range(pointer, price, 0, AMOUNT_MAX);
            }
        }
        if let Some(limit) = self.limit {
            checks.range("/limit", limit, 1, LIMIT_MAX);
        }
        if order(self.sort, words(self.q.as_deref())).is_none() {
            checks.fault(
                "/sort",
                "format",
                "relevance needs words to be relevant to".to_owned(),
                "Send `q` as well, or another order.".to_owned(),
            );
        }
    }
}

/// Search products with filters that are too long for a URL.
#[utoipa::path(post, path = "/products/search", operation_id = "searchProducts", tag = "products",
    params(("Headgate-Position" = Option<String>, Header,
        description = "That of an answer to a change of products: nothing older is shown.")),
    request_body = Search,
    responses((status = 200, description = "A page of products.", body = Page<Product>)),
    security((), ("access_token" = [])))]
pub(in crate::routes) async fn search(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    headers: HeaderMap,
    content: Body,
) -> Result<Response, Refusal> {
    let mut search: Search = body::json(&headers, content).await?;
    let limit = search.limit.take().unwrap_or(LIMIT_DEFAULT);
    let cursor = search.cursor.take().filter(|text| !text.is_empty());
    // What is left are the filters: a cursor is bound to them.
    let scope = list::scope("products/search", "", &json!(search));
    let place = cursor
        .map(|cursor| list::place(&shop.derivation_key, &scope, &cursor))
        .transpose()?;
    let words = words(search.q.as_deref());
    let ids: Option<Vec<_>> = search
        .ids
        .as_ref()
        .map(|ids| ids.iter().map(|id| id.uuid()).collect());
    let filter = Filter {
        search: words,
        categories: search.categories.as_deref(),
        ids: ids.as_deref(),
        skus: search.skus.as_deref(),
        min_price: search.min_price,
        max_price: search.max_price,
        availability: search.availability,
        sort: order(search.sort, words).unwrap_or_default(),
        place,
        limit,
    };
    // Nobody keeps it, so nobody has to be kept from bringing back what was.
    let wanted = known.wanted.uncopied();
    let products = shop.reads.products(&filter, wanted).await?.read;
    let page = Page::of(&shop.derivation_key, &scope, products);
    Ok(([private()], axum::Json(page)).into_response())
}
