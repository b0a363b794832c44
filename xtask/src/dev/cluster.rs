//! `dev --cluster`: starts it, tells where everything is, and starts again whatever dies.

use std::fs;
use std::time::Duration;

use anyhow::{Result, ensure};

use super::announcement::Cluster;
use super::mail::Mailbox;
use super::{Options, Place, pick};
use crate::cluster::{self, Deployment};
use crate::progress::Progress;
use crate::secrets::Secrets;
use crate::tools::Tools;
use crate::{edge_build, interrupt, origin, ports, wait};

/// How often to look whether a part has died.
const LOOK_EVERY: Duration = Duration::from_millis(200);

pub(super) fn run(options: &Options, place: &Place, progress: Progress) -> Result<bool> {
    let edge_ports = each(options.port, "edge", "--port")?;
    let origin_ports = each(options.origin_port, "origin", "--origin-port")?;
    let tools = Tools::ensure(progress)?;
    ensure!(
        tools.environment().database_url.is_none(),
        "A cluster makes its own primary and replica, and DATABASE_URL names another Postgres. Unset it \
         (`env -u DATABASE_URL cargo xtask dev --cluster`), or leave `--cluster` out."
    );
    let programs = origin::build(&tools, progress)?;
    let edge = edge_build::build(&tools, &edge_build::Options::default(), progress)?;
    let folder = place.state.join("cluster");
    fs::create_dir_all(&folder)?;
    let secrets = Secrets::keep(&folder.join("secrets.env"))?;
    let mut deployment = Deployment::start(
        cluster::Options {
            tools,
            programs,
            edge: edge.folder,
            folder: folder.clone(),
            ephemeral: place.ephemeral,
            products: options.products,
            edge_ports,
            origin_ports,
            secrets,
        },
        progress,
    )?;
    let mut mailbox = Mailbox::open(&deployment.mail())?;
    let all = |url: &dyn Fn(usize) -> String| (0..cluster::EACH).map(url).collect();
    let mut announcement = deployment.people().announce(
        &deployment.edge_url(0),
        &deployment.origin_url(0),
        &deployment.database_url(),
    );
    announcement.cluster = Some(Cluster {
        edges: all(&|place| deployment.edge_url(place)),
        origins: all(&|place| deployment.origin_url(place)),
        replica_url: deployment.replica_url(),
    });
    let file = place.data.join("endpoints.json");
    announcement.write(&file)?;
    progress.note("Ctrl-C stops everything; a part that dies is started again");
    announcement.print(&folder, options.quiet);
    let outcome = keep_up(&mut deployment, &mut mailbox);
    fs::remove_file(file).ok();
    outcome.map(|()| true)
}

/// A port for each, one after the other; free ones for 0.
fn each(first: u16, what: &str, flag: &str) -> Result<Vec<u16>> {
    (0..cluster::EACH)
        .map(|place| match first {
            0 => ports::free(),
            first => pick(first.saturating_add(u16::try_from(place)?), what, flag),
        })
        .collect()
}

fn keep_up(deployment: &mut Deployment, mailbox: &mut Mailbox) -> Result<()> {
    while !wait::settle(LOOK_EVERY, interrupt::requested) {
        for line in mailbox.fresh() {
            println!("{line}");
        }
        if let Some((part, error)) = deployment.ended() {
            let first = error.to_string();
            println!("died  {}", first.lines().next().unwrap_or_default());
            deployment.restart(part)?;
            println!("back  {part}");
        }
    }
    Ok(())
}
