//! Reads through the edge, beside Workers in JavaScript: one that has the same policies, and one
//! that has none and marks the floor.
//!
//! Each runs in its own workerd. The floor's time is workerd's own (HTTP, the isolate, the store
//! behind the Cache API), so what a Worker adds to the floor is told too: it is the harder ratio.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use http_body_util::Full;
use xtask::edge_build::{self, Options};
use xtask::progress::Progress;
use xtask::tools::Tools;

use crate::contest::{Comparison, Contest, Contestant, Measure};
use crate::load::{self, Traffic};
use crate::shop::{ASSERTION_KEYS, Resource, Shop};
use crate::workers::{Code, Worker, peer};

/// Ours.
pub(crate) const OURS: &str = "headgate";
const POLICIES: &str = "policies.js";
/// The floor.
pub(crate) const BARE: &str = "bare.js";

/// What our processor time may be of the Worker's with the same policies.
const CPU_GOAL: f64 = 1.3;

/// The field in which a real network tells the client's address.
const ADDRESS: (&str, &str) = ("cf-connecting-ip", "192.0.2.7");

/// The Workers, serving.
pub(crate) struct Workers(Vec<Worker>);

impl Workers {
    /// Builds our edge with bench/gateway.toml, and starts all three.
    pub(crate) fn start(tools: &Tools, shop: &Shop, progress: Progress) -> Result<Self> {
        let folder = tools.root().join("target/bench-edge");
        let options = Options {
            config: Some(tools.root().join("bench/gateway.toml")),
            features: Vec::new(),
            out: Some(folder.clone()),
        };
        edge_build::build(tools, &options, progress)?;
        let codes = [
            ours(OURS, folder),
            Code {
                name: POLICIES,
                source: peer(POLICIES),
                objects: vec![("LIMITER", "Limiter")],
            },
            Code {
                name: BARE,
                source: peer(BARE),
                objects: vec![],
            },
        ];
        let start = |code| Worker::start(tools, code, &shop.origin_url, ASSERTION_KEYS);
        Ok(Self(codes.iter().map(start).collect::<Result<_>>()?))
    }
}

/// Our edge, as it was built into a folder.
pub(crate) fn ours(name: &'static str, source: PathBuf) -> Code {
    Code {
        name,
        source,
        objects: vec![
            ("CALLERS", "Caller"),
            ("USAGE", "Usage"),
            ("FEED", "Feed"),
            ("SHIELD", "Shield"),
        ],
    }
}

/// How a contest's requests look.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading {
    /// Sends the customer's token.
    pub(crate) token: bool,
    /// Sends the ETag, so that the answer is 304.
    pub(crate) conditional: bool,
    /// Answered from copies, as `Cache-Status` must say.
    pub(crate) cached: bool,
}

/// Product reads that a copy answers.
pub(crate) fn cached<'a>(workers: &'a Workers, shop: &'a Shop) -> Result<Vec<Contest<'a>>> {
    let products = shop.product_resources()?;
    let variants = [
        ("cached GET, anonymous", false, false),
        ("cached GET with a token", true, false),
        ("cached GET, not modified (304)", false, true),
    ];
    let contest = |(title, token, conditional): (&str, bool, bool)| {
        let reading = Reading {
            token,
            conditional,
            cached: true,
        };
        // The floor knows no conditions.
        let beside: &[&str] = if conditional {
            &[OURS, POLICIES]
        } else {
            &[OURS, POLICIES, BARE]
        };
        contest(workers, shop, title, &products, reading, beside)
    };
    variants.into_iter().map(contest).collect()
}

/// Reads of orders, which go to the origin each time.
pub(crate) fn uncached<'a>(workers: &'a Workers, shop: &'a Shop) -> Result<Vec<Contest<'a>>> {
    let orders = shop.order_resources()?;
    let reading = Reading {
        token: true,
        conditional: false,
        cached: false,
    };
    let title = "uncached GET of an order, with a token";
    let all = [OURS, POLICIES, BARE];
    Ok(vec![contest(workers, shop, title, &orders, reading, &all)?])
}

