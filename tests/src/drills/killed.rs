//! Processes that are killed as a crash would, while some read and order, and started again.

use std::time::Duration;

use anyhow::{Result, ensure};
use xtask::cluster::Part;

use super::Seen;
use super::client::Reply;
use super::load::{Load, Rates, Tally};
use super::stage::Stage;
use crate::wait::Stopwatch;

const RATES: Rates = Rates {
    reads: 10,
    orders: 1,
};
/// How often is looked at what works while the part is dead.
const LOOKS: usize = 8;
/// Calls that begin before a death, and while the part is dead.
const CALLS: u64 = 22;

/// A part whose death no read notices.
pub(super) async fn unnoticed(stage: &mut Stage, part: Part) -> Result<Seen> {
    let (tally, recovery) = death(stage, part, async |stage: &Stage| {
        for look in 0..LOOKS {
            for path in [stage.client.product(), stage.unseen()] {
                let read = stage.client.get(look, &path).await;
                ensure!(read.is_good(), "a read of {path} got {read:?}");
            }
        }
        Ok(())
    })
    .await?;
    ensure!(
        tally.good_at_once == tally.reads,
        "{} of {} reads were good at once: {:?}",
        tally.good_at_once,
        tally.reads,
        tally.failures
    );
    Ok(Seen::recovered(recovery, tally.said()))
}

/// An edge: the other one is asked while it is dead.
pub(super) async fn edge(stage: &mut Stage) -> Result<Seen> {
    let (tally, recovery) = death(stage, Part::Edge(1), async |stage: &Stage| {
        for look in 0..LOOKS {
            let read = stage.client.get(0, &stage.unseen()).await;
            ensure!(read.is_good(), "a read at the other edge got {read:?}");
            let own = stage.client.get_own(0, "/v2/orders?limit=1").await;
            ensure!(
                own.is_good(),
                "{look}: an own read at the other edge got {own:?}"
            );
        }
        let dead = stage.client.get(1, &stage.client.product()).await;
        ensure!(dead.status.is_none(), "the dead edge answered {dead:?}");
        Ok(())
    })
    .await?;
    Ok(Seen::recovered(recovery, tally.said()))
}

/// The Durable Objects of both edges.
pub(super) async fn objects(stage: &mut Stage) -> Result<Seen> {
    let (tally, recovery) = death(stage, Part::Objects, async |stage: &Stage| {
        for look in 0..LOOKS {
            let read = stage.client.get(look, &stage.client.product()).await;
            ensure!(read.is_good(), "a read of a copy got {read:?}");
        }
        Ok(())
    })
    .await?;
    Ok(Seen::recovered(recovery, tally.said()))
}

/// The primary.
pub(super) async fn primary(stage: &mut Stage) -> Result<Seen> {
    let (tally, recovery) = death(stage, Part::Primary, async |stage: &Stage| {
        for look in 0..LOOKS {
            let read = stage.client.get(look, &stage.client.product()).await;
            ensure!(read.is_good(), "a read of a copy got {read:?}");
        }
        let refused = stage.client.order(0, "nowhere-to-write").await;
        says_so(&refused)
    })
    .await?;
    // The key of the refused order is free or has its order; either way there is one in the end.
    stage.settle(&["nowhere-to-write".to_owned()]).await?;
    Ok(Seen::recovered(recovery, tally.said()))
}

/// Fails unless a refused order says what became of the work, and when to come back.
pub(super) fn says_so(refused: &Reply) -> Result<()> {
    let status = refused.status.map_or(0, |status| status.as_u16());
    ensure!(
        matches!(status, 409 | 502..=504) && refused.body["outcome"].is_string(),
        "an order got {refused:?}"
    );
    ensure!(
        refused.retry_after.is_some(),
        "when to come back? {refused:?}"
    );
    Ok(())
}

/// Kills a part under load, looks at what works without it, and starts it again. What came of the load, and
/// how long it took from the death until all was well.
async fn death(
    stage: &mut Stage,
    part: Part,
    meanwhile: impl AsyncFn(&Stage) -> Result<()>,
) -> Result<(Tally, Duration)> {
    let first = 1_000_000 * (1 + stage.number());
    let load = Load::start(&stage.client, RATES, "load", first);
    load.goes_on(CALLS).await?;
    stage.kill(part);
    let watch = Stopwatch::start();
    let looked = meanwhile(stage).await;
    load.goes_on(CALLS).await?;
    let back = stage.restart(part);
    let recovery = stage.works(&watch).await;
    let tally = load.end().await?;
    looked?;
    back?;
    let recovery = recovery?;
    for (key, reply) in &tally.orders {
        stage.note(key, reply)?;
    }
    tally.holds()?;
    if part == Part::Replica {
        stage.replica_follows().await?;
    }
    stage.effects_are_there().await?;
    Ok((tally, recovery))
}
