//! Why a delivery failed, and what follows from that.

use std::fmt;
use std::time::Duration;

/// A failure that is more than "try again after a while". A consumer returns it as its error; any
/// other error is an ordinary failure: tried again with pauses that double, until its tries are over.
#[derive(Debug)]
pub enum Failure {
    /// No try will ever succeed: straight to the dead letters.
    Permanent(anyhow::Error),
    /// As an ordinary one, but the next try comes after this long, as when the other side said so or
    /// when the consumer has pauses of its own. [`Delivery::attempts`] says how many tries there were.
    ///
    /// [`Delivery::attempts`]: crate::store::outbox::Delivery::attempts
    After(Duration, anyhow::Error),
}

impl Failure {
    /// No try will ever succeed.
    pub fn permanent(why: impl Into<anyhow::Error>) -> anyhow::Error {
        Self::Permanent(why.into()).into()
    }

    /// Not before so much time has passed.
    pub fn after(pause: Duration, why: impl Into<anyhow::Error>) -> anyhow::Error {
        Self::After(pause, why.into()).into()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Permanent(why) | Self::After(_, why) => write!(to, "{why:#}"),
        }
    }
}

impl std::error::Error for Failure {}
