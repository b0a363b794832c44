//! What becomes of the one feed object when more locations ask than it can answer: a model of its queue,
//! over the log and the views that ship.
//!
//! 1. The object takes asks in their order, one each millisecond: the 1,000 requests a second that
//!    Cloudflare gives an object. Nothing leaves its queue early: an ask that nobody waits for any more
//!    takes its time too, which is the worst that it could do.
//! 2. Each location is one isolate that answers [`READS`] reads a second and follows the feed as
//!    `pipeline/feed.rs` does: one ask behind answers at a time, others in front of reads whose view is
//!    too old, unless the feed is known to be slow.
//! 3. A tag is purged every second. Each location holds a copy of it, which was whole before.

use std::collections::VecDeque;

use super::log::Log;
use super::view::{Currency, Standing, View};
use super::{BACKGROUND_WAIT_MS, Change, SLOW_MS, TRUSTED_MS, WAIT_MS};
use crate::cache::entry::Entry;
use crate::config::Purge;

/// Reads a second of each location.
const READS: u64 = 10;
/// Milliseconds of a step, and the asks that the object answers in it.
const STEP_MS: u64 = 5;
/// How long each run is, milliseconds.
const RUN_MS: u64 = 50_000;
/// From when on it counts. All begin at once and cold, which takes the object as long as this.
const SETTLED_MS: u64 = 35_000;
/// A purge every so many milliseconds.
const PURGE_EVERY_MS: u64 = 1_000;

#[derive(Default)]
struct Location {
    view: View,
    /// When the ask behind answers was sent, while it is under way.
    behind_ms: Option<u64>,
    slow_until_ms: u64,
    /// Until when reads wait for asks of their own, and when those were sent.
    waiting: VecDeque<(u64, u64)>,
    copy: Entry,
    /// Number of the purge that the copy is older than.
    copy_of: u64,
}

struct Ask {
    location: usize,
    asked_ms: u64,
    after: u64,
    behind: bool,
}

#[derive(Debug, Default)]
struct Outcome {
    /// Asks that came to the object, a second.
    asked: u64,
    /// Of the reads, which were answered by copies that say that nobody knows.
    marked: u64,
    reads: u64,
    /// The oldest that any location's knowledge was, milliseconds.
    oldest_ms: u64,
    /// The longest after its purge that a copy answered, unmarked and marked.
    unmarked_after_ms: u64,
    marked_after_ms: u64,
    /// Locations that did not hear it once while it counted. After a minute they refuse changes.
    unheard: usize,
}

struct World {
    now_ms: u64,
    log: Log,
    purges: Vec<u64>,
    queue: VecDeque<Ask>,
    locations: Vec<Location>,
    /// Whether a slow feed is asked in front of reads all the same.
    insists: bool,
    outcome: Outcome,
}

impl World {
    fn of(locations: usize, insists: bool) -> Self {
        Self {
            now_ms: 0,
            log: Log::new(1),
            purges: Vec::new(),
            queue: VecDeque::new(),
            locations: (0..locations).map(|_| Location::default()).collect(),
            insists,
            outcome: Outcome::default(),
        }
    }

    fn counts(&self) -> bool {
        self.now_ms >= SETTLED_MS
    }

    fn run(mut self) -> Outcome {
        let period_ms = 1_000 / READS;
        while self.now_ms < RUN_MS {
            if self.now_ms.is_multiple_of(PURGE_EVERY_MS) {
                let change = Change {
                    names: vec!["tag:product:1".to_owned()],
                    position: None,
                    soft: false,
                };
                self.log.append(&change, self.now_ms);
                self.purges.push(self.now_ms);
            }
            for _ in 0..STEP_MS {
                self.answer_one();
            }
            for place in 0..self.locations.len() {
                self.give_up(place);
                // Spread over the period, each location at its own moment.
                let moment_ms = place as u64 * STEP_MS;
                if (self.now_ms + moment_ms).is_multiple_of(period_ms) {
                    self.read(place);
                }
            }
            self.now_ms += STEP_MS;
        }
        let silent =
            |location: &&Location| location.view.asked_ms().unwrap_or_default() < SETTLED_MS;
        self.outcome.unheard = self.locations.iter().filter(silent).count();
        let seconds = (RUN_MS - SETTLED_MS) / 1_000;
        self.outcome.asked /= seconds;
        self.outcome
    }

    /// The object answers the first in its queue.
    fn answer_one(&mut self) {
        let Some(ask) = self.queue.pop_front() else {
            return;
        };
        let wait_ms = if ask.behind {
            BACKGROUND_WAIT_MS
        } else {
            WAIT_MS
        };
        let took_ms = self.now_ms - ask.asked_ms;
        let location = &mut self.locations[ask.location];
        if took_ms >= u64::from(wait_ms) {
            return;
        }
        if took_ms >= u64::from(WAIT_MS) {
            location.slow_until_ms = self.now_ms + SLOW_MS;
        }
        if ask.behind {
            location.behind_ms = None;
        }
        location.view.take(self.log.since(ask.after), ask.asked_ms);
        if !ask.behind && location.waiting.pop_front().is_some() {
            self.serve(ask.location);
        }
    }

