//! What the shop keeps of one request.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{AssertSqlSafe, PgPool};

const STATEMENT: &str = include_str!("explain.sql");

/// Something that happened.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Row {
    /// When.
    pub at: DateTime<Utc>,
    /// What, by a name of this statement.
    pub what: String,
    /// Of what.
    pub facts: Value,
}

/// Which request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Which {
    /// Its id. Without one it is looked for by its trace, which walks all keys.
    pub request_id: Option<String>,
    /// The 32 digits of its trace.
    pub trace_id: String,
    /// When it can have made events, from.
    pub since: DateTime<Utc>,
    /// See above, until.
    pub until: DateTime<Utc>,
}

impl Which {
    fn pattern(&self) -> String {
        format!("00-{}-%", self.trace_id)
    }
}

/// All of it, by time. Ids are the database's.
pub async fn read(pool: &PgPool, which: &Which) -> sqlx::Result<Vec<Row>> {
    sqlx::query_as(STATEMENT)
        .bind(which.request_id.as_deref())
        .bind(which.pattern())
        .bind(which.since)
        .bind(which.until)
        .fetch_all(pool)
        .await
}

/// How Postgres means to read it, for tests.
pub async fn plan(pool: &PgPool, which: &Which) -> sqlx::Result<Value> {
    sqlx::query_scalar(AssertSqlSafe(format!("explain (format json) {STATEMENT}")))
        .bind(which.request_id.as_deref())
        .bind(which.pattern())
        .bind(which.since)
        .bind(which.until)
        .fetch_one(pool)
        .await
}
