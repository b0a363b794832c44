//! GET /products.

use axum::Extension;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use shared::body::Checks;
use shared::money::AMOUNT_MAX;
use shared::product::{CATEGORY_CHARS_MAX, Product, SEARCH_CHARS_MAX, is_category};

use super::{copy, shared_copy};
use crate::app::Shop;
use crate::identity::middleware::Known;
use crate::reads::Labelled;
use crate::refusal::Refusal;
use crate::routes::list::{Page, Paging, Query, told};
use crate::routes::{answer, conditional};
use crate::store::product::{Filter, Sort};

/// A list changes with any of its products, so it is also let go soon.
const EDGE: &str = "max-age=60, stale-while-revalidate=60, stale-if-error=86400";

/// Which products a list holds, and in which order.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document's form of what `Query` reads")]
struct Filters {
    /// Words to find in name, category and description; `"a phrase"`, `or` and `-not` work.
    #[param(max_length = 200, pattern = r"^[^\u0000-\u001F\u007F-\u009F]*$")]
    q: Option<String>,
    /// One category's slug.
    #[param(pattern = r"^[^\u0000-\u001F\u007F-\u009F]*$")]
    category: Option<String>,
    /// Least price in minor units.
    #[param(minimum = 0, maximum = 1_000_000_000_000_i64)]
    min_price: Option<i64>,
    /// Greatest price in minor units.
    #[param(minimum = 0, maximum = 1_000_000_000_000_i64)]
    max_price: Option<i64>,
    /// The order of the rows; by default `relevance` with `q`, else `newest`. `relevance` needs `q`.
    sort: Option<Sort>,
}

/// The words to find, unless there are none.
pub(super) fn words(asked: Option<&str>) -> Option<&str> {
    asked.map(str::trim).filter(|words| !words.is_empty())
}

/// The order of the rows; `None` if relevance is asked for and there is nothing to be relevant to.
pub(super) fn order(asked: Option<Sort>, search: Option<&str>) -> Option<Sort> {
    match (asked, search) {
        (None, None) => Some(Sort::Newest),
        (None, Some(_)) => Some(Sort::Relevance),
        (Some(Sort::Relevance), None) => None,
        (Some(sort), _) => Some(sort),
    }
}

/// What makes a page untrue: a product that comes or goes, any change in its category, and a change of
/// a product that it shows (which may have left the category).
fn tags(category: Option<&str>, shown: &[Product]) -> String {
    let mut tags = "products".to_owned();
    // A text that no category's slug can be must not become a header field.
    if let Some(slug) = category.filter(|slug| is_category(slug)) {
        tags.push_str(" category:");
        tags.push_str(slug);
    }
    for product in shown {
        tags.push_str(" product:");
        tags.push_str(&product.id.to_string());
    }
    tags
}

/// List products, or search them.
#[utoipa::path(get, path = "/products", operation_id = "listProducts", tag = "products",
    params(Filters, Paging, ("Headgate-Position" = Option<String>, Header,
        description = "That of an answer to a change of products: nothing older is shown.")),
    responses((status = 200, description = "A page of products.", body = Page<Product>,
        headers(("Link" = String, description = "Pages: first, prev, next [RFC 8288]."),
            ("ETag" = String, description = "Tag of the page.")))),
    security((), ("access_token" = [])))]
pub(in crate::routes) async fn list(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
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
    let mut checks = Checks::default();
    let search = words(query.text("q", SEARCH_CHARS_MAX, &mut checks));
    let sorts = "newest, price_asc, price_desc or, with `q`, relevance";
    let sort = query.parsed("sort", sorts, &mut checks, |name| {
        order(Some(Sort::parse(name)?), search)
    });
    let category = query.text("category", CATEGORY_CHARS_MAX, &mut checks);
    let category = category.map(str::to_owned);
    let prices = (0, AMOUNT_MAX);
    let min_price = query.number("min_price", prices, &mut checks);
    let max_price = query.number("max_price", prices, &mut checks);
    let limit = query.rows(&mut checks);
    told(checks)?;
    let scope = query.scope("products", "");
    let filter = Filter {
        search,
        categories: category.as_ref().map(std::slice::from_ref),
        min_price,
        max_price,
        sort: sort.or_else(|| order(None, search)).unwrap_or_default(),
        place: query.place(&shop.derivation_key, &scope)?,
        limit,
        ..Filter::default()
    };
    let Labelled { read, label } = shop.reads.products(&filter, known.wanted).await?;
    let (page, links) = query.page(&shop.derivation_key, &scope, read);
    let bytes = answer::json(&page)?;
    let field = |text: String| HeaderValue::try_from(text).map_err(|_| Refusal::Internal);
    let etag = field(conditional::tag_of(&bytes))?;
    let tags = field(tags(category.as_deref(), &page.data))?;
    let mut fields = shared_copy(EDGE, tags, etag, label);
    fields.insert(header::LINK, links);
    Ok(copy(&headers, fields, bytes.into()))
}
