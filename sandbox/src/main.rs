//! The sandbox provider's command.

use std::io::Write;
use std::net::SocketAddr;
use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, Parser, Subcommand};
use sandbox::api;
use sandbox::book::Book;
use sandbox::teller::Teller;
use secrecy::SecretString;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// A payment provider to try the shop against.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Bring the book's database up to date, then serve the API.
    Serve(Options),
}

#[derive(Args)]
struct Options {
    /// Address to serve on; port 0 takes a free one.
    #[arg(long, env = "SANDBOX_LISTEN", default_value = "127.0.0.1:8090")]
    listen: SocketAddr,
    /// The book's own Postgres database; created if it is missing.
    #[arg(long, env = "SANDBOX_DATABASE_URL", hide_env_values = true)]
    database_url: SecretString,
    /// Where charges are told of; unset: nowhere.
    #[arg(long, env = "SANDBOX_WEBHOOK_URL", requires = "webhook_secret")]
    webhook_url: Option<String>,
    /// What that is signed with: `whsec_` and base64.
    #[arg(long, env = "PAYMENT_WEBHOOK_SECRET", hide_env_values = true)]
    webhook_secret: Option<SecretString>,
}

fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_writer(std::io::stderr)
        .with_env_filter(
            EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn")),
        )
        .init();
    let Command::Serve(options) = Cli::parse().command;
    match start(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // `{:#}` keeps a backtrace out of a sentence that is meant to be read.
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn start(options: &Options) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(serve(options))
}

async fn serve(options: &Options) -> anyhow::Result<()> {
    let mut book = Book::open(&options.database_url).await?;
    if let (Some(url), Some(secret)) = (&options.webhook_url, &options.webhook_secret) {
        book = book.telling();
        let teller = Teller::new(book.clone(), url, secret)?;
        tokio::spawn(async move { teller.run().await });
    }
    let listen = options.listen;
    let listener = TcpListener::bind(listen)
        .await
        .with_context(|| format!("{listen} can't be listened on; name another with --listen"))?;
    let (mut terminate, mut interrupt) = (
        signal(SignalKind::terminate())?,
        signal(SignalKind::interrupt())?,
    );
    let address = listener.local_addr()?;
    let mut out = std::io::stdout();
    writeln!(out, "{}", json!({"ready": true, "listen": address}))?;
    out.flush()?;
    // Nothing waits for requests under way: a provider that goes away in the middle of a charge is
    // what its clients must be able to live with.
    tokio::select! {
        served = api::serve(book, listener, std::future::pending()) => Ok(served?),
        _ = terminate.recv() => Ok(()),
        _ = interrupt.recv() => Ok(()),
    }
}
