//! Reads of products, from memory, a replica or the primary.
//!
//! Decides ([`choice`]), by the place in the database's log that the edge names:
//! 1. Memory, if what it holds was read at or behind that place, at most five minutes ago.
//! 2. The replica, if it has replayed up to there.
//! 3. The primary otherwise: it is the authority, so it answers whatever the place is.
//!
//! The edge names no place: the primary. Nobody's edge: a database, but not memory.
//!
//! Each read is labelled with a place taken before it ([`log::label`]), by the connection that reads,
//! since an address may stand for several replicas. Nothing is remembered of how far a replica was:
//! one that is promoted, exchanged or restored is asked like any other.
//!
//! The replica is down: the primary answers, and the replica is left alone for a second. A change
//! through this process drops what its memory holds; a read that is under way by then may bring the
//! old state back, with a label that is older than the change.

mod choice;

pub use choice::Wanted;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use moka::future::Cache;
use shared::feed::Position;
use shared::id::ProductId;
use shared::product::Product;
use sqlx::{PgConnection, PgPool};

use crate::platform::Platform;
use crate::store::log;
use crate::store::page::Slice;
use crate::store::product::{self, Filter};

/// Most bytes of products in memory.
const MEMORY_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// What a product takes beside its texts, in bytes.
const PRODUCT_BYTES: usize = 600;
/// How long a replica that failed is left alone, in milliseconds.
const REPLICA_REST_MS: i64 = 1000;

/// A read, and the label that was taken before it.
struct Labelled<T> {
    read: T,
    label: Option<Position>,
}

/// What memory holds.
#[derive(Clone)]
struct Held {
    product: Arc<Product>,
    label: Option<Position>,
    read_at: DateTime<Utc>,
}

/// Why a product could not be remembered. It is shared by all who waited for the same read.
enum Unread {
    /// There is none.
    Absent(Option<Position>),
    /// The database did not answer.
    Failed(Arc<sqlx::Error>),
}

/// Reads.
pub struct Reads {
    primary: PgPool,
    replica: Option<PgPool>,
    memory: Cache<ProductId, Held>,
    platform: Platform,
    /// Until when the replica is left alone, in Unix milliseconds.
    rests_until: AtomicI64,
}

impl Reads {
    /// From these databases.
    pub fn new(primary: PgPool, replica: Option<PgPool>, platform: Platform) -> Self {
        let seconds = choice::MEMORY_SECONDS_MAX.unsigned_abs();
        let memory = Cache::builder()
            .max_capacity(MEMORY_BYTES_MAX)
            .weigher(|_, held: &Held| weight(&held.product))
            .time_to_live(Duration::from_secs(seconds))
            .build();
        Self {
            primary,
            replica,
            memory,
            platform,
            rests_until: AtomicI64::new(i64::MIN),
        }
    }

    /// One product. Requests that want the same one at once share a read.
    pub async fn product(
        &self,
        id: ProductId,
        wanted: Wanted,
    ) -> Result<Option<Arc<Product>>, Arc<sqlx::Error>> {
        if !wanted.may_remember() {
            let found = self.read_product(id, wanted).await.map_err(Arc::new)?;
            return Ok(found.read.map(Arc::new));
        }
        if let Some(held) = self.memory.get(&id).await {
            if self.serves(wanted, &held) {
                return Ok(Some(held.product));
            }
            self.memory.invalidate(&id).await;
        }
        let ours = AtomicBool::new(false);
        let shared = self
            .memory
            .try_get_with(id, self.fill(id, wanted, &ours))
            .await;
        // Who waited for another's read may want a newer one than that.
        let ours = ours.load(Ordering::Relaxed);
        match shared {
            Ok(held) if ours || self.serves(wanted, &held) => return Ok(Some(held.product)),
            Err(why) => match &*why {
                Unread::Absent(label) if ours || wanted.is_met_by(*label) => return Ok(None),
                Unread::Absent(_) => {}
                Unread::Failed(error) => return Err(error.clone()),
            },
            Ok(_) => {}
        }
        let found = self.read_product(id, wanted).await.map_err(Arc::new)?;
        Ok(found.read.map(Arc::new))
    }

    /// A page of products.
    pub async fn products(
        &self,
        filter: &Filter<'_>,
        wanted: Wanted,
    ) -> sqlx::Result<Slice<Product, product::Position>> {
        if let Some(mut replica) = self.replica(wanted).await {
            match page(&mut replica, filter, wanted).await {
                Ok(Some(page)) => return Ok(page),
                Ok(None) => {}
                Err(error) => self.rest(&error),
            }
        }
        product::list(&mut *self.primary.acquire().await?, filter).await
    }

    /// A change through this process: what memory holds of it is gone.
    pub async fn forget(&self, id: ProductId) {
        self.memory.invalidate(&id).await;
    }

    /// Closes what is this one's own.
    pub async fn close(&self) {
        if let Some(replica) = &self.replica {
            replica.close().await;
        }
    }

    fn serves(&self, wanted: Wanted, held: &Held) -> bool {
        wanted.is_met_by_memory(held.label, held.read_at, self.platform.now())
    }

    async fn fill(&self, id: ProductId, wanted: Wanted, ours: &AtomicBool) -> Result<Held, Unread> {
        ours.store(true, Ordering::Relaxed);
        let read_at = self.platform.now();
        let Labelled { read, label } = self
            .read_product(id, wanted)
            .await
            .map_err(|error| Unread::Failed(Arc::new(error)))?;
        let product = Arc::new(read.ok_or(Unread::Absent(label))?);
        Ok(Held {
            product,
            label,
            read_at,
        })
    }

    async fn read_product(
        &self,
        id: ProductId,
        wanted: Wanted,
    ) -> sqlx::Result<Labelled<Option<Product>>> {
        if let Some(mut replica) = self.replica(wanted).await {
            match labelled(&mut replica, id).await {
                Ok(found) if wanted.is_met_by(found.label) => return Ok(found),
                Ok(_) => {}
                Err(error) => self.rest(&error),
            }
        }
        labelled(&mut *self.primary.acquire().await?, id).await
    }

    /// A connection to the replica, if it may answer and is there.
    async fn replica(&self, wanted: Wanted) -> Option<sqlx::pool::PoolConnection<sqlx::Postgres>> {
        let replica = self.replica.as_ref().filter(|_| wanted.may_follow())?;
        let now_ms = self.platform.now().timestamp_millis();
        if now_ms < self.rests_until.load(Ordering::Relaxed) {
            return None;
        }
        match replica.acquire().await {
            Ok(connection) => Some(connection),
            Err(error) => {
                self.rest(&error);
                None
            }
        }
    }

    /// Leaves the replica alone for a while, so that not every read waits for it first.
    fn rest(&self, error: &sqlx::Error) {
        tracing::warn!(%error, "the replica can't be read: the primary answers");
        let until = self.platform.now().timestamp_millis() + REPLICA_REST_MS;
        self.rests_until.store(until, Ordering::Relaxed);
    }
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
) -> sqlx::Result<Option<Slice<Product, product::Position>>> {
    let label = log::label(replica).await?;
    if !wanted.is_met_by(label) {
        return Ok(None);
    }
    product::list(replica, filter).await.map(Some)
}

fn weight(product: &Product) -> u32 {
    let texts = [
        &product.sku,
        &product.name,
        &product.description,
        &product.category,
    ];
    let url = product.image_url.as_ref().map_or(0, String::len);
    let bytes = texts.map(String::len).iter().sum::<usize>() + url + PRODUCT_BYTES;
    u32::try_from(bytes).unwrap_or(u32::MAX)
}
