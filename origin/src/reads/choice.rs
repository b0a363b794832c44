//! Where a read is answered from: by how new it has to be, and how old each source is.

use chrono::{DateTime, TimeDelta, Utc};
use shared::feed::Position;

use super::following::State;

/// Oldest product that memory or the shared cache answer with, in seconds: what bounds the age of a copy when nothing
/// says how new it has to be.
pub(super) const MEMORY_SECONDS_MAX: i64 = 300;

/// How new an answer has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// As new as there is: the edge could not say.
    Newest,
    /// It holds all that the database's log holds up to here.
    Since(Position),
    /// As a read without the edge gets it: from a database, be it a replica.
    Any,
}

impl Wanted {
    /// What the edge says of a request.
    pub fn asserted(position: Option<Position>) -> Self {
        position.map_or(Self::Newest, Self::Since)
    }

    /// Whether memory may answer, once it holds something new enough.
    pub(super) const fn may_remember(self) -> bool {
        matches!(self, Self::Since(_))
    }

    /// As a read that no copy is made of gets it: nobody has to say how new it must be.
    #[must_use]
    pub const fn uncopied(self) -> Self {
        match self {
            Self::Newest => Self::Any,
            other => other,
        }
    }

    /// Whether a replica in this state may answer, once it has come far enough.
    pub(super) const fn may_follow(self, state: State) -> bool {
        match self {
            Self::Newest => false,
            Self::Since(_) => !matches!(state, State::Out),
            Self::Any => matches!(state, State::In),
        }
    }

    /// Whether a read with this label is new enough; the primary's always is.
    pub(super) fn is_met_by(self, label: Option<Position>) -> bool {
        match self {
            Self::Newest => false,
            Self::Since(position) => label.is_some_and(|label| label >= position),
            Self::Any => true,
        }
    }

    /// Whether what memory or the shared cache hold is new enough, and not too old.
    pub(super) fn is_met_by_memory(
        self,
        label: Option<Position>,
        read_at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> bool {
        self.may_remember()
            && self.is_met_by(label)
            && now - read_at < TimeDelta::seconds(MEMORY_SECONDS_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_chosen_by_how_new_they_are() {
        let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
        let since = |position| Wanted::Since(Position(position));
        let max = MEMORY_SECONDS_MAX;
        // Wanted; the source's label; seconds since memory's read; whether memory and a replica serve.
        for (wanted, label, age, memory, replica) in [
            (Wanted::Newest, Some(u64::MAX), 0, false, false),
            (Wanted::Any, Some(5), 0, false, true),
            (Wanted::Any, None, 0, false, true),
            (since(0), Some(0), 0, true, true),
            (since(0), Some(5), max - 1, true, true),
            (since(0), Some(5), max, false, true),
            (since(0), None, 0, false, false),
            (since(5), Some(4), 0, false, false),
            (since(5), Some(5), 0, true, true),
            (since(5), Some(6), max - 1, true, true),
        ] {
            let label = label.map(Position);
            let by_memory = wanted.is_met_by_memory(label, at(0), at(age));
            let by_replica = wanted.may_follow(State::In) && wanted.is_met_by(label);
            assert_eq!(
                (by_memory, by_replica),
                (memory, replica),
                "{wanted:?} {label:?} {age}"
            );
        }
        for (wanted, lagging) in [
            (Wanted::Newest, false),
            (since(1), true),
            (Wanted::Any, false),
        ] {
            assert_eq!(wanted.may_follow(State::Lagging), lagging, "{wanted:?}");
            assert!(!wanted.may_follow(State::Out), "{wanted:?}");
        }
        assert_eq!(Wanted::Newest.uncopied(), Wanted::Any);
        assert_eq!(since(1).uncopied(), since(1));
        assert_eq!(Wanted::asserted(None), Wanted::Newest);
        assert_eq!(Wanted::asserted(Some(Position(0))), since(0));
    }
}
