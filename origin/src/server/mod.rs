//! A process that serves, works, or both, until it is told to end ([`Drain`]).

mod drain;
mod told;

pub use drain::Drain;
pub use told::obey;

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context;
use axum::serve::ListenerExt;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::time::{Instant, sleep, timeout_at};

use crate::app::{App, Shop};
use crate::config::Parts;
use crate::events::wake;
use crate::routes::Api;

/// Runs the parts until `shop.draining` is cancelled, and then to their ends.
pub async fn run(app: App, parts: Parts, listen: SocketAddr, drain: Drain) -> anyhow::Result<()> {
    let shop = app.shop.clone();
    let draining = shop.draining.clone();
    let began = tokio::spawn(async move {
        draining.cancelled().await;
        Instant::now()
    });
    let api = app.api.clone();
    let behind = if parts == Parts::Serve {
        let shop = shop.clone();
        tokio::spawn(async move {
            tokio::select! {
                () = wake::announce(&shop.pool, &shop.wake) => {}
                // What orders under way still write is announced, too.
                () = after(&shop, drain.working()) => {}
            }
        })
    } else {
        tokio::spawn(work(app, drain))
    };
    let outcome = if parts == Parts::Work {
        let said = ready(None);
        if said.is_ok() {
            tokio::select! {
                () = shop.draining.cancelled() => {}
                never = shop.reads.watch_cache() => match never {},
            }
        }
        said
    } else {
        tokio::select! {
            served = serve(api, &shop, listen, drain) => served,
            never = shop.reads.watch() => match never {},
        }
    };
    // Serving may have ended by itself.
    shop.draining.cancel();
    let began = began.await?;
    shop.tasks.close();
    let orders = timeout_at(began + drain.working(), shop.tasks.wait());
    if orders.await.is_err() {
        let open = shop.tasks.len();
        tracing::warn!(open, "orders under way are left to their leases");
    }
    if parts == Parts::Serve {
        behind.abort();
    } else if let Err(error) = behind.await {
        tracing::warn!(%error, "who works behind the API did not end in order");
    }
    let closing = async {
        shop.reads.close().await;
        shop.reports.close().await;
        shop.probes.close().await;
        shop.pool.close().await;
    };
    if timeout_at(began + drain.closing(), closing).await.is_err() {
        tracing::warn!("connections to the database are left to it");
    }
    outcome
}

async fn serve(api: Api, shop: &Shop, listen: SocketAddr, drain: Drain) -> anyhow::Result<()> {
    let listener = TcpListener::bind(listen)
        .await
        .with_context(|| format!("{listen} can't be listened on; name another with --listen"))?;
    let address = listener.local_addr()?;
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "the connection keeps its delay");
        }
    });
    ready(Some(address))?;
    let close = {
        let shop = shop.clone();
        async move {
            shop.draining.cancelled().await;
            tracing::info!("draining");
            sleep(drain.grace()).await;
        }
    };
    let server = axum::serve(listener, api)
        .with_graceful_shutdown(close)
        .into_future();
    tokio::select! {
        outcome = server => outcome.context("serving ended"),
        () = after(shop, drain.serving()) => {
            tracing::warn!("connections that did not end in time are cut");
            Ok(())
        }
    }
}

/// Works behind the API: each until the end begins, or to the end of what it has taken up.
async fn work(app: App, drain: Drain) {
    let App {
        shop,
        relay,
        completer,
        sweeper,
        strays,
        webhooks,
        pushes,
        retention,
        alerts,
        ..
    } = app;
    let following = async {
        tokio::join!(
            relay.run(),
            sweeper.run(),
            strays.run(),
            retention.run(),
            alerts.run()
        );
    };
    let handed_on = async {
        // What is cut here is done again by whoever takes the lease next.
        tokio::select! {
            () = following => {}
            () = shop.draining.cancelled() => {}
        }
        relay.leave().await;
    };
    let done = async {
        tokio::select! {
            _ = async { tokio::join!(completer.run(), webhooks.run(), pushes.run()) } => {}
            () = after(&shop, drain.working()) => {
                tracing::warn!("what is under way is left to others");
            }
        }
        completer.leave().await;
    };
    tokio::select! {
        _ = async { tokio::join!(handed_on, done) } => {}
        () = after(&shop, drain.leaving()) => {
            tracing::warn!("leases run out by themselves");
        }
    }
}

/// So long after the end began.
async fn after(shop: &Shop, time: Duration) {
    shop.draining.cancelled().await;
    sleep(time).await;
}

/// Tells whoever started the process, in one line on standard output.
fn ready(address: Option<SocketAddr>) -> anyhow::Result<()> {
    use std::io::Write;
    let line = match address {
        Some(address) => json!({"ready": true, "listen": address}),
        None => json!({"ready": true}),
    };
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}
