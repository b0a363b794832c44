//! `origin clients`: who may ask POST /oauth/token for itself.

use anyhow::{Result, bail};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::Subcommand;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use shared::body::Checks;
use shared::caller::{Mode, Role};
use shared::id::ClientId;
use shared::partner::{check_account, check_name};
use sqlx::PgPool;

use super::{Said, passed};
use crate::platform::{Platform, rfc3339};
use crate::store::client::{self, Client};

/// What a secret begins with, so that a scanner for leaked secrets knows it.
const SECRET_PREFIX: &str = "hgs_";
/// Random bytes of a secret.
const SECRET_BYTES: usize = 32;

/// What to do with clients.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Make one; its secret is shown once.
    Add {
        /// What people call it.
        #[arg(long)]
        name: String,
        /// Whose its limits, keys and orders are; by default its own id.
        #[arg(long)]
        account: Option<String>,
        /// As what it calls: partner or service.
        #[arg(long, default_value = "partner")]
        role: Role,
        /// Whether real money moves: live or test.
        #[arg(long, default_value = "live")]
        mode: Mode,
        /// A scope that its tokens may carry; several times for several. All of the role's without it.
        #[arg(long)]
        scope: Vec<String>,
    },
    /// Show them, the newest first.
    List,
    /// Take one out of use; tokens that it has run out within ten minutes.
    Revoke {
        /// Its id.
        id: ClientId,
    },
}

/// The digest of a secret, as the database has it.
pub fn digest(secret: &str) -> [u8; 32] {
    Sha256::digest(secret).into()
}

/// Does it.
pub async fn run(command: &Command, pool: &PgPool, platform: &Platform) -> Result<Said> {
    match command {
        Command::Add {
            name,
            account,
            role,
            mode,
            scope,
        } => {
            if !matches!(role, Role::Partner | Role::Service) {
                bail!("a client is a partner or a service");
            }
            let mut checks = Checks::default();
            check_name(&mut checks, "/name", name);
            if let Some(account) = account {
                check_account(&mut checks, account);
            }
            passed(checks)?;
            let id = platform.client_id();
            let client = Client {
                id,
                name: name.clone(),
                account: account.clone().unwrap_or_else(|| id.to_string()),
                role: *role,
                mode: *mode,
                scopes: super::scopes(*role, scope)?,
                created_at: platform.now(),
                last_used_at: None,
                revoked_at: None,
            };
            let mut bytes = [0; SECRET_BYTES];
            platform.fill(&mut bytes);
            let secret = format!("{SECRET_PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes));
            client::insert(pool, &client, &digest(&secret)).await?;
            let mut document = shown(&client);
            document["client_secret"] = json!(secret);
            Ok(Said {
                text: format!("client_id {id}\nclient_secret {secret}  (shown once)"),
                document,
            })
        }
        Command::List => {
            let clients = client::all(pool).await?;
            let line = |client: &Client| {
                let state = if client.revoked_at.is_some() {
                    "revoked"
                } else {
                    "active"
                };
                let scopes = client.scopes.join(" ");
                let Client {
                    id,
                    role,
                    account,
                    name,
                    ..
                } = client;
                format!("{id}  {state:7}  {role:8}  {account}  {name}  ({scopes})")
            };
            Ok(Said {
                text: clients.iter().map(line).collect::<Vec<_>>().join("\n"),
                document: json!({"clients": clients.iter().map(shown).collect::<Vec<_>>()}),
            })
        }
        Command::Revoke { id } => {
            if !client::revoke(pool, *id, platform.now()).await? {
                bail!("there is no client {id}, or it is revoked already");
            }
            Ok(Said {
                text: format!("{id} gets no more tokens"),
                document: json!({"client_id": id, "revoked": true}),
            })
        }
    }
}

fn shown(client: &Client) -> Value {
    json!({
        "client_id": client.id,
        "name": client.name,
        "account": client.account,
        "role": client.role,
        "mode": client.mode,
        "scopes": client.scopes,
        "created_at": rfc3339(client.created_at),
        "last_used_at": client.last_used_at.map(rfc3339),
        "revoked_at": client.revoked_at.map(rfc3339),
    })
}
