//! What an isolate knows of the feed, and what that means for a copy.

use std::collections::HashMap;

use shared::feed::Position;

use super::names::{self, EVERYTHING};
use super::revoked::Revocations;
use super::{ENTRIES_MAX, FRESH_MS, KEEP_MS, Mark, SKEW_MS, Seen, TRUSTED_MS, Told};
use crate::cache::entry::Entry;
use crate::config::Purge;

/// A view.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct View {
    /// Unset before the first answer.
    epoch: Option<u64>,
    head: u64,
    floor: u64,
    floor_position: Position,
    marks: HashMap<String, Mark>,
    /// Kept across epochs: a log that was lost may not know of them.
    revoked: Revocations,
    /// The furthest position of all.
    newest: Position,
    /// When the answer that completed it was asked for, Unix milliseconds: it is never counted
    /// younger than it is.
    asked_ms: Option<u64>,
    /// Its head before the last two answers, the older first.
    past: [u64; 2],
    /// The last answer was a page of several.
    partial: bool,
}

/// How far a view can be relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Currency {
    /// As it is.
    Fresh,
    /// As it is, while it is refreshed behind the answer.
    Ageing,
    /// Not before it was refreshed.
    Old,
}

/// What the feed says of a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nothing.
    Holds,
    /// It is stale since then, Unix milliseconds.
    Stale {
        /// Since when.
        since_ms: u64,
    },
    /// It may not answer unless the origin says that it still holds.
    Untrue,
}

impl View {
    /// Whether it can be relied on now.
    pub fn currency(&self, now_ms: u64) -> Currency {
        let Some(asked_ms) = self.asked_ms else {
            return Currency::Old;
        };
        let age_ms = now_ms.saturating_sub(asked_ms);
        if age_ms < FRESH_MS {
            Currency::Fresh
        } else if age_ms <= TRUSTED_MS {
            Currency::Ageing
        } else {
            Currency::Old
        }
    }

    /// When the feed last answered, Unix milliseconds.
    pub const fn asked_ms(&self) -> Option<u64> {
        self.asked_ms
    }

    /// After which number to ask. It reaches back a little, so that what comes serves the location's
    /// other isolates too, which may be a poll behind.
    pub fn next(&self) -> u64 {
        if self.partial || self.asked_ms.is_none() {
            self.head
        } else {
            self.past[0].min(self.head)
        }
    }

    /// Whether an answer that somebody else of the location asked for is fresh, and joins on.
    pub fn takes(&self, told: &Told, asked_ms: u64, now_ms: u64) -> bool {
        let same = self.epoch.is_none_or(|epoch| epoch == told.epoch);
        // A clock that is ahead would make it look younger than it is.
        now_ms.abs_diff(asked_ms) < FRESH_MS && same && told.from <= self.head && !told.more
    }

    /// Takes an answer. False: the view is not complete by it, ask again after [`Self::next`].
    pub fn take(&mut self, told: Told, asked_ms: u64) -> bool {
        if self.epoch != Some(told.epoch) {
            *self = Self {
                epoch: Some(told.epoch),
                revoked: std::mem::take(&mut self.revoked),
                ..Self::default()
            };
        }
        if told.from > self.head {
            return false;
        }
        let before = self.head;
        for (name, mark) in told.marks {
            if self.revoked.take(&name) {
                continue;
            }
            self.newest = self.newest.max(mark.position);
            self.marks.entry(name).or_default().absorb(&mark);
        }
        self.newest = self.newest.max(told.floor_position);
        self.floor_position = self.floor_position.max(told.floor_position);
        let raised = told.floor > self.floor;
        self.floor = self.floor.max(told.floor);
        self.head = self.head.max(told.upto);
        if raised || self.marks.len() > ENTRIES_MAX {
            let floor = self.floor;
            self.marks.retain(|_, mark| {
                mark.seq() > floor && asked_ms.saturating_sub(mark.at_ms) < KEEP_MS + SKEW_MS
            });
        }
        self.revoked.tidy(asked_ms);
        self.partial = told.more;
        if told.more {
            return false;
        }
        self.past = match self.asked_ms {
            Some(_) => [self.past[1], before],
            None => [self.head; 2],
        };
        self.asked_ms = self.asked_ms.max(Some(asked_ms));
        true
    }

