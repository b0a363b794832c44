//! An origin that answers, and much too late.

use std::time::Duration;

use anyhow::{Result, ensure};
use tokio::task::JoinSet;

use super::Seen;
use super::stage::Stage;
use crate::wait::{Stopwatch, try_until};

/// Longer than a try of a read may take.
const LATE: Duration = Duration::from_secs(8);
/// The one that is late.
const PLACE: usize = 1;
/// Reads at once.
const READS: usize = 16;
/// What reads may take once it is left alone.
const PROMPT: Duration = Duration::from_secs(2);
/// Longest until it is left alone, and until it is asked again.
const SECONDS: u64 = 30;

pub(super) async fn slow(stage: &mut Stage) -> Result<Seen> {
    stage.deployment.wires().origins[PLACE].delay(LATE);
    let watch = Stopwatch::start();
    let alone = async || match reads(stage).await {
        Ok(slowest) => (slowest < PROMPT).then_some(Ok(())),
        Err(error) => Some(Err(error)),
    };
    let alone = try_until(SECONDS, "it is left alone", alone).await;
    let left_alone = watch.elapsed();
    stage.deployment.wires().origins[PLACE].delay(Duration::ZERO);
    alone??;
    let watch = Stopwatch::start();
    let asked = async || {
        let before = stage.deployment.wires().origins[PLACE].answered();
        let read = reads(stage).await;
        let after = stage.deployment.wires().origins[PLACE].answered();
        // Checks are answered too, by two at most.
        (read.is_ok() && after > before + 2).then_some(())
    };
    try_until(SECONDS, "it is asked again", asked).await?;
    let recovery = watch.elapsed();
    stage.works(&Stopwatch::start()).await?;
    Ok(Seen::recovered(
        recovery,
        format!("left alone after {} ms", left_alone.as_millis()),
    ))
}

/// Reads that each need an origin, all of which must be good when their calls end: further tries have a
/// budget, and a client repeats what goes beyond it. The slowest.
async fn reads(stage: &Stage) -> Result<Duration> {
    let mut all = JoinSet::new();
    for _ in 0..READS {
        let (client, path, number) = (stage.client.clone(), stage.unseen(), stage.number());
        all.spawn(async move { client.read(number, &path).await });
    }
    let mut slowest = Duration::ZERO;
    while let Some(read) = all.join_next().await {
        let read = read?;
        ensure!(read.reply.is_good(), "a read got {read:?}");
        slowest = slowest.max(read.took);
    }
    Ok(slowest)
}
