//! Reads of products, from memory, a cache that processes share, a replica or the primary.
//!
//! Decides ([`choice`]), by the place in the database's log that edge or client name:
//! 1. Memory, if what it holds was read at or behind that place, at most five minutes ago.
//! 2. The shared cache, on the same terms ([`cache`]).
//! 3. The replica, if it has replayed up to there, and is well ([`replica`]).
//! 4. The primary otherwise: it is the authority, so it answers whatever the place is. In the replica's
//!    place it does so within a budget ([`primary`]), beyond which reads are refused: a replica that dies
//!    must not take the orders along.
//!
//! The edge names no place: the primary. Nobody's edge, and no place: a database, but neither memory nor cache.
//!
//! Each read is labelled with a place taken before it ([`log::label`]), by the connection that reads,
//! since an address may stand for several replicas. Nothing that a read is answered by is remembered of how
//! far a replica was: one that is promoted, exchanged or restored is asked like any other.
//!
//! A change through this process drops what its memory and the shared cache hold; a read that is under way by
//! then may bring the old state back, with a label that is older than the change.

pub mod cache;
mod choice;
mod following;
mod primary;
mod replica;
mod reports;
mod representation;

pub use choice::Wanted;
pub use replica::Pools;
pub use reports::Reports;
pub use representation::{Representation, etag};

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use moka::future::Cache;
use shared::feed::Position;
use shared::id::ProductId;
use shared::product::Product;
use sqlx::{PgConnection, PgPool};

use crate::admission;
use crate::metrics::{Metrics, Source};
use crate::platform::Platform;
use crate::store::log;
use crate::store::page::Slice;
use crate::store::product::{self, Filter};
use cache::{Found, SharedCache};
use primary::Primary;
use replica::Replica;

/// Most bytes of products in memory.
const MEMORY_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// What an entry of memory takes beside the product, in bytes.
const ENTRY_BYTES: usize = 400;

/// A read, and the label that was taken before it.
#[derive(Debug, Clone)]
pub struct Labelled<T> {
    /// What was read.
    pub read: T,
    /// It holds all that the database's log held up to here.
    pub label: Option<Position>,
}

/// Why there is no answer. It is shared by all who waited for the same read.
#[derive(Debug, Clone)]
pub enum Unread {
    /// As many read from the primary in the replica's place as may; seconds until it may be tried again.
    Busy(u64),
    /// The database did not answer.
    Failed(Arc<sqlx::Error>),
    /// What it answered can't be shown.
    Unshown(Arc<anyhow::Error>),
}

impl From<sqlx::Error> for Unread {
    fn from(error: sqlx::Error) -> Self {
        Self::Failed(Arc::new(error))
    }
}

/// What memory and the shared cache hold.
#[derive(Clone)]
struct Held {
    shown: Representation,
    label: Option<Position>,
    read_at: DateTime<Utc>,
}

impl Held {
    fn serves(&self, wanted: Wanted, now: DateTime<Utc>) -> bool {
        wanted.is_met_by_memory(self.label, self.read_at, now)
    }

    fn labelled(self) -> Labelled<Representation> {
        Labelled {
            read: self.shown,
            label: self.label,
        }
    }
}

/// Why a product could not be remembered.
enum Unheld {
    /// There is none.
    Absent(Option<Position>),
    /// It could not be read.
    Unread(Unread),
}

/// Reads.
pub struct Reads {
    primary: Primary,
    replica: Option<Arc<Replica>>,
    memory: Cache<ProductId, Held>,
    cache: Option<Arc<SharedCache>>,
    platform: Platform,
    metrics: Arc<Metrics>,
}

/// The pools of the primary.
#[derive(Debug)]
pub struct Home {
    /// The shop's.
    pub shop: PgPool,
    /// Its most connections.
    pub connections: u32,
    /// The one of those who check.
    pub checks: PgPool,
    /// Those of reports.
    pub reports: PgPool,
}

