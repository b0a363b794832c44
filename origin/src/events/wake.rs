//! Wakes the workers of other processes. Never within a change's own transaction: a NOTIFY there locks
//! database-wide through the commit, and was measured to cost half of all orders. A process that
//! serves says afterwards, at most once in a while, that something came; whoever hears nothing looks
//! by itself every half second.

use std::time::Duration;

use sqlx::PgPool;
use sqlx::postgres::PgListener;
use tokio::sync::Notify;

use crate::store::outbox;

/// Least time between two words.
const PAUSE: Duration = Duration::from_millis(10);
/// Before a listener that failed tries anew.
const AGAIN: Duration = Duration::from_secs(1);

/// Says to other processes what wakes this one. For a process that serves and does not work.
pub async fn announce(pool: &PgPool, wake: &Notify) {
    loop {
        wake.notified().await;
        if let Err(error) = outbox::announce(pool).await {
            tracing::debug!(%error, "the workers will look by themselves");
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Wakes this process when another one says so. It holds one of the pool's connections.
pub(super) async fn listen(pool: &PgPool, wake: &Notify) {
    loop {
        let heard = async {
            let mut listener = PgListener::connect_with(pool).await?;
            listener.listen(outbox::CHANNEL).await?;
            loop {
                listener.recv().await?;
                wake.notify_one();
            }
        };
        let heard: sqlx::Result<()> = heard.await;
        if let Err(error) = heard {
            tracing::debug!(%error, "nobody is heard for a moment");
        }
        tokio::time::sleep(AGAIN).await;
    }
}