    /// Whoever waited in vain answers, or asks anew.
    fn give_up(&mut self, place: usize) {
        let now_ms = self.now_ms;
        let location = &mut self.locations[place];
        let late = location
            .behind_ms
            .is_some_and(|asked_ms| now_ms - asked_ms >= BACKGROUND_WAIT_MS.into());
        if late {
            location.behind_ms = None;
            location.slow_until_ms = now_ms + SLOW_MS;
        }
        let in_vain = |waiting: &VecDeque<(u64, u64)>| {
            waiting.front().is_some_and(|(_, end_ms)| *end_ms <= now_ms)
        };
        while in_vain(&self.locations[place].waiting) {
            self.locations[place].waiting.pop_front();
            self.locations[place].slow_until_ms = now_ms + SLOW_MS;
            self.ask_behind(place);
            self.serve(place);
        }
    }

    fn read(&mut self, place: usize) {
        let location = &self.locations[place];
        match location.view.currency(self.now_ms) {
            Currency::Fresh => self.serve(place),
            Currency::Ageing => {
                self.ask_behind(place);
                self.serve(place);
            }
            Currency::Old if self.now_ms < location.slow_until_ms && !self.insists => {
                self.ask_behind(place);
                self.serve(place);
            }
            Currency::Old => {
                let end_ms = self.now_ms + u64::from(WAIT_MS);
                self.locations[place]
                    .waiting
                    .push_back((self.now_ms, end_ms));
                self.ask(place, false);
            }
        }
    }

    fn ask_behind(&mut self, place: usize) {
        if self.locations[place].behind_ms.is_none() {
            self.locations[place].behind_ms = Some(self.now_ms);
            self.ask(place, true);
        }
    }

    fn ask(&mut self, place: usize, behind: bool) {
        self.outcome.asked += u64::from(self.counts());
        self.queue.push_back(Ask {
            location: place,
            asked_ms: self.now_ms,
            after: self.locations[place].view.next(),
            behind,
        });
    }

    /// Answers a read from the copy, or fetches it anew when the view says that it is untrue.
    fn serve(&mut self, place: usize) {
        let now_ms = self.now_ms;
        let counts = self.counts();
        let newest = self.purges.len() as u64;
        let location = &mut self.locations[place];
        let trusted = location.view.currency(now_ms) != Currency::Old;
        let standing =
            location
                .view
                .standing(&location.copy, "/v2/products/1", Purge::Hard, now_ms);
        if location.copy.tags.is_empty() || standing == Standing::Untrue {
            location.copy = Entry {
                tags: vec!["product:1".to_owned()],
                seen: location.view.seen(),
                stored_ms: now_ms,
                ..Entry::default()
            };
            location.copy_of = newest;
        }
        if !counts {
            return;
        }
        let outcome = &mut self.outcome;
        outcome.reads += 1;
        let age_ms = now_ms - location.view.asked_ms().unwrap_or_default();
        outcome.oldest_ms = outcome.oldest_ms.max(age_ms);
        // The first purge that the copy has not seen made it untrue.
        let untrue_since = usize::try_from(location.copy_of)
            .ok()
            .and_then(|next| self.purges.get(next));
        let after_ms = untrue_since.map_or(0, |purged_ms| now_ms - purged_ms);
        if trusted {
            outcome.unmarked_after_ms = outcome.unmarked_after_ms.max(after_ms);
        } else {
            outcome.marked += 1;
            outcome.marked_after_ms = outcome.marked_after_ms.max(after_ms);
        }
    }
}

#[test]
fn up_to_its_capacity_all_is_known_everywhere() {
    let outcome = World::of(400, false).run();
    assert_eq!((outcome.marked, outcome.unheard), (0, 0), "{outcome:?}");
    assert!(outcome.unmarked_after_ms <= TRUSTED_MS, "{outcome:?}");
    assert!((700..=900).contains(&outcome.asked), "{outcome:?}");
}

#[test]
fn beyond_it_more_copies_are_marked_and_no_more_is_asked() {
    let mut before = 0;
    // Percent of the reads.
    for (locations, marked) in [(600, 10..40), (900, 60..90), (1_500, 100..101)] {
        let outcome = World::of(locations, false).run();
        let share = 100 * outcome.marked / outcome.reads;
        assert!(marked.contains(&share), "{locations} {share} {outcome:?}");
        assert!(share > before, "{locations} {outcome:?}");
        before = share;
        assert!(outcome.unmarked_after_ms <= TRUSTED_MS, "{outcome:?}");
        // Each hears it, at the pace of the queue: one ask of each stands in it.
        assert!(outcome.asked <= 1_020, "{locations} {outcome:?}");
        assert_eq!(outcome.unheard, 0, "{locations} {outcome:?}");
        let queue_ms = locations as u64;
        assert!(outcome.oldest_ms <= 2 * queue_ms + 200, "{outcome:?}");
        assert!(outcome.marked_after_ms <= queue_ms + 200, "{outcome:?}");
    }
}

#[test]
fn far_beyond_it_nobody_hears_it_and_changes_are_refused() {
    let outcome = World::of(3_000, false).run();
    assert_eq!(outcome.marked, outcome.reads, "{outcome:?}");
    assert_eq!(outcome.unheard, 3_000, "{outcome:?}");
}

/// Why a slow feed is not asked in front of reads: at the same load nobody would hear it.
#[test]
fn if_each_read_asked_a_slow_feed_nobody_would_hear_it() {
    let outcome = World::of(600, true).run();
    assert!(outcome.asked > 4_000, "{outcome:?}");
    assert_eq!(outcome.unheard, 600, "{outcome:?}");
}
