//! Orders at the origin, beside pgbench running the statements that an order is made of.
//!
//! The same server, database, products and number of clients. What an order costs beyond its two
//! statements (HTTP, JSON, checks, a call to the sandbox provider, whose book is on the same server)
//! is the difference. The provider's process is not counted: it stands for somebody else's. After
//! each run the orders in the database are counted: as many as were answered must be confirmed. A third
//! run is at half of the rate that the first gave, by a timetable: its tail is a shop's on a good day.

mod pgbench;
mod script;

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use http::{Request, StatusCode, header};
use http_body_util::Full;
use serde_json::Value;
use xtask::tools::Tools;

use crate::contest::{Comparison, Contest, Contestant, Measure, Measured};
use crate::load::{self, Traffic};
use crate::reads::{OURS, place};
use crate::shop::Shop;

const PGBENCH: &str = "pgbench";
const HALF: &str = "headgate at half load";

/// What our orders a second may fall to, as a part of pgbench's.
const RATE_GOAL: f64 = 0.3;

/// What 99 of 100 orders at half of that rate may take, as a multiple of what half of them do.
const TAIL_GOAL: f64 = 5.0;
/// With the outbox, and without.
const TOLD: &str = "with events";
const UNTOLD: &str = "without";

/// What orders a second with events may fall to, as a part of those without.
const TOLD_GOAL: f64 = 0.85;

/// What the outbox costs: the same statements with and without it.
pub(crate) fn outbox<'a>(tools: &Tools, shop: &'a Shop) -> Result<Vec<Contest<'a>>> {
    let contestant = |name, events| -> Result<Contestant<'a>> {
        let pgbench = pgbench::Pgbench::find(tools)?;
        let script = script::write(tools.root(), shop, events)?;
        Ok(Contestant {
            name,
            run: Box::new(move |timing| {
                counted(shop, || {
                    pgbench.run(&shop.database_url, &script, timing, &shop.watched(false))
                })
            }),
        })
    };
    Ok(vec![Contest {
        title: "An order's statements with and without its events".to_owned(),
        notes: vec!["pgbench runs origin's own place.sql and settle.sql, prepared".to_owned()],
        contestants: vec![contestant(TOLD, true)?, contestant(UNTOLD, false)?],
        comparisons: vec![Comparison {
            measure: Measure::Rate,
            of: TOLD,
            to: UNTOLD,
            goal: Some(TOLD_GOAL),
        }],
    }])
}

/// The contest, with pgbench's script written.
pub(crate) fn contests<'a>(tools: &Tools, shop: &'a Shop) -> Result<Vec<Contest<'a>>> {
    let pgbench = pgbench::Pgbench::find(tools)?;
    let version = pgbench.version.clone();
    let script = script::write(tools.root(), shop, true)?;
    let traffic = Arc::new(traffic(shop)?);
    // What the last run at full load gave.
    let rate = Rc::new(Cell::new(0.0));
    let (full, half) = (Rc::clone(&rate), Arc::clone(&traffic));
    let ours = move |timing| {
        let measured = counted(shop, || {
            load::run(
                shop.origin_address()?,
                &traffic,
                timing,
                &shop.watched(true),
            )
        })?;
        full.set(measured.rate());
        Ok(measured)
    };
    let at_half = move |timing| {
        counted(shop, || {
            load::paced(
                shop.origin_address()?,
                &half,
                timing,
                rate.get() / 2.0,
                &shop.watched(true),
            )
        })
    };
    let theirs = move |timing| {
        counted(shop, || {
            pgbench.run(&shop.database_url, &script, timing, &shop.watched(false))
        })
    };
    Ok(vec![Contest {
        title: "POST /orders at the origin, each with a key of its own".to_owned(),
        notes: vec![
            format!("{version} runs origin's own place.sql and settle.sql, prepared"),
            format!(
                "one line an order, {} products in turn; neither relay nor consumers run",
                shop.products.len()
            ),
        ],
        contestants: vec![
            Contestant {
                name: OURS,
                run: Box::new(ours),
            },
            Contestant {
                name: HALF,
                run: Box::new(at_half),
            },
            Contestant {
                name: PGBENCH,
                run: Box::new(theirs),
            },
        ],
        comparisons: vec![
            Comparison {
                measure: Measure::Rate,
                of: OURS,
                to: PGBENCH,
                goal: Some(RATE_GOAL),
            },
            Comparison {
                measure: Measure::Cpu,
                of: OURS,
                to: PGBENCH,
                goal: None,
            },
            Comparison {
                measure: Measure::Tail,
                of: HALF,
                to: HALF,
                goal: Some(TAIL_GOAL),
            },
        ],
    }])
}

/// Runs between two counts. More orders than answers in the window are right, since the warm-up and
/// what was under way at the window's end made some too; fewer are not.
fn counted(shop: &Shop, run: impl FnOnce() -> Result<Measured>) -> Result<Measured> {
    shop.tidy()?;
    let before = shop.confirmed_orders()?;
    let measured = run()?;
    let made = shop.confirmed_orders()?.saturating_sub(before);
    ensure!(
        made >= measured.requests,
        "{} orders were answered, and {made} are confirmed in the database",
        measured.requests
    );
    Ok(measured)
}

/// Orders, each with a key of its own.
pub(crate) fn traffic(shop: &Shop) -> Result<Traffic> {
    let bodies: Vec<Bytes> = shop
        .products
        .iter()
        .map(|product| Ok(shop.order_body(product)?.into()))
        .collect::<Result<_>>()?;
    let host = shop.origin_address()?.to_string();
    let bearer = format!("Bearer {}", shop.customer_token);
    let run = shop.run_id.clone();
    Ok(Traffic {
        requests: Box::new(move |number| {
            let body = bodies[place(number, bodies.len())].clone();
            Request::post("/v2/orders")
                .header(header::HOST, host.as_str())
                .header(header::AUTHORIZATION, bearer.as_str())
                .header(header::CONTENT_TYPE, "application/json")
                .header(shared::header::IDEMPOTENCY_KEY, format!("{run}-{number}"))
                .body(Full::new(body))
                .unwrap_or_default()
        }),
        status: StatusCode::CREATED,
        check: Box::new(|_, answer| {
            let order: Value = serde_json::from_slice(answer.body()).context("no JSON")?;
            ensure!(order["status"] == "confirmed", "the order is not confirmed");
            ensure!(order["payment"]["status"] == "succeeded", "it is not paid");
            let replayed = answer.headers().get(shared::header::IDEMPOTENT_REPLAYED);
            ensure!(
                replayed.is_some_and(|value| value == "false"),
                "it is no first answer"
            );
            Ok(())
        }),
    })
}
