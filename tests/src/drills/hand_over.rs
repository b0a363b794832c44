//! The keys by which edge and origin know each other, exchanged as docs/deployment.md says, while some read and
//! order: twice, so that the first ones hold again.

use anyhow::{Context, Result, ensure};
use tokio::task::block_in_place;
use xtask::cluster::{EACH, Part};
use xtask::secrets::Secrets;

use super::Seen;
use super::database::changed;
use super::load::{Load, Rates};
use super::stage::Stage;
use crate::wait::Stopwatch;

const RATES: Rates = Rates {
    reads: 10,
    orders: 1,
};
/// Its name, which is not that of the key that is there.
const ID: &str = "drill";

pub(super) async fn rotated(stage: &mut Stage) -> Result<Seen> {
    let old = stage.deployment.secrets().assertion_keys.clone();
    let new = Secrets::generate()?.assertion_keys;
    let (_, secret) = new.split_once(':').context("a key has an id")?;
    let new = format!("{ID}:{secret}");
    let first = 1_000_000 * (1 + stage.number());
    let load = Load::start(&stage.client, RATES, "hand-over", first);
    let exchanged = async {
        exchange(stage, &old, &new).await?;
        exchange(stage, &new, &old).await
    };
    let exchanged = exchanged.await;
    let tally = load.end().await?;
    exchanged?;
    for (key, reply) in &tally.orders {
        stage.note(key, reply)?;
    }
    tally.holds()?;
    ensure!(
        tally.good == tally.reads,
        "{} of {} reads were good: {:?}",
        tally.good,
        tally.reads,
        tally.failures
    );
    let recovery = stage.works(&Stopwatch::start()).await?;
    Ok(Seen::recovered(recovery, tally.said()))
}

/// Each side knows both keys before the other one signs with the new one: the edge its requests, the origin what
/// is no longer true.
async fn exchange(stage: &mut Stage, old: &str, new: &str) -> Result<()> {
    for (parts, keys) in [
        (&ORIGINS[..], format!("{old},{new}")),
        (&EDGES[..], format!("{new},{old}")),
        (&ORIGINS[..], new.to_owned()),
        (&EDGES[..], new.to_owned()),
    ] {
        for part in parts {
            block_in_place(|| {
                stage.deployment.end(*part)?;
                stage
                    .deployment
                    .restart_with(*part, &[("ASSERTION_KEYS", keys.as_str())])
            })?;
            stage.recovered(&Stopwatch::start()).await?;
        }
        let ids: Vec<_> = keys
            .split(',')
            .filter_map(|key| key.split(':').next())
            .collect();
        changed(stage)
            .await
            .with_context(|| format!("{parts:?} with the keys {ids:?}"))?;
    }
    Ok(())
}

/// All who know the keys at the origin: what is no longer true is told by the worker.
const ORIGINS: [Part; EACH + 1] = [Part::Origin(0), Part::Origin(1), Part::Worker];
const EDGES: [Part; EACH] = [Part::Edge(0), Part::Edge(1)];
