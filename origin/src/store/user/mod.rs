//! Users and the payment methods that they put by. A deleted user's row stays, emptied of the
//! person, since orders name its id.

pub mod payment_method;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use shared::caller::{Mode, Role};
use shared::id::UserId;
use shared::user::{NewUser, User, UserChange};
use sqlx::{FromRow, PgConnection, PgExecutor, PgPool};
use uuid::Uuid;

use crate::platform::rfc3339;

/// A user's row, without the hash.
#[derive(FromRow)]
struct Row {
    id: Uuid,
    email: String,
    name: String,
    phone: Option<String>,
    address: Option<Value>,
    role: String,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl Row {
    fn user(self) -> sqlx::Result<User> {
        let undecodable =
            |what: &str| sqlx::Error::Decode(format!("a user's {what} can't be read").into());
        Ok(User {
            object: "user".to_owned(),
            id: UserId::from_uuid(self.id),
            email: self.email,
            name: self.name,
            phone: self.phone,
            address: self
                .address
                .map(serde_json::from_value)
                .transpose()
                .map_err(|_| undecodable("address"))?,
            role: self.role.parse().map_err(|_| undecodable("role"))?,
            version: self.version,
            created_at: rfc3339(self.created_at),
            updated_at: rfc3339(self.updated_at),
        })
    }
}

/// No two users share an address, whatever its upper and lower case.
pub const EMAIL_UNIQUE: &str = "users_email_unique";

/// One user.
pub async fn read(database: impl PgExecutor<'_>, id: UserId) -> sqlx::Result<Option<User>> {
    let row: Option<Row> = sqlx::query_as(
        "select id, email, name, phone, address, role, version, created_at, updated_at
         from users where id = $1 and deleted_at is null",
    )
    .bind(id.uuid())
    .fetch_optional(database)
    .await?;
    row.map(Row::user).transpose()
}

/// One user, locked against other changes until the transaction ends.
pub async fn lock(connection: &mut PgConnection, id: UserId) -> sqlx::Result<Option<User>> {
    let row: Option<Row> = sqlx::query_as(
        "select id, email, name, phone, address, role, version, created_at, updated_at
         from users where id = $1 and deleted_at is null for no key update",
    )
    .bind(id.uuid())
    .fetch_optional(connection)
    .await?;
    row.map(Row::user).transpose()
}

/// Adds a customer.
pub async fn insert(
    pool: &PgPool,
    id: UserId,
    new: &NewUser,
    password_hash: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<User> {
    let row: Row = sqlx::query_as(
        "insert into users (id, email, name, password_hash, phone, address, role, created_at,
                            updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $8)
         returning id, email, name, phone, address, role, version, created_at, updated_at",
    )
    .bind(id.uuid())
    .bind(&new.email)
    .bind(&new.name)
    .bind(password_hash)
    .bind(&new.phone)
    .bind(new.address.as_ref().map(|address| json!(address)))
    .bind(Role::Customer.as_str())
    .bind(now)
    .fetch_one(pool)
    .await?;
    row.user()
}

/// Writes what a client may write, if the user still is of that version; `None` if it no longer is.
/// The password's hash stays unless a new one is given.
pub async fn update(
    connection: &mut PgConnection,
    id: UserId,
    version: i64,
    change: &UserChange,
    password_hash: Option<&str>,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<User>> {
    let row: Option<Row> = sqlx::query_as(
        "update users set email = $3, name = $4, phone = $5, address = $6,
                password_hash = coalesce($7, password_hash), version = version + 1,
                updated_at = $8
         where id = $1 and version = $2 and deleted_at is null
         returning id, email, name, phone, address, role, version, created_at, updated_at",
    )
    .bind(id.uuid())
    .bind(version)
    .bind(&change.email)
    .bind(&change.name)
    .bind(&change.phone)
    .bind(change.address.as_ref().map(|address| json!(address)))
    .bind(password_hash)
    .bind(now)
    .fetch_optional(connection)
    .await?;
    row.map(Row::user).transpose()
}

/// Takes the person out of a user's row, and its payment methods with it. Call it with the user
/// locked, so that no method is added in between.
pub async fn delete(
    connection: &mut PgConnection,
    id: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query("delete from payment_methods where user_id = $1")
        .bind(id.uuid())
        .execute(&mut *connection)
        .await?;
    sqlx::query(
        "update users set email = null, name = '', password_hash = null, phone = null,
                address = null, version = version + 1, updated_at = $2, deleted_at = $2
         where id = $1",
    )
    .bind(id.uuid())
    .bind(now)
    .execute(connection)
    .await?;
    Ok(())
}

/// How many orders of that mode a user has and has not deleted, and when the last was placed.
pub async fn orders(
    pool: &PgPool,
    id: UserId,
    mode: Mode,
) -> sqlx::Result<(i64, Option<DateTime<Utc>>)> {
    sqlx::query_as(
        "select count(*), max(created_at) from orders
         where customer_id = $1 and mode = $2 and hidden_at is null",
    )
    .bind(id.to_string())
    .bind(mode.as_str())
    .fetch_one(pool)
    .await
}

/// Whom to write to.
#[derive(Debug, Clone, FromRow)]
pub struct Addressee {
    /// Mail address.
    pub email: String,
    /// Display name.
    pub name: String,
}

/// The user behind an account; `None` for accounts that are no users of ours, or no longer.
pub async fn addressee(
    connection: &mut PgConnection,
    account: &str,
) -> sqlx::Result<Option<Addressee>> {
    let Ok(id) = account.parse::<UserId>() else {
        return Ok(None);
    };
    sqlx::query_as("select email, name from users where id = $1 and deleted_at is null")
        .bind(id.uuid())
        .fetch_optional(connection)
        .await
}
