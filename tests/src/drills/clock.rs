//! An origin whose clock is wrong: by less than the hand-over allows for, and by far more.

use anyhow::{Result, ensure};
use tokio::task::block_in_place;
use xtask::cluster::Part;
use xtask::peers;
use xtask::progress::Progress;

use super::Seen;
use super::stage::Stage;
use crate::wait::Stopwatch;

const ORDERS: usize = 12;
/// The hand-over allows for 30 s.
const A_LITTLE: &str = "+20s";
const FAR: &str = "+600s";
const PLACE: Part = Part::Origin(1);

pub(super) async fn skewed(stage: &mut Stage) -> Result<Seen> {
    let tools = crate::build::tools();
    let peer = block_in_place(|| peers::libfaketime(tools.environment(), Progress::shown()))?;
    let Some(library) = peer.or_skip(tools.environment().ci)? else {
        return Ok(Seen::skipped("there is no libfaketime".to_owned()));
    };
    let library = library.display().to_string();
    let wrong = |by| {
        [
            ("LD_PRELOAD", library.clone()),
            ("FAKETIME", by),
            // Waits are to take their time.
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
        ]
    };
    set(stage, &wrong(A_LITTLE.to_owned()))?;
    stage.recovered(&Stopwatch::start()).await?;
    for edge in 0..ORDERS {
        let key = stage.key();
        let order = stage.client.order(edge, &key).await;
        stage.note(&key, &order)?;
        let read = stage.client.get(edge, &stage.unseen()).await;
        ensure!(read.is_good(), "{A_LITTLE}: a read got {read:?}");
    }
    set(stage, &wrong(FAR.to_owned()))?;
    let (mut refused, mut said) = (0, Ok(()));
    let keys: Vec<_> = (0..ORDERS).map(|_| stage.key()).collect();
    for (edge, key) in keys.iter().enumerate() {
        let order = stage.client.order(edge, key).await;
        if order.is_good() {
            stage.note(key, &order)?;
        } else {
            refused += 1;
            let status = order.status.map_or(0, |status| status.as_u16());
            let told = (status, order.code()) == (401, "token_invalid");
            said = said.and_then(|()| {
                ensure!(told, "{FAR}: an order got {order:?}");
                Ok(())
            });
        }
    }
    set(stage, &[])?;
    said?;
    ensure!(
        0 < refused && refused < ORDERS,
        "{FAR}: {refused} of {ORDERS} were refused"
    );
    let watch = Stopwatch::start();
    let recovery = stage.works(&watch).await?;
    stage.settle(&keys).await?;
    Ok(Seen::recovered(
        recovery,
        format!("{A_LITTLE}: none of {ORDERS} refused; {FAR}: {refused} of {ORDERS}"),
    ))
}

/// Ends the origin in order, and starts it with these settings.
fn set(stage: &mut Stage, settings: &[(&str, String)]) -> Result<()> {
    let settings: Vec<_> = settings
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    block_in_place(|| {
        stage.deployment.end(PLACE)?;
        stage.deployment.restart_with(PLACE, &settings)
    })
}
