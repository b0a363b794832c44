//! `origin token`: an access token for whom an operator names.

use anyhow::{Context, Result};
use chrono::TimeDelta;
use clap::Args;
use serde_json::json;
use shared::caller::{Mode, NAME_BYTES_MAX, Principal, Role, is_name};
use sqlx::PgPool;

use super::Said;
use crate::config::{Databases, Issuing};
use crate::identity::keys::KeySet;
use crate::identity::token::{Grant, LIFETIME_SECONDS, LIFETIME_SECONDS_MAX, sign};
use crate::platform::{Platform, rfc3339};
use crate::store::key;

/// Which token.
#[derive(Debug, Clone, Args)]
pub struct Asked {
    /// Where the keys are.
    #[command(flatten)]
    pub databases: Databases,
    /// Who issues it.
    #[command(flatten)]
    pub issuing: Issuing,
    /// For whom: a user's id.
    #[arg(long, value_parser = subject)]
    pub sub: String,
    /// As what: customer, partner, service, support, admin.
    #[arg(long)]
    pub role: Role,
    /// For how many seconds: up to 2592000, which are 30 days. Below 1 it has expired, to try a client with.
    #[arg(long, default_value_t = LIFETIME_SECONDS, allow_negative_numbers = true,
          value_parser = clap::value_parser!(i64).range(-LIFETIME_SECONDS_MAX..=LIFETIME_SECONDS_MAX))]
    pub ttl: i64,
    /// A scope that it carries; several times for several. All of the role's without it.
    #[arg(long)]
    pub scope: Vec<String>,
}

fn subject(text: &str) -> Result<String, String> {
    if is_name(text) {
        Ok(text.to_owned())
    } else {
        Err(format!(
            "write 1 to {NAME_BYTES_MAX} printable ASCII characters"
        ))
    }
}

/// Signs it.
pub async fn run(asked: &Asked, pool: &PgPool, platform: &Platform) -> Result<Said> {
    let now = platform.now();
    let keys = KeySet::read(pool, now).await?;
    let key = keys
        .signer(now)
        .context("there is no signing key: run `origin migrate`")?;
    let grant = Grant {
        issuer: &asked.issuing.issuer,
        audience: &asked.issuing.audience,
        token_id: &platform.token_id().to_string(),
        lifetime_seconds: asked.ttl,
    };
    let principal = Principal {
        subject: asked.sub.clone(),
        account: asked.sub.clone(),
        role: asked.role,
        scopes: super::scopes(asked.role, &asked.scope)?,
        mode: Mode::Live,
    };
    let token = sign(key, &grant, &principal, now);
    let expires_at = now + TimeDelta::seconds(asked.ttl);
    if asked.ttl > LIFETIME_SECONDS {
        key::note_token(pool, &key.kid, expires_at).await?;
    }
    Ok(Said {
        document: json!({"token": token, "expires_at": rfc3339(expires_at)}),
        text: token,
    })
}
