//! `origin api-keys`: what the admin's routes do, from a shell.

use anyhow::{Result, anyhow};
use clap::Subcommand;
use serde_json::json;
use shared::caller::Mode;
use shared::id::ApiKeyId;
use shared::partner::{
    self as shape, ApiKeyView, CreatedApiKey, NewApiKey, OVERLAP_SECONDS_DEFAULT,
    OVERLAP_SECONDS_MAX,
};
use sqlx::PgPool;

use super::{Said, checked, told};
use crate::partner;
use crate::platform::Platform;
use crate::refusal::Refusal;
use crate::store::api_key;

/// Most keys that are listed.
const LISTED_MAX: i64 = 1000;

/// What to do with keys.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Make one; it is shown once.
    Create {
        /// What people call it.
        #[arg(long)]
        name: String,
        /// Whose limits, idempotency keys and orders they are.
        #[arg(long)]
        account: String,
        /// Whether real money moves: live or test.
        #[arg(long, default_value = "live")]
        mode: Mode,
        /// The id or the name of its plan.
        #[arg(long)]
        plan: String,
        /// What it may do; several times for several. All that a partner may without it.
        #[arg(long)]
        scope: Vec<String>,
    },
    /// Show them, the newest first.
    List,
    /// Make another one with all that this one has, which ends after the overlap.
    Rotate {
        /// Its id.
        id: ApiKeyId,
        /// For how many seconds the old one still holds, at most 7 days.
        #[arg(long, default_value_t = OVERLAP_SECONDS_DEFAULT, value_parser = clap::value_parser!(i64).range(0..=OVERLAP_SECONDS_MAX))]
        overlap_seconds: i64,
    },
    /// Let it hold no more.
    Revoke {
        /// Its id.
        id: ApiKeyId,
    },
}

/// Does it.
pub async fn run(command: &Command, pool: &PgPool, platform: &Platform) -> Result<Said> {
    match command {
        Command::Create {
            name,
            account,
            mode,
            plan,
            scope,
        } => {
            let new = NewApiKey {
                name: name.clone(),
                account: account.clone(),
                mode: *mode,
                plan: plan.clone(),
                scopes: super::scopes(shape::ROLE, scope)?,
            };
            let new = checked(new)?;
            let mut transaction = pool.begin().await?;
            let key = partner::create(&mut transaction, platform, &new).await;
            let key = key.map_err(refused)?;
            transaction.commit().await?;
            made(&key)
        }
        Command::List => {
            let keys = api_key::list(pool, None, LISTED_MAX).await?.rows;
            Ok(Said {
                text: keys.iter().map(line).collect::<Vec<_>>().join("\n"),
                document: json!({"api_keys": keys}),
            })
        }
        Command::Rotate {
            id,
            overlap_seconds,
        } => {
            let mut transaction = pool.begin().await?;
            let seconds = *overlap_seconds;
            let key = partner::rotate(&mut transaction, platform, *id, seconds, None).await;
            let key = key.map_err(refused)?;
            transaction.commit().await?;
            made(&key)
        }
        Command::Revoke { id } => {
            let mut transaction = pool.begin().await?;
            let revoked = partner::revoke(&mut transaction, platform, *id, None).await;
            revoked.map_err(refused)?;
            transaction.commit().await?;
            Ok(Said {
                text: format!("{id} holds no more"),
                document: json!({"id": id, "revoked": true}),
            })
        }
    }
}

fn made(made: &CreatedApiKey) -> Result<Said> {
    Ok(Said {
        text: format!("{}\n{}  (shown once)", made.view.id, made.key),
        document: serde_json::to_value(made)?,
    })
}

fn line(key: &ApiKeyView) -> String {
    let state = match (&key.revoked_at, &key.expires_at) {
        (Some(at), _) => format!("revoked {at}"),
        (None, Some(at)) => format!("until {at}"),
        (None, None) => "holds".to_owned(),
    };
    let ApiKeyView {
        id,
        hint,
        account,
        name,
        plan,
        ..
    } = key;
    format!("{id}  {hint}…  {account}  {plan}  {name}  {state}")
}

fn refused(refusal: Refusal) -> anyhow::Error {
    match refusal {
        Refusal::Body(faults) => told(&faults),
        Refusal::NotFound => anyhow!("there is no such key, or it has ended already"),
        other => anyhow!(other.problem().detail),
    }
}
