//! Sessions and their refresh tokens. Whoever exchanges, repeats or revokes locks the session's row
//! first, so that all that happens to a family happens in turn.

pub mod failures;

use chrono::{DateTime, Utc};
use shared::caller::Role;
use shared::id::{SessionId, UserId};
use sqlx::{FromRow, PgConnection, PgPool};
use uuid::Uuid;

use crate::session::{Found, SESSIONS_MAX};

/// Who may sign in.
pub struct Registered {
    /// The user.
    pub id: UserId,
    /// What it is to the shop.
    pub role: Role,
    /// Its password's hash; the demo's people have none.
    pub password_hash: Option<String>,
}

/// The user of an email address.
pub async fn registered(pool: &PgPool, email: &str) -> sqlx::Result<Option<Registered>> {
    let row: Option<(Uuid, String, Option<String>)> = sqlx::query_as(
        "select id, role, password_hash from users
         where lower(email) = lower($1) and deleted_at is null",
    )
    .bind(email)
    .fetch_optional(pool)
    .await?;
    row.map(|(id, role, password_hash)| {
        Ok(Registered {
            id: UserId::from_uuid(id),
            role: known(&role)?,
            password_hash,
        })
    })
    .transpose()
}

fn known(role: &str) -> sqlx::Result<Role> {
    role.parse()
        .map_err(|_| sqlx::Error::Decode("a user's role can't be read".into()))
}

/// A session to begin.
pub struct NewSession<'a> {
    /// Its id.
    pub id: SessionId,
    /// Whose it is.
    pub user: UserId,
    /// The hash that the password was found to fit.
    pub password_hash: &'a str,
    /// Hash of its first token.
    pub token_hash: [u8; 32],
    /// When that token ends.
    pub token_expires_at: DateTime<Utc>,
    /// When the session ends.
    pub expires_at: DateTime<Utc>,
    /// Now.
    pub now: DateTime<Utc>,
}

/// Begins a session, unless the user is gone or has another password by now. Ends the oldest beyond
/// [`SESSIONS_MAX`] and forgets those that are long over.
pub async fn begin(connection: &mut PgConnection, new: &NewSession<'_>) -> sqlx::Result<bool> {
    // A change of the password or a deletion holds this lock until it has ended all sessions.
    let still: Option<i32> = sqlx::query_scalar(
        "select 1 from users where id = $1 and password_hash = $2 and deleted_at is null for share",
    )
    .bind(new.user.uuid())
    .bind(new.password_hash)
    .fetch_optional(&mut *connection)
    .await?;
    if still.is_none() {
        return Ok(false);
    }
    sqlx::query("delete from sessions where user_id = $1 and expires_at <= $2")
        .bind(new.user.uuid())
        .bind(new.now)
        .execute(&mut *connection)
        .await?;
    sqlx::query(
        "update sessions set revoked_at = $2, revoked_for = 'too_many'
         where revoked_at is null and id in (
             select id from sessions where user_id = $1 and revoked_at is null
             order by last_used_at desc offset $3)",
    )
    .bind(new.user.uuid())
    .bind(new.now)
    .bind(SESSIONS_MAX - 1)
    .execute(&mut *connection)
    .await?;
    sqlx::query(
        "insert into sessions (id, user_id, created_at, last_used_at, expires_at)
         values ($1, $2, $3, $3, $4)",
    )
    .bind(new.id.uuid())
    .bind(new.user.uuid())
    .bind(new.now)
    .bind(new.expires_at)
    .execute(&mut *connection)
    .await?;
    token(
        connection,
        new.id,
        &new.token_hash,
        new.token_expires_at,
        new.now,
    )
    .await?;
    Ok(true)
}

async fn token(
    connection: &mut PgConnection,
    session: SessionId,
    hash: &[u8; 32],
    expires_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query(
        "insert into refresh_tokens (hash, session_id, created_at, expires_at)
         values ($1, $2, $3, $4)",
    )
    .bind(hash.as_slice())
    .bind(session.uuid())
    .bind(now)
    .bind(expires_at)
    .execute(connection)
    .await?;
    Ok(())
}

/// A token, and whose it is.
pub struct Held {
    /// Its session.
    pub session: SessionId,
    /// Whose that is.
    pub user: UserId,
    /// What that user is to the shop.
    pub role: Role,
    /// What decides what becomes of it.
    pub found: Found,
    /// What it was exchanged for, under its mask; only where that was under a key.
    pub sealed: Option<Vec<u8>>,
    /// Hash of what it was exchanged for.
    pub successor: Option<Vec<u8>>,
}

#[derive(FromRow)]
struct Row {
    user_id: Uuid,
    role: String,
    used_at: Option<DateTime<Utc>>,
    successor_used: bool,
    expires_at: DateTime<Utc>,
    session_expires_at: DateTime<Utc>,
    revoked: bool,
    sealed: Option<Vec<u8>>,
    successor: Option<Vec<u8>>,
}

