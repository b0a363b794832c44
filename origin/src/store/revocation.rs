//! Access tokens that were revoked.

use chrono::{DateTime, Utc};
use shared::id::RevocationId;
use shared::revocation::{NewRevocation, Revocation};
use sqlx::{FromRow, PgConnection, PgPool, QueryBuilder};
use uuid::Uuid;

use super::page::{Place, Slice};
use crate::platform::rfc3339;

/// Expired rows that a new one clears away at most.
const CLEARED_MAX: i64 = 100;

#[derive(FromRow)]
struct Row {
    id: Uuid,
    token_id: Option<String>,
    subject: Option<String>,
    issued_before: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
}

impl Row {
    fn revocation(self) -> Revocation {
        Revocation {
            object: "revocation".to_owned(),
            id: RevocationId::from_uuid(self.id),
            token_id: self.token_id,
            subject: self.subject,
            issued_before: self.issued_before.map(rfc3339),
            created_at: rfc3339(self.created_at),
            expires_at: rfc3339(self.expires_at),
        }
    }
}

/// When, by whom, and for how long.
pub struct Terms<'a> {
    /// Its id.
    pub id: RevocationId,
    /// Who revokes.
    pub by: &'a str,
    /// A subject's tokens that were issued before this.
    pub issued_before: DateTime<Utc>,
    /// When the last of them has expired.
    pub expires_at: DateTime<Utc>,
    /// Now.
    pub now: DateTime<Utc>,
}

/// Adds a revocation.
pub async fn insert(
    connection: &mut PgConnection,
    new: &NewRevocation,
    terms: &Terms<'_>,
) -> sqlx::Result<Revocation> {
    sqlx::query(
        "delete from revocations where id in (
             select id from revocations where expires_at <= $1
             order by expires_at limit $2 for update skip locked)",
    )
    .bind(terms.now)
    .bind(CLEARED_MAX)
    .execute(&mut *connection)
    .await?;
    let row: Row = sqlx::query_as(
        "insert into revocations (id, token_id, subject, issued_before, created_by, created_at,
                                  expires_at)
         values ($1, $2, $3, $4, $5, $6, $7)
         returning id, token_id, subject, issued_before, created_at, expires_at",
    )
    .bind(terms.id.uuid())
    .bind(&new.token_id)
    .bind(&new.subject)
    .bind(new.subject.as_ref().map(|_| terms.issued_before))
    .bind(terms.by)
    .bind(terms.now)
    .bind(terms.expires_at)
    .fetch_one(connection)
    .await?;
    Ok(row.revocation())
}

/// Whether a token was revoked. One that does not say when it was issued counts as issued before
/// any revocation of its subject.
pub async fn applies(
    pool: &PgPool,
    token_id: Option<&str>,
    subject: &str,
    issued: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "select exists (select 1 from revocations where token_id = $1 and expires_at > $4)
             or exists (select 1 from revocations where subject = $2 and expires_at > $4
                        and ($3::timestamptz is null or $3 < issued_before))",
    )
    .bind(token_id)
    .bind(subject)
    .bind(issued)
    .bind(now)
    .fetch_one(pool)
    .await
}

/// A page of revocations that are still in force, the newest first.
pub async fn list(
    pool: &PgPool,
    place: Option<Place<Uuid>>,
    limit: i64,
    now: DateTime<Utc>,
) -> sqlx::Result<Slice<Revocation, Uuid>> {
    let slice = fetch(pool, place, limit, now).await?;
    if slice.is_before_the_start(place) {
        return fetch(pool, None, limit, now).await;
    }
    Ok(slice)
}

async fn fetch(
    pool: &PgPool,
    place: Option<Place<Uuid>>,
    limit: i64,
    now: DateTime<Utc>,
) -> sqlx::Result<Slice<Revocation, Uuid>> {
    let mut sql = QueryBuilder::new(
        "select id, token_id, subject, issued_before, created_at, expires_at from revocations
         where expires_at > ",
    );
    sql.push_bind(now);
    super::page::by_id(&mut sql, place, limit);
    let rows: Vec<Row> = sql.build_query_as().fetch_all(pool).await?;
    let rows = rows
        .into_iter()
        .map(|row| {
            let id = row.id;
            (row.revocation(), id)
        })
        .collect();
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    Ok(Slice::of(rows, place, limit))
}
