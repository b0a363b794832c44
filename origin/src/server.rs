//! A process that serves, works, or both, until it is told to end.

use std::net::SocketAddr;
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::Context;
use axum::serve::ListenerExt;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::app::App;
use crate::config::Parts;
use crate::events::wake;

/// How long requests and orders under way may take to end.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(30);

/// Runs the parts until `ending` turns true, then drains, bounded by [`DRAIN_TIMEOUT`].
pub async fn run(
    app: App,
    parts: Parts,
    listen: SocketAddr,
    ending: watch::Receiver<bool>,
) -> anyhow::Result<()> {
    let works = parts != Parts::Serve;
    let relay = std::sync::Arc::new(app.relay);
    let worker = works.then(|| {
        let (relay, completer) = (relay.clone(), app.completer);
        let (sweeper, strays) = (app.sweeper, app.strays);
        let (webhooks, pushes) = (app.webhooks, app.pushes);
        let (retention, alerts) = (app.retention, app.alerts);
        let shop = app.shop.clone();
        tokio::spawn(async move {
            tokio::join!(
                relay.run(),
                wake::listen(&shop.pool, &shop.wake),
                completer.run(),
                sweeper.run(),
                strays.run(),
                webhooks.run(),
                pushes.run(),
                retention.run(),
                alerts.run()
            );
        })
    });
    let shop = app.shop.clone();
    let announcer = (!works).then(|| {
        let shop = shop.clone();
        tokio::spawn(async move { wake::announce(&shop.pool, &shop.wake).await })
    });
    let outcome = if parts == Parts::Work {
        ready(None)?;
        stopped(ending).await;
        Ok(())
    } else {
        serve(app.router, &shop, listen, ending).await
    };
    shop.draining.store(true, Ordering::SeqCst);
    shop.tasks.close();
    if tokio::time::timeout(DRAIN_TIMEOUT, shop.tasks.wait())
        .await
        .is_err()
    {
        tracing::warn!(
            open = shop.tasks.len(),
            "orders under way are left to their leases"
        );
    }
    if let Some(announcer) = announcer {
        announcer.abort();
    }
    if let Some(worker) = worker {
        worker.abort();
        let _ = worker.await;
        relay.leave().await;
    }
    shop.reads.close().await;
    shop.pool.close().await;
    outcome
}

async fn serve(
    router: axum::Router,
    shop: &crate::app::Shop,
    listen: SocketAddr,
    ending: watch::Receiver<bool>,
) -> anyhow::Result<()> {
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
    let begin = {
        let (ending, origin) = (ending.clone(), shop.clone());
        async move {
            stopped(ending).await;
            // From here on /readyz says so, on connections that are still open.
            origin.draining.store(true, Ordering::SeqCst);
            tracing::info!("draining");
        }
    };
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let server = axum::serve(listener, service)
        .with_graceful_shutdown(begin)
        .into_future();
    let deadline = async {
        stopped(ending).await;
        tokio::time::sleep(DRAIN_TIMEOUT).await;
    };
    tokio::select! {
        outcome = server => outcome.context("serving ended"),
        () = deadline => {
            tracing::warn!("connections that did not end in time are cut");
            Ok(())
        }
    }
}

async fn stopped(mut ending: watch::Receiver<bool>) {
    // A sender that is gone will never say so: end as well.
    let _ = ending.wait_for(|now| *now).await;
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
