//! Plans. A deleted one's row stays, since keys that have ended name it.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use shared::id::PlanId;
use shared::plan::{NewPlan, Plan};
use sqlx::{FromRow, PgConnection, PgExecutor, PgPool, Postgres, QueryBuilder};
use uuid::Uuid;

use super::page::{Place, Slice};
use crate::platform::rfc3339;

/// No two plans share a name.
pub const NAME_UNIQUE: &str = "plans_name_unique";

const COLUMNS: &str = "id, name, rate, per_seconds, burst, quota, concurrency, stages, version, \
                       created_at, updated_at";

#[derive(FromRow)]
struct Row {
    id: Uuid,
    name: String,
    rate: i64,
    per_seconds: i64,
    burst: i64,
    quota: Option<Value>,
    concurrency: Option<i64>,
    stages: Value,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl Row {
    fn plan(self) -> sqlx::Result<Plan> {
        let undecodable = || sqlx::Error::Decode("a plan can't be read".into());
        let whole = |number: i64| u32::try_from(number).map_err(|_| undecodable());
        Ok(Plan {
            object: "plan".to_owned(),
            id: PlanId::from_uuid(self.id),
            name: self.name,
            rate: whole(self.rate)?,
            per_seconds: whole(self.per_seconds)?,
            burst: whole(self.burst)?,
            quota: self
                .quota
                .map(serde_json::from_value)
                .transpose()
                .map_err(|_| undecodable())?,
            concurrency: self.concurrency.map(whole).transpose()?,
            stages: serde_json::from_value(self.stages).map_err(|_| undecodable())?,
            version: self.version,
            created_at: rfc3339(self.created_at),
            updated_at: rfc3339(self.updated_at),
        })
    }
}

/// How a plan is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lock {
    /// As it is.
    None,
    /// It stays until the transaction ends: a key comes onto it.
    Share,
    /// Nobody else changes it until the transaction ends.
    Change,
}

/// The plan of that id.
pub async fn read(
    database: impl PgExecutor<'_>,
    id: PlanId,
    lock: Lock,
) -> sqlx::Result<Option<Plan>> {
    let mut sql = select("id = ");
    sql.push_bind(id.uuid());
    locked(&mut sql, lock);
    let row: Option<Row> = sql.build_query_as().fetch_optional(database).await?;
    row.map(Row::plan).transpose()
}

/// The plan of that name, which stays.
pub async fn named(connection: &mut PgConnection, name: &str) -> sqlx::Result<Option<Plan>> {
    let mut sql = select("name = ");
    sql.push_bind(name);
    locked(&mut sql, Lock::Share);
    let row: Option<Row> = sql.build_query_as().fetch_optional(connection).await?;
    row.map(Row::plan).transpose()
}

fn select(condition: &str) -> QueryBuilder<Postgres> {
    QueryBuilder::new(format!(
        "select {COLUMNS} from plans where deleted_at is null and {condition}"
    ))
}

fn locked(sql: &mut QueryBuilder<Postgres>, lock: Lock) {
    sql.push(match lock {
        Lock::None => "",
        Lock::Share => " for share",
        Lock::Change => " for update",
    });
}

/// Adds a plan.
pub async fn insert(
    connection: &mut PgConnection,
    id: PlanId,
    new: &NewPlan,
    now: DateTime<Utc>,
) -> sqlx::Result<Plan> {
    let row: Row = sqlx::query_as(
        "insert into plans (id, name, rate, per_seconds, burst, quota, concurrency, stages,
                            created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)
         returning id, name, rate, per_seconds, burst, quota, concurrency, stages, version,
                   created_at, updated_at",
    )
    .bind(id.uuid())
    .bind(&new.name)
    .bind(i64::from(new.rate))
    .bind(i64::from(new.per_seconds))
    .bind(i64::from(new.burst.unwrap_or(new.rate)))
    .bind(new.quota.map(|quota| json!(quota)))
    .bind(new.concurrency.map(i64::from))
    .bind(json!(new.stages))
    .bind(now)
    .fetch_one(connection)
    .await?;
    row.plan()
}

/// Writes a plan, which is locked.
pub async fn update(
    connection: &mut PgConnection,
    id: PlanId,
    new: &NewPlan,
    now: DateTime<Utc>,
) -> sqlx::Result<Plan> {
    let row: Row = sqlx::query_as(
        "update plans set name = $2, rate = $3, per_seconds = $4, burst = $5, quota = $6,
                concurrency = $7, stages = $8, version = version + 1, updated_at = $9
         where id = $1
         returning id, name, rate, per_seconds, burst, quota, concurrency, stages, version,
                   created_at, updated_at",
    )
    .bind(id.uuid())
    .bind(&new.name)
    .bind(i64::from(new.rate))
    .bind(i64::from(new.per_seconds))
    .bind(i64::from(new.burst.unwrap_or(new.rate)))
    .bind(new.quota.map(|quota| json!(quota)))
    .bind(new.concurrency.map(i64::from))
    .bind(json!(new.stages))
    .bind(now)
    .fetch_one(connection)
    .await?;
    row.plan()
}

/// Deletes a plan, which is locked, unless keys on it still hold. False if so.
pub async fn delete(
    connection: &mut PgConnection,
    id: PlanId,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let deleted = sqlx::query(
        "update plans set deleted_at = $2, updated_at = $2 where id = $1 and not exists (
             select 1 from api_keys
             where plan_id = $1 and revoked_at is null and (expires_at is null or expires_at > $2))",
    )
    .bind(id.uuid())
    .bind(now)
    .execute(connection)
    .await?;
    Ok(deleted.rows_affected() == 1)
}

/// A page of plans, the newest first.
pub async fn list(
    pool: &PgPool,
    place: Option<Place<Uuid>>,
    limit: i64,
) -> sqlx::Result<Slice<Plan, Uuid>> {
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
) -> sqlx::Result<Slice<Plan, Uuid>> {
    let mut sql = QueryBuilder::new(format!(
        "select {COLUMNS} from plans where deleted_at is null"
    ));
    super::page::by_id(&mut sql, place, limit);
    let rows: Vec<Row> = sql.build_query_as().fetch_all(pool).await?;
    let plans = rows
        .into_iter()
        .map(|row| Ok((row.id, row.plan()?)))
        .map(|row: sqlx::Result<_>| row.map(|(id, plan)| (plan, id)))
        .collect::<sqlx::Result<_>>()?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    Ok(Slice::of(plans, place, limit))
}
