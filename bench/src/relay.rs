//! The relay alone, over a log that is full, and then at half of what it can do.
//!
//! 1. **Events a second**: a consumer that does nothing, so that what is measured is reading the log and
//!    writing inbox rows.
//! 2. **Effects a second**: a consumer that writes a row an event, in batches, as analytics does.
//! 3. **From commit to effect**: events that are committed one by one, at half the rate of 2. or as fast
//!    as the disk lets them be, and the time until their effect is written.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use async_trait::async_trait;
use origin::config::Databases;
use origin::events::Consumer;
use origin::events::relay::Relay;
use origin::platform::Platform;
use origin::store::outbox::{self, Delivery, NewEvent};
use origin::store::pool;
use serde::Serialize;
use serde_json::json;
use shared::event::EventType;
use sqlx::{PgConnection, PgPool};
use tokio::sync::Notify;
use tokio::time::Instant;
use uuid::Uuid;
use xtask::progress::Progress;

use crate::shop::Shop;

/// Events that the log is filled with.
const EVENTS: u32 = 100_000;
/// Events between two ticks, as under load.
const EVENTS_A_TICK: u32 = 1_000;
/// Things that they happen to.
const AGGREGATES: u32 = 1_000;
/// Writers of the third part.
const WRITERS: u32 = 4;
/// How long it goes on.
const MEASURED: Duration = Duration::from_secs(10);
const EVENTS_GOAL: f64 = 20_000.0;
const EFFECTS_GOAL: f64 = 10_000.0;
const LAG_GOAL_MS: f64 = 50.0;

/// What came of it.
#[derive(Debug, Serialize)]
pub(crate) struct Rates {
    pub(crate) events_a_second: f64,
    pub(crate) effects_a_second: f64,
    /// At how many commits a second the rest was measured.
    pub(crate) commits_a_second: f64,
    pub(crate) lag_p50_ms: f64,
    pub(crate) lag_p99_ms: f64,
    pub(crate) met: bool,
}

/// A consumer that can be timed.
struct Timed {
    name: &'static str,
    writes: bool,
    platform: Platform,
    lags_ms: Mutex<Vec<f64>>,
}

impl Timed {
    fn new(name: &'static str, writes: bool, platform: &Platform) -> Arc<Self> {
        Arc::new(Self {
            name,
            writes,
            platform: platform.clone(),
            lags_ms: Mutex::default(),
        })
    }

    fn lags_ms(&self) -> Vec<f64> {
        std::mem::take(&mut self.lags_ms.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl Consumer for Timed {
    fn name(&self) -> &'static str {
        self.name
    }

    fn kinds(&self) -> &'static [EventType] {
        &[EventType::OrderConfirmed]
    }

    fn batch_max(&self) -> usize {
        500
    }

    async fn deliver(
        &self,
        delivery: &Delivery,
        connection: &mut PgConnection,
    ) -> anyhow::Result<()> {
        self.deliver_all(std::slice::from_ref(delivery), connection)
            .await
    }

    async fn deliver_all(
        &self,
        deliveries: &[Delivery],
        connection: &mut PgConnection,
    ) -> anyhow::Result<()> {
        if self.writes {
            let ids = deliveries.iter().map(|one| one.event.id.uuid());
            sqlx::query("insert into bench_effects (event_id) select * from unnest($1::uuid[])")
                .bind(ids.collect::<Vec<_>>())
                .execute(connection)
                .await?;
        }
        let now = self.platform.now();
        let lag = |one: &Delivery| {
            let created = chrono::DateTime::parse_from_rfc3339(&one.event.created_at).ok()?;
            Some((now - created.to_utc()).as_seconds_f64() * 1000.0)
        };
        let lags = deliveries.iter().filter_map(lag);
        let mut all = self.lags_ms.lock().unwrap_or_else(PoisonError::into_inner);
        all.extend(lags);
        Ok(())
    }
}

/// Runs it.
pub(crate) fn measure(shop: &Shop, progress: Progress) -> Result<Rates> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    // The pool starts its upkeep where it is made.
    let _entered = runtime.enter();
    let databases = Databases {
        database_url: shop.database_url.clone().into(),
        database_replica_url: None,
        pool_connections_max: Some(16),
    };
    let pool = pool::shop(&databases)?;
    runtime.block_on(async {
        let platform = Platform::system();
        prepare(&pool).await?;
        progress.note("the log is filled");
        fill(&pool, &platform).await?;
        let events = drained(
            &pool,
            &platform,
            &Timed::new("bench-none", false, &platform),
        )
        .await?;
        let rows = Timed::new("bench-rows", true, &platform);
        let effects = drained(&pool, &platform, &rows).await?;
        rows.lags_ms();
        let (commits, mut lags) = followed(&pool, &platform, &rows, effects / 2.0).await?;
        lags.sort_by(f64::total_cmp);
        let at = |part: usize| {
            lags.get((lags.len() * part / 100).min(lags.len() - 1))
                .copied()
        };
        let p50 = at(50).context("nothing was delivered")?;
        let p99 = at(99).context("nothing was delivered")?;
        Ok(Rates {
            events_a_second: events,
            effects_a_second: effects,
            commits_a_second: commits,
            lag_p50_ms: p50,
            lag_p99_ms: p99,
            met: events >= EVENTS_GOAL && effects >= EFFECTS_GOAL && p99 <= LAG_GOAL_MS,
        })
    })
}

