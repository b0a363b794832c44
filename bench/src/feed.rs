//! What following the feed costs a hit: our edge with bench/gateway.toml, beside the same code with
//! `purge = "none"`, whose copies nothing but time ends.
//!
//! Each has its own workerd. The feed's object answers in the same process, so its polls are counted too.

use std::sync::Arc;

use anyhow::{Result, ensure};
use xtask::edge_build::{self, Options};
use xtask::progress::Progress;
use xtask::tools::Tools;

use crate::contest::{Comparison, Contest, Contestant, Measure};
use crate::load;
use crate::reads::{self, OURS, Reading};
use crate::shop::{ASSERTION_KEYS, Shop};
use crate::workers::Worker;

/// Ours, deaf.
const DEAF: &str = "without feed";
/// What its processor time may be of that.
const CPU_GOAL: f64 = 1.03;
/// The line of bench/gateway.toml that is changed.
const PRODUCT: &str = "cache = { query = [] }";

/// Both edges, serving.
pub(crate) struct Edges(Vec<Worker>);

impl Edges {
    /// Builds and starts both.
    pub(crate) fn start(tools: &Tools, shop: &Shop, progress: Progress) -> Result<Self> {
        let text = std::fs::read_to_string(tools.root().join("bench/gateway.toml"))?;
        ensure!(
            text.contains(PRODUCT),
            "bench/gateway.toml has no {PRODUCT}"
        );
        let deaf = text.replace(PRODUCT, "cache = { query = [], purge = \"none\" }");
        let start = |name, text: &str, folder: &str| {
            let config = shop.folder().join(format!("{folder}.toml"));
            std::fs::write(&config, text)?;
            let folder = tools.root().join("target").join(folder);
            let options = Options {
                config: Some(config),
                features: Vec::new(),
                out: Some(folder.clone()),
            };
            edge_build::build(tools, &options, progress)?;
            let code = reads::ours(name, folder);
            Worker::start(tools, &code, &shop.origin_url, ASSERTION_KEYS)
        };
        Ok(Self(vec![
            start(OURS, &text, "bench-edge-feed")?,
            start(DEAF, &deaf, "bench-edge-deaf")?,
        ]))
    }
}

/// Hits, with a token and without.
pub(crate) fn contests<'a>(edges: &'a Edges, shop: &'a Shop) -> Result<Vec<Contest<'a>>> {
    let products = shop.product_resources()?;
    let contest = |(title, token): (&str, bool)| {
        let reading = Reading {
            token,
            conditional: false,
            cached: true,
        };
        let mut contestants = Vec::new();
        for worker in &edges.0 {
            let traffic = Arc::new(reads::traffic(worker, shop, &products, reading)?);
            contestants.push(Contestant {
                name: worker.name,
                run: Box::new(move |timing| {
                    worker.forget_log()?;
                    load::run(worker.address, &traffic, timing, &[worker.watched()])
                }),
            });
        }
        let compare = |measure, goal| Comparison {
            measure,
            of: OURS,
            to: DEAF,
            goal,
        };
        Ok(Contest {
            title: title.to_owned(),
            notes: vec!["the same code; CPU is workerd's, the feed's object included".to_owned()],
            contestants,
            comparisons: vec![
                compare(Measure::Cpu, Some(CPU_GOAL)),
                compare(Measure::Rate, None),
            ],
        })
    };
    [
        ("the feed on a cached GET, anonymous", false),
        ("the feed on a cached GET with a token", true),
    ]
    .into_iter()
    .map(contest)
    .collect()
}