/// The token of that hash, its session locked; `None` if there is none, or no user any more.
pub async fn held(connection: &mut PgConnection, hash: &[u8; 32]) -> sqlx::Result<Option<Held>> {
    let session: Option<Uuid> = sqlx::query_scalar(
        "select id from sessions
         where id = (select session_id from refresh_tokens where hash = $1) for update",
    )
    .bind(hash.as_slice())
    .fetch_optional(&mut *connection)
    .await?;
    let Some(session) = session else {
        return Ok(None);
    };
    // A statement of its own, so that it sees what the lock's last holder committed.
    let row: Option<Row> = sqlx::query_as(
        "select s.user_id, u.role, t.used_at, t.expires_at, t.sealed, t.successor,
                s.expires_at as session_expires_at, s.revoked_at is not null as revoked,
                exists (select 1 from refresh_tokens next
                        where next.hash = t.successor and next.used_at is not null)
                    as successor_used
         from refresh_tokens t join sessions s on s.id = t.session_id
         join users u on u.id = s.user_id and u.deleted_at is null
         where t.hash = $1",
    )
    .bind(hash.as_slice())
    .fetch_optional(connection)
    .await?;
    row.map(|row| {
        Ok(Held {
            session: SessionId::from_uuid(session),
            user: UserId::from_uuid(row.user_id),
            role: known(&row.role)?,
            found: Found {
                used_at: row.used_at,
                successor_used: row.successor_used,
                expires_at: row.expires_at,
                session_expires_at: row.session_expires_at,
                revoked: row.revoked,
            },
            sealed: row.sealed,
            successor: row.successor,
        })
    })
    .transpose()
}

/// An exchange of one token for the next.
pub struct Exchange<'a> {
    /// Of which session.
    pub session: SessionId,
    /// Hash of the token that is used up.
    pub old: &'a [u8; 32],
    /// Hash of the one that follows.
    pub new: &'a [u8; 32],
    /// The one that follows, masked, if the exchange has a key.
    pub sealed: Option<&'a [u8; 32]>,
    /// When the one that follows ends.
    pub expires_at: DateTime<Utc>,
    /// Now.
    pub now: DateTime<Utc>,
}

/// Exchanges a token. Call it with the session locked.
pub async fn exchange(connection: &mut PgConnection, exchange: &Exchange<'_>) -> sqlx::Result<()> {
    let Exchange {
        session,
        new,
        expires_at,
        now,
        ..
    } = *exchange;
    token(&mut *connection, session, new, expires_at, now).await?;
    // What the used one was sealed under has been received, or this exchange could not be.
    sqlx::query(
        "update refresh_tokens set used_at = $2, successor = $3, sealed = $4 where hash = $1",
    )
    .bind(exchange.old.as_slice())
    .bind(now)
    .bind(new.as_slice())
    .bind(exchange.sealed.map(<[u8; 32]>::as_slice))
    .execute(&mut *connection)
    .await?;
    sqlx::query("update sessions set last_used_at = $2 where id = $1")
        .bind(session.uuid())
        .bind(now)
        .execute(connection)
        .await?;
    Ok(())
}

/// Why a session ends before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Its user signed out.
    SignedOut,
    /// A used token of it came again.
    TokenReused,
    /// Its user has another password.
    PasswordChanged,
    /// Its user is gone.
    UserDeleted,
}

impl End {
    /// As the table has it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignedOut => "signed_out",
            Self::TokenReused => "token_reused",
            Self::PasswordChanged => "password_changed",
            Self::UserDeleted => "user_deleted",
        }
    }
}

/// Ends a session. False if it had ended, or there is none.
pub async fn end(
    connection: &mut PgConnection,
    session: SessionId,
    why: End,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let ended = sqlx::query(
        "update sessions set revoked_at = $2, revoked_for = $3
         where id = $1 and revoked_at is null and expires_at > $2",
    )
    .bind(session.uuid())
    .bind(now)
    .bind(why.as_str())
    .execute(connection)
    .await?;
    Ok(ended.rows_affected() == 1)
}

/// Ends all sessions of a user but one; says how many. Call it with the user's row locked or
/// written, so that none begins meanwhile.
pub async fn end_all(
    connection: &mut PgConnection,
    user: UserId,
    but: Option<SessionId>,
    why: End,
    now: DateTime<Utc>,
) -> sqlx::Result<u64> {
    let ended = sqlx::query(
        "update sessions set revoked_at = $2, revoked_for = $3
         where user_id = $1 and revoked_at is null and id is distinct from $4",
    )
    .bind(user.uuid())
    .bind(now)
    .bind(why.as_str())
    .bind(but.map(SessionId::uuid))
    .execute(connection)
    .await?;
    Ok(ended.rows_affected())
}
