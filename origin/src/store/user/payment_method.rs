//! Payment methods: the provider's names for them, as users put them by.

use chrono::{DateTime, Utc};
use shared::id::{PaymentMethodId, UserId};
use shared::user::{NewPaymentMethod, PAYMENT_METHODS_MAX, PaymentMethod};
use sqlx::{FromRow, PgConnection, PgPool, Postgres, QueryBuilder};
use uuid::Uuid;

use crate::platform::rfc3339;
use crate::store::page::{self, Place, Slice};

#[derive(FromRow)]
struct Row {
    id: Uuid,
    user_id: Uuid,
    method: String,
    label: Option<String>,
    is_default: bool,
    created_at: DateTime<Utc>,
}

impl Row {
    fn payment_method(self) -> PaymentMethod {
        PaymentMethod {
            object: "payment_method".to_owned(),
            id: PaymentMethodId::from_uuid(self.id),
            user_id: UserId::from_uuid(self.user_id),
            method: self.method,
            label: self.label,
            default: self.is_default,
            created_at: rfc3339(self.created_at),
        }
    }
}

/// A page of a user's, newest first.
pub async fn list(
    pool: &PgPool,
    user: UserId,
    place: Option<Place<Uuid>>,
    limit: i64,
) -> sqlx::Result<Slice<PaymentMethod, Uuid>> {
    let slice = fetch(pool, user, place, limit).await?;
    if slice.is_before_the_start(place) {
        return fetch(pool, user, None, limit).await;
    }
    Ok(slice)
}

async fn fetch(
    pool: &PgPool,
    user: UserId,
    place: Option<Place<Uuid>>,
    limit: i64,
) -> sqlx::Result<Slice<PaymentMethod, Uuid>> {
    let mut sql = QueryBuilder::<Postgres>::new(
        "select id, user_id, method, label, is_default, created_at from payment_methods
         where user_id = ",
    );
    sql.push_bind(user.uuid());
    page::by_id(&mut sql, place, limit);
    let rows: Vec<Row> = sql.build_query_as().fetch_all(pool).await?;
    let shown = rows.into_iter().map(|row| {
        let id = row.id;
        (row.payment_method(), id)
    });
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    Ok(Slice::of(shown.collect(), place, limit))
}

/// One of a user's.
pub async fn read(
    pool: &PgPool,
    user: UserId,
    id: PaymentMethodId,
) -> sqlx::Result<Option<PaymentMethod>> {
    let row: Option<Row> = sqlx::query_as(
        "select id, user_id, method, label, is_default, created_at from payment_methods
         where user_id = $1 and id = $2",
    )
    .bind(user.uuid())
    .bind(id.uuid())
    .fetch_optional(pool)
    .await?;
    Ok(row.map(Row::payment_method))
}

/// Adds one; `None` if the user has as many as it may. Call it with the user locked, so that two of
/// them can't both be the last.
pub async fn insert(
    connection: &mut PgConnection,
    user: UserId,
    id: PaymentMethodId,
    new: &NewPaymentMethod,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<PaymentMethod>> {
    let there: i64 = sqlx::query_scalar("select count(*) from payment_methods where user_id = $1")
        .bind(user.uuid())
        .fetch_one(&mut *connection)
        .await?;
    if there >= PAYMENT_METHODS_MAX {
        return Ok(None);
    }
    if new.default {
        sqlx::query(
            "update payment_methods set is_default = false where user_id = $1 and is_default",
        )
        .bind(user.uuid())
        .execute(&mut *connection)
        .await?;
    }
    let row: Row = sqlx::query_as(
        "insert into payment_methods (id, user_id, method, label, is_default, created_at)
         values ($1, $2, $3, $4, $5, $6)
         returning id, user_id, method, label, is_default, created_at",
    )
    .bind(id.uuid())
    .bind(user.uuid())
    .bind(&new.method)
    .bind(&new.label)
    .bind(new.default)
    .bind(now)
    .fetch_one(connection)
    .await?;
    Ok(Some(row.payment_method()))
}

/// Removes one. False if there is none.
pub async fn delete(
    connection: &mut PgConnection,
    user: UserId,
    id: PaymentMethodId,
) -> sqlx::Result<bool> {
    let deleted = sqlx::query("delete from payment_methods where user_id = $1 and id = $2")
        .bind(user.uuid())
        .bind(id.uuid())
        .execute(connection)
        .await?;
    Ok(deleted.rows_affected() == 1)
}
