//! The signing keys in memory, read again now and then so that a new one is known in time.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use sqlx::PgPool;
use tokio::sync::RwLock;

use super::pair::Pair;
use super::rotation::KEPT_SECONDS;
use crate::store::key;

/// One key.
pub struct Key {
    /// Its name in tokens.
    pub kid: String,
    /// Both halves.
    pub pair: Pair,
    /// From when on it signs.
    pub active_from: DateTime<Utc>,
    /// From when on it verifies nothing; once this is set it signs nothing more.
    pub retired_at: Option<DateTime<Utc>>,
}

/// Every key that may verify, newest first.
pub struct KeySet(Vec<Key>);

impl KeySet {
    /// A set of these keys, newest first.
    pub const fn of(keys: Vec<Key>) -> Self {
        Self(keys)
    }

    /// Reads the published keys.
    pub async fn read(pool: &PgPool, now: DateTime<Utc>) -> sqlx::Result<Self> {
        let stored = key::published(pool, now).await?;
        let keys = stored.into_iter().filter_map(|stored| {
            let algorithm = stored.algorithm.parse().ok()?;
            let Some(pair) = Pair::read(algorithm, &stored.secret) else {
                tracing::error!(kid = stored.kid, "a signing key can't be read");
                return None;
            };
            Some(Key {
                kid: stored.kid,
                pair,
                active_from: stored.active_from,
                retired_at: stored.retired_at,
            })
        });
        Ok(Self(keys.collect()))
    }

    /// The key that signs now: the newest that is active and not on its way out.
    pub fn signer(&self, now: DateTime<Utc>) -> Option<&Key> {
        self.0
            .iter()
            .find(|key| key.active_from <= now && key.retired_at.is_none())
    }

    /// The key of that name, as long as it verifies.
    pub fn verifier(&self, kid: &str, now: DateTime<Utc>) -> Option<&Key> {
        let key = self.0.iter().find(|key| key.kid == kid)?;
        key.retired_at
            .is_none_or(|retired| now < retired)
            .then_some(key)
    }

    /// The public halves [RFC 7517].
    pub fn jwks(&self, now: DateTime<Utc>) -> Value {
        let published = self
            .0
            .iter()
            .filter(|key| key.retired_at.is_none_or(|retired| now < retired));
        let keys: Vec<_> = published.map(|key| key.pair.jwk(&key.kid)).collect();
        json!({ "keys": keys })
    }
}

/// The keys as they were last read.
#[derive(Default)]
pub struct Keys(RwLock<Option<(DateTime<Utc>, Arc<KeySet>)>>);

impl Keys {
    /// The current set, from the table if the last read is too old.
    pub async fn current(&self, pool: &PgPool, now: DateTime<Utc>) -> sqlx::Result<Arc<KeySet>> {
        if let Some((read, set)) = &*self.0.read().await
            && now - *read < TimeDelta::seconds(KEPT_SECONDS)
        {
            return Ok(set.clone());
        }
        // Whoever comes second waits here and finds what the first one read.
        let mut kept = self.0.write().await;
        if let Some((read, set)) = &*kept
            && now - *read < TimeDelta::seconds(KEPT_SECONDS)
        {
            return Ok(set.clone());
        }
        let set = Arc::new(KeySet::read(pool, now).await?);
        *kept = Some((now, set.clone()));
        Ok(set)
    }
}
