//! What fails in a world in memory.

use std::collections::{BTreeMap, VecDeque};

/// How a fetch is lost: both ways matter, since only the second one leaves work done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// The request never arrives.
    Request,
    /// The isolate dies before the request has left it.
    IsolateBefore,
    /// The work is done and the answer never arrives.
    Reply,
    /// The work is done, and the isolate that waits for the answer dies.
    Isolate,
}

/// What is wrong with one of several origins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ill {
    /// Nothing gets there.
    Refuses,
    /// It does the work, and the answer never arrives.
    Cuts,
    /// It answers nobody, and is waited for.
    Hangs,
}

/// The faults in force.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each part of the platform fails by itself"
)]
#[derive(Debug, Clone, Default)]
pub struct Faults {
    /// What happens to the next fetches, one each; nothing when it runs out.
    pub fetches: VecDeque<Option<Lost>>,
    /// Origins that are ill, by host.
    pub origins: BTreeMap<String, Ill>,
    /// The issuer's keys can't be fetched.
    pub keys_down: bool,
    /// Callers' objects do not answer.
    pub limiter_down: bool,
    /// They answer, but can't reach the answers that they keep.
    pub answers_down: bool,
    /// The feed does not answer.
    pub feed_down: bool,
    /// Whoever asks the feed waits as long as it can, in vain.
    pub feed_hangs: bool,
    /// The shield does not answer.
    pub shield_down: bool,
    /// The record of deprecated uses does not answer.
    pub usage_down: bool,
}

impl Faults {
    /// What happens to a fetch. What the edge asks as itself is none that a fate is meant for.
    pub(super) fn next_fetch(&mut self, path: &str) -> Option<Lost> {
        if path.starts_with("/records/") {
            return None;
        }
        self.fetches.pop_front().flatten()
    }
}
