//! Revisions of the converters, oldest first.
//!
//! An answer that was kept with an idempotency key is carried down each time that it is replayed, and
//! has to come out as it did at first. So whoever changes what a converter writes adds a revision, and
//! the one before stays here for as long as answers are kept: thirty days. Which revision made an
//! answer is kept with it.

use serde_json::Value;

use super::{Resource, v1};

/// What this build carries answers down with, unless a kept answer names another.
pub const REVISION: u16 = 1;

/// The way down to version 1.
pub(super) struct Revision {
    number: u16,
    pub(super) down: fn(Resource, Value) -> Value,
    pub(super) problem_down: fn(Resource, Value) -> Value,
}

const REVISIONS: &[Revision] = &[
    Revision {
        number: 1,
        down: v1::down,
        problem_down: v1::problem_down,
    },
    #[cfg(feature = "next-converters")]
    next::REVISION,
];

/// That revision; for one that is not known here, after a step back, the newest.
pub(super) fn of(number: u16) -> Option<&'static Revision> {
    let named = REVISIONS.iter().find(|revision| revision.number == number);
    named.or(REVISIONS.last())
}

/// A second revision, for tests of what happens when there is one: each document says who made it.
#[cfg(feature = "next-converters")]
mod next {
    use serde_json::Value;

    use super::{Revision, v1};

    pub(super) const REVISION: Revision = Revision {
        number: 2,
        down: |resource, body| marked(v1::down(resource, body)),
        problem_down: |resource, document| marked(v1::problem_down(resource, document)),
    };

    fn marked(mut document: Value) -> Value {
        if let Some(members) = document.as_object_mut() {
            members.insert("converted_by".to_owned(), REVISION.number.into());
        }
        document
    }
}
