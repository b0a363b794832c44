//! Tells operators what does not mend itself: a consumer's first dead letter, and a consumer that is
//! too far behind.
//!
//! An alert is a row, an error in the log, and, where a webhook is set, a POST of
//! `{name, detail, raised_at}` that is sent again until it is taken: at least once. It is cleared when
//! its cause is gone, and raised anew when that comes back.
//!
//! The webhook is down: the row stays untold, and nothing else waits for it.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::platform::{Platform, rfc3339};
use crate::store::alerts::{self, DEAD_LETTERS, Watched};

/// How far behind a consumer may be before somebody is told.
const LAG_MAX: TimeDelta = TimeDelta::seconds(60);
/// How often it is looked.
const POLL: Duration = Duration::from_secs(5);

/// Where alerts are sent.
#[async_trait]
pub trait Bell: Send + Sync {
    /// Rings; once it is `Ok`, the other side has it.
    async fn ring(&self, alert: &Value) -> anyhow::Result<()>;
}

/// The job.
pub struct Alerts {
    pool: PgPool,
    platform: Platform,
    bell: Option<Arc<dyn Bell>>,
}

impl Alerts {
    /// Without a bell, alerts are rows and lines of the log.
    pub fn new(pool: PgPool, platform: Platform, bell: Option<Arc<dyn Bell>>) -> Self {
        Self {
            pool,
            platform,
            bell,
        }
    }

    /// Works until the process ends.
    pub async fn run(&self) {
        loop {
            if let Err(error) = self.step().await {
                tracing::warn!(%error, "the alerts were not looked at");
            }
            self.platform.pause(POLL).await;
        }
    }

    /// Looks once, and tells what nobody was told of. How many alerts were told.
    pub async fn step(&self) -> anyhow::Result<usize> {
        let now = self.platform.now();
        for watched in alerts::watched(&self.pool).await? {
            for (name, detail) in judged(&watched, now) {
                match detail {
                    Some(detail) => {
                        if alerts::raise(&self.pool, &name, &detail, now).await? {
                            tracing::error!(alert = name, detail, "an alert");
                        }
                    }
                    None => {
                        if alerts::clear(&self.pool, &name, now).await? {
                            tracing::info!(alert = name, "an alert is over");
                        }
                    }
                }
            }
        }
        let mut told = 0;
        for alert in alerts::untold(&self.pool).await? {
            if let Some(bell) = &self.bell {
                let body = json!({"name": alert.name, "detail": alert.detail,
                    "raised_at": rfc3339(alert.raised_at)});
                if let Err(error) = bell.ring(&body).await {
                    tracing::warn!(error = %format!("{error:#}"), "the alert is told again");
                    continue;
                }
            }
            alerts::told(&self.pool, &alert.name, self.platform.now()).await?;
            told += 1;
        }
        Ok(told)
    }
}

/// Each alert of a consumer by its name: what is the matter, or that nothing is.
fn judged(watched: &Watched, now: DateTime<Utc>) -> [(String, Option<String>); 2] {
    let consumer = &watched.consumer;
    let lag = watched.behind_since.map(|since| now - since);
    let lag = lag.filter(|lag| *lag > LAG_MAX);
    [
        (
            format!("{DEAD_LETTERS}{consumer}"),
            (watched.dead > 0)
                .then(|| format!("{consumer} gave up an event: see `origin dead-letters list`")),
        ),
        (
            format!("lag:{consumer}"),
            lag.map(|lag| format!("{consumer} is {} s behind", lag.num_seconds())),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dead_letter_and_a_long_lag_are_told() {
        let at = |ms| DateTime::from_timestamp_millis(ms).unwrap();
        for (dead, behind_since, is_dead, is_behind) in [
            (0, None, false, false),
            (1, None, true, false),
            (0, Some(40_000), false, false),
            (0, Some(39_999), false, true),
            (2, Some(0), true, true),
        ] {
            let watched = Watched {
                consumer: "email".to_owned(),
                dead,
                reads: true,
                behind_since: behind_since.map(at),
            };
            let [letters, lag] = judged(&watched, at(100_000));
            assert_eq!(letters.1.is_some(), is_dead, "{watched:?}");
            assert_eq!(lag.1.is_some(), is_behind, "{watched:?}");
            assert_eq!(lag.0, "lag:email");
        }
    }
}
