//! Why a delivery failed, and what follows from that.

use std::fmt;
use std::time::Duration;

use chrono::TimeDelta;

use super::deliver::pause_of;
use super::pause;
use crate::store::Fault;
use crate::store::dead_letters::Reason;
use crate::store::deliveries::ERROR_CHARS_MAX;

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

/// A delivery took longer than it may.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("took over {} s", .0.as_secs())]
pub struct TookTooLong(pub Duration);

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
            Self::Permanent(why) | Self::After(_, why) => write!(to, "{why}"),
        }
    }
}

impl std::error::Error for Failure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Permanent(why) | Self::After(_, why) => why.source(),
        }
    }
}

/// What an error says.
#[derive(Debug)]
pub(super) struct Told {
    /// In words, bounded.
    pub(super) words: String,
    permanent: bool,
    after: Option<Duration>,
    /// Whether the connection to our own database went, which is no failure of the effect.
    pub(super) is_outage: bool,
}

impl Told {
    /// Reads an error.
    pub(super) fn of(error: &anyhow::Error) -> Self {
        let failure = error.downcast_ref::<Failure>();
        let outage = error.chain().any(|cause| {
            cause.downcast_ref::<sqlx::Error>().is_some_and(|error| {
                matches!(Fault::of(error), Fault::NotReached | Fault::ConnectionLost)
            })
        });
        Self {
            words: format!("{error:#}").chars().take(ERROR_CHARS_MAX).collect(),
            permanent: matches!(failure, Some(Failure::Permanent(_))),
            after: match failure {
                Some(Failure::After(pause, _)) => Some(*pause),
                _ => None,
            },
            is_outage: outage,
        }
    }
}

/// What follows from a failed try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// Another try after so much time.
    Again(TimeDelta),
    /// A dead letter.
    Dead(Reason),
}

/// After so many attempts of so many.
pub(super) fn next(told: &Told, attempts: i32, tries: u32) -> Next {
    if told.permanent {
        return Next::Dead(Reason::Permanent);
    }
    if u32::try_from(attempts).unwrap_or_default() >= tries {
        return Next::Dead(Reason::Tries);
    }
    Next::Again(
        told.after
            .map_or_else(|| pause::of_event(attempts), pause_of),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_end_in_a_try_or_a_dead_letter() {
        let why = || anyhow::anyhow!("told to fail");
        let minute = Duration::from_mins(1);
        for (error, attempts, next_is) in [
            (why(), 1, Next::Again(TimeDelta::seconds(1))),
            (why(), 2, Next::Again(TimeDelta::seconds(2))),
            (why(), 3, Next::Dead(Reason::Tries)),
            (why(), 4, Next::Dead(Reason::Tries)),
            (Failure::permanent(why()), 1, Next::Dead(Reason::Permanent)),
            (
                Failure::permanent(why()).context("at the door"),
                1,
                Next::Dead(Reason::Permanent),
            ),
            (
                Failure::after(minute, why()),
                2,
                Next::Again(TimeDelta::seconds(60)),
            ),
            (Failure::after(minute, why()), 3, Next::Dead(Reason::Tries)),
            (
                Failure::after(Duration::MAX, why()),
                1,
                Next::Again(TimeDelta::days(1)),
            ),
        ] {
            let told = Told::of(&error);
            assert!(told.words.contains("told to fail"), "{}", told.words);
            assert_eq!(
                next(&told, attempts, 3),
                next_is,
                "{error:#} after {attempts}"
            );
        }
    }

    #[test]
    fn an_outage_of_our_own_is_no_failure_of_the_effect() {
        for (error, is_outage) in [
            (anyhow::Error::from(sqlx::Error::PoolTimedOut), true),
            (
                anyhow::Error::from(sqlx::Error::PoolClosed).context("reading"),
                true,
            ),
            (anyhow::Error::from(sqlx::Error::RowNotFound), false),
            (anyhow::anyhow!("told to fail"), false),
        ] {
            assert_eq!(Told::of(&error).is_outage, is_outage, "{error:#}");
        }
    }
}
