//! Whoever tells the process to end is heard, and obeyed in time.
//!
//! 1. SIGTERM or SIGINT begins the end; what comes after changes nothing.
//! 2. When the time is nearly over, the process is ended by force, with failure.
//!
//! In a thread with a runtime of its own, so that it does not matter what hangs: all threads of the other
//! runtime may wait for one thing, such as a log that nobody reads, and would hear no signal then.

use std::process;
use std::thread;
use std::time::Duration;

use anyhow::Context;
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;
use tokio::task::spawn_blocking;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::Drain;
use crate::log;

/// Cancels `draining` when the process is told to end, and sees to it that it does. Signals are heard from
/// here on.
pub async fn obey(draining: CancellationToken, drain: Drain) -> anyhow::Result<()> {
    let (hears, ready) = oneshot::channel();
    thread::spawn(move || {
        let told = Builder::new_current_thread()
            .enable_all()
            .build()
            .map(|runtime| {
                let told = runtime.block_on(until_told(hears));
                (runtime, told)
            });
        // Else nobody is told below that signals are heard, and the process does not begin.
        let Ok((runtime, Ok(()))) = told else { return };
        draining.cancel();
        runtime.block_on(async { sleep(drain.force()).await });
        complain(&runtime, drain.total.saturating_sub(drain.force()));
        process::exit(1);
    });
    ready.await.context("signals can't be heard")
}

/// Waits for SIGTERM or SIGINT, and says when it does.
async fn until_told(hears: oneshot::Sender<()>) -> std::io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    // Who asked for it may be gone, as one that can't serve is.
    let _ = hears.send(());
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

/// Says it, as long as that takes no longer than this: the log may be what hangs.
fn complain(runtime: &Runtime, longest: Duration) {
    runtime.block_on(async {
        let saying = spawn_blocking(|| {
            tracing::error!("the process did not end in time, and is ended");
            log::flush();
        });
        let _ = timeout(longest, saying).await;
    });
}
