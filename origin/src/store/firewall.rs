//! The firewall's lists: a row a change, of which the newest holds.

use chrono::{DateTime, Utc};
use shared::firewall::{Firewall, NewFirewall};
use sqlx::{FromRow, PgConnection, PgExecutor, PgPool};

use crate::platform::rfc3339;

#[derive(FromRow)]
struct Row {
    version: i64,
    in_force: bool,
    deny: Vec<String>,
    allow: Vec<String>,
    deny_countries: Vec<String>,
    allow_countries: Vec<String>,
    changed_at: Option<DateTime<Utc>>,
    changed_by: Option<String>,
}

impl From<Row> for Firewall {
    fn from(row: Row) -> Self {
        Self {
            object: "firewall".to_owned(),
            in_force: row.in_force,
            deny: row.deny,
            allow: row.allow,
            deny_countries: row.deny_countries,
            allow_countries: row.allow_countries,
            version: row.version,
            updated_at: row.changed_at.map(rfc3339),
            updated_by: row.changed_by,
        }
    }
}

/// What holds.
pub async fn read(database: impl PgExecutor<'_>) -> sqlx::Result<Firewall> {
    let row: Row = sqlx::query_as(
        "select version, in_force, deny, allow, deny_countries, allow_countries, changed_at,
                changed_by
         from firewall_changes order by version desc limit 1",
    )
    .fetch_one(database)
    .await?;
    Ok(row.into())
}

/// What holds, and goes on to until the transaction ends.
pub async fn lock(connection: &mut PgConnection) -> sqlx::Result<Firewall> {
    sqlx::query("select from firewall_changes where version = 0 for update")
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

/// Lets other lists hold from now on, or with none those of the edge's configuration. It is locked.
pub async fn change(
    connection: &mut PgConnection,
    lists: Option<&NewFirewall>,
    change: Change<'_>,
) -> sqlx::Result<Firewall> {
    let none = NewFirewall::default();
    let new = lists.unwrap_or(&none);
    let row: Row = sqlx::query_as(
        "insert into firewall_changes
             (version, in_force, deny, allow, deny_countries, allow_countries, forced, changed_at,
              changed_by)
         select max(version) + 1, $1, $2, $3, $4, $5, $6, $7, $8 from firewall_changes
         returning version, in_force, deny, allow, deny_countries, allow_countries, changed_at,
                   changed_by",
    )
    .bind(lists.is_some())
    .bind(&new.deny)
    .bind(&new.allow)
    .bind(&new.deny_countries)
    .bind(&new.allow_countries)
    .bind(new.force)
    .bind(change.now)
    .bind(change.by)
    .fetch_one(connection)
    .await?;
    Ok(row.into())
}

/// The newest changes, the newest first.
pub async fn changes(pool: &PgPool, limit: i64) -> sqlx::Result<Vec<Firewall>> {
    let rows: Vec<Row> = sqlx::query_as(
        "select version, in_force, deny, allow, deny_countries, allow_countries, changed_at,
                changed_by
         from firewall_changes where version > 0 order by version desc limit $1",
    )
    .bind(limit)
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(Firewall::from).collect())
}