impl Reads {
    /// From these databases; and their reports.
    pub fn new(
        home: Home,
        replica: Option<Pools>,
        cache: Option<Arc<SharedCache>>,
        platform: Platform,
        metrics: Arc<Metrics>,
    ) -> (Self, Reports) {
        let seconds = choice::MEMORY_SECONDS_MAX.unsigned_abs();
        let memory = Cache::builder()
            .max_capacity(MEMORY_BYTES_MAX)
            .weigher(|_, held: &Held| weight(&held.shown))
            .time_to_live(Duration::from_secs(seconds))
            .build();
        let of_replica = |pools| {
            let replica = Replica::new(pools, home.checks, platform.clone(), metrics.clone());
            Arc::new(replica)
        };
        let replica = replica.map(of_replica);
        let reports = Reports {
            primary: home.reports,
            replica: replica.clone(),
        };
        let reads = Self {
            primary: Primary::new(home.shop, home.connections),
            replica,
            memory,
            cache,
            platform,
            metrics,
        };
        (reads, reports)
    }

    /// One product, if memory holds it new enough.
    pub fn remembered(
        &self,
        id: ProductId,
        wanted: Wanted,
        now: DateTime<Utc>,
    ) -> Option<Labelled<Representation>> {
        if !wanted.may_remember() {
            return None;
        }
        // At times it does what was put off, and would have others wait.
        let held = self.memory.get(&id).now_or_never().flatten();
        let held = held.filter(|held| held.serves(wanted, now))?;
        self.metrics.read(Source::Memory);
        Some(held.labelled())
    }

    /// One product. Requests that want the same one at once share a read.
    pub async fn product(
        &self,
        id: ProductId,
        wanted: Wanted,
    ) -> Result<Option<Labelled<Representation>>, Unread> {
        if !wanted.may_remember() {
            return present(Box::pin(self.read_product(id, wanted)).await?);
        }
        if let Some(held) = self.memory.get(&id).await {
            if held.serves(wanted, self.platform.now()) {
                self.metrics.read(Source::Memory);
                return Ok(Some(held.labelled()));
            }
            self.memory.invalidate(&id).await;
        }
        let ours = AtomicBool::new(false);
        // On the heap like the other reads, since few fill memory and the future is one of kilobytes.
        let shared = self
            .memory
            .try_get_with(id, Box::pin(self.fill(id, wanted, &ours)))
            .await;
        // Who waited for another's read may want a newer one than that.
        let ours = ours.load(Ordering::Relaxed);
        match shared {
            Ok(held) if ours => return Ok(Some(held.labelled())),
            Ok(held) if held.serves(wanted, self.platform.now()) => {
                self.metrics.read(Source::Memory);
                return Ok(Some(held.labelled()));
            }
            Err(why) => match &*why {
                Unheld::Absent(label) if ours || wanted.is_met_by(*label) => return Ok(None),
                Unheld::Absent(_) => {}
                Unheld::Unread(unread) => return Err(unread.clone()),
            },
            Ok(_) => {}
        }
        present(Box::pin(self.read_product(id, wanted)).await?)
    }

    /// A page of products.
    pub async fn products(
        &self,
        filter: &Filter<'_>,
        wanted: Wanted,
    ) -> Result<Labelled<Slice<Product, product::Position>>, Unread> {
        if let Some(replica) = &self.replica
            && let Some(mut connection) = replica.read(wanted).await
        {
            match page(&mut connection, filter, wanted).await {
                Ok(Some(page)) => {
                    self.metrics.read(Source::Replica);
                    return Ok(page);
                }
                Ok(None) => {}
                Err(error) => replica.failed(&error),
            }
        }
        let mut lent = self.primary(wanted).await?;
        let label = log::label(&mut lent.connection).await?;
        let read = product::list(&mut lent.connection, filter).await?;
        Ok(Labelled { read, label })
    }

    /// A change through this process: what memory and the shared cache hold of it is gone.
    pub async fn forget(&self, id: ProductId) {
        self.memory.invalidate(&id).await;
        if let Some(cache) = &self.cache {
            cache.forget(id).await;
        }
    }

    /// Looks how the replica and the shared cache are, if they are there.
    pub async fn check(&self) {
        if let Some(replica) = &self.replica {
            replica.check().await;
        }
        if let Some(cache) = &self.cache {
            cache.check().await;
        }
    }

