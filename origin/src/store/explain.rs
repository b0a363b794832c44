//! What the shop keeps of one request.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgPool;

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

/// All of it, by time. Ids are the database's.
pub async fn read(
    pool: &PgPool,
    request_id: Option<&str>,
    trace_id: &str,
    since: DateTime<Utc>,
    until: DateTime<Utc>,
) -> sqlx::Result<Vec<Row>> {
    sqlx::query_as(include_str!("explain.sql"))
        .bind(request_id)
        .bind(format!("00-{trace_id}-%"))
        .bind(since)
        .bind(until)
        .fetch_all(pool)
        .await
}
