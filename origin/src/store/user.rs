//! Users.

use shared::id::UserId;
use sqlx::PgConnection;

/// Whom to write to.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Addressee {
    /// Mail address.
    pub email: String,
    /// Display name.
    pub name: String,
}

/// The user behind an account; `None` for accounts that are no users of ours.
pub async fn addressee(
    connection: &mut PgConnection,
    account: &str,
) -> sqlx::Result<Option<Addressee>> {
    let Ok(id) = account.parse::<UserId>() else {
        return Ok(None);
    };
    sqlx::query_as("select email, name from users where id = $1")
        .bind(id.uuid())
        .fetch_optional(connection)
        .await
}
