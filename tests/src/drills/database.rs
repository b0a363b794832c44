//! The database: a replica that lags, a standby that takes over, connections that are all busy.

use anyhow::{Context, Result, ensure};
use sqlx::{Connection, PgConnection};
use tokio::task::{JoinSet, block_in_place};
use xtask::cluster::{EACH, Part};

use super::Seen;
use super::killed::says_so;
use super::stage::{Stage, execute};
use crate::wait::{Stopwatch, try_until};

/// How the replica comes to lag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lag {
    /// It hears nothing more.
    Cut,
    /// It replays nothing more.
    Paused,
}

impl Lag {
    async fn begin(self, stage: &Stage) -> Result<()> {
        match self {
            Self::Cut => stage.deployment.wires().stream.cut(),
            Self::Paused => {
                let url = stage.deployment.standby_url();
                execute(&url, "select pg_wal_replay_pause()").await?;
                let paused = "select (pg_get_wal_replay_pause_state() = 'paused')::int::bigint";
                try_until(SECONDS, "replay is paused", async || {
                    let paused = super::stage::number(&url, paused).await;
                    (paused.ok()? == 1).then_some(())
                })
                .await?;
            }
        }
        Ok(())
    }

    async fn end(self, stage: &Stage) -> Result<()> {
        match self {
            Self::Cut => stage.deployment.wires().stream.mend(),
            Self::Paused => {
                let url = stage.deployment.standby_url();
                execute(&url, "select pg_wal_replay_resume()").await?;
            }
        }
        Ok(())
    }
}

/// Longest wait for what should be there within two seconds.
const SECONDS: u64 = 20;
/// Reads at each edge behind a change.
const READS: usize = 10;
/// Orders before the primary is lost.
const ORDERS: usize = 10;
/// More than both origins have connections.
const MANY: usize = 40;

/// A replica that lags behind: what was changed stays changed.
pub(super) async fn lagging(stage: &mut Stage, lag: Lag) -> Result<Seen> {
    stage.replica_follows().await?;
    lag.begin(stage).await?;
    let seen = changed(stage).await;
    let watch = Stopwatch::start();
    lag.end(stage).await?;
    let visible = seen?;
    stage.replica_follows().await?;
    let recovery = stage.works(&watch).await?;
    Ok(Seen::recovered(
        recovery,
        format!("the new price everywhere after {visible} ms"),
    ))
}

/// Changes a price and waits until both edges say so. From then on nobody may see the old one.
pub(super) async fn changed(stage: &Stage) -> Result<u128> {
    let before = stage.price(0).await.context("no price")?;
    let price = before + 1;
    let path = stage.client.product();
    let body = serde_json::json!({"price": {"amount": price, "currency": "USD"}});
    let answer = stage.admin.patch(0, &path, &body).await;
    ensure!(answer.is_good(), "the change got {answer:?}");
    let watch = Stopwatch::start();
    for edge in 0..EACH {
        let new = async || (stage.price(edge).await? == price).then_some(());
        try_until(SECONDS, "the new price", new).await?;
    }
    let visible = watch.elapsed().as_millis();
    for read in 0..READS * EACH {
        let found = stage.price(read).await;
        ensure!(
            found == Some(price),
            "read {read} says {found:?}, and not {price}"
        );
        let list = stage.client.get(read, &stage.unseen()).await;
        ensure!(list.is_good(), "a list got {list:?}");
    }
    let back = serde_json::json!({"price": {"amount": before, "currency": "USD"}});
    let answer = stage.admin.patch(0, &path, &back).await;
    ensure!(answer.is_good(), "the change back got {answer:?}");
    for edge in 0..EACH {
        let old = async || (stage.price(edge).await? == before).then_some(());
        try_until(SECONDS, "the old price", old).await?;
    }
    Ok(visible)
}

/// The primary is lost for good, and its standby takes over. It follows asynchronously, so it may lack the last
/// orders; those are the ones that are ordered again.
pub(super) async fn promoted(stage: &mut Stage) -> Result<Seen> {
    stage.replica_follows().await?;
    let keys: Vec<_> = (0..ORDERS).map(|_| stage.key()).collect();
    stage.settle(&keys).await?;
    stage.kill(Part::Primary);
    let watch = Stopwatch::start();
    stage.promote()?;
    let recovery = stage.works(&watch).await?;
    // What the standby had not heard of is ordered again, under the same key: the same order and charge.
    stage.settle(&keys).await?;
    stage.books_agree().await?;
    block_in_place(|| stage.deployment.follow_anew())?;
    stage.recovered(&Stopwatch::start()).await?;
    stage.replica_follows().await?;
    Ok(Seen::recovered(
        recovery,
        format!("{ORDERS} keys kept their orders"),
    ))
}

/// All connections to the primary wait for a lock.
pub(super) async fn filled(stage: &mut Stage) -> Result<Seen> {
    let url = stage.deployment.database_url();
    let mut holder = PgConnection::connect(&url).await?;
    let lock = "begin; lock table orders in access exclusive mode";
    sqlx::raw_sql(lock).execute(&mut holder).await?;
    let keys: Vec<_> = (0..MANY).map(|_| stage.key()).collect();
    let mut orders = JoinSet::new();
    for (edge, key) in keys.iter().cloned().enumerate() {
        let client = stage.client.clone();
        orders.spawn(async move { client.order(edge, &key).await });
    }
    let mut said = Ok(());
    let mut refused = 0;
    let ready = stage.client.clone();
    let origins: Vec<_> = (0..EACH)
        .map(|place| stage.deployment.origin_url(place))
        .collect();
    while let Some(order) = orders.join_next().await {
        let order = order?;
        refused += 1;
        said = said.and_then(|()| says_so(&order));
        let copy = ready.get(refused, &ready.product()).await;
        said = said.and_then(|()| {
            ensure!(copy.is_good(), "a read of a copy got {copy:?}");
            Ok(())
        });
        if refused == 1 {
            for origin in &origins {
                let status = reqwest::get(format!("{origin}/readyz")).await?.status();
                ensure!(status.is_success(), "{origin} is not ready: {status}");
            }
        }
    }
    let watch = Stopwatch::start();
    holder.close().await?;
    said?;
    let recovery = stage.works(&watch).await?;
    stage.settle(&keys).await?;
    Ok(Seen::recovered(
        recovery,
        format!("{refused} orders were told to come back, and did"),
    ))
}