async fn prepare(pool: &PgPool) -> sqlx::Result<()> {
    sqlx::raw_sql(
        "create table bench_effects (event_id uuid not null);
         insert into subscriptions (consumer, tick_id)
         select name, (select max(id) from ticks)
         from unnest(array['bench-none', 'bench-rows']) as subscribed (name)",
    )
    .execute(pool)
    .await?;
    Ok(())
}

async fn fill(pool: &PgPool, platform: &Platform) -> sqlx::Result<()> {
    let mut aggregate = 0;
    for _ in 0..EVENTS / EVENTS_A_TICK {
        let (mut ids, mut aggregates) = (Vec::new(), Vec::new());
        for _ in 0..EVENTS_A_TICK {
            aggregate = (aggregate + 1) % AGGREGATES;
            ids.push(platform.event_id().uuid());
            aggregates.push(Uuid::from_u128(aggregate.into()));
        }
        sqlx::query(
            "insert into outbox (id, type, aggregate_id, payload, created_at)
             select id, 'order.confirmed', aggregate_id, jsonb_build_object('number', 1), $3
             from unnest($1::uuid[], $2::uuid[]) as told (id, aggregate_id)",
        )
        .bind(ids)
        .bind(aggregates)
        .bind(platform.now())
        .execute(pool)
        .await?;
        outbox::tick(pool, platform.now()).await?;
    }
    sqlx::query("vacuum (analyze) outbox").execute(pool).await?;
    Ok(())
}

fn relay(pool: &PgPool, platform: &Platform, consumer: &Arc<Timed>, wake: &Arc<Notify>) -> Relay {
    let consumers: Vec<Arc<dyn Consumer>> = vec![consumer.clone()];
    Relay::new(pool.clone(), platform.clone(), wake.clone(), consumers)
}

/// How many of the log's events one consumer does a second.
async fn drained(pool: &PgPool, platform: &Platform, consumer: &Arc<Timed>) -> Result<f64> {
    let relay = relay(pool, platform, consumer, &Arc::default());
    let began = Instant::now();
    while relay.step().await? > 0 {}
    let seconds = began.elapsed().as_secs_f64();
    relay.leave().await;
    Ok(f64::from(EVENTS) / seconds)
}

/// Commits events one by one for a while; how many a second it were, and each one's lag.
async fn followed(
    pool: &PgPool,
    platform: &Platform,
    consumer: &Arc<Timed>,
    rate: f64,
) -> Result<(f64, Vec<f64>)> {
    let wake = Arc::new(Notify::new());
    let relay = relay(pool, platform, consumer, &wake);
    let following = tokio::spawn(async move { relay.run().await });
    let ending = Arc::new(AtomicBool::new(false));
    let began = Instant::now();
    let pause = Duration::from_secs_f64(f64::from(WRITERS) / rate.max(1.0));
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let (pool, platform) = (pool.clone(), platform.clone());
            let (wake, ending) = (wake.clone(), ending.clone());
            let aggregate = Uuid::from_u128(writer.into());
            tokio::spawn(async move {
                let mut commits = 0_u32;
                while !ending.load(Ordering::SeqCst) {
                    tokio::time::sleep_until(began + pause * commits).await;
                    write(&pool, &platform, aggregate).await?;
                    wake.notify_one();
                    commits += 1;
                }
                anyhow::Ok(commits)
            })
        })
        .collect();
    tokio::time::sleep(MEASURED).await;
    ending.store(true, Ordering::SeqCst);
    let mut commits = 0;
    for writer in writers {
        commits += writer.await??;
    }
    let seconds = began.elapsed().as_secs_f64();
    following.abort();
    Ok((f64::from(commits) / seconds, consumer.lags_ms()))
}

async fn write(pool: &PgPool, platform: &Platform, aggregate: Uuid) -> sqlx::Result<()> {
    let event = NewEvent {
        id: platform.event_id(),
        kind: EventType::OrderConfirmed,
        aggregate,
        payload: json!({"number": 1}),
        traceparent: None,
        now: platform.now(),
    };
    let mut connection = pool.acquire().await?;
    outbox::append(&mut connection, &event).await
}
