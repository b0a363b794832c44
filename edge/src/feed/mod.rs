//! The feed: what is no longer true, in one order, for every instance of the edge.
//!
//! 1. One object keeps the [`log`]: a mark a name (a surrogate tag, a URL, everything), the newest of
//!    each only. Its number grows with each mark.
//! 2. Each isolate follows with a [`view`], and asks for what came since. A location asks, not an
//!    isolate: the last answer is kept there for [`FRESH_MS`].
//! 3. A copy remembers how far its isolate had seen before it was asked for ([`Seen`]). Any mark of
//!    its [`names`] beyond that says that it is no longer true, so that a purge during a fill is not
//!    lost.
//! 4. Revocations of access tokens are marks too, which outlive the rest: a view keeps them apart, and
//!    across the lives of the log.
//! 5. When the object can't be reached, copies live to the end of their lifetimes and are marked, and
//!    after a while methods that change something are refused.

pub mod log;
pub mod names;
pub mod revoked;
pub mod view;
pub mod wire;

#[cfg(test)]
mod saturation;

use shared::feed::Position;

/// For how long a mark is kept: two days. A copy that is older is not used without asking.
pub const KEEP_MS: u64 = 48 * 60 * 60 * 1000;
/// How far the clocks of two machines may be apart; a copy's days end so much earlier.
pub const SKEW_MS: u64 = 60 * 1000;
/// Marks that are kept. When there are more, the older half becomes one mark on everything.
pub const ENTRIES_MAX: usize = 10_000;
/// Revocations that are kept, each until what it revokes has expired. When there are more, the older
/// half becomes one of everybody's tokens.
pub const REVOCATIONS_MAX: usize = 10_000;
/// Marks in one answer; the next ones are asked for.
pub const PAGE_ENTRIES: usize = 2_500;
/// How old an answer may be and pass for fresh, milliseconds.
pub const FRESH_MS: u64 = 500;
/// How old a view may be and be trusted.
pub const TRUSTED_MS: u64 = 1_000;
/// Longest wait of a request for the feed.
pub const WAIT_MS: u32 = 300;
/// Longest wait behind an answer.
pub const BACKGROUND_WAIT_MS: u32 = 2_000;
/// For how long a feed that did not answer within [`WAIT_MS`] is asked behind answers alone. Longer than
/// [`BACKGROUND_WAIT_MS`], so that one slow answer follows the other.
pub const SLOW_MS: u64 = 3_000;

/// What is known of a name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Mark {
    /// Number of the last change that copies must not outlive; zero for none.
    pub hard: u64,
    /// Number of the last change after which copies are stale; zero for none.
    pub soft: u64,
    /// The furthest place in the database's log that was told of it.
    pub position: Position,
    /// When the last one came, Unix milliseconds by the object's clock.
    pub at_ms: u64,
}

impl Mark {
    /// Its place in the order.
    pub fn seq(&self) -> u64 {
        self.hard.max(self.soft)
    }

    fn absorb(&mut self, other: &Self) {
        self.hard = self.hard.max(other.hard);
        self.soft = self.soft.max(other.soft);
        self.position = self.position.max(other.position);
        self.at_ms = self.at_ms.max(other.at_ms);
    }
}

/// What became untrue at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// As [`names`] writes them.
    pub names: Vec<String>,
    /// Nothing older than this may replace a copy.
    pub position: Option<Position>,
    /// Copies may answer while they are fetched anew.
    pub soft: bool,
}

/// What came after a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Which life of the log numbers belong to; another one began at zero.
    pub epoch: u64,
    /// Everything after this is here…
    pub from: u64,
    /// …up to this.
    pub upto: u64,
    /// There is more after it.
    pub more: bool,
    /// Copies that saw less than this are no longer true, whatever their names.
    pub floor: u64,
    /// The furthest position among the marks that became the floor.
    pub floor_position: Position,
    /// The marks, in order.
    pub marks: Vec<(String, Mark)>,
}

/// How far the feed was known when a copy was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// Which life of the log.
    pub epoch: u64,
    /// Everything up to this number.
    pub seq: u64,
}
