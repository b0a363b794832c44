//! GET /admin/analytics/daily and GET /admin/inventory/low: what the consumers have made of events.

use axum::Extension;
use axum::extract::{RawQuery, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use chrono::{Days, NaiveDate};
use shared::body::Checks;

use crate::app::Shop;
use crate::identity::middleware::Known;
use crate::refusal::Refusal;
use crate::routes::list::{Page, Paging, Query, told};
use crate::routes::private;
use crate::store::analytics::{AnalyticsDay, Span};
use crate::store::stock_notice::LowStock;

/// The scope of both.
const SCOPE: &str = "admin";
/// Days that are shown unless asked otherwise.
const DAYS_DEFAULT: u64 = 30;

/// Which days.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document's form of what `Query` reads")]
pub(super) struct Between {
    /// The first day, such as `2026-11-01`; 30 days ago unless it is sent.
    #[param(format = Date, max_length = 10)]
    from: Option<String>,
    /// The last day; today unless it is sent.
    #[param(format = Date, max_length = 10)]
    to: Option<String>,
}

fn date(query: &Query, name: &str, default: NaiveDate, checks: &mut Checks) -> NaiveDate {
    let read = query.parsed(name, "a date such as 2026-11-24", checks, |text| {
        // `%Y` reads years of other lengths, which no client means.
        let whole = (text.len() == 10).then_some(text)?;
        NaiveDate::parse_from_str(whole, "%Y-%m-%d").ok()
    });
    read.unwrap_or(default)
}

/// List what became of orders, by day, newest first.
///
/// Days are in UTC; those on which nothing happened are left out. What is ordered or read in test mode does not count.
#[utoipa::path(get, path = "/admin/analytics/daily", operation_id = "listAnalyticsDays",
    tag = "admin", params(Between, Paging),
    responses((status = 200, description = "A page of days.", body = Page<AnalyticsDay>,
        headers(("Link" = String, description = "Pages: first, prev, next [RFC 8288].")))),
    security(("access_token" = ["admin"])))]
pub(in crate::routes) async fn daily(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    known.allowed(SCOPE)?;
    let query = Query::read(query.as_deref(), &["from", "to", "limit", "cursor"])?;
    let today = shop.platform.now().date_naive();
    let mut checks = Checks::default();
    let to = date(&query, "to", today, &mut checks);
    let month = to.checked_sub_days(Days::new(DAYS_DEFAULT)).unwrap_or(to);
    let from = date(&query, "from", month, &mut checks);
    let limit = query.rows(&mut checks);
    told(checks)?;
    let scope = query.scope("analytics-daily", "");
    let place = query.place(&shop.derivation_key, &scope)?;
    let span = Span { from, to };
    let slice = shop.reports.days(span, place, limit).await?;
    let (page, links) = query.page(&shop.derivation_key, &scope, slice);
    Ok(([private()], [(header::LINK, links)], axum::Json(page)).into_response())
}

/// List products of which little or nothing is left, the latest first.
#[utoipa::path(get, path = "/admin/inventory/low", operation_id = "listLowStock", tag = "admin",
    params(Paging),
    responses((status = 200, description = "A page of products.", body = Page<LowStock>,
        headers(("Link" = String, description = "Pages: first, prev, next [RFC 8288].")))),
    security(("access_token" = ["admin"])))]
pub(in crate::routes) async fn low_stock(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    known.allowed(SCOPE)?;
    let query = Query::read(query.as_deref(), &["limit", "cursor"])?;
    let scope = query.scope("low-stock", "");
    let place = query.place(&shop.derivation_key, &scope)?;
    let slice = shop.reports.low_stock(place, query.limit()?).await?;
    let (page, links) = query.page(&shop.derivation_key, &scope, slice);
    Ok(([private()], [(header::LINK, links)], axum::Json(page)).into_response())
}
