//! A product from the origin's memory, beside static handlers of axum: what finding out who asks, for what,
//! how new it must be, and counting it, cost beside the server's own share.
//!
//! Requests come as the edge sends them, each with an assertion that names a place in the log; they are
//! signed once a run, since signing is the edge's work. A static handler is a process of its own, this very
//! program, and answers the bytes of a product to every GET: one of them with its media type alone, the other
//! with all fields that the origin's answer has, so that the two show what these cost server and load.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, ensure};
use axum::Router;
use axum::routing::get;
use axum::serve::ListenerExt;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode, header};
use http_body_util::Full;
use shared::assertion::{Asserted, AssertionKeys};
use shared::caller::Caller;
use shared::feed::Position;
use xtask::process::{Running, Signal};
use xtask::wait;

use crate::contest::{Comparison, Contest, Contestant, Measure, Timing};
use crate::cpu::Watched;
use crate::load::{self, Traffic};
use crate::reads::place;
use crate::shop::{ASSERTION_KEYS, Resource, Shop};

const MEMORY: &str = "product from memory";
const STATIC: &str = "static handler";
const WHOLE: &str = "static handler, all fields";
/// What our rate may fall to, as a part of the static handler's.
const RATE_GOAL: f64 = 0.7;
/// Longest start of the static handler.
const START_MAX: Duration = Duration::from_secs(10);
/// For so long an assertion holds at least, in seconds.
const ASSERTION_SECONDS: u64 = 55;
/// Begins the line in which the static handler says where it listens.
const LISTENS: &str = "listens on ";

/// What the server adds to every answer by itself.
const ADDED: [HeaderName; 2] = [header::CONTENT_LENGTH, header::DATE];

/// A process that answers the same to every GET.
struct Static {
    running: Running,
    address: SocketAddr,
}

/// The peers.
pub(crate) struct Peers {
    bare: Static,
    whole: Static,
}

impl Peers {
    /// Starts them with what the origin answers for a product.
    pub(crate) fn start(shop: &Shop) -> Result<Self> {
        let products = shop.product_resources()?;
        let product = products.first().context("the shop has no products")?;
        let assertions = signed(&products)?;
        let ask = || {
            ureq::get(format!("{}{}", shop.origin_url, product.path))
                .header(shared::header::ASSERTION, &assertions[0])
                .call()
        };
        // The first one may have to fill memory.
        ask()?;
        let mut fields = ask()?.headers().clone();
        for name in ADDED {
            fields.remove(name);
        }
        let bare = fields
            .get(header::CONTENT_TYPE)
            .map(|value| (header::CONTENT_TYPE, value.clone()));
        Ok(Self {
            bare: Static::start(shop, "bare", &product.body, &bare.into_iter().collect())?,
            whole: Static::start(shop, "whole", &product.body, &fields)?,
        })
    }
}

impl Static {
    fn start(shop: &Shop, name: &str, body: &[u8], fields: &HeaderMap) -> Result<Self> {
        let file = |what: &str| shop.folder().join(format!("static-{name}.{what}"));
        let (product, listed, log) = (file("product"), file("fields"), file("log"));
        std::fs::write(&product, body)?;
        let text = fields
            .iter()
            .map(|(name, value)| Ok((name.as_str(), value.to_str()?)))
            .collect::<Result<Vec<_>>>()?;
        std::fs::write(&listed, serde_json::to_vec(&text)?)?;
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("--serve-static").arg(&product).arg(&listed);
        let mut running = Running::start("static handler", &mut command, &log, Signal::TERM)?;
        let address = wait::until(START_MAX, "the static handler", || {
            running.check()?;
            let said = std::fs::read_to_string(&log)?;
            let line = said.lines().find_map(|line| line.strip_prefix(LISTENS));
            Ok(line.map(str::parse).transpose()?)
        })?;
        Ok(Self { running, address })
    }
}

