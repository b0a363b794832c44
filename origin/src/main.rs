//! The origin's commands.

mod operate;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, Parser, Subcommand};
use mimalloc::MiMalloc;
use origin::app::App;
use origin::commands::anywhere::Anywhere;
use origin::commands::print::{self, NobodyReads, say};
use origin::commands::{
    Said, api_keys, clients, explain, firewall, origins, probe, purge, signing_keys, token,
};
use origin::config::{Config, Databases, Parts};
use origin::log::{Log, Logs};
use origin::platform::Platform;
use origin::services::Service;
use origin::trace::{export, sampling::Tracing};
use origin::{asyncapi, openapi, reconcile, seed, server, store};
use serde_json::json;

/// For the many small things that a request allocates and soon frees.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// The shop behind the edge.
#[derive(Parser)]
#[command(version)]
struct Cli {
    /// Answer in JSON.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API, or parts of it.
    Serve(Box<Serving>),
    /// Relay events and run their consumers.
    Work(Box<Process>),
    /// Both in one process.
    Run(Box<Process>),
    /// Bring the database to this binary's schema; create what is missing.
    Migrate(Databases),
    /// Fill the shop with a demo catalogue and two people, or with your own catalogue.
    Seed {
        #[command(flatten)]
        databases: Databases,
        /// How many products.
        #[arg(long, default_value_t = 50_000)]
        products: u32,
        /// Import this file instead: .csv (with a header row), .jsonl or .ndjson. Products whose
        /// sku is there are replaced; a fault anywhere, and nothing is written.
        #[arg(long, value_name = "FILE", conflicts_with = "products")]
        from: Option<PathBuf>,
    },
    /// Look after payments.
    Payments {
        #[command(flatten)]
        databases: Anywhere,
        #[command(subcommand)]
        command: PaymentsCommand,
    },
    /// Make every edge forget copies; the process that works tells them.
    Purge(purge::Asked),
    /// Look at the log of events, and move who reads it.
    Events {
        #[command(flatten)]
        databases: Anywhere,
        #[command(subcommand)]
        command: operate::Events,
    },
    /// See and settle what consumers gave up.
    DeadLetters {
        #[command(flatten)]
        databases: Anywhere,
        #[command(subcommand)]
        command: operate::Letters,
    },
    /// Print the AsyncAPI document of the events.
    Asyncapi,
    /// What became of orders, by day.
    Analytics {
        #[command(flatten)]
        databases: Anywhere,
        #[command(subcommand)]
        task: AnalyticsTask,
    },
    /// Print the API's OpenAPI document.
    Openapi,
    /// The keys that access tokens are signed with: list, add, retire.
    SigningKeys {
        #[command(flatten)]
        databases: Anywhere,
        #[command(subcommand)]
        command: signing_keys::Command,
    },
    /// Who may ask for its own access tokens: add, list, revoke.
    Clients {
        #[command(flatten)]
        databases: Anywhere,
        #[command(subcommand)]
        command: clients::Command,
    },
    /// Partners' keys: create, list, rotate, revoke.
    ApiKeys {
        #[command(flatten)]
        databases: Anywhere,
        #[command(subcommand)]
        command: api_keys::Command,
    },
    /// Who is let in at the edge: show, set, clear, changes.
    Firewall {
        #[command(flatten)]
        databases: Anywhere,
        #[command(subcommand)]
        command: firewall::Command,
    },
    /// Where the edge sends requests: list, set, reset, changes.
    Origins {
        #[command(flatten)]
        databases: Anywhere,
        #[command(subcommand)]
        command: origins::Command,
    },
    /// Ask the process on this machine whether it would serve a request now; fails if not.
    Probe(probe::Asked),
    /// Tell what one request decided, and what followed from it.
    Explain(explain::Asked),
    /// Sign an access token.
    Token(Box<token::Asked>),
}

impl Command {
    /// What is logged. A task answers by what it prints, so its log is what went wrong.
    const fn logs(&self) -> Logs {
        match self {
            Self::Serve(_) | Self::Work(_) | Self::Run(_) => Logs::WhatHappens,
            _ => Logs::Warnings,
        }
    }
}

