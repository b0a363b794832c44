//! What came of the contests: a table for people, JSON for machines.

mod machine;
mod table;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use chrono::DateTime;
use serde_json::json;

use crate::contest::Outcome;
use crate::{Others, Settings};

pub(crate) use machine::Machine;
pub(crate) use table::{
    callers, freshness, growth, line, overload, rates, revocations, shares, table,
};

/// Writes everything that was measured, and answers the file.
pub(crate) fn write(
    outcomes: &[Outcome],
    others: &Others,
    failed: &[String],
    machine: &Machine,
    settings: &Settings,
    database: Option<&str>,
) -> Result<PathBuf> {
    let time = i64::try_from(machine.unix_seconds)
        .ok()
        .and_then(|seconds| DateTime::from_timestamp(seconds, 0))
        .context("the clock is out of range")?;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("results");
    fs::create_dir_all(&folder)?;
    let file = folder.join(format!("{}.json", time.format("%Y-%m-%dT%H-%M-%SZ")));
    let document = json!({
        "at": time.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "machine": machine,
        "database": database,
        "settings": {
            "connections": settings.connections,
            "warm_up_seconds": settings.warm_up,
            "seconds": settings.seconds,
            "rounds": settings.rounds,
        },
        "contests": outcomes,
        "keys": others.growth,
        "identity": others.callers,
        "freshness": others.fresh,
        "revocations": others.revoked,
        "zipf": others.shares,
        "overload": others.overload,
        "failed": failed,
    });
    fs::write(&file, format!("{document:#}\n"))?;
    Ok(file)
}
