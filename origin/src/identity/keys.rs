//! The signing keys in memory, read again now and then so that a new one is known in time.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use ed25519_compact::{KeyPair, PublicKey, Seed};
use serde_json::{Value, json};
use sqlx::PgPool;
use tokio::sync::RwLock;

use crate::store::key;

/// How long a read of the table is good for: well below the time for which a new key is published
/// before it signs.
const KEPT_SECONDS: i64 = 60;

/// One key.
pub struct Key {
    /// Its name in tokens.
    pub kid: String,
    /// Both halves; the pair wipes itself when dropped and has no `Debug`.
    pub pair: KeyPair,
    /// From when on it signs.
    pub active_from: DateTime<Utc>,
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
            let seed = Seed::from_slice(&stored.secret).ok()?;
            Some(Key {
                kid: stored.kid,
                pair: KeyPair::from_seed(seed),
                active_from: stored.active_from,
            })
        });
        Ok(Self(keys.collect()))
    }

    /// The key that signs now: the newest that is active.
    pub fn signer(&self, now: DateTime<Utc>) -> Option<&Key> {
        self.0.iter().find(|key| key.active_from <= now)
    }

    /// The key of that name.
    pub fn verifier(&self, kid: &str) -> Option<&PublicKey> {
        let key = self.0.iter().find(|key| key.kid == kid)?;
        Some(&key.pair.pk)
    }

    /// The public halves [RFC 7517; OKP keys as in RFC 8037].
    pub fn jwks(&self) -> Value {
        let keys: Vec<_> = self
            .0
            .iter()
            .map(|key| {
                json!({
                    "kty": "OKP",
                    "crv": "Ed25519",
                    "use": "sig",
                    "alg": "EdDSA",
                    "kid": key.kid,
                    "x": URL_SAFE_NO_PAD.encode(key.pair.pk.as_slice()),
                })
            })
            .collect();
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
