//! Who is calling, and what of a bad body is paid for: our edge alone, beside itself.
//!
//! - A cached GET of a hot user on a leased route, with a token that is known, beside an anonymous one.
//! - Bad orders: refused at the edge; by the origin, behind a check that could not tell (two faults of the
//!   shape); and by the origin, behind an edge that does not look.
//! - Microseconds of a signature by algorithm, the key imported: what the first request of a token adds. No
//!   clock runs inside a Worker, so a route of the test build verifies many, and one request is timed.
//! - Questions to limiters in a thousand reads of that user.

use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use http_body_util::Full;
use serde::Serialize;
use serde_json::{Value, json};
use shared::assertion::AssertionKeys;
use xtask::edge_build::{self, Options};
use xtask::progress::Progress;
use xtask::tools::Tools;

use crate::contest::{Comparison, Contest, Contestant, Measure, Timing, median};
use crate::load::{self, Traffic};
use crate::reads::{self, Reading, place};
use crate::shop::{ASSERTION_KEYS, Shop};
use crate::workers::Worker;

const KNOWN: &str = "with a token";
const ANONYMOUS: &str = "anonymous";
/// What a known token's processor time may be of an anonymous one's.
const CPU_GOAL: f64 = 1.15;

const AT_EDGE: &str = "refused at the edge";
const PASSED: &str = "checked, refused by the origin";
const UNCHECKED: &str = "unchecked, refused by the origin";

/// Signatures in one timed request, and how often it is repeated.
const SIGNATURES: u32 = 500;
const REPEATS: usize = 5;
const ALGORITHMS: [&str; 5] = ["HS256", "EdDSA", "ES256", "RS256", "PS256"];

/// Reads of the hot user.
const READS: u32 = 1_000;
/// What limiters may be asked in them.
const ASKS_GOAL: u64 = 150;

/// The lines of bench/gateway.toml that are changed.
const PRODUCT: &str = "cache = { query = [] }";
const ORDER: &str = r#"
[[routes]]
name = "order-create"
path = "/orders"
methods = ["POST"]
auth = "required"
scope = "orders:write"
idempotency = "required"
"#;

/// Both edges, serving: the first one checks bodies, and has the routes of tests.
pub(crate) struct Edges([Worker; 2]);