/// A static handler's process, until it is ended.
pub(crate) fn serve(body: &Path, fields: &Path) -> Result<()> {
    let body = Bytes::from(std::fs::read(body)?);
    let listed: Vec<(String, String)> = serde_json::from_slice(&std::fs::read(fields)?)?;
    let fields = listed
        .into_iter()
        .map(|(name, value)| Ok((HeaderName::try_from(name)?, HeaderValue::try_from(value)?)))
        .collect::<Result<HeaderMap>>()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        println!("{LISTENS}{}", listener.local_addr()?);
        let listener = listener.tap_io(|stream| {
            // As the origin does.
            let _ = stream.set_nodelay(true);
        });
        let answer = move || {
            let answer = (fields.clone(), body.clone());
            async move { answer }
        };
        axum::serve(listener, Router::new().fallback(get(answer))).await?;
        Ok(())
    })
}

/// The contest.
pub(crate) fn contests<'a>(shop: &'a Shop, peers: &'a Peers) -> Result<Vec<Contest<'a>>> {
    let products = Arc::new(shop.product_resources()?);
    let ours = Arc::clone(&products);
    let from_memory = move |timing: Timing| {
        let seconds = (timing.warm_up + timing.measured).as_secs();
        ensure!(
            seconds < ASSERTION_SECONDS,
            "{seconds} s are longer than what is signed holds"
        );
        let address = shop.origin_address()?;
        let signed = signed(&ours)?;
        let traffic = traffic(address, &ours, signed, true);
        load::run(address, &traffic, timing, &watched(shop.watched(true)))
    };
    let from_nowhere = |peer: &'a Static| {
        let theirs = Arc::clone(&products);
        move |timing: Timing| {
            let signed = signed(&theirs)?;
            let traffic = traffic(peer.address, &theirs, signed, false);
            let process = Watched {
                name: "static",
                pid: peer.running.pid(),
            };
            load::run(peer.address, &traffic, timing, &[process])
        }
    };
    let to = |to, measure, goal| Comparison {
        measure,
        of: MEMORY,
        to,
        goal,
    };
    Ok(vec![Contest {
        title: "GET /products/{id} at the origin, from its memory".to_owned(),
        notes: vec!["as the edge asks, beside axum handlers that answer fixed bytes".to_owned()],
        contestants: vec![
            Contestant {
                name: MEMORY,
                run: Box::new(from_memory),
            },
            Contestant {
                name: STATIC,
                run: Box::new(from_nowhere(&peers.bare)),
            },
            Contestant {
                name: WHOLE,
                run: Box::new(from_nowhere(&peers.whole)),
            },
        ],
        comparisons: vec![
            to(STATIC, Measure::Rate, Some(RATE_GOAL)),
            to(STATIC, Measure::Cpu, None),
            to(WHOLE, Measure::Rate, None),
            to(WHOLE, Measure::Cpu, None),
        ],
    }])
}

/// The origin alone: memory asks no database.
fn watched(all: Vec<Watched>) -> Vec<Watched> {
    all.into_iter().filter(|one| one.name == "origin").collect()
}

/// An assertion for each product, as the edge makes them for a copy.
#[expect(clippy::disallowed_methods, reason = "this stands for the edge")]
fn signed(products: &[Resource]) -> Result<Vec<String>> {
    let keys: AssertionKeys = ASSERTION_KEYS.parse()?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let asserted = Asserted {
        caller: Caller::Anonymous,
        api_version: "v2".into(),
        request_id: "req_01h455vb4pex5vsknk084sn02q".into(),
        prefix: "/v2".into(),
        fingerprint: None,
        converter: None,
        position: Some(Position(0)),
    };
    products
        .iter()
        .map(|product| {
            keys.sign(&asserted, "GET", &product.path, i64::try_from(now)?)
                .context("a request can't be signed")
        })
        .collect()
}

fn traffic(
    address: SocketAddr,
    products: &Arc<Vec<Resource>>,
    signed: Vec<String>,
    compares: bool,
) -> Arc<Traffic> {
    let host = address.to_string();
    let (sent, shown) = (Arc::clone(products), Arc::clone(products));
    Arc::new(Traffic {
        requests: Box::new(move |number| {
            let place = place(number, sent.len());
            Request::get(sent[place].path.as_str())
                .header(header::HOST, host.as_str())
                .header(shared::header::ASSERTION, signed[place].as_str())
                .body(Full::default())
                .unwrap_or_default()
        }),
        status: StatusCode::OK,
        check: Box::new(move |number, answer| {
            let product = &shown[place(number, shown.len())];
            let same = answer.body() == &product.body;
            ensure!(same || !compares, "not the product");
            Ok(())
        }),
    })
}
