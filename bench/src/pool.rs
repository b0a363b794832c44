//! What a pool costs a request that goes to the origin: our edge with two origins, which it chooses between,
//! watches and asks for their health, beside the same edge with one, where there is nothing to choose.
//!
//! Both are the same process under the same address, so that what answers is the same; each edge has its own
//! workerd.

use std::sync::Arc;

use anyhow::Result;
use xtask::edge_build::{self, Options};
use xtask::progress::Progress;
use xtask::tools::Tools;

use crate::contest::{Comparison, Contest, Contestant, Measure};
use crate::load;
use crate::reads::{self, Reading};
use crate::shop::{ASSERTION_KEYS, Shop};
use crate::workers::Worker;

/// The pool of two.
const TWO: &str = "two origins";
/// The pool of one.
const ONE: &str = "one origin";
/// What the processor time of the first may be of the second's.
const CPU_GOAL: f64 = 1.05;
/// Appended to bench/gateway.toml. A pool of one is not checked even so.
const POOL: &str = "\n[[pools]]\nname = \"default\"\nhealth = \"/readyz\"\n";

/// Both edges, serving.
pub(crate) struct Edges(Vec<Worker>);

impl Edges {
    /// Builds the edge, and starts it twice.
    pub(crate) fn start(tools: &Tools, shop: &Shop, progress: Progress) -> Result<Self> {
        let text = std::fs::read_to_string(tools.root().join("bench/gateway.toml"))?;
        let config = shop.folder().join("bench-edge-pool.toml");
        std::fs::write(&config, text + POOL)?;
        let folder = tools.root().join("target/bench-edge-pool");
        let options = Options {
            config: Some(config),
            features: Vec::new(),
            out: Some(folder.clone()),
        };
        edge_build::build(tools, &options, progress)?;
        let start = |name, origins: &str| {
            let code = reads::ours(name, folder.clone());
            Worker::start(tools, &code, origins, ASSERTION_KEYS)
        };
        let origin = &shop.origin_url;
        Ok(Self(vec![
            start(TWO, &format!("{origin} {origin}"))?,
            start(ONE, origin)?,
        ]))
    }
}

/// Reads of orders, which go to the origin each time.
pub(crate) fn contests<'a>(edges: &'a Edges, shop: &'a Shop) -> Result<Vec<Contest<'a>>> {
    let orders = shop.order_resources()?;
    let reading = Reading {
        token: true,
        conditional: false,
        cached: false,
    };
    let contestants = edges.0.iter().map(|worker| {
        let traffic = Arc::new(reads::traffic(worker, shop, &orders, reading)?);
        Ok(Contestant {
            name: worker.name,
            run: Box::new(move |timing| {
                worker.forget_log()?;
                load::run(worker.address, &traffic, timing, &[worker.watched()])
            }),
        })
    });
    let compare = |measure, goal| Comparison {
        measure,
        of: TWO,
        to: ONE,
        goal,
    };
    Ok(vec![Contest {
        title: "an uncached GET through a pool".to_owned(),
        notes: vec!["the same code and the same origin; CPU is workerd's".to_owned()],
        contestants: contestants.collect::<Result<_>>()?,
        comparisons: vec![
            compare(Measure::Cpu, Some(CPU_GOAL)),
            compare(Measure::Rate, None),
        ],
    }])
}