    /// Looks again and again.
    pub async fn watch(&self) -> Infallible {
        let replica = async {
            match &self.replica {
                Some(replica) => replica.watch().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            never = replica => never,
            never = self.watch_cache() => never,
        }
    }

    /// Looks again and again how the shared cache is, of all this the one part that workers use.
    pub async fn watch_cache(&self) -> Infallible {
        match &self.cache {
            Some(cache) => cache.watch().await,
            None => std::future::pending().await,
        }
    }

    /// Closes what is this one's own.
    pub async fn close(&self) {
        if let Some(replica) = &self.replica {
            replica.close().await;
        }
    }

    async fn fill(&self, id: ProductId, wanted: Wanted, ours: &AtomicBool) -> Result<Held, Unheld> {
        ours.store(true, Ordering::Relaxed);
        let mut shared = None;
        if let Some(cache) = &self.cache {
            match cache.find(id, wanted).await {
                Found::Held(held) => {
                    self.metrics.read(Source::Redis);
                    return Ok(held);
                }
                Found::Nothing(key) => shared = key.map(|key| (cache, key)),
            }
        }
        let read_at = self.platform.now();
        let found = self.read_product(id, wanted).await;
        let found = found.map_err(Unheld::Unread)?;
        let absent = Unheld::Absent(found.label);
        let found = present(found).map_err(Unheld::Unread)?;
        let Labelled { read, label } = found.ok_or(absent)?;
        let held = Held {
            shown: read,
            label,
            read_at,
        };
        if let Some((cache, key)) = shared {
            // Waited for, so that what is under way has the bound that requests have.
            cache.put(key, &held).await;
        }
        Ok(held)
    }

    async fn read_product(
        &self,
        id: ProductId,
        wanted: Wanted,
    ) -> Result<Labelled<Option<Product>>, Unread> {
        if let Some(replica) = &self.replica
            && let Some(mut connection) = replica.read(wanted).await
        {
            match labelled(&mut connection, id).await {
                Ok(found) if wanted.is_met_by(found.label) => {
                    self.metrics.read(Source::Replica);
                    return Ok(found);
                }
                Ok(_) => {}
                Err(error) => replica.failed(&error),
            }
        }
        let mut lent = self.primary(wanted).await?;
        Ok(labelled(&mut lent.connection, id).await?)
    }

    /// A connection to the primary: by right, or in the replica's place.
    async fn primary(&self, wanted: Wanted) -> Result<primary::Lent<'_>, Unread> {
        let instead = self.replica.is_some() && wanted != Wanted::Newest;
        let lent = self.primary.lend(instead).await?;
        let Some(lent) = lent else {
            self.metrics.read_refused();
            return Err(Unread::Busy(admission::retry_after(&self.platform)));
        };
        let source = if instead {
            Source::Fallback
        } else {
            Source::Primary
        };
        self.metrics.read(source);
        Ok(lent)
    }
}

/// What is there to show of a product.
fn present(found: Labelled<Option<Product>>) -> Result<Option<Labelled<Representation>>, Unread> {
    let Some(product) = found.read else {
        return Ok(None);
    };
    let read = Representation::of(&product).map_err(|error| Unread::Unshown(Arc::new(error)))?;
    Ok(Some(Labelled {
        read,
        label: found.label,
    }))
}

async fn labelled(
    connection: &mut PgConnection,
    id: ProductId,
) -> sqlx::Result<Labelled<Option<Product>>> {
    let label = log::label(connection).await?;
    let read = product::read(connection, id).await?;
    Ok(Labelled { read, label })
}

/// A page from a replica that has come far enough.
async fn page(
    replica: &mut PgConnection,
    filter: &Filter<'_>,
    wanted: Wanted,
) -> sqlx::Result<Option<Labelled<Slice<Product, product::Position>>>> {
    let label = log::label(replica).await?;
    if !wanted.is_met_by(label) {
        return Ok(None);
    }
    let read = product::list(replica, filter).await?;
    Ok(Some(Labelled { read, label }))
}

fn weight(shown: &Representation) -> u32 {
    u32::try_from(shown.json.len() + ENTRY_BYTES).unwrap_or(u32::MAX)
}
