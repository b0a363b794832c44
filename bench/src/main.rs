//! Side-by-side benchmarks: `cargo xtask bench [NAME…]`.
//!
//! - `cached`, `uncached`: reads through our edge on raw workerd, beside Workers in JavaScript
//!   ([`reads`])
//! - `caches`: hits of our edge as a plain cache, beside a bare Worker, nginx, Varnish and Traffic
//!   Server ([`caches`])
//! - `feed`: hits of our edge beside the same edge without the feed ([`feed`])
//! - `identity`: what a token costs a hit, a signature by algorithm, a hot user's questions to its limiter, and
//!   a bad body that the edge refuses ([`identity`])
//! - `keys`: what a million distinct keys leave in the memory of workerd ([`keys`]); takes minutes
//! - `lists`: a list's first page beside its thousandth, at the origin ([`lists`])
//! - `orders`: POST /orders at the origin, beside pgbench running the same statements ([`orders`])
//! - `overload`: five times as many orders as the origin can do ([`overload`])
//! - `products`: a product from the origin's memory, beside a static handler of axum ([`products`])
//! - `pool`: what choosing between origins and watching them costs a request ([`pool`])
//! - `freshness`: a thousand changes of prices under load, and how long four locations answer the old
//!   ones ([`freshness`])
//! - `revocations`: a thousand revoked tokens, and how long four locations let them in ([`revocations`])
//! - `zipf`: reads of the whole catalogue by Zipf's law while prices change, and what of them reaches the
//!   origin ([`zipf`])
//! - `relay`: events a second from the log to a consumer, and how long from a commit to its effect
//!   ([`relay`])
//!
//! Nothing here fails because something is slow: the figures say so, and machines differ. It fails
//! when something does not run, or answers wrongly.

mod caches;
mod contest;
mod cpu;
mod feed;
mod freshness;
mod identity;
mod keys;
mod lists;
mod load;
mod orders;
mod overload;
mod pool;
mod products;
mod reads;
mod relay;
mod report;
mod revocations;
mod shop;
mod workers;
mod zipf;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::{Parser, ValueEnum};
use mimalloc::MiMalloc;
use serde::Serialize;
use xtask::interrupt;
use xtask::progress::Progress;
use xtask::tools::Tools;

use caches::Caches;
use contest::{Contest, Outcome, Timing};
use feed::Edges;
use freshness::Freshness;
use identity::Identity;
use keys::Growth;
use overload::Overload;
use products::Peers;
use reads::Workers;
use relay::Rates;
use report::Machine;
use revocations::Revocations;
use shop::Shop;
use zipf::Shares;

/// As the origin has: the static handler beside it is this program, too.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Measures Headgate beside its peers, and prints ratios.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask bench", bin_name = "cargo xtask bench")]
struct Settings {
    /// What to measure; all of it without a name
    names: Vec<Name>,
    /// Seconds measured in each run
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u64).range(1..=60))]
    seconds: u64,
    /// Seconds before that, in which nothing counts
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u64).range(0..=60))]
    warm_up: u64,
    /// Runs of each contestant, interleaved
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=20))]
    rounds: u64,
    /// Requests under way at once
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u64).range(1..=128))]
    connections: u64,
    /// How many tokens `revocations` revokes
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    revocations: u64,
    /// Serves these files, a body and its fields, to every GET, as a peer of `products`
    #[arg(long, hide = true, num_args = 2)]
    serve_static: Option<Vec<PathBuf>>,
}

impl Settings {
    fn wants(&self, name: Name) -> bool {
        self.names.is_empty() || self.names.contains(&name)
    }

    /// How long and how wide runs are.
    fn timing(&self) -> Result<Timing> {
        Ok(Timing {
            connections: usize::try_from(self.connections)?,
            warm_up: Duration::from_secs(self.warm_up),
            measured: Duration::from_secs(self.seconds),
        })
    }
}

/// A group of contests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Name {
    /// Product reads that the edge answers from copies
    Cached,
    /// Reads that the edge passes to the origin
    Uncached,
    /// Hits of the cache alone, beside other caches
    Caches,
    /// What following the feed costs a hit
    Feed,
    /// What callers cost: tokens, signatures, limits, bad bodies
    Identity,
    /// Memory after a million distinct keys
    Keys,
    /// Pages of the product list at the origin
    Lists,
    /// Orders at the origin
    Orders,
    /// More orders than the origin can do
    Overload,
    /// A product from the origin's memory, beside a static handler
    Products,
    /// What a pool of origins costs a request
    Pool,
    /// Changes of prices under load: how long until no location answers the old one
    Freshness,
    /// Revoked tokens under load: how long until no location lets them in
    Revocations,
    /// What of a shop's reads reaches the origin, while prices change
    Zipf,
    /// Events from the log to consumers
    Relay,
}

