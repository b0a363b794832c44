//! Parts of the API that a fleet of its own can serve: `origin serve --services products`.
//!
//! What the edge and probes ask of every origin, whichever fleet it is of, belongs to none: key set, records of
//! callers, counts of views, health. So do documents, and what became of a key.

use clap::ValueEnum;

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Service {
    /// Products: lists, search, changes.
    Products,
    /// Orders, their payments and refunds, and what the payment provider tells of those.
    Orders,
    /// Users and what is theirs; sessions and tokens.
    Users,
    /// All below `/admin`.
    Admin,
}

impl Service {
    /// The whole API.
    pub const ALL: [Self; 4] = [Self::Products, Self::Orders, Self::Users, Self::Admin];
}
