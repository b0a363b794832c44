//! Keys that are exchanged while all goes on.

use anyhow::{Result, ensure};
use serde_json::Value;
use tokio::task::block_in_place;

use super::Seen;
use super::client::Client;
use super::stage::{Stage, member};
use crate::wait::{Stopwatch, try_until};

/// How long a new key is published before it signs: longer than an origin keeps its keys in memory (60 s) and
/// an edge waits before it fetches a key set anew for a key that it does not know (30 s).
const PUBLISHED: &str = "95";
/// Longest until it signs.
const SECONDS: u64 = 120;
const READS: usize = 6;
/// Reads with each token that is signed meanwhile, one at each edge: so few that its subject keeps to its limit.
const READS_MEANWHILE: usize = 2;

/// A key is published, signs when its time has come, and the old one is retired, which verifies on.
pub(super) async fn rotated(stage: &mut Stage) -> Result<Seen> {
    let old = stage.client.clone();
    let listed = ask(stage, &["signing-keys", "list", "--json"])?;
    let kid = member(&listed["signing_keys"][0], "kid")?.to_owned();
    let add = ["signing-keys", "add", "--activate-in", PUBLISHED, "--json"];
    let added = ask(stage, &add)?;
    let fresh = member(&added, "kid")?;
    let subject = subject(stage)?;
    let mint = || {
        let arguments = ["token", "--sub", &subject, "--role", "customer"];
        block_in_place(|| stage.deployment.shop().ask(&arguments))
    };
    let published = async || -> Result<Option<String>> {
        let listed = ask(stage, &["signing-keys", "list", "--json"])?;
        let signs = listed["signing_keys"][0]["stage"] == "signs";
        // Those that are signed meanwhile are taken, by whichever key.
        let token = mint()?;
        goes_on(&stage.client.with_token(&token), READS_MEANWHILE).await?;
        Ok(signs.then_some(token))
    };
    let signed = try_until(SECONDS, "the new key signs", async || {
        published().await.transpose()
    });
    let new = stage.client.with_token(&signed.await??);
    let watch = Stopwatch::start();
    goes_on(&old, READS).await?;
    ask(stage, &["signing-keys", "retire", &kid, "--json"])?;
    goes_on(&old, READS).await?;
    goes_on(&new, READS).await?;
    let recovery = stage.works(&watch).await?;
    Ok(Seen::recovered(
        recovery,
        format!("{fresh} signs, {kid} is retired, and its tokens hold on"),
    ))
}

async fn goes_on(client: &Client, reads: usize) -> Result<()> {
    for edge in 0..reads {
        let read = client.get_own(edge, "/v2/orders?limit=1").await;
        ensure!(read.is_good(), "a token was refused: {read:?}");
    }
    Ok(())
}

fn ask(stage: &Stage, arguments: &[&str]) -> Result<Value> {
    let said = block_in_place(|| stage.deployment.shop().ask(arguments))?;
    Ok(serde_json::from_str(&said)?)
}

/// Whom the customer's token speaks for.
fn subject(stage: &Stage) -> Result<String> {
    // Seeding again changes nothing, and says who is there.
    let seeded = ask(stage, &["seed", "--products", "1", "--json"])?;
    Ok(member(&seeded, "customer")?.to_owned())
}