/// What needs the whole shop.
const OF_SHOP: [Name; 13] = [
    Name::Cached,
    Name::Uncached,
    Name::Pool,
    Name::Feed,
    Name::Identity,
    Name::Lists,
    Name::Orders,
    Name::Overload,
    Name::Products,
    Name::Freshness,
    Name::Revocations,
    Name::Zipf,
    Name::Relay,
];

fn main() -> ExitCode {
    let settings = Settings::parse();
    if let Some([body, fields]) = settings.serve_static.as_deref() {
        return match products::serve(body, fields) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("{error:#}");
                ExitCode::FAILURE
            }
        };
    }
    match interrupt::listen().and_then(|()| run(&settings)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) if error.is::<interrupt::Interrupted>() => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\n{error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Runs what was asked for; false when some of it could not be measured.
fn run(settings: &Settings) -> Result<bool> {
    let progress = Progress::shown();
    let wanted = |name| settings.wants(name);
    let tools = Tools::ensure(progress)?;
    let machine = Machine::read(&tools);
    let mut results = Vec::new();
    if wanted(Name::Caches) {
        let measured = Caches::start(&tools, progress)
            .and_then(|caches| all(settings, || Ok(caches::contests(&caches))));
        results.push(measured.context("caches"));
    }
    let growth = if wanted(Name::Keys) {
        let connections = usize::try_from(settings.connections)?;
        noted(
            &mut results,
            "keys",
            keys::measure(&tools, connections, progress),
        )
    } else {
        None
    };
    if wanted(Name::Overload) {
        overload::make_room();
    }
    let shop = OF_SHOP
        .into_iter()
        .any(wanted)
        .then(|| Shop::open(&tools, progress))
        .transpose()?;
    let callers = match &shop {
        Some(shop) => {
            at_the_origin(settings, &tools, shop, &mut results);
            at_the_edge(settings, &tools, shop, &mut results, progress)?
        }
        None => None,
    };
    let of = |name| shop.as_ref().filter(|_| wanted(name));
    let rounds = usize::try_from(settings.rounds)?;
    let overload = of(Name::Overload).and_then(|shop| {
        let measured = settings
            .timing()
            .and_then(|timing| overload::measure(shop, timing, rounds, progress));
        noted(&mut results, "overload", measured)
    });
    let fresh = of(Name::Freshness).and_then(|shop| {
        noted(
            &mut results,
            "freshness",
            freshness::measure(&tools, shop, progress),
        )
    });
    let revocations = usize::try_from(settings.revocations)?;
    let revoked = of(Name::Revocations).and_then(|shop| {
        let measured = revocations::measure(&tools, shop, revocations, progress);
        noted(&mut results, "revocations", measured)
    });
    let shares = of(Name::Zipf)
        .and_then(|shop| noted(&mut results, "zipf", zipf::measure(&tools, shop, progress)));
    let rates = of(Name::Relay).and_then(|shop| {
        results.push(all(settings, || orders::outbox(&tools, shop)).context("relay"));
        noted(&mut results, "relay", relay::measure(shop, progress))
    });
    let database = shop.as_ref().map(|shop| shop.database.as_str());
    let others = Others {
        growth,
        callers,
        fresh,
        revoked,
        shares,
        overload,
        rates,
    };
    report(settings, &machine, database, results, &others)
}

/// The contests of edges; what was measured of their callers besides.
fn at_the_edge(
    settings: &Settings,
    tools: &Tools,
    shop: &Shop,
    results: &mut Vec<Result<Vec<Outcome>>>,
    progress: Progress,
) -> Result<Option<Identity>> {
    if settings.wants(Name::Cached) || settings.wants(Name::Uncached) {
        let workers = Workers::start(tools, shop, progress)?;
        if settings.wants(Name::Cached) {
            results.push(all(settings, || reads::cached(&workers, shop)).context("cached"));
        }
        if settings.wants(Name::Uncached) {
            results.push(all(settings, || reads::uncached(&workers, shop)).context("uncached"));
        }
    }
    if settings.wants(Name::Feed) {
        let measured = Edges::start(tools, shop, progress)
            .and_then(|edges| all(settings, || feed::contests(&edges, shop)));
        results.push(measured.context("feed"));
    }
    if settings.wants(Name::Pool) {
        let measured = pool::Edges::start(tools, shop, progress)
            .and_then(|edges| all(settings, || pool::contests(&edges, shop)));
        results.push(measured.context("pool"));
    }
    let mut callers = None;
    if settings.wants(Name::Identity) {
        let measured = identity::Edges::start(tools, shop, progress).and_then(|edges| {
            callers = Some(identity::measure(&edges, shop)?);
            all(settings, || identity::contests(&edges, shop))
        });
        results.push(measured.context("identity"));
    }
    Ok(callers)
}

/// The contests at the origin, without the edge.
fn at_the_origin(
    settings: &Settings,
    tools: &Tools,
    shop: &Shop,
    results: &mut Vec<Result<Vec<Outcome>>>,
) {
    if settings.wants(Name::Lists) {
        results.push(all(settings, || lists::contests(shop)).context("lists"));
    }
    if settings.wants(Name::Orders) {
        results.push(all(settings, || orders::contests(tools, shop)).context("orders"));
    }
    if settings.wants(Name::Products) {
        let measured =
            Peers::start(shop).and_then(|peers| all(settings, || products::contests(shop, &peers)));
        results.push(measured.context("products"));
    }
}

/// What was measured; a failure stands with the results.
fn noted<T>(
    results: &mut Vec<Result<Vec<Outcome>>>,
    name: &'static str,
    measured: Result<T>,
) -> Option<T> {
    measured
        .map_err(|error| results.push(Err(error).context(name)))
        .ok()
}

/// What is no contest.
#[derive(Debug, Default, Serialize)]
struct Others {
    growth: Option<Growth>,
    callers: Option<Identity>,
    fresh: Option<Freshness>,
    revoked: Option<Revocations>,
    shares: Option<Shares>,
    overload: Option<Overload>,
    rates: Option<Rates>,
}

/// Prints and writes what came of it; false when some of it could not be measured.
fn report(
    settings: &Settings,
    machine: &Machine,
    database: Option<&str>,
    results: Vec<Result<Vec<Outcome>>>,
    others: &Others,
) -> Result<bool> {
    let (mut outcomes, mut failed) = (Vec::new(), Vec::new());
    for result in results {
        match result {
            Ok(some) => outcomes.extend(some),
            Err(error) if error.is::<interrupt::Interrupted>() => return Err(error),
            Err(error) => failed.push(format!("{error:#}")),
        }
    }
    println!("\n{}", machine.line());
    if let Some(database) = database {
        println!("{database}");
    }
    for outcome in &outcomes {
        print!("{}", report::table(outcome));
    }
    if let Some(growth) = &others.growth {
        print!("{}", report::growth(growth));
    }
    if let Some(callers) = &others.callers {
        print!("{}", report::callers(callers));
    }
    if let Some(fresh) = &others.fresh {
        print!("{}", report::freshness(fresh));
    }
    if let Some(revoked) = &others.revoked {
        print!("{}", report::revocations(revoked));
    }
    if let Some(shares) = &others.shares {
        print!("{}", report::shares(shares));
    }
    if let Some(overload) = &others.overload {
        print!("{}", report::overload(overload));
    }
    if let Some(rates) = &others.rates {
        print!("{}", report::rates(rates));
    }
    for failure in &failed {
        println!("\nnot measured: {failure}");
    }
    let file = report::write(&outcomes, others, &failed, machine, settings, database)?;
    println!("\n{}", file.display());
    Ok(failed.is_empty())
}

/// Runs a group of contests, telling each run as it ends.
fn all<'a>(
    settings: &Settings,
    contests: impl FnOnce() -> Result<Vec<Contest<'a>>>,
) -> Result<Vec<Outcome>> {
    let timing = settings.timing()?;
    let rounds = usize::try_from(settings.rounds)?;
    contests()?
        .into_iter()
        .map(|contest| {
            eprintln!("  {}", contest.title);
            contest.run(rounds, timing, |name, measured| {
                eprintln!("{}", report::line(name, measured));
                interrupt::check()
            })
        })
        .collect()
}
