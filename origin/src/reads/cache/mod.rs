//! What the origin's processes remember together: a cache beside the database (`CACHE_URL`), behind the memory
//! of each of them.
//!
//! 1. An entry is a product, the label that it was read under, and when. Whether it answers is decided as of
//!    memory ([`Wanted::is_met_by_memory`]): so however late or old it is, it answers no read that has to be
//!    newer.
//! 2. An entry gives way to one that is as new or newer, and to no older one. A purge leaves a mark of its
//!    place: what was read before that is not kept. A change through a process removes the entry.
//! 3. From its first failure on it is out, until a check, each second, has written to it and read that back;
//!    only checks connect. So no request pays for a cache that is ill but those that met it, and those as much
//!    as an answer may take. Without it reads are as they are where none is configured.
//! 4. Keys name the database, its log's timeline, and the shape of entries. Shops, restored backups and
//!    releases that share a server don't share entries.
//! 5. What can't be read is removed, since it may stand in the way of what can.
//!
//! Whoever can write to it can write what the shop shows, so it belongs where the database is.

mod entry;
#[cfg(feature = "redis")]
mod redis;

use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::bail;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use shared::feed::Position;
use shared::id::ProductId;
use sqlx::PgPool;
use tokio::time::timeout;

use super::Held;
use super::choice::{MEMORY_SECONDS_MAX, Wanted};
use crate::metrics::{Lookup, Metrics};
use crate::platform::Platform;
use crate::store::log;
use entry::Read;

/// From one check to the next.
const CHECK_EVERY: Duration = Duration::from_secs(1);
/// How long a check waits for the database to say which one it is.
const SYSTEM_WITHIN: Duration = Duration::from_secs(1);
/// For how long what a check writes is kept.
const CHECK_KEPT: Duration = Duration::from_secs(10);

/// What stands under a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stored {
    /// Nothing.
    Nothing,
    /// The text there, or its beginning.
    Text(Vec<u8>),
    /// Something that is no text.
    Foreign,
}

/// A server that keeps entries. Each of these takes a bounded time, of its own choice; after an error it is
/// asked to connect again.
#[async_trait]
pub trait Server: Send + Sync {
    /// Connects, unless it is connected.
    async fn connect(&self) -> anyhow::Result<()>;

    /// What stands under a key: so many bytes of it, if it is longer.
    async fn get(&self, key: &str, bytes_max: usize) -> anyhow::Result<Stored>;

    /// Keeps an entry under each of these keys for so long, unless an entry with a newer label stands there.
    async fn put(&self, keys: &[String], entry: &[u8], keep: Duration) -> anyhow::Result<()>;

    /// Removes what stands under a key.
    async fn remove(&self, key: &str) -> anyhow::Result<()>;
}

/// The server of a URL.
pub fn server(url: &str) -> anyhow::Result<Arc<dyn Server>> {
    #[cfg(feature = "redis")]
    if url.starts_with("redis://") || url.starts_with("rediss://") {
        return Ok(Arc::new(self::redis::Redis::new(url)?));
    }
    // Without what follows: it may be a secret.
    let scheme = url.split_once(':').map_or("", |(scheme, _)| scheme);
    bail!(
        "CACHE_URL={scheme}:… names no cache of this build: `redis://HOST:6379` (over TLS `rediss:`) needs \
         one that was built with `--features redis`. Unset, each process remembers what it has read itself."
    )
}

/// What a look has found.
pub(super) enum Found {
    /// A product that is new enough.
    Held(Held),
    /// None: one that is read now may be put under this key. No key: the cache is out.
    Nothing(Option<String>),
}

/// The shared cache.
pub struct SharedCache {
    server: Arc<dyn Server>,
    /// The database's connection for checks.
    primary: PgPool,
    /// Which database it is, from the first check that has learnt it.
    system: Mutex<Option<Arc<str>>>,
    is_in: AtomicBool,
    platform: Platform,
    metrics: Arc<Metrics>,
}

impl SharedCache {
    /// On that server, for the database of these connections. It does nothing before the first check.
    pub fn new(
        server: Arc<dyn Server>,
        primary: PgPool,
        platform: Platform,
        metrics: Arc<Metrics>,
    ) -> Self {
        metrics.cache_up(false);
        Self {
            server,
            primary,
            system: Mutex::new(None),
            // So that the first check that fails is told.
            is_in: AtomicBool::new(true),
            platform,
            metrics,
        }
    }

