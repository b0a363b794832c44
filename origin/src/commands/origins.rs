//! `origin origins`: what the admin's route does, from a shell.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use serde_json::json;
use shared::body;
use shared::origins::{DEFAULT_POOL, NewOrigins, Origin, Origins, Pools};
use sqlx::PgPool;

use super::{Said, checked, told};
use crate::origins::{self, Sender};
use crate::platform::Platform;
use crate::store::origins as store;

/// Who changes the lists, when it is this command.
const OPERATOR: &str = "operator";
/// Most changes that are listed.
const LISTED_MAX: i64 = 1000;

/// What to do with the lists.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Show those that hold.
    List,
    /// Let a pool have these origins from now on; other pools stay as they are.
    Set(Asked),
    /// Let those of the edge's deployment hold again, in every pool.
    Reset,
    /// Show who changed what, the newest change first.
    Changes,
}

/// Origins, in words or in a file.
#[derive(Debug, Clone, Args)]
pub struct Asked {
    /// Base URLs, each perhaps with `*` and its weight behind it, such as `https://b.example*3`.
    #[arg(value_name = "ORIGIN", required_unless_present = "file")]
    origins: Vec<String>,
    /// Whose they are.
    #[arg(long, value_name = "NAME", default_value = DEFAULT_POOL)]
    pool: String,
    /// A file with the body of PUT /admin/origins, which replaces the lists of all pools.
    #[arg(long, conflicts_with_all = ["origins", "pool"])]
    file: Option<PathBuf>,
}

impl Asked {
    /// The lists that are to follow those that hold.
    fn read(&self, held: &Origins) -> Result<NewOrigins> {
        if let Some(file) = &self.file {
            let bytes =
                std::fs::read(file).with_context(|| format!("{} can't be read", file.display()))?;
            return body::parse(&bytes).map_err(|faults| told(&faults));
        }
        let mut pools = if held.in_force {
            held.pools.clone()
        } else {
            Pools::new()
        };
        let origins = self.origins.iter().map(|word| origin(word));
        pools.insert(self.pool.clone(), origins.collect::<Result<_>>()?);
        checked(NewOrigins { pools })
    }
}

fn origin(word: &str) -> Result<Origin> {
    let (url, weight) = word.rsplit_once('*').unwrap_or((word, "1"));
    let weight = weight.parse();
    Ok(Origin {
        url: url.to_owned(),
        weight: weight.with_context(|| format!("{word}: behind `*` stands a weight"))?,
    })
}

/// Does it.
pub async fn run(command: &Command, pool: &PgPool, platform: &Platform) -> Result<Said> {
    match command {
        Command::List => said(&store::read(pool).await?),
        Command::Set(asked) => said(&change(pool, platform, Some(asked)).await?),
        Command::Reset => said(&change(pool, platform, None).await?),
        Command::Changes => {
            let changes = store::changes(pool, LISTED_MAX).await?;
            Ok(Said {
                text: changes.iter().map(line).collect::<Vec<_>>().join("\n"),
                document: json!({"changes": changes}),
            })
        }
    }
}

async fn change(pool: &PgPool, platform: &Platform, asked: Option<&Asked>) -> Result<Origins> {
    let sender = Sender {
        by: OPERATOR,
        traceparent: None,
    };
    let mut transaction = pool.begin().await?;
    let held = store::lock(&mut transaction).await?;
    let new = asked.map(|asked| asked.read(&held)).transpose()?;
    let changed = origins::change(&mut transaction, platform, new.as_ref(), sender).await?;
    transaction.commit().await?;
    Ok(changed)
}

fn said(origins: &Origins) -> Result<Said> {
    Ok(Said {
        text: line(origins),
        document: serde_json::to_value(origins)?,
    })
}

fn line(origins: &Origins) -> String {
    let whose = match (&origins.updated_at, &origins.updated_by) {
        (Some(at), Some(by)) => format!("version {} of {at} by {by}", origins.version),
        _ => "never set".to_owned(),
    };
    if !origins.in_force {
        return format!("{whose}: the edge's deployment holds");
    }
    let pools = origins.pools.iter().map(|(name, list)| {
        let list: Vec<_> = list.iter().map(word).collect();
        format!("{name} {}", list.join(" "))
    });
    format!("{whose}: {}", pools.collect::<Vec<_>>().join("; "))
}

fn word(origin: &Origin) -> String {
    match origin.weight {
        1 => origin.url.clone(),
        weight => format!("{}*{weight}", origin.url),
    }
}
