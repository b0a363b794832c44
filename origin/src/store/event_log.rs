//! The log of events, read by operators: by id, which is by time. A reader of this kind may miss what
//! commits late, so nothing that follows from events reads it like that (`outbox.rs` does not).

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgPool;
use uuid::Uuid;

use super::page::{Place, Slice};

/// A row of the log.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Logged {
    /// The event's id.
    pub id: Uuid,
    /// Its type.
    pub r#type: String,
    /// Its type's version.
    pub schema_version: i16,
    /// To what it happened.
    pub aggregate_id: Uuid,
    /// Its data.
    pub payload: Value,
    /// The trace that it belongs to.
    pub traceparent: Option<String>,
    /// When it happened.
    pub created_at: DateTime<Utc>,
}

/// Which rows.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of this type.
    pub kind: Option<String>,
    /// Of this aggregate.
    pub aggregate: Option<Uuid>,
    /// At or after this time.
    pub since: Option<DateTime<Utc>>,
    /// Before this time.
    pub until: Option<DateTime<Utc>>,
}

/// A page, newest first.
pub async fn list(
    pool: &PgPool,
    filter: &Filter,
    place: Option<Place<Uuid>>,
    limit: i64,
) -> sqlx::Result<Slice<Logged, Uuid>> {
    let backwards = place.is_some_and(|place| place.is_backwards());
    let (compared, order) = if backwards {
        (">", "asc")
    } else {
        ("<", "desc")
    };
    let sql = format!(
        "select id, type, schema_version, aggregate_id, payload, traceparent, created_at
         from outbox
         where ($1::text is null or type = $1) and ($2::uuid is null or aggregate_id = $2)
           and ($3::timestamptz is null or created_at >= $3)
           and ($4::timestamptz is null or created_at < $4)
           and ($5::uuid is null or id {compared} $5)
         order by id {order} limit $6"
    );
    let rows: Vec<Logged> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(&filter.kind)
        .bind(filter.aggregate)
        .bind(filter.since)
        .bind(filter.until)
        .bind(place.as_ref().map(|place| *place.position()))
        .bind(limit + 1)
        .fetch_all(pool)
        .await?;
    let positioned = |row: Logged| {
        let id = row.id;
        (row, id)
    };
    let rows = rows.into_iter().map(positioned).collect();
    Ok(Slice::of(
        rows,
        place,
        usize::try_from(limit).unwrap_or_default(),
    ))
}

/// What can be seen now and could not in an earlier snapshot, oldest first, and the snapshot that the
/// next call takes. Without one: nothing yet.
pub async fn since(
    pool: &PgPool,
    snapshot: Option<&str>,
    kind: Option<&str>,
) -> sqlx::Result<(String, Vec<Logged>)> {
    let mut transaction = pool.begin().await?;
    // One snapshot for both.
    sqlx::query("set transaction isolation level repeatable read, read only")
        .execute(&mut *transaction)
        .await?;
    let now: String = sqlx::query_scalar("select pg_current_snapshot()::text")
        .fetch_one(&mut *transaction)
        .await?;
    let rows = sqlx::query_as(
        "select id, type, schema_version, aggregate_id, payload, traceparent, created_at
         from outbox
         where tx >= pg_snapshot_xmin($1::pg_snapshot)
           and not pg_visible_in_snapshot(tx, $1::pg_snapshot)
           and ($2::text is null or type = $2)
         order by seq",
    )
    .bind(snapshot.unwrap_or(&now))
    .bind(kind)
    .fetch_all(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok((now, rows))
}