    /// Looks for a product.
    pub(super) async fn find(&self, id: ProductId, wanted: Wanted) -> Found {
        let Some(key) = self.key(id) else {
            self.metrics.looked_up(Lookup::Out);
            return Found::Nothing(None);
        };
        let stored = match self.server.get(&key, entry::BYTES_MAX).await {
            Ok(stored) => stored,
            Err(error) => {
                self.failed(&error);
                self.metrics.looked_up(Lookup::Failed);
                return Found::Nothing(None);
            }
        };
        let judged = judge(&stored, id, wanted, self.platform.now());
        self.metrics.looked_up(judged.lookup());
        match judged {
            Judged::Hit(held) => return Found::Held(held),
            Judged::Unreadable => {
                tracing::warn!(key, "what stands in the shared cache can't be read");
                self.noted(self.server.remove(&key).await);
            }
            Judged::Miss | Judged::Old => {}
        }
        Found::Nothing(Some(key))
    }

    /// Keeps what was read, under the key that the look before gave: if the database is another one by now,
    /// that is not its own.
    pub(super) async fn put(&self, key: String, held: &Held) {
        let keep = entry::keep(held.read_at, self.platform.now());
        if let (Some(keep), Some(entry)) = (keep, entry::write(held))
            && self.is_in()
        {
            self.noted(self.server.put(&[key], &entry, keep).await);
        }
    }

    /// A change through this process: what is there of it is gone.
    pub(super) async fn forget(&self, id: ProductId) {
        if let Some(key) = self.key(id) {
            self.noted(self.server.remove(&key).await);
        }
    }

    /// These products have changed before that place: nothing older is kept of them.
    pub async fn changed(&self, ids: &[ProductId], place: Position) {
        let keys: Option<Vec<String>> = ids.iter().map(|id| self.key(*id)).collect();
        if let Some(keys) = keys.filter(|keys| !keys.is_empty()) {
            let keep = Duration::from_secs(MEMORY_SECONDS_MAX.unsigned_abs());
            let mark = entry::mark(place);
            self.noted(self.server.put(&keys, &mark, keep).await);
        }
    }

    /// Looks whether the server does what it should, and which database this is.
    pub(super) async fn check(&self) {
        let (system, tried) = tokio::join!(self.asked_system(), self.tried());
        if let Some(system) = system {
            let mut known = self.system.lock().unwrap_or_else(PoisonError::into_inner);
            *known = Some(system.into());
        }
        match tried {
            Ok(()) => {
                if !self.is_in.swap(true, Ordering::Relaxed) {
                    tracing::info!("the shared cache is in again");
                }
                self.metrics.cache_up(true);
            }
            Err(error) => self.failed(&error),
        }
    }

    /// Checks again and again.
    pub(super) async fn watch(&self) -> Infallible {
        loop {
            self.check().await;
            tokio::time::sleep(CHECK_EVERY).await;
        }
    }

    async fn tried(&self) -> anyhow::Result<()> {
        self.server.connect().await?;
        // What a check wrote before it is no newer, so this one is taken.
        let (key, mark) = ([entry::check_key()], entry::mark(Position(0)));
        self.server.put(&key, &mark, CHECK_KEPT).await?;
        let stored = self.server.get(&key[0], entry::BYTES_MAX).await?;
        anyhow::ensure!(
            stored == Stored::Text(mark),
            "it does not keep what it took"
        );
        Ok(())
    }

    /// The database; `None` while nobody can say, as while a standby is not promoted.
    async fn asked_system(&self) -> Option<String> {
        let asked = async {
            let mut connection = self.primary.acquire().await?;
            log::system(&mut connection).await
        };
        match timeout(SYSTEM_WITHIN, asked).await {
            Ok(Ok(system)) => Some(system),
            Ok(Err(error)) => {
                tracing::debug!(%error, "the database does not say which one it is");
                None
            }
            Err(_) => None,
        }
    }

    fn is_in(&self) -> bool {
        self.is_in.load(Ordering::Relaxed)
    }

