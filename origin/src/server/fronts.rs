//! Connections, each in one of a few threads ahead of the runtime, as many as there are cores.
//!
//! What the process's memory holds is answered there and then ([`Api`]): no other thread is woken for it. All
//! else is handed to the runtime, whose threads share out what takes long among themselves, and which a client
//! that goes away takes its request back from.
//!
//! 1. Connections are taken here and given to the threads in turn.
//! 2. When it is to close, none is taken any more; those that were taken are served to their ends.
//! 3. When it is dropped, they are cut.

use std::net::SocketAddr;
use std::num::NonZero;
use std::thread;

use anyhow::Context;
use axum::serve::{Listener, ListenerExt};
use futures_util::future::try_join_all;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Handle};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::routes::Api;

/// Connections that wait for a thread to take them up.
const WAITING_MAX: usize = 1024;

/// A connection on its way to a thread.
type Taken = (std::net::TcpStream, SocketAddr);

/// Serves until `close`, and then those who are there.
pub(super) async fn serve(
    listener: TcpListener,
    api: Api,
    close: impl Future<Output = ()>,
) -> anyhow::Result<()> {
    let cut = CancellationToken::new();
    let _cuts: DropGuard = cut.clone().drop_guard();
    let mut fronts = Vec::new();
    let mut ends = Vec::new();
    for _ in 0..thread::available_parallelism().map_or(1, NonZero::get) {
        let (gives, taken) = mpsc::channel(WAITING_MAX);
        fronts.push(gives);
        ends.push(front(taken, api.clone(), cut.clone())?);
    }
    tokio::select! {
        never = take(listener, &fronts) => never?,
        () = close => {}
    }
    drop(fronts);
    try_join_all(ends).await.context("serving ended")?;
    Ok(())
}

/// Takes connections and gives them to the threads in turn. It ends only when a thread has.
async fn take(listener: TcpListener, fronts: &[mpsc::Sender<Taken>]) -> anyhow::Result<()> {
    let mut listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "the connection keeps its delay");
        }
    });
    for front in fronts.iter().cycle() {
        let (stream, peer) = Listener::accept(&mut listener).await;
        match stream.into_std() {
            Ok(stream) => front.send((stream, peer)).await.context("a thread ended")?,
            Err(error) => tracing::warn!(%error, "a connection can't be given on"),
        }
    }
    Ok(())
}

/// A thread that serves what it is given. What is returned comes with its end.
fn front(
    mut taken: mpsc::Receiver<Taken>,
    api: Api,
    cut: CancellationToken,
) -> anyhow::Result<oneshot::Receiver<()>> {
    let behind = Handle::current();
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let (ends, end) = oneshot::channel();
    let serving = async move {
        let open = GracefulShutdown::new();
        while let Some((stream, peer)) = taken.recv().await {
            match TcpStream::from_std(stream) {
                Ok(stream) => {
                    let service = api.of_connection(peer, behind.clone());
                    let connection =
                        http1::Builder::new().serve_connection(TokioIo::new(stream), service);
                    // How it ends is the client's affair.
                    tokio::spawn(open.watch(connection));
                }
                Err(error) => tracing::warn!(%error, "a connection can't be taken up"),
            }
        }
        open.shutdown().await;
    };
    let front = thread::Builder::new().name("front".to_owned());
    front.spawn(move || {
        runtime.block_on(cut.run_until_cancelled(serving));
        // Connections that are left go with it.
        drop(runtime);
        let _ = ends.send(());
    })?;
    Ok(end)
}
