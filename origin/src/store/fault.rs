//! What went wrong in the database, in the terms that a caller can act on.

use sqlx::Error;

/// A class of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The statement never reached the database: nothing happened.
    NotReached,
    /// The connection went while the statement was under way: it may have happened.
    ConnectionLost,
    /// Postgres undid the transaction for the sake of another, or because it took too long.
    Undone {
        /// Whether it would pass if it were tried again now.
        repeat: bool,
    },
    /// Anything else is a fault of ours.
    Ours,
}

impl Fault {
    /// The class of an error.
    pub fn of(error: &Error) -> Self {
        match error {
            Error::PoolTimedOut | Error::PoolClosed => Self::NotReached,
            Error::Io(_) | Error::Protocol(_) | Error::Tls(_) => Self::ConnectionLost,
            Error::Database(database) => match database.code().as_deref() {
                // serialization_failure, deadlock_detected
                Some("40001" | "40P01") => Self::Undone { repeat: true },
                // lock_not_available, query_canceled (statement_timeout). And no room on its disk or in
                // its memory, or a server that takes no changes, such as a standby that nobody has promoted
                // yet: undone, and others would fare no better now.
                Some("55P03" | "57014" | "53100" | "53200" | "25006") => {
                    Self::Undone { repeat: false }
                }
                // Too many connections, starting up, shutting down: refused before any work, but
                // for admin_shutdown and crash_shutdown, which end sessions at any time.
                Some("53300" | "57P03") => Self::NotReached,
                Some("57P01" | "57P02") => Self::ConnectionLost,
                // Connection exceptions.
                Some(code) if code.starts_with("08") => Self::ConnectionLost,
                _ => Self::Ours,
            },
            _ => Self::Ours,
        }
    }
}

/// Whether the statement failed for this constraint: a conflict that the client can mend.
pub fn violates(error: &Error, constraint: &str) -> bool {
    error
        .as_database_error()
        .is_some_and(|error| error.constraint() == Some(constraint))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_have_classes() {
        for (error, class) in [
            (Error::PoolTimedOut, Fault::NotReached),
            (
                Error::Io(std::io::ErrorKind::ConnectionReset.into()),
                Fault::ConnectionLost,
            ),
            (Error::RowNotFound, Fault::Ours),
        ] {
            assert_eq!(Fault::of(&error), class, "{error}");
        }
    }
}
