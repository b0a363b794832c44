//! `origin firewall`: what the admin's route does, from a shell.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use serde_json::json;
use shared::body;
use shared::firewall::{Firewall, NewFirewall};
use sqlx::PgPool;

use super::{Said, checked, told};
use crate::firewall::{self, Sender};
use crate::platform::Platform;
use crate::refusal::Refusal;
use crate::store::firewall as store;

/// Who changes the lists, when it is this command.
const OPERATOR: &str = "operator";
/// Most changes that are listed.
const LISTED_MAX: i64 = 1000;

/// What to do with the lists.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Show those that hold.
    Show,
    /// Let these hold from now on, and no others.
    Set(Box<Lists>),
    /// Let those of the edge's configuration hold again.
    Clear,
    /// Show who changed what, the newest change first.
    Changes,
}

/// Lists, in options or in a file.
#[derive(Debug, Clone, Args)]
pub struct Lists {
    /// An address or a block that is out; several times for several.
    #[arg(long, value_name = "BLOCK")]
    deny: Vec<String>,
    /// Where there are some, all others are out.
    #[arg(long, value_name = "BLOCK")]
    allow: Vec<String>,
    /// A country that is out, such as XX.
    #[arg(long = "deny-country", value_name = "COUNTRY")]
    deny_countries: Vec<String>,
    /// Where there are some, all others are out.
    #[arg(long = "allow-country", value_name = "COUNTRY")]
    allow_countries: Vec<String>,
    /// A file with the body of PUT /admin/firewall, in the place of the options above.
    #[arg(long, conflicts_with_all = ["deny", "allow", "deny_countries", "allow_countries"])]
    file: Option<PathBuf>,
    /// Even if they leave out everybody.
    #[arg(long)]
    force: bool,
}

impl Lists {
    fn read(&self) -> Result<NewFirewall> {
        let mut new = match &self.file {
            Some(file) => {
                let bytes = std::fs::read(file)
                    .with_context(|| format!("{} can't be read", file.display()))?;
                body::parse(&bytes).map_err(|faults| told(&faults))?
            }
            None => NewFirewall {
                deny: self.deny.clone(),
                allow: self.allow.clone(),
                deny_countries: self.deny_countries.clone(),
                allow_countries: self.allow_countries.clone(),
                force: false,
            },
        };
        new.force |= self.force;
        checked(new)
    }
}

/// Does it.
pub async fn run(command: &Command, pool: &PgPool, platform: &Platform) -> Result<Said> {
    match command {
        Command::Show => said(&store::read(pool).await?),
        Command::Set(lists) => said(&change(pool, platform, Some(&lists.read()?)).await?),
        Command::Clear => said(&change(pool, platform, None).await?),
        Command::Changes => {
            let changes = store::changes(pool, LISTED_MAX).await?;
            Ok(Said {
                text: changes.iter().map(line).collect::<Vec<_>>().join("\n"),
                document: json!({"changes": changes}),
            })
        }
    }
}

async fn change(
    pool: &PgPool,
    platform: &Platform,
    lists: Option<&NewFirewall>,
) -> Result<Firewall> {
    let sender = Sender {
        by: OPERATOR,
        address: None,
        country: None,
        traceparent: None,
    };
    let mut transaction = pool.begin().await?;
    store::lock(&mut transaction).await?;
    let changed = firewall::change(&mut transaction, platform, lists, sender).await;
    let changed = match changed {
        Ok(changed) => changed,
        Err(Refusal::Problem(problem)) => {
            bail!("{} (here: --force)", problem.detail)
        }
        Err(other) => bail!(other.problem().detail),
    };
    transaction.commit().await?;
    Ok(changed)
}

fn said(firewall: &Firewall) -> Result<Said> {
    Ok(Said {
        text: line(firewall),
        document: serde_json::to_value(firewall)?,
    })
}

fn line(firewall: &Firewall) -> String {
    let whose = match (&firewall.updated_at, &firewall.updated_by) {
        (Some(at), Some(by)) => format!("version {} of {at} by {by}", firewall.version),
        _ => "never set".to_owned(),
    };
    if !firewall.in_force {
        return format!("{whose}: the edge's configuration holds");
    }
    let lists = [
        ("deny", &firewall.deny),
        ("allow", &firewall.allow),
        ("deny countries", &firewall.deny_countries),
        ("allow countries", &firewall.allow_countries),
    ];
    let lists: Vec<_> = lists
        .iter()
        .filter(|(_, list)| !list.is_empty())
        .map(|(name, list)| format!("{name} {}", list.join(" ")))
        .collect();
    if lists.is_empty() {
        return format!("{whose}: everybody is let in");
    }
    format!("{whose}: {}", lists.join("; "))
}