    /// The access tokens that are revoked.
    pub const fn revoked(&self) -> &Revocations {
        &self.revoked
    }

    /// Whether a record that was asked for when the feed was known so far may have changed since.
    pub fn record_changed(&self, name: &str, seen: Option<Seen>) -> bool {
        let Some(epoch) = self.epoch else {
            return false;
        };
        let Some(seen) = seen.filter(|seen| seen.epoch == epoch) else {
            return true;
        };
        let mark = names::record(name).and_then(|name| self.marks.get(&name));
        self.floor > seen.seq || mark.is_some_and(|mark| mark.seq() > seen.seq)
    }

    /// How far it has seen, for a copy that is about to be asked for.
    pub fn seen(&self) -> Option<Seen> {
        Some(Seen {
            epoch: self.epoch?,
            seq: self.head,
        })
    }

    /// What it says of a copy under a URL's key.
    pub fn standing(&self, entry: &Entry, url_key: &str, purge: Purge, now_ms: u64) -> Standing {
        let Some(epoch) = self.epoch else {
            return Standing::Holds;
        };
        let Some(seen) = entry.seen.filter(|seen| seen.epoch == epoch) else {
            return Standing::Untrue;
        };
        let old = now_ms.saturating_sub(entry.stored_ms) >= KEEP_MS - SKEW_MS;
        if old || self.floor > seen.seq {
            return Standing::Untrue;
        }
        if self.head <= seen.seq || self.marks.is_empty() {
            return Standing::Holds;
        }
        let mut since_ms = None;
        let tags = entry.tags.iter().filter_map(|tag| names::tag(tag));
        let own = [names::url(url_key), Some(EVERYTHING.to_owned())];
        for name in tags.chain(own.into_iter().flatten()) {
            let Some(mark) = self.marks.get(&name) else {
                continue;
            };
            if mark.hard > seen.seq && purge == Purge::Hard {
                return Standing::Untrue;
            }
            if mark.seq() > seen.seq {
                since_ms = Some(since_ms.unwrap_or(u64::MAX).min(mark.at_ms));
            }
        }
        since_ms.map_or(Standing::Holds, |since_ms| Standing::Stale { since_ms })
    }

    /// Lets an entry that was found say what the feed says of it: what may not answer by itself is
    /// never used without asking, not even when the origin is down, and what is stale is so since its
    /// purge. While the view can't be trusted, nothing is used beyond its lifetime.
    pub fn judge(
        &self,
        entry: &mut Entry,
        url_key: &str,
        purge: Purge,
        trusted: bool,
        now_ms: u64,
    ) {
        match self.standing(entry, url_key, purge, now_ms) {
            Standing::Holds => {}
            Standing::Stale { since_ms } => {
                entry.lifetime_seconds = entry.lifetime_seconds.min(entry.age(since_ms));
            }
            Standing::Untrue => entry.no_cache = true,
        }
        entry.must_revalidate |= !trusted;
    }

    /// The place in the database's log that an answer with these tags must not be older than: the
    /// newest of all when no tag is known.
    pub fn position(&self, tags: &[String]) -> Position {
        if tags.is_empty() {
            return self.newest;
        }
        let tagged = tags.iter().filter_map(|tag| names::tag(tag));
        let named = tagged.chain([EVERYTHING.to_owned()]);
        named
            .filter_map(|name| Some(self.marks.get(&name)?.position))
            .fold(self.floor_position, Position::max)
    }
}

#[cfg(test)]
mod tests;