/// A process that serves.
#[derive(Args)]
struct Serving {
    /// Which parts of the API, such as `products,orders`: each may have a fleet of its own. What the edge asks
    /// of every origin is answered beside them; routes of other parts are 404.
    #[arg(long, env, value_enum, value_delimiter = ',', default_values_t = Service::ALL)]
    services: Vec<Service>,
    #[command(flatten)]
    process: Process,
}

/// A process that stays.
#[derive(Args)]
struct Process {
    #[command(flatten)]
    config: Config,
    #[command(flatten)]
    tracing: Tracing,
}

#[derive(Subcommand)]
enum PaymentsCommand {
    /// Hold the provider's book against ours; each difference comes with a suggestion.
    Reconcile(Box<reconcile::command::Asked>),
}

#[derive(Subcommand)]
enum AnalyticsTask {
    /// Make the sums anew, of every day that the outbox still holds.
    Rebuild,
}

fn main() -> ExitCode {
    match start(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is::<NobodyReads>() => ExitCode::SUCCESS,
        Err(error) => {
            // `{:#}` keeps a backtrace out of a sentence that is meant to be read.
            print::warn(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn start(cli: Cli) -> anyhow::Result<()> {
    let _log = Log::begin(cli.command.logs());
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let done = runtime.block_on(run(cli));
    // A password's hash that nobody waits for any more holds up no end.
    runtime.shutdown_background();
    done
}

async fn run(cli: Cli) -> anyhow::Result<()> {
    let platform = Platform::system();
    match cli.command {
        Command::Serve(asked) => {
            let Serving { services, process } = *asked;
            Box::pin(stay(process, Parts::Serve, &services, platform)).await
        }
        Command::Work(asked) => Box::pin(stay(*asked, Parts::Work, &Service::ALL, platform)).await,
        Command::Run(asked) => Box::pin(stay(*asked, Parts::Run, &Service::ALL, platform)).await,
        Command::Migrate(databases) => {
            store::migrate::run(&databases, &platform).await?;
            say(
                cli.json,
                &json!({"migrated": true}),
                "the database is up to date",
            )
        }
        Command::Seed {
            databases,
            from: Some(file),
            ..
        } => import(cli.json, &databases, &platform, &file).await,
        Command::Seed {
            databases,
            products,
            from: None,
        } => fill(cli.json, &databases, &platform, products).await,
        Command::Payments {
            databases,
            command: PaymentsCommand::Reconcile(asked),
        } => reconcile::command::command(cli.json, &databases.0, *asked, &platform).await,
        Command::Events { databases, command } => {
            let pool = store::pool::reach(&databases.0).await?;
            let done = operate::events(cli.json, command, &pool, &platform).await;
            pool.close().await;
            done
        }
        Command::DeadLetters { databases, command } => {
            let pool = store::pool::reach(&databases.0).await?;
            let done = operate::letters(cli.json, command, &pool, &platform).await;
            pool.close().await;
            done
        }
        Command::Purge(asked) => {
            let pool = store::pool::reach(&asked.databases).await?;
            let said = purge::run(&asked, &pool, &platform).await;
            answer(cli.json, &pool, said).await
        }
        Command::Analytics {
            databases,
            task: AnalyticsTask::Rebuild,
        } => rebuild_analytics(cli.json, &databases.0).await,
        Command::Openapi => {
            // One form for people and scripts: the document is JSON either way.
            print::line(&openapi::pretty()?)
        }
        Command::Asyncapi => print::line(&asyncapi::pretty()?),
        Command::SigningKeys { databases, command } => {
            let pool = store::pool::reach(&databases.0).await?;
            let said = signing_keys::run(&command, &pool, &platform).await;
            answer(cli.json, &pool, said).await
        }
        Command::Clients { databases, command } => {
            let pool = store::pool::reach(&databases.0).await?;
            let said = clients::run(&command, &pool, &platform).await;
            answer(cli.json, &pool, said).await
        }
        Command::ApiKeys { databases, command } => {
            let pool = store::pool::reach(&databases.0).await?;
            let said = api_keys::run(&command, &pool, &platform).await;
            answer(cli.json, &pool, said).await
        }
        Command::Firewall { databases, command } => {
            let pool = store::pool::reach(&databases.0).await?;
            let said = firewall::run(&command, &pool, &platform).await;
            answer(cli.json, &pool, said).await
        }
        Command::Origins { databases, command } => {
            let pool = store::pool::reach(&databases.0).await?;
            let said = origins::run(&command, &pool, &platform).await;
            answer(cli.json, &pool, said).await
        }
        Command::Probe(asked) => {
            let said = probe::run(&asked).await?;
            say(cli.json, &said.document, &said.text)
        }
        Command::Explain(asked) => {
            let pool = store::pool::reach(&asked.databases).await?;
            let said = explain::run(&asked, &pool, &platform).await;
            answer(cli.json, &pool, said).await
        }
        Command::Token(asked) => {
            let pool = store::pool::reach(&asked.databases).await?;
            let said = token::run(&asked, &pool, &platform).await;
            answer(cli.json, &pool, said).await
        }
    }
}

async fn answer(json: bool, pool: &sqlx::PgPool, said: anyhow::Result<Said>) -> anyhow::Result<()> {
    pool.close().await;
    let said = said?;
    say(json, &said.document, &said.text)
}

async fn fill(
    json: bool,
    databases: &Databases,
    platform: &Platform,
    products: u32,
) -> anyhow::Result<()> {
    let began = platform.now();
    let pool = store::pool::reach(databases).await?;
    let seeded = seed::run(&pool, platform, products).await?;
    pool.close().await;
    let took = (platform.now() - began).as_seconds_f64();
    let seconds = (took * 10.0).round() / 10.0;
    say(
        json,
        &json!({"products": seeded.products, "customer": seeded.customer,
            "admin": seeded.admin, "seconds": seconds}),
        &format!(
            "{} products, customer {}, admin {} ({seconds} s)",
            seeded.products, seeded.customer, seeded.admin
        ),
    )
}

async fn import(
    json: bool,
    databases: &Databases,
    platform: &Platform,
    file: &Path,
) -> anyhow::Result<()> {
    let products = match seed::import::read(file) {
        Ok(products) => products,
        Err(error) => {
            if let (true, Some(seed::import::Refused(faults))) = (json, error.downcast_ref()) {
                print::line(&json!({"imported": false, "errors": faults}).to_string())?;
                anyhow::bail!("nothing was imported: see `errors`");
            }
            return Err(error);
        }
    };
    let pool = store::pool::reach(databases).await?;
    let imported = seed::import::run(&pool, platform, products).await?;
    pool.close().await;
    say(
        json,
        &json!({"imported": true, "created": imported.created, "updated": imported.updated,
            "unchanged": imported.unchanged}),
        &format!(
            "{} products created, {} updated, {} unchanged",
            imported.created, imported.updated, imported.unchanged
        ),
    )
}

async fn rebuild_analytics(json: bool, databases: &Databases) -> anyhow::Result<()> {
    let pool = store::pool::reach(databases).await?;
    let first = store::analytics::rebuild(&pool).await?;
    pool.close().await;
    let first = first.map(|day| day.to_string());
    let text = first.as_deref().map_or_else(
        || "the outbox is empty, and the sums stay as they are".to_owned(),
        |day| format!("the sums are made anew from {day} on"),
    );
    say(json, &json!({"rebuilt_from": first}), &text)
}

/// Serves these services, works, or both, until the process is told to end.
async fn stay(
    asked: Process,
    parts: Parts,
    services: &[Service],
    platform: Platform,
) -> anyhow::Result<()> {
    let Process { config, tracing } = asked;
    let app = App::build(&config, platform)?.serving(services);
    let exporting = export::start(&tracing, app.shop.metrics.spans.clone())?;
    let drain = config.draining.times();
    let ready = store::key::ensure(&app.shop.pool, &app.shop.platform).await;
    if let Err(error) = ready {
        // One that lets nobody in says why itself.
        store::pool::answers(&config.databases).await?;
        return Err(error).context("the database is not ready: run `origin migrate`");
    }
    server::obey(app.shop.draining.clone(), drain).await?;
    let outcome = Box::pin(server::run(app, parts, config.listen, drain)).await;
    if let Some(exporting) = exporting {
        exporting.flush(drain.sending()).await;
    }
    tracing::info!("ended");
    outcome
}