fn contest<'a>(
    workers: &'a Workers,
    shop: &'a Shop,
    title: &str,
    resources: &[Resource],
    reading: Reading,
    names: &[&str],
) -> Result<Contest<'a>> {
    let mut contestants = Vec::new();
    for worker in workers
        .0
        .iter()
        .filter(|worker| names.contains(&worker.name))
    {
        let traffic = Arc::new(traffic(worker, shop, resources, reading)?);
        contestants.push(Contestant {
            name: worker.name,
            run: Box::new(move |timing| {
                worker.forget_log()?;
                load::run(worker.address, &traffic, timing, &[worker.watched()])
            }),
        });
    }
    let compare = |to, measure, goal| Comparison {
        measure,
        of: OURS,
        to,
        goal,
    };
    let mut comparisons = vec![
        compare(POLICIES, Measure::Cpu, Some(CPU_GOAL)),
        compare(POLICIES, Measure::Rate, None),
    ];
    if names.contains(&BARE) {
        comparisons.push(compare(BARE, Measure::Cpu, None));
    }
    Ok(Contest {
        title: title.to_owned(),
        notes: vec![format!(
            "{} resources in turn; CPU is workerd's, its store included",
            resources.len()
        )],
        contestants,
        comparisons,
    })
}

/// Requests for the resources in turn, and what their answers must be.
pub(crate) fn traffic(
    worker: &Worker,
    shop: &Shop,
    resources: &[Resource],
    reading: Reading,
) -> Result<Traffic> {
    ensure!(!resources.is_empty(), "the shop has nothing to read");
    let paths: Vec<String> = resources
        .iter()
        .map(|one| format!("/v2{}", one.path))
        .collect();
    let bodies: Vec<Bytes> = resources.iter().map(|one| one.body.clone()).collect();
    let etags: Vec<String> = resources.iter().map(|one| one.etag.clone()).collect();
    let bearer = format!("Bearer {}", shop.customer_token);
    let host = worker.address.to_string();
    // Ours and its peer say so themselves; for the floor the Cache API does.
    let status = if worker.name == BARE {
        "cf-cache-status"
    } else {
        shared::header::CACHE_STATUS
    };
    let Reading {
        token,
        conditional,
        cached,
    } = reading;
    // Whatever could make a request invalid is found here, before the first one is sent.
    Request::get(paths.first().context("no path")?.as_str()).body(())?;

    Ok(Traffic {
        requests: Box::new(move |number| {
            let place = place(number, paths.len());
            let mut request = Request::get(paths[place].as_str())
                .header(header::HOST, host.as_str())
                .header(header::ACCEPT, "application/json")
                .header(header::USER_AGENT, "headgate-bench")
                .header(ADDRESS.0, ADDRESS.1);
            if token {
                request = request.header(header::AUTHORIZATION, bearer.as_str());
            }
            if conditional {
                request = request.header(header::IF_NONE_MATCH, etags[place].as_str());
            }
            request.body(Full::default()).unwrap_or_default()
        }),
        status: if conditional {
            StatusCode::NOT_MODIFIED
        } else {
            StatusCode::OK
        },
        check: Box::new(move |number, answer| {
            let expected = if conditional {
                &Bytes::new()
            } else {
                &bodies[place(number, bodies.len())]
            };
            ensure!(answer.body() == expected, "the body is not the origin's");
            ensure!(!cached || is_hit(answer, status), "it is not from a copy");
            Ok(())
        }),
    })
}

fn is_hit(answer: &Response<Bytes>, field: &str) -> bool {
    let value = answer
        .headers()
        .get(field)
        .and_then(|value| value.to_str().ok());
    value.is_some_and(|text| text == "HIT" || text.contains("; hit"))
}

/// Which of `count` things a number stands for.
pub(crate) fn place(number: u64, count: usize) -> usize {
    usize::try_from(number).unwrap_or_default() % count
}
