//! GET /admin/events.

use axum::Extension;
use axum::extract::{RawQuery, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use shared::body::Checks;

use super::{name, time};
use crate::app::Shop;
use crate::event_log::{self, LoggedEvent};
use crate::identity::middleware::Known;
use crate::refusal::Refusal;
use crate::routes::list::{Page, Paging, Query, told};
use crate::routes::private;
use crate::store::event_log::Filter;

/// Which events a list holds.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document's form of what `Query` reads")]
pub(in crate::routes) struct Filters {
    /// Only those of this type.
    #[param(max_length = 64, pattern = "^[a-z0-9_.-]+$")]
    r#type: Option<String>,
    /// Only those of this order, product or purge.
    #[param(max_length = 30, pattern = "^[a-z]{3}_[0-7][0-9a-hjkmnp-tv-z]{25}$")]
    aggregate_id: Option<String>,
    /// Only those of this time or later.
    #[param(format = DateTime, max_length = 35)]
    since: Option<String>,
    /// Only those before this time.
    #[param(format = DateTime, max_length = 35)]
    until: Option<String>,
}

/// List what happened, newest first.
///
/// The log of every change that somebody else has to hear of, as far back as it is kept. Events of one
/// millisecond stand in no particular order.
#[utoipa::path(get, path = "/admin/events", operation_id = "listEvents", tag = "admin",
    params(Filters, Paging),
    responses((status = 200, description = "A page of events.", body = Page<LoggedEvent>,
        headers(("Link" = String, description = "Pages: first, prev, next [RFC 8288].")))),
    security(("access_token" = ["admin"])))]
pub(in crate::routes) async fn list(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    known.allowed("admin")?;
    let names = ["type", "aggregate_id", "since", "until", "limit", "cursor"];
    let query = Query::read(query.as_deref(), &names)?;
    let mut checks = Checks::default();
    let id = "an id of ours, such as ord_01h455vb4pex5vsknk084sn02q";
    let filter = Filter {
        kind: name(&query, "type", &mut checks).map(str::to_owned),
        aggregate: query.parsed("aggregate_id", id, &mut checks, event_log::aggregate),
        since: time(&query, "since", &mut checks),
        until: time(&query, "until", &mut checks),
    };
    let limit = query.rows(&mut checks);
    told(checks)?;
    let scope = query.scope("events", "");
    let place = query.place(&shop.derivation_key, &scope)?;
    let events = event_log::list(&shop.pool, &filter, place, limit).await?;
    let (page, links) = query.page(&shop.derivation_key, &scope, events);
    Ok(([private()], [(header::LINK, links)], axum::Json(page)).into_response())
}
