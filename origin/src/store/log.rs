//! Places in the database's log: how old a read may be, as a number that replica, memory and edge
//! can compare.
//!
//! - A **label** is taken before a read, in a statement of its own (a statement's snapshot is older
//!   than what its functions see): the read holds everything that was visible when the log ended
//!   there.
//! - A **position** is taken after a change could be seen. A read with a label at or above it holds
//!   the change.

use shared::feed::Position;
use sqlx::PgConnection;

/// A position behind everything that can be seen now.
///
/// The end of the log would not do. A commit is written first and can be seen a moment later; a
/// reader in between takes a label behind the commit and does not see the change, and the log may
/// end at that very place when the position is taken. So something of our own is written, and the
/// position is its end: whoever takes a label there came later, and saw the change. A replica that
/// has replayed so far has replayed the commit.
///
/// The message is no transaction and does not wait for the disk. Until somebody's commit flushes it
/// (that of the inbox row does), a replica is behind it, and the primary answers.
pub async fn mark(connection: &mut PgConnection) -> sqlx::Result<Position> {
    let place: i64 = sqlx::query_scalar(
        "select (pg_logical_emit_message(false, 'headgate', '') - '0/0'::pg_lsn)::bigint",
    )
    .fetch_one(connection)
    .await?;
    Ok(position(place))
}

/// A label for what is read through this connection from now on.
///
/// On a replica it is the place up to which it has replayed; on the primary (and on a replica that
/// was made one) the end of the log. `None`: the server is neither yet.
pub async fn label(connection: &mut PgConnection) -> sqlx::Result<Option<Position>> {
    let place: Option<i64> = sqlx::query_scalar(
        "select (case when pg_is_in_recovery() then pg_last_wal_replay_lsn()
                 else pg_current_wal_insert_lsn() end - '0/0'::pg_lsn)::bigint",
    )
    .fetch_one(connection)
    .await?;
    Ok(place.map(position))
}

/// Which log it is that has these places: that of a system, since a standby was promoted or a backup restored
/// (which begins another timeline), for this one of its databases. An error on a standby, which can't say which
/// timeline will be its own.
pub async fn system(connection: &mut PgConnection) -> sqlx::Result<String> {
    sqlx::query_scalar(
        "select format('%s-%s-%s', system_identifier,
                    left(pg_walfile_name(pg_current_wal_insert_lsn()), 8), database.oid)
         from pg_control_system(), pg_database database
         where datname = current_database()",
    )
    .fetch_one(connection)
    .await
}

/// Where the log ended that is on this server's disk, which is all that a replica can have heard of; on a
/// replica, what it has replayed.
pub async fn flushed(connection: &mut PgConnection) -> sqlx::Result<Option<Position>> {
    let place: Option<i64> = sqlx::query_scalar(
        "select (case when pg_is_in_recovery() then pg_last_wal_replay_lsn()
                 else pg_current_wal_flush_lsn() end - '0/0'::pg_lsn)::bigint",
    )
    .fetch_one(connection)
    .await?;
    Ok(place.map(position))
}

fn position(place: i64) -> Position {
    // Places are 64 bits without a sign, and the half that a bigint has is 8 exabytes of log.
    Position(u64::try_from(place).unwrap_or_default())
}
