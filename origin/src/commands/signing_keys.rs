//! `origin signing-keys`: how one key follows another (see [`crate::identity::rotation`]).

use anyhow::{Result, bail};
use chrono::TimeDelta;
use clap::Subcommand;
use serde_json::json;
use sqlx::PgPool;

use super::Said;
use crate::identity::pair::Algorithm;
use crate::identity::rotation::{PUBLISHED_SECONDS, retires_at, stages};
use crate::platform::{Platform, rfc3339};
use crate::store::key;

/// What to do with the keys.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Show them, the newest first.
    List,
    /// Make one. It is published at once and signs later.
    Add {
        /// What it signs by: `EdDSA` or `ES256`.
        #[arg(long, default_value = "EdDSA")]
        alg: Algorithm,
        /// In how many seconds it begins to sign. Sooner than the default, verifiers that have the
        /// older key set must fetch it anew: origins keep it for a minute, and edges ask once in half a
        /// minute, so less than 95 has tokens refused.
        #[arg(long, default_value_t = PUBLISHED_SECONDS, value_parser = clap::value_parser!(i64).range(0..=31_536_000))]
        activate_in: i64,
    },
    /// Take one from signing; it verifies until its tokens have expired.
    Retire {
        /// Its name.
        kid: String,
        /// Withdraw it at once, and all its tokens with it: it was stolen.
        #[arg(long)]
        now: bool,
    },
}

/// Does it.
pub async fn run(command: &Command, pool: &PgPool, platform: &Platform) -> Result<Said> {
    let now = platform.now();
    match command {
        Command::List => list(pool, platform).await,
        Command::Add { alg, activate_in } => {
            let active_from = now + TimeDelta::seconds(*activate_in);
            let mut connection = pool.acquire().await?;
            let kid = key::add(&mut connection, platform, *alg, active_from).await?;
            let from = rfc3339(active_from);
            Ok(Said {
                text: format!("{kid} ({alg}) is published and signs from {from}"),
                document: json!({"kid": kid, "alg": alg.as_str(), "active_from": from}),
            })
        }
        Command::Retire { kid, now: at_once } => {
            let keys = key::all(pool).await?;
            let Some(known) = keys.iter().find(|key| key.kid == *kid) else {
                bail!("there is no key {kid}: see `origin signing-keys list`");
            };
            let until = if *at_once {
                now
            } else {
                retires_at(now, known.tokens_until)
            };
            if !key::retire(pool, kid, until, now).await? {
                bail!(
                    "{kid} is retired already, or no other key signs yet: make one with \
                     `origin signing-keys add`, and retire this one once that signs"
                );
            }
            let until = rfc3339(until);
            Ok(Said {
                text: format!("{kid} signs no more and verifies until {until}"),
                document: json!({"kid": kid, "retired_at": until}),
            })
        }
    }
}

async fn list(pool: &PgPool, platform: &Platform) -> Result<Said> {
    let keys = key::all(pool).await?;
    let times: Vec<_> = keys
        .iter()
        .map(|key| (key.active_from, key.retired_at))
        .collect();
    let (mut rows, mut lines) = (Vec::new(), Vec::new());
    for (key, stage) in keys.iter().zip(stages(&times, platform.now())) {
        let (from, retired_at) = (rfc3339(key.active_from), key.retired_at.map(rfc3339));
        let until = retired_at.as_deref().unwrap_or("-");
        lines.push(format!(
            "{}  {:5}  {:8}  from {from}  until {until}",
            key.kid,
            key.algorithm,
            stage.as_str()
        ));
        rows.push(json!({
            "kid": key.kid,
            "alg": key.algorithm,
            "stage": stage.as_str(),
            "created_at": rfc3339(key.created_at),
            "active_from": from,
            "retired_at": retired_at,
        }));
    }
    Ok(Said {
        document: json!({"signing_keys": rows}),
        text: lines.join("\n"),
    })
}
