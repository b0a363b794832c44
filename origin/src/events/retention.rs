//! Makes the log's next weeks and drops its old ones, once an hour.
//!
//! The database is down: the next hour does it; two weeks are made ahead.

use std::time::Duration;

use sqlx::PgPool;

use crate::platform::Platform;
use crate::store::partitions;

/// How often it is looked.
const POLL: Duration = Duration::from_hours(1);

/// The job.
pub struct Retention {
    pool: PgPool,
    platform: Platform,
}

impl Retention {
    /// Over this database.
    pub const fn new(pool: PgPool, platform: Platform) -> Self {
        Self { pool, platform }
    }

    /// Works until the process ends.
    pub async fn run(&self) {
        loop {
            if let Err(error) = self.step().await {
                tracing::warn!(%error, "the log's weeks were not looked at");
            }
            self.platform.pause(POLL).await;
        }
    }

    /// Looks once. Which parts of the log were dropped.
    pub async fn step(&self) -> anyhow::Result<Vec<String>> {
        let now = self.platform.now();
        let mut connection = self.pool.acquire().await?;
        partitions::make(&mut connection, now).await?;
        drop(connection);
        let dropped = partitions::drop_old(&self.pool, now).await?;
        if !dropped.is_empty() {
            tracing::info!(?dropped, "what is older than it is kept");
        }
        Ok(dropped)
    }
}
