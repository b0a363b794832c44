//! `origin purge`: what POST /admin/cache/purges does, from a shell.

use anyhow::Result;
use clap::{ArgGroup, Args};
use serde_json::json;
use sqlx::PgPool;

use super::{Said, checked};
use crate::config::Databases;
use crate::platform::Platform;
use crate::purge::{self, NewPurge};

/// What a purge names.
#[derive(Debug, Clone, Args)]
#[command(group(ArgGroup::new("named").required(true).multiple(true)
    .args(["tags", "urls", "everything"])))]
pub struct Asked {
    /// Where the shop is.
    #[command(flatten)]
    pub databases: Databases,
    /// Copies with this tag, such as `category:coffee`.
    #[arg(long = "tag", value_name = "TAG")]
    pub tags: Vec<String>,
    /// Copies of this path and query, such as `/products?limit=20`.
    #[arg(long = "url", value_name = "URL")]
    pub urls: Vec<String>,
    /// Every copy.
    #[arg(long)]
    pub everything: bool,
    /// Copies may answer while they are fetched anew.
    #[arg(long)]
    pub soft: bool,
}

/// Asks for it.
pub async fn run(asked: &Asked, pool: &PgPool, platform: &Platform) -> Result<Said> {
    let new = checked(NewPurge {
        tags: Some(asked.tags.clone()),
        urls: Some(asked.urls.clone()),
        everything: asked.everything,
        soft: asked.soft,
    })?;
    let mut transaction = pool.begin().await?;
    let purge = purge::ask(&mut transaction, platform, new, None).await?;
    transaction.commit().await?;
    Ok(Said {
        text: format!("{} is on its way", purge.id),
        document: json!(purge),
    })
}