/// What is no contest.
#[derive(Debug, Serialize)]
pub(crate) struct Identity {
    /// By algorithm.
    pub(crate) signature_us: Vec<(&'static str, f64)>,
    pub(crate) reads: u32,
    pub(crate) limiter_asks: u64,
    pub(crate) goal: u64,
    pub(crate) met: bool,
}

impl Edges {
    /// Builds and starts both.
    pub(crate) fn start(tools: &Tools, shop: &Shop, progress: Progress) -> Result<Self> {
        let text = std::fs::read_to_string(tools.root().join("bench/gateway.toml"))?;
        ensure!(
            text.contains(PRODUCT),
            "bench/gateway.toml has no {PRODUCT}"
        );
        let leased = text.replace(PRODUCT, &format!("{PRODUCT}\nlimit = \"leased\""));
        let unchecked = format!("{leased}{ORDER}");
        let checked = format!("openapi = \"docs/openapi.json\"\n{unchecked}shape = true\n");
        let start = |name, text: &str, folder: &str, features: &[&str]| {
            let config = shop.folder().join(format!("{folder}.toml"));
            std::fs::write(&config, text)?;
            let folder = tools.root().join("target").join(folder);
            let options = Options {
                config: Some(config),
                features: features.iter().map(|&name| name.to_owned()).collect(),
                out: Some(folder.clone()),
            };
            edge_build::build(tools, &options, progress)?;
            let code = reads::ours(name, folder);
            Worker::start(tools, &code, &shop.origin_url, ASSERTION_KEYS)
        };
        Ok(Self([
            start(AT_EDGE, &checked, "bench-edge-checked", &["test-routes"])?,
            start(UNCHECKED, &unchecked, "bench-edge-unchecked", &[])?,
        ]))
    }
}

/// What a token costs a hit, and what a bad body costs.
pub(crate) fn contests<'a>(edges: &'a Edges, shop: &'a Shop) -> Result<Vec<Contest<'a>>> {
    Ok(vec![hits(edges, shop)?, bodies(edges, shop)?])
}

fn hits<'a>(edges: &'a Edges, shop: &'a Shop) -> Result<Contest<'a>> {
    let products = shop.product_resources()?;
    let [worker, _] = &edges.0;
    let mut contestants = Vec::new();
    for (name, token) in [(KNOWN, true), (ANONYMOUS, false)] {
        let reading = Reading {
            token,
            conditional: false,
            cached: true,
        };
        let traffic = Arc::new(reads::traffic(worker, shop, &products, reading)?);
        contestants.push(Contestant {
            name,
            run: Box::new(move |timing| {
                worker.forget_log()?;
                load::run(worker.address, &traffic, timing, &[worker.watched()])
            }),
        });
    }
    Ok(Contest {
        title: "a cached GET with a known token, on a leased route".to_owned(),
        notes: vec!["the same edge; CPU is workerd's, its store and objects included".to_owned()],
        contestants,
        comparisons: vec![
            compare(Measure::Cpu, KNOWN, ANONYMOUS, Some(CPU_GOAL)),
            compare(Measure::Rate, KNOWN, ANONYMOUS, None),
        ],
    })
}

fn bodies<'a>(edges: &'a Edges, shop: &'a Shop) -> Result<Contest<'a>> {
    let [checking, unchecking] = &edges.0;
    let mut contestants = Vec::new();
    for (name, worker, faults) in [
        (AT_EDGE, checking, 1),
        (PASSED, checking, 2),
        (UNCHECKED, unchecking, 2),
    ] {
        let traffic = Arc::new(orders(worker, shop, faults)?);
        contestants.push(Contestant {
            name,
            run: Box::new(move |timing: Timing| {
                worker.forget_log()?;
                let watched = [vec![worker.watched()], shop.watched(true)].concat();
                load::run(worker.address, &traffic, timing, &watched)
            }),
        });
    }
    Ok(Contest {
        title: "a bad order".to_owned(),
        notes: vec!["CPU is that of workerd, origin and Postgres together".to_owned()],
        contestants,
        comparisons: vec![
            compare(Measure::Cpu, AT_EDGE, UNCHECKED, None),
            compare(Measure::P50, AT_EDGE, UNCHECKED, None),
            compare(Measure::Cpu, PASSED, UNCHECKED, None),
        ],
    })
}

const fn compare(
    measure: Measure,
    of: &'static str,
    to: &'static str,
    goal: Option<f64>,
) -> Comparison {
    Comparison {
        measure,
        of,
        to,
        goal,
    }
}

/// Orders of the demo customer, each under a key of its own, with so many faults of the shape.
fn orders(worker: &Worker, shop: &Shop, faults: usize) -> Result<Traffic> {
    let members = ["quantity", "product_id"];
    let bodies = shop.products.iter().map(|product| {
        let mut order: Value = serde_json::from_slice(&shop.order_body(product)?)?;
        for member in members.iter().take(faults) {
            order["items"][0][member] = json!(true);
        }
        Ok(Bytes::from(order.to_string()))
    });
    let bodies: Vec<Bytes> = bodies.collect::<Result<_>>()?;
    let bearer = format!("Bearer {}", shop.customer_token);
    let (host, run) = (worker.address.to_string(), shop.run_id.clone());
    Ok(Traffic {
        requests: Box::new(move |number| {
            Request::post("/v2/orders")
                .header(header::HOST, host.as_str())
                .header(header::AUTHORIZATION, bearer.as_str())
                .header(header::CONTENT_TYPE, "application/json")
                .header(
                    shared::header::IDEMPOTENCY_KEY,
                    format!("{run}-bad-{number}"),
                )
                .body(Full::new(bodies[place(number, bodies.len())].clone()))
                .unwrap_or_default()
        }),
        status: StatusCode::BAD_REQUEST,
        check: Box::new(|_, answer| refused(answer)),
    })
}

fn refused(answer: &Response<Bytes>) -> Result<()> {
    let problem: Value = serde_json::from_slice(answer.body())?;
    ensure!(
        problem["code"] == "body_invalid" && problem["errors"][0]["code"] == "type",
        "another refusal: {problem}"
    );
    Ok(())
}

/// Signatures by algorithm, and a hot user's questions to limiters.
pub(crate) fn measure(edges: &Edges, shop: &Shop) -> Result<Identity> {
    let [worker, _] = &edges.0;
    let signature_us = ALGORITHMS
        .iter()
        .map(|&name| Ok((name, signature_us(worker, name)?)))
        .collect::<Result<Vec<_>>>()?;
    asked(worker)?;
    let product = shop.products.first().context("the shop has no products")?;
    let url = format!("http://{}/v2/products/{}", worker.address, product.id);
    let agent = ureq::Agent::new_with_defaults();
    for _ in 0..READS {
        let request = agent
            .get(&url)
            .header("authorization", format!("Bearer {}", shop.customer_token));
        request.call()?.body_mut().read_to_vec()?;
    }
    let limiter_asks = asked(worker)?;
    Ok(Identity {
        signature_us,
        reads: READS,
        limiter_asks,
        goal: ASKS_GOAL,
        met: limiter_asks <= ASKS_GOAL,
    })
}

/// How often limiters were asked since the last time.
fn asked(worker: &Worker) -> Result<u64> {
    let said = tested(worker, "limiter-asks")?;
    said.parse()
        .with_context(|| format!("`{said}` is no number"))
}

/// Microseconds of one signature: the median of a few timed requests, without what a request costs.
#[expect(clippy::disallowed_methods, reason = "this is what measures")]
fn signature_us(worker: &Worker, algorithm: &str) -> Result<f64> {
    // By HMAC the edge verifies what the origin tells it.
    let notice = if algorithm == "HS256" {
        let keys: AssertionKeys = ASSERTION_KEYS.parse()?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        let signed = keys.sign_notice(b"", i64::try_from(now)?);
        format!("/{}", signed.context("a notice can't be signed")?)
    } else {
        String::new()
    };
    let timed = |times: u32| {
        let mut micros = Vec::new();
        for _ in 0..REPEATS {
            let started = Instant::now();
            let said = tested(worker, &format!("verify/{algorithm}/{times}{notice}"))?;
            micros.push(started.elapsed().as_secs_f64() * 1e6);
            ensure!(said == "ok", "{algorithm}: {said}");
        }
        median(micros.into_iter()).context("nothing was timed")
    };
    timed(1)?;
    Ok((timed(SIGNATURES + 1)? - timed(1)?) / f64::from(SIGNATURES))
}

fn tested(worker: &Worker, route: &str) -> Result<String> {
    let url = format!("http://{}/__test/{route}", worker.address);
    let mut answer = ureq::get(&url).call().with_context(|| url.clone())?;
    Ok(answer.body_mut().read_to_string()?)
}
