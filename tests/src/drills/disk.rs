//! A full disk, which is a small one in memory: mounting it needs root.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use xtask::cluster::Part;
use xtask::process;

use super::Seen;
use super::stage::{Stage, execute};
use crate::wait::{Stopwatch, try_until};

/// Its size: a fresh cluster with a small catalogue, and some logs.
const SIZE: &str = "size=320m,mode=755";
/// What is written to fill it at once.
const CHUNK_BYTES: usize = 1 << 20;
/// Orders until one must have failed; each writes some pages.
const ORDERS: usize = 200;
const SECONDS: u64 = 30;

/// The disk. Dropping it takes it away.
#[derive(Debug)]
pub(super) struct Disk {
    folder: PathBuf,
}

impl Disk {
    /// Mounts it here; the folder must be empty or missing. None where that is not allowed.
    pub(super) fn mount(folder: &Path) -> Result<Option<Self>> {
        fs::create_dir_all(folder)?;
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", SIZE, "tmpfs"]).arg(folder);
        let mounted = process::output("mount", &mut mount)?.status.success();
        Ok(mounted.then(|| Self {
            folder: folder.to_owned(),
        }))
    }

    fn filler(&self) -> PathBuf {
        self.folder.join("filler")
    }

    /// Fills it to its last byte.
    fn fill(&self) -> Result<u64> {
        let mut file = File::create(self.filler())?;
        let mut chunk = vec![1; CHUNK_BYTES];
        while !chunk.is_empty() {
            while file.write_all(&chunk).is_ok() {}
            let half = chunk.len() / 2;
            chunk.truncate(half);
        }
        Ok(file.metadata()?.len())
    }

    fn make_room(&self) -> Result<()> {
        fs::remove_file(self.filler()).context("the filler")
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let mut unmount = Command::new("umount");
        unmount.arg("--lazy").arg(&self.folder);
        // Nobody is left to be told.
        drop(process::output("umount", &mut unmount));
    }
}

pub(super) async fn full(stage: &mut Stage) -> Result<Seen> {
    let Some(disk) = stage.disk.take() else {
        return Ok(Seen::skipped(
            "a small disk can't be mounted here".to_owned(),
        ));
    };
    let seen = on(stage, &disk).await;
    stage.disk = Some(disk);
    seen
}

async fn on(stage: &mut Stage, disk: &Disk) -> Result<Seen> {
    ensure!(!stage.has_moved(), "the primary is another server since");
    let filled = disk.fill()?;
    // The log's next segment finds no room, which no server survives.
    let url = stage.deployment.database_url();
    drop(
        execute(
            &url,
            "create table filler as select generate_series(1, 3000000)",
        )
        .await,
    );
    let mut keys = Vec::new();
    let mut refused = None;
    for number in 0..ORDERS {
        let key = stage.key();
        let order = stage.client.order(number, &key).await;
        keys.push(key.clone());
        if order.is_good() {
            stage.note(&key, &order)?;
        } else {
            refused = Some(order);
            break;
        }
    }
    let refused = refused.context("the disk is full, and every order is placed");
    let mut copies = Ok(());
    for edge in 0..stage.client.edges() {
        let read = stage.client.get(edge, &stage.client.product()).await;
        copies = copies.and_then(|()| {
            ensure!(read.is_good(), "a read of a copy got {read:?}");
            Ok(())
        });
    }
    disk.make_room()?;
    let watch = Stopwatch::start();
    let is_dead = stage
        .deployment
        .ended()
        .is_some_and(|(part, _)| part == Part::Primary);
    if is_dead {
        stage.restart(Part::Primary)?;
    }
    let refused = refused?;
    copies?;
    super::killed::says_so(&refused)?;
    let recovery = stage.works(&watch).await?;
    stage.settle(&keys).await?;
    let dropped = async || execute(&url, "drop table if exists filler").await.ok();
    try_until(SECONDS, "the filler's end", dropped).await?;
    let server = if is_dead {
        "had ended and was started"
    } else {
        "went on by itself"
    };
    Ok(Seen::recovered(
        recovery,
        format!("{} MB of filler; the server {server}", filled / 1_000_000),
    ))
}
