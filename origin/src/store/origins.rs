//! The origins of the edge's pools: a row a change, of which the newest holds.

use chrono::{DateTime, Utc};
use shared::origins::{NewOrigins, Origins, Pools};
use sqlx::types::Json;
use sqlx::{FromRow, PgConnection, PgExecutor, PgPool};

use crate::platform::rfc3339;

#[derive(FromRow)]
struct Row {
    version: i64,
    in_force: bool,
    pools: Json<Pools>,
    changed_at: Option<DateTime<Utc>>,
    changed_by: Option<String>,
}

impl From<Row> for Origins {
    fn from(row: Row) -> Self {
        Self {
            object: "origins".to_owned(),
            in_force: row.in_force,
            pools: row.pools.0,
            version: row.version,
            updated_at: row.changed_at.map(rfc3339),
            updated_by: row.changed_by,
        }
    }
}

/// What holds.
pub async fn read(database: impl PgExecutor<'_>) -> sqlx::Result<Origins> {
    let row: Row = sqlx::query_as(
        "select version, in_force, pools, changed_at, changed_by
         from origins_changes order by version desc limit 1",
    )
    .fetch_one(database)
    .await?;
    Ok(row.into())
}

/// What holds, and goes on to until the transaction ends.
pub async fn lock(connection: &mut PgConnection) -> sqlx::Result<Origins> {
    sqlx::query("select from origins_changes where version = 0 for update")
        .execute(&mut *connection)
        .await?;
    // A statement of its own: it sees what was committed while this one waited.
    read(connection).await
}

/// Who changes what holds, and when.
#[derive(Debug, Clone, Copy)]
pub struct Change<'a> {
    /// Who.
    pub by: &'a str,
    /// When.
    pub now: DateTime<Utc>,
}

/// Lets other lists hold from now on, or with none those of the edge's deployment. It is locked.
pub async fn change(
    connection: &mut PgConnection,
    lists: Option<&NewOrigins>,
    change: Change<'_>,
) -> sqlx::Result<Origins> {
    let none = Pools::new();
    let row: Row = sqlx::query_as(
        "insert into origins_changes (version, in_force, pools, changed_at, changed_by)
         select max(version) + 1, $1, $2, $3, $4 from origins_changes
         returning version, in_force, pools, changed_at, changed_by",
    )
    .bind(lists.is_some())
    .bind(Json(lists.map_or(&none, |new| &new.pools)))
    .bind(change.now)
    .bind(change.by)
    .fetch_one(connection)
    .await?;
    Ok(row.into())
}

/// The newest changes, the newest first.
pub async fn changes(pool: &PgPool, limit: i64) -> sqlx::Result<Vec<Origins>> {
    let rows: Vec<Row> = sqlx::query_as(
        "select version, in_force, pools, changed_at, changed_by
         from origins_changes where version > 0 order by version desc limit $1",
    )
    .bind(limit)
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(Origins::from).collect())
}
