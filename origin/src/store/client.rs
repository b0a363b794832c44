//! Clients of POST /oauth/token.

use chrono::{DateTime, Utc};
use shared::caller::{Mode, Role};
use shared::id::ClientId;
use sqlx::{FromRow, PgPool};
use uuid::Uuid;

/// A client, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// Its id, which it sends as `client_id`.
    pub id: ClientId,
    /// What people call it.
    pub name: String,
    /// Whose its limits, keys and orders are.
    pub account: String,
    /// Partner or service.
    pub role: Role,
    /// Live or test.
    pub mode: Mode,
    /// What its tokens may carry.
    pub scopes: Vec<String>,
    /// Since when it is.
    pub created_at: DateTime<Utc>,
    /// When it last got a token.
    pub last_used_at: Option<DateTime<Utc>>,
    /// Since when it no longer is.
    pub revoked_at: Option<DateTime<Utc>>,
}

#[derive(FromRow)]
struct Row {
    id: Uuid,
    name: String,
    account: String,
    role: String,
    mode: String,
    scopes: Vec<String>,
    created_at: DateTime<Utc>,
    last_used_at: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
}

impl Row {
    fn client(self) -> sqlx::Result<Client> {
        let undecodable =
            |what: &str| sqlx::Error::Decode(format!("a client's {what} can't be read").into());
        Ok(Client {
            id: ClientId::from_uuid(self.id),
            name: self.name,
            account: self.account,
            role: self.role.parse().map_err(|_| undecodable("role"))?,
            mode: self.mode.parse().map_err(|_| undecodable("mode"))?,
            scopes: self.scopes,
            created_at: self.created_at,
            last_used_at: self.last_used_at,
            revoked_at: self.revoked_at,
        })
    }
}

/// Adds a client.
pub async fn insert(pool: &PgPool, client: &Client, secret_hash: &[u8; 32]) -> sqlx::Result<()> {
    sqlx::query(
        "insert into oauth_clients (id, name, account, role, mode, scopes, secret_hash, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(client.id.uuid())
    .bind(&client.name)
    .bind(&client.account)
    .bind(client.role.as_str())
    .bind(client.mode.as_str())
    .bind(&client.scopes)
    .bind(secret_hash.as_slice())
    .bind(client.created_at)
    .execute(pool)
    .await?;
    Ok(())
}

/// The client of that id and secret, unless it is revoked; it has been used.
pub async fn proven(
    pool: &PgPool,
    id: ClientId,
    secret_hash: &[u8; 32],
    now: DateTime<Utc>,
) -> sqlx::Result<Option<Client>> {
    // A digest of 256 random bits is compared, so how long it takes tells nothing of use.
    let row: Option<Row> = sqlx::query_as(
        "update oauth_clients set last_used_at = $3
         where id = $1 and secret_hash = $2 and revoked_at is null
         returning id, name, account, role, mode, scopes, created_at, last_used_at, revoked_at",
    )
    .bind(id.uuid())
    .bind(secret_hash.as_slice())
    .bind(now)
    .fetch_optional(pool)
    .await?;
    row.map(Row::client).transpose()
}

/// All clients, the newest first.
pub async fn all(pool: &PgPool) -> sqlx::Result<Vec<Client>> {
    let rows: Vec<Row> = sqlx::query_as(
        "select id, name, account, role, mode, scopes, created_at, last_used_at, revoked_at
         from oauth_clients order by id desc",
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter().map(Row::client).collect()
}

/// Revokes a client. False if there is none, or it was revoked before.
pub async fn revoke(pool: &PgPool, id: ClientId, now: DateTime<Utc>) -> sqlx::Result<bool> {
    let revoked = sqlx::query(
        "update oauth_clients set revoked_at = $2 where id = $1 and revoked_at is null",
    )
    .bind(id.uuid())
    .bind(now)
    .execute(pool)
    .await?;
    Ok(revoked.rows_affected() == 1)
}