    /// The key of a product, while the cache is in.
    fn key(&self, id: ProductId) -> Option<String> {
        let system = self.system.lock().unwrap_or_else(PoisonError::into_inner);
        let system = system.as_deref().filter(|_| self.is_in())?;
        Some(entry::key(system, id))
    }

    fn noted(&self, done: anyhow::Result<()>) {
        if let Err(error) = done {
            self.failed(&error);
        }
    }

    /// It is out, until a check has found it well.
    fn failed(&self, error: &anyhow::Error) {
        if self.is_in.swap(false, Ordering::Relaxed) {
            tracing::warn!(%error, "the shared cache is out: reads do without it");
        }
        self.metrics.cache_up(false);
    }
}

/// What is thought of what stands under a key.
enum Judged {
    Hit(Held),
    Miss,
    Old,
    Unreadable,
}

impl Judged {
    const fn lookup(&self) -> Lookup {
        match self {
            Self::Hit(_) => Lookup::Hit,
            Self::Miss => Lookup::Miss,
            Self::Old => Lookup::Old,
            Self::Unreadable => Lookup::Unreadable,
        }
    }
}

fn judge(stored: &Stored, id: ProductId, wanted: Wanted, now: DateTime<Utc>) -> Judged {
    let read = match stored {
        Stored::Nothing => return Judged::Miss,
        Stored::Text(text) => entry::read(text, id),
        Stored::Foreign => Read::Unreadable,
    };
    match read {
        Read::Product(held) if wanted.is_met_by_memory(held.label, held.read_at, now) => {
            Judged::Hit(held)
        }
        Read::Product(_) => Judged::Old,
        Read::Mark => Judged::Miss,
        Read::Unreadable => Judged::Unreadable,
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use entry::tests::{held, product};

    fn judged(stored: &Stored, wanted: Wanted, now: DateTime<Utc>) -> Lookup {
        judge(stored, product(1).id, wanted, now).lookup()
    }

    #[test]
    fn it_answers_what_memory_would_answer() {
        let begin = held(None).read_at;
        for wanted in [0, 4, 5, 6, u64::MAX].map(|place| Wanted::Since(Position(place))) {
            for label in [0, 5, u64::MAX] {
                for age in [0, 299, 300, 1_000] {
                    let held = held(Some(label));
                    let now = begin + TimeDelta::seconds(age);
                    let stored = Stored::Text(entry::write(&held).unwrap());
                    let memory = wanted.is_met_by_memory(held.label, held.read_at, now);
                    let expected = if memory { Lookup::Hit } else { Lookup::Old };
                    let found = judged(&stored, wanted, now);
                    assert_eq!(found, expected, "{wanted:?} {label} {age}");
                }
            }
        }
        let since = Wanted::Since(Position(0));
        for (stored, expected) in [
            (Stored::Nothing, Lookup::Miss),
            (Stored::Text(entry::mark(Position(5))), Lookup::Miss),
            (Stored::Text(b"rubbish".to_vec()), Lookup::Unreadable),
            (Stored::Foreign, Lookup::Unreadable),
        ] {
            assert_eq!(judged(&stored, since, begin), expected, "{stored:?}");
        }
    }

    #[test]
    fn a_cache_that_is_not_built_in_is_named() {
        for url in ["memcached://user:secret@x", "secret"] {
            let error = server(url).err().unwrap().to_string();
            assert!(error.starts_with("CACHE_URL="), "{error}");
            assert!(error.contains("--features redis"), "{error}");
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[cfg(feature = "redis")]
    #[test]
    fn a_url_that_leads_nowhere_is_told_with_the_fix() {
        for url in [
            "redis://",
            "redis://:secret@",
            "redis://:secret@host:port",
            "redis://:secret@host/name",
            "redis://:secret@0.0.0.0",
            "rediss://:secret@host/#certainly",
        ] {
            let error = server(url).err().unwrap();
            let text = format!("{error:#}");
            assert!(
                text.starts_with("CACHE_URL can't be read. It is `redis://"),
                "{text}"
            );
            assert!(!text.contains("secret"), "{text}");
        }
        for url in [
            "redis://host",
            "redis://:p%40ss@host:6380/3",
            "rediss://user:pass@cache.example",
        ] {
            assert!(server(url).is_ok(), "{url}");
        }
    }
}
