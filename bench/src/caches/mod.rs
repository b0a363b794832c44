//! The cache alone: our edge with examples/plain-cache.toml, beside a Worker in JavaScript that keeps
//! copies and no rules, and beside nginx, Varnish and Traffic Server as Debian installs them.
//!
//! All stand before one origin that answers at once, and answer the same requests for the same bodies
//! from copies: the origin is asked nothing while it counts.

pub(crate) mod origin;
mod servers;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, ensure};
use bytes::Bytes;
use http::{Request, StatusCode, header};
use http_body_util::Full;
use xtask::edge_build::{self, Options};
use xtask::environment::Environment;
use xtask::peers::{self, Cache, Peer};
use xtask::progress::Progress;
use xtask::tools::Tools;
use xtask::wait;

use crate::contest::{Comparison, Contest, Contestant, Measure, Measured, Timing};
use crate::cpu::Watched;
use crate::load::{self, Traffic};
use crate::reads::{BARE, OURS, place};
use crate::shop::ASSERTION_KEYS;
use crate::workers::{Code, Worker, peer};
use origin::Origin;
use servers::Server;

/// How many resources the load goes through, in turn. Prime, so that the answers which are looked at
/// go through all of them too.
const RESOURCES: u64 = 61;
/// The bodies' lengths, in bytes, and their names.
const LENGTHS: [(usize, &str); 2] = [(1024, "1 KB"), (64 * 1024, "64 KB")];
/// Longest wait until a cache answers all resources by itself.
const FILL_MAX: Duration = Duration::from_secs(30);

/// All caches, serving.
pub(crate) struct Caches {
    origin: Origin,
    workers: Vec<Worker>,
    servers: Vec<Server>,
    /// Who is not here, and why.
    missing: Vec<String>,
}

impl Caches {
    /// Builds and starts ours, installs where that needs no asking, and starts all.
    pub(crate) fn start(tools: &Tools, progress: Progress) -> Result<Self> {
        let origin = Origin::start()?;
        let bare = Code {
            name: BARE,
            source: peer(BARE),
            objects: vec![],
        };
        let url = format!("http://{}", origin.address());
        let workers = vec![
            ours(tools, &url, progress)?,
            Worker::start(tools, &bare, &url, ASSERTION_KEYS)?,
        ];
        let (mut servers, mut missing) = (Vec::new(), Vec::new());
        let environment = Environment::read();
        for cache in Cache::ALL {
            match peers::cache(cache, &environment, progress)? {
                Peer::Here(program) => {
                    servers.push(Server::start(cache, &program, origin.address())?);
                }
                Peer::Missing(skip) => {
                    missing.push(format!("skipped: {}: {}", skip.name, skip.why));
                }
            }
        }
        Ok(Self {
            origin,
            workers,
            servers,
            missing,
        })
    }
}

/// Our edge as a plain cache before an origin.
pub(crate) fn ours(tools: &Tools, origin_url: &str, progress: Progress) -> Result<Worker> {
    let folder = tools.root().join("target/edge-plain");
    let options = Options {
        config: Some(tools.root().join("examples/plain-cache.toml")),
        features: Vec::new(),
        out: Some(folder.clone()),
    };
    edge_build::build(tools, &options, progress)?;
    let code = crate::reads::ours(OURS, folder);
    Worker::start(tools, &code, origin_url, ASSERTION_KEYS)
}

/// One contest for each length of body.
pub(crate) fn contests(caches: &Caches) -> Vec<Contest<'_>> {
    LENGTHS
        .into_iter()
        .map(|(bytes, name)| contest(caches, bytes, name))
        .collect()
}

fn contest<'a>(caches: &'a Caches, bytes: usize, name: &str) -> Contest<'a> {
    let mut contestants = Vec::new();
    for worker in &caches.workers {
        let run = run(&caches.origin, bytes, worker.address, worker.watched());
        contestants.push(Contestant {
            name: worker.name,
            run: Box::new(move |timing| {
                worker.forget_log()?;
                run(timing)
            }),
        });
    }
    for server in &caches.servers {
        contestants.push(Contestant {
            name: server.name,
            run: Box::new(run(&caches.origin, bytes, server.address, server.watched())),
        });
    }
    let others = [BARE].into_iter().chain(Cache::ALL.map(Cache::name));
    let comparisons = others.flat_map(|to| {
        [Measure::Cpu, Measure::Rate].map(|measure| Comparison {
            measure,
            of: OURS,
            to,
            goal: None,
        })
    });
    let mut notes = vec![
        format!("{RESOURCES} resources in turn, all from copies; CPU is that of all its processes"),
        "one workerd, one nginx worker, one event thread of Traffic Server; Varnish has a thread a \
         connection"
            .to_owned(),
        "ours, nginx, Varnish and Traffic Server write an access log, as installed; bare.js none"
            .to_owned(),
    ];
    notes.extend(caches.missing.iter().cloned());
    Contest {
        title: format!("cache hit, {name} of JSON"),
        notes,
        contestants,
        comparisons: comparisons.collect(),
    }
}

fn run(
    origin: &Origin,
    bytes: usize,
    address: SocketAddr,
    watched: Watched,
) -> impl Fn(Timing) -> Result<Measured> + '_ {
    let traffic = Arc::new(traffic(address, bytes));
    move |timing| {
        fill(origin, address, bytes)?;
        let before = origin.asked();
        let measured = load::run(address, &traffic, timing, std::slice::from_ref(&watched))?;
        let asked = origin.asked() - before;
        ensure!(asked == 0, "{asked} requests went to the origin");
        Ok(measured)
    }
}

/// Asks for every resource until all are answered from copies, since some store behind the answer.
fn fill(origin: &Origin, address: SocketAddr, bytes: usize) -> Result<()> {
    wait::until(FILL_MAX, "copies of all resources", || {
        let before = origin.asked();
        for number in 0..RESOURCES {
            let url = format!("http://{address}{}", origin::path(bytes, number));
            ureq::get(&url).call()?.body_mut().read_to_vec()?;
        }
        Ok((origin.asked() == before).then_some(()))
    })
}

fn traffic(address: SocketAddr, bytes: usize) -> Traffic {
    let paths: Vec<String> = (0..RESOURCES)
        .map(|number| origin::path(bytes, number))
        .collect();
    let bodies: Vec<Bytes> = paths.iter().map(|path| origin::body(path)).collect();
    let host = address.to_string();
    Traffic {
        requests: Box::new(move |number| {
            Request::get(paths[place(number, paths.len())].as_str())
                .header(header::HOST, host.as_str())
                .header(header::ACCEPT, "application/json")
                .header(header::USER_AGENT, "headgate-bench")
                .body(Full::default())
                .unwrap_or_default()
        }),
        status: StatusCode::OK,
        check: Box::new(move |number, answer| {
            let expected = &bodies[place(number, bodies.len())];
            ensure!(answer.body() == expected, "the body is not the origin's");
            Ok(())
        }),
    }
}
