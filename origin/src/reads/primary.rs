//! Reads from the primary.
//!
//! 1. Without a replica, or as new as there is: by right, from the shop's connections.
//! 2. In the place of a replica that is out, or behind what is wanted: by half of those connections at most
//!    at a time ([`SHARE`]), so that orders have the other half. Whoever waits for one of them for longer
//!    than [`WAIT`] is refused, 503 with `Retry-After`, and the edge answers from a stale copy if it may.

use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::{PgPool, Postgres};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

use crate::store::pool;

/// The part of the shop's connections that may read in the replica's place.
const SHARE: u32 = 2;
/// How long a read waits for one of them.
const WAIT: Duration = Duration::from_millis(250);

/// The primary.
pub(super) struct Primary {
    pool: PgPool,
    instead: Semaphore,
}

/// A connection, and what it counts as.
pub(super) struct Lent<'a> {
    pub(super) connection: PoolConnection<Postgres>,
    _place: Option<SemaphorePermit<'a>>,
}

impl Primary {
    pub(super) fn new(pool: PgPool, connections: u32) -> Self {
        let places = usize::try_from(connections / SHARE).unwrap_or(usize::MAX);
        Self {
            pool,
            instead: Semaphore::new(places.clamp(1, Semaphore::MAX_PERMITS)),
        }
    }

    /// A connection; in the replica's place, if there is one within the budget.
    pub(super) async fn lend(&self, instead: bool) -> sqlx::Result<Option<Lent<'_>>> {
        let mut place = None;
        if instead {
            // It is never closed.
            match timeout(WAIT, self.instead.acquire()).await {
                Ok(Ok(one)) => place = Some(one),
                _ => return Ok(None),
            }
        }
        let connection = pool::acquire(&self.pool).await?;
        Ok(Some(Lent {
            connection,
            _place: place,
        }))
    }
}
