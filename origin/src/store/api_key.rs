//! API keys, by their hashes.

use chrono::{DateTime, Utc};
use shared::api_key::KeyHash;
use shared::id::{ApiKeyId, PlanId};
use shared::partner::{self, ApiKeyView, NewApiKey};
use shared::record::KeyRecord;
use sqlx::{FromRow, PgConnection, PgPool, QueryBuilder};
use uuid::Uuid;

use super::page::{Place, Slice};
use crate::platform::rfc3339;

const COLUMNS: &str = "id, hash, hint, name, account, mode, plan_id, scopes, successor, \
                       created_at, expires_at, last_used_at, revoked_at";

#[derive(FromRow)]
struct Row {
    id: Uuid,
    hash: Vec<u8>,
    hint: String,
    name: String,
    account: String,
    mode: String,
    plan_id: Uuid,
    scopes: Vec<String>,
    successor: Option<Uuid>,
    created_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
    last_used_at: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
}

fn undecodable() -> sqlx::Error {
    sqlx::Error::Decode("an API key can't be read".into())
}

/// The first whole second at which it is over: what is promised to hold until then does.
fn rounded_up(time: DateTime<Utc>) -> i64 {
    time.timestamp() + i64::from(time.timestamp_subsec_nanos() > 0)
}

impl Row {
    fn hash(&self) -> sqlx::Result<KeyHash> {
        let hash = self.hash.as_slice().try_into();
        hash.map(KeyHash).map_err(|_| undecodable())
    }

    fn view(self) -> sqlx::Result<ApiKeyView> {
        Ok(ApiKeyView {
            object: "api_key".to_owned(),
            id: ApiKeyId::from_uuid(self.id),
            name: self.name,
            account: self.account,
            mode: self.mode.parse().map_err(|_| undecodable())?,
            plan: PlanId::from_uuid(self.plan_id),
            scopes: self.scopes,
            hint: self.hint,
            successor: self.successor.map(ApiKeyId::from_uuid),
            created_at: rfc3339(self.created_at),
            expires_at: self.expires_at.map(rfc3339),
            last_used_at: self.last_used_at.map(rfc3339),
            revoked_at: self.revoked_at.map(rfc3339),
        })
    }

    fn record(self) -> sqlx::Result<KeyRecord> {
        Ok(KeyRecord {
            id: ApiKeyId::from_uuid(self.id),
            account: self.account,
            role: partner::ROLE,
            mode: self.mode.parse().map_err(|_| undecodable())?,
            plan: PlanId::from_uuid(self.plan_id),
            scopes: self.scopes,
            expires_at: self.expires_at.map(rounded_up),
            revoked: self.revoked_at.is_some(),
        })
    }
}

/// A key that still holds, locked.
pub struct Held {
    /// What admins see of it.
    pub view: ApiKeyView,
    /// What is kept of it.
    pub hash: KeyHash,
    /// When it ends.
    pub expires_at: Option<DateTime<Utc>>,
}

/// Adds a key.
pub async fn insert(
    connection: &mut PgConnection,
    id: ApiKeyId,
    key: &shared::api_key::ApiKey,
    new: &NewApiKey,
    plan: PlanId,
    now: DateTime<Utc>,
) -> sqlx::Result<ApiKeyView> {
    let row: Row = sqlx::query_as(
        "insert into api_keys (id, hash, hint, name, account, mode, plan_id, scopes, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         returning id, hash, hint, name, account, mode, plan_id, scopes, successor, created_at,
                   expires_at, last_used_at, revoked_at",
    )
    .bind(id.uuid())
    .bind(key.hash().0.as_slice())
    .bind(key.hint())
    .bind(&new.name)
    .bind(&new.account)
    .bind(new.mode.as_str())
    .bind(plan.uuid())
    .bind(&new.scopes)
    .bind(now)
    .fetch_one(connection)
    .await?;
    row.view()
}

/// A key that still holds, locked against other changes.
pub async fn lock(
    connection: &mut PgConnection,
    id: ApiKeyId,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<Held>> {
    let mut sql = QueryBuilder::new(format!("select {COLUMNS} from api_keys where id = "));
    sql.push_bind(id.uuid())
        .push(" and revoked_at is null and (expires_at is null or expires_at > ")
        .push_bind(now)
        .push(") for update");
    let row: Option<Row> = sql.build_query_as().fetch_optional(connection).await?;
    row.map(|row| {
        Ok(Held {
            hash: row.hash()?,
            expires_at: row.expires_at,
            view: row.view()?,
        })
    })
    .transpose()
}

/// Lets a key, which is locked, end at that time in favour of another.
pub async fn succeed(
    connection: &mut PgConnection,
    id: ApiKeyId,
    successor: ApiKeyId,
    expires_at: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query("update api_keys set successor = $2, expires_at = $3 where id = $1")
        .bind(id.uuid())
        .bind(successor.uuid())
        .bind(expires_at)
        .execute(connection)
        .await?;
    Ok(())
}

/// Revokes a key, which is locked.
pub async fn revoke(
    connection: &mut PgConnection,
    id: ApiKeyId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query("update api_keys set revoked_at = $2 where id = $1")
        .bind(id.uuid())
        .bind(now)
        .execute(connection)
        .await?;
    Ok(())
}

/// One key.
pub async fn read(pool: &PgPool, id: ApiKeyId) -> sqlx::Result<Option<ApiKeyView>> {
    let mut sql = QueryBuilder::new(format!("select {COLUMNS} from api_keys where id = "));
    sql.push_bind(id.uuid());
    let row: Option<Row> = sql.build_query_as().fetch_optional(pool).await?;
    row.map(Row::view).transpose()
}

/// The record of the key of that hash.
pub async fn record(pool: &PgPool, hash: KeyHash) -> sqlx::Result<Option<KeyRecord>> {
    let mut sql = QueryBuilder::new(format!("select {COLUMNS} from api_keys where hash = "));
    sql.push_bind(hash.0.to_vec());
    let row: Option<Row> = sql.build_query_as().fetch_optional(pool).await?;
    row.map(Row::record).transpose()
}

/// A page of keys, the newest first.
pub async fn list(
    pool: &PgPool,
    place: Option<Place<Uuid>>,
    limit: i64,
) -> sqlx::Result<Slice<ApiKeyView, Uuid>> {
    let slice = fetch(pool, place, limit).await?;
    if slice.is_before_the_start(place) {
        return fetch(pool, None, limit).await;
    }
    Ok(slice)
}

async fn fetch(
    pool: &PgPool,
    place: Option<Place<Uuid>>,
    limit: i64,
) -> sqlx::Result<Slice<ApiKeyView, Uuid>> {
    let mut sql = QueryBuilder::new(format!("select {COLUMNS} from api_keys where true"));
    super::page::by_id(&mut sql, place, limit);
    let rows: Vec<Row> = sql.build_query_as().fetch_all(pool).await?;
    let keys = rows
        .into_iter()
        .map(|row| {
            let id = row.id;
            Ok((row.view()?, id))
        })
        .collect::<sqlx::Result<_>>()?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    Ok(Slice::of(keys, place, limit))
}
