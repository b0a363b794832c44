//! Pages of the product list at the origin: the first beside one far behind.
//!
//! A keyset page starts at an index entry, so its place in the list must not matter. The cursor of
//! the page far behind is walked to, as a client would, before anything is measured.

use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use http::{Request, StatusCode, header};
use http_body_util::Full;
use serde_json::Value;

use crate::contest::{Comparison, Contest, Contestant, Measure};
use crate::load::{self, Traffic};
use crate::shop::Shop;

const FAR: &str = "page 1,000";
const FIRST: &str = "page 1";
/// Which page is far behind.
const FAR_PAGE: usize = 1_000;
/// Rows a page: the API's default.
const ROWS: usize = 20;
/// What half of the far pages may take, of what half of the first ones take.
const LATENCY_GOAL: f64 = 1.5;

/// One contest for each order of the whole list.
pub(crate) fn contests(shop: &Shop) -> Result<Vec<Contest<'_>>> {
    ["newest", "price_asc", "price_desc"]
        .into_iter()
        .map(|sort| contest(shop, sort))
        .collect()
}

fn contest<'a>(shop: &'a Shop, sort: &str) -> Result<Contest<'a>> {
    let first = format!("/v2/products?limit={ROWS}&sort={sort}");
    let far = walk(shop, &first, FAR_PAGE).with_context(|| format!("sort={sort}"))?;
    let contestant = |name, path: &str| -> Result<Contestant<'a>> {
        let traffic = Arc::new(traffic(shop, path)?);
        Ok(Contestant {
            name,
            run: Box::new(move |timing| {
                load::run(
                    shop.origin_address()?,
                    &traffic,
                    timing,
                    &shop.watched(true),
                )
            }),
        })
    };
    Ok(Contest {
        title: format!("GET /products?sort={sort} at the origin"),
        notes: vec![format!("{ROWS} rows a page; no copies on the way")],
        contestants: vec![contestant(FAR, &far)?, contestant(FIRST, &first)?],
        comparisons: vec![Comparison {
            measure: Measure::P50,
            of: FAR,
            to: FIRST,
            goal: Some(LATENCY_GOAL),
        }],
    })
}

/// The path of a page, by following `next_cursor` from the first.
fn walk(shop: &Shop, first: &str, page: usize) -> Result<String> {
    let mut path = first.to_owned();
    for _ in 1..page {
        let list: Value = shop.ask(&path)?;
        let cursor = list["next_cursor"]
            .as_str()
            .with_context(|| format!("{path} is the last page"))?;
        path = format!("{first}&cursor={cursor}");
    }
    Ok(path)
}

fn traffic(shop: &Shop, path: &str) -> Result<Traffic> {
    let host = shop.origin_address()?.to_string();
    let path = path.to_owned();
    Request::get(&path).body(())?;
    Ok(Traffic {
        requests: Box::new(move |_| {
            Request::get(path.as_str())
                .header(header::HOST, host.as_str())
                .body(Full::default())
                .unwrap_or_default()
        }),
        status: StatusCode::OK,
        check: Box::new(|_, answer| {
            let list: Value = serde_json::from_slice(answer.body()).context("no JSON")?;
            let rows = list["data"].as_array().map_or(0, Vec::len);
            ensure!(rows == ROWS, "{rows} rows instead of {ROWS}");
            Ok(())
        }),
    })
}
