//! The replica: who may ask it, and whether it is well.
//!
//! 1. A read whose connection fails takes it out, and so does a check that finds nobody. It is asked again
//!    when a check, a second later, finds it: so no request pays for a replica that is dead but those that
//!    met its death. A statement that it gave up for the sake of replaying, or for its time, is no failure.
//! 2. Behind by more than [`following::LAG_SECONDS_MAX`], it answers who says how new the answer must be
//!    (and then it is found by its label whether it can), and nobody else.
//! 3. Checks have a connection of their own, so that who is busy is not taken for dead.
//!
//! Until the first check it is taken to be well.

use std::convert::Infallible;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use shared::feed::Position;
use sqlx::pool::PoolConnection;
use sqlx::{PgPool, Postgres};
use tokio::time::timeout;

use super::choice::Wanted;
use super::following::{Following, Lag, State};
use crate::metrics::Metrics;
use crate::platform::Platform;
use crate::store::{Fault, log, pool};

/// From one check to the next.
const CHECK_EVERY: Duration = Duration::from_secs(1);
/// How long a check waits for one server.
const CHECK_TIMEOUT: Duration = Duration::from_secs(1);

/// Connections to it.
#[derive(Debug)]
pub struct Pools {
    /// For reads of the shop.
    pub reads: PgPool,
    /// For reports.
    pub reports: PgPool,
    /// For checks.
    pub checks: PgPool,
}

/// The replica.
pub(super) struct Replica {
    pools: Pools,
    /// The primary's connection for checks.
    primary: PgPool,
    state: AtomicU8,
    following: Mutex<Following>,
    platform: Platform,
    metrics: Arc<Metrics>,
}

const IN: u8 = 0;
const LAGGING: u8 = 1;
const OUT: u8 = 2;

impl Replica {
    pub(super) fn new(
        pools: Pools,
        primary: PgPool,
        platform: Platform,
        metrics: Arc<Metrics>,
    ) -> Self {
        metrics.replica(true, Lag::default().time, 0);
        Self {
            pools,
            primary,
            state: AtomicU8::new(IN),
            following: Mutex::default(),
            platform,
            metrics,
        }
    }

    /// A connection for a read, if the replica may answer it and is there.
    pub(super) async fn read(&self, wanted: Wanted) -> Option<PoolConnection<Postgres>> {
        self.connection(&self.pools.reads, wanted).await
    }

    /// A connection for a report.
    pub(super) async fn report(&self) -> Option<PoolConnection<Postgres>> {
        self.connection(&self.pools.reports, Wanted::Any).await
    }

    async fn connection(&self, pool: &PgPool, wanted: Wanted) -> Option<PoolConnection<Postgres>> {
        if !wanted.may_follow(self.state()) {
            return None;
        }
        match pool::acquire(pool).await {
            Ok(connection) => Some(connection),
            Err(error) => {
                self.failed(&error);
                None
            }
        }
    }

    /// It could not answer. Whether it is asked again depends on why.
    pub(super) fn failed(&self, error: &sqlx::Error) {
        if let Fault::NotReached | Fault::ConnectionLost = Fault::of(error) {
            tracing::warn!(%error, "the replica can't be read: the primary answers");
            self.is_now(State::Out);
            self.metrics.replica_up(false);
        } else {
            tracing::info!(%error, "the replica did not do it: the primary answers");
        }
    }

    /// Looks how far both have come.
    pub(super) async fn check(&self) {
        let (end, come) =
            tokio::join!(place(&self.primary, true), place(&self.pools.checks, false));
        let now = self.platform.now();
        let Some(come) = come else {
            self.is_now(State::Out);
            self.metrics.replica_up(false);
            return;
        };
        let mut following = self
            .following
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let lag = following.saw(end, come, now);
        if self.is_now(lag.state()) != lag.state() {
            let (seconds, bytes) = (lag.time.num_seconds(), lag.bytes);
            tracing::info!(state = ?lag.state(), seconds, bytes, "the replica's state");
        }
        self.metrics.replica(true, lag.time, lag.bytes);
    }

    /// Checks again and again.
    pub(super) async fn watch(&self) -> Infallible {
        loop {
            self.check().await;
            tokio::time::sleep(CHECK_EVERY).await;
        }
    }

    pub(super) async fn close(&self) {
        self.pools.checks.close().await;
        self.pools.reports.close().await;
        self.pools.reads.close().await;
    }

    pub(super) fn state(&self) -> State {
        match self.state.load(Ordering::Relaxed) {
            IN => State::In,
            LAGGING => State::Lagging,
            _ => State::Out,
        }
    }

    /// The state from now on; gives what it was.
    fn is_now(&self, state: State) -> State {
        let before = self.state();
        let state = match state {
            State::In => IN,
            State::Lagging => LAGGING,
            State::Out => OUT,
        };
        self.state.store(state, Ordering::Relaxed);
        before
    }
}

/// How far a server has come: the primary to the end of what is on its disk, which is what a replica can
/// have; a replica to what it has replayed.
async fn place(server: &PgPool, is_primary: bool) -> Option<Position> {
    let asked = async {
        let mut connection = server.acquire().await?;
        if is_primary {
            log::flushed(&mut connection).await
        } else {
            log::label(&mut connection).await
        }
    };
    match timeout(CHECK_TIMEOUT, asked).await {
        Ok(Ok(place)) => place,
        Ok(Err(error)) => {
            tracing::debug!(%error, is_primary, "a check found nobody");
            None
        }
        Err(_) => None,
    }
}
