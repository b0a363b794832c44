//! What the object keeps.

use std::collections::HashMap;

use shared::feed::Position;

use super::{Change, ENTRIES_MAX, KEEP_MS, Mark, PAGE_ENTRIES, Told};

/// The log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Log {
    /// Chosen at random when the log begins, so that numbers of a lost one are not mistaken for its
    /// own.
    pub epoch: u64,
    /// The last number.
    pub head: u64,
    /// The newest number among the marks that were given up.
    pub floor: u64,
    /// The furthest position among those.
    pub floor_position: Position,
    /// The newest mark of each name.
    pub marks: HashMap<String, Mark>,
}

/// What an append changed, for whoever stores it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    /// These were written.
    pub marks: Vec<(String, Mark)>,
    /// What the log no longer holds is to be deleted.
    pub dropped: bool,
}

impl Log {
    /// An empty one.
    pub fn new(epoch: u64) -> Self {
        Self {
            epoch,
            ..Self::default()
        }
    }

    /// Adds a change: a number a name, so that an answer may end after any of them.
    pub fn append(&mut self, change: &Change, now_ms: u64) -> Appended {
        let mut written = Vec::with_capacity(change.names.len());
        for name in &change.names {
            self.head = self.head.saturating_add(1);
            let (hard, soft) = if change.soft {
                (0, self.head)
            } else {
                (self.head, 0)
            };
            let mark = self.marks.entry(name.clone()).or_default();
            mark.absorb(&Mark {
                hard,
                soft,
                position: change.position.unwrap_or(Position::BEYOND),
                at_ms: now_ms,
            });
            written.push((name.clone(), *mark));
        }
        let before = self.marks.len();
        self.marks
            .retain(|_, mark| now_ms.saturating_sub(mark.at_ms) < KEEP_MS);
        if self.marks.len() > ENTRIES_MAX {
            self.raise_floor();
        }
        let dropped = self.marks.len() < before;
        written.retain(|(name, _)| self.marks.contains_key(name));
        Appended {
            marks: written,
            dropped,
        }
    }

    /// Gives up the older half.
    fn raise_floor(&mut self) {
        let mut numbers: Vec<u64> = self.marks.values().map(Mark::seq).collect();
        numbers.sort_unstable();
        let Some(floor) = numbers.get(numbers.len() / 2) else {
            return;
        };
        self.floor = self.floor.max(*floor);
        for mark in self.marks.values() {
            if mark.seq() <= self.floor {
                self.floor_position = self.floor_position.max(mark.position);
            }
        }
        self.marks.retain(|_, mark| mark.seq() > self.floor);
    }

    /// What came after a number, a page of it.
    pub fn since(&self, from: u64) -> Told {
        let mut marks: Vec<(String, Mark)> = Vec::new();
        if from < self.head {
            for (name, mark) in &self.marks {
                if mark.seq() > from {
                    marks.push((name.clone(), *mark));
                }
            }
            marks.sort_unstable_by_key(|(_, mark)| mark.seq());
        }
        let more = marks.len() > PAGE_ENTRIES;
        marks.truncate(PAGE_ENTRIES);
        let upto = match marks.last() {
            Some((_, last)) if more => last.seq(),
            _ => self.head,
        };
        Told {
            epoch: self.epoch,
            from,
            upto,
            more,
            floor: self.floor,
            floor_position: self.floor_position,
            marks,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(names: &[&str], position: u64, soft: bool) -> Change {
        Change {
            names: names.iter().map(|&name| name.to_owned()).collect(),
            position: Some(Position(position)),
            soft,
        }
    }

    #[test]
    fn a_change_that_names_no_place_is_beyond_all() {
        let mut log = Log::new(1);
        let change = Change {
            position: None,
            ..change(&["tag:a"], 10, false)
        };
        log.append(&change, 0);
        let told = log.since(0);
        assert_eq!(told.marks[0].1.position, Position::BEYOND);
    }

    #[test]
    fn the_newest_mark_of_a_name_is_kept_and_told_in_order() {
        let mut log = Log::new(7);
        log.append(&change(&["tag:a", "tag:b"], 10, false), 1);
        log.append(&change(&["tag:a"], 5, true), 2);
        let told = log.since(0);
        assert_eq!((told.epoch, told.upto, told.more), (7, 3, false));
        let a = Mark {
            hard: 1,
            soft: 3,
            position: Position(10),
            at_ms: 2,
        };
        let b = Mark {
            hard: 2,
            soft: 0,
            position: Position(10),
            at_ms: 1,
        };
        assert_eq!(
            told.marks,
            [("tag:b".to_owned(), b), ("tag:a".to_owned(), a)]
        );
        assert_eq!(log.since(2).marks, [("tag:a".to_owned(), a)]);
        assert_eq!(log.since(3).marks, []);
        assert_eq!(log.since(99).upto, 3);
    }

    #[test]
    fn what_is_old_is_dropped() {
        let mut log = Log::new(1);
        assert!(!log.append(&change(&["tag:a"], 1, false), 0).dropped);
        assert!(
            !log.append(&change(&["tag:b"], 1, false), KEEP_MS - 1)
                .dropped
        );
        assert!(log.append(&change(&["tag:c"], 1, false), KEEP_MS).dropped);
        let names: Vec<_> = log
            .since(0)
            .marks
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        assert_eq!(names, ["tag:b", "tag:c"]);
        assert_eq!(log.floor, 0);
    }

    #[test]
    fn above_the_limit_the_older_half_becomes_the_floor() {
        let mut log = Log::new(1);
        for hundred in 0..=ENTRIES_MAX as u64 / 100 {
            let names = (0..100).map(|one| format!("tag:{hundred}:{one}"));
            let many = Change {
                names: names.collect(),
                ..change(&[], hundred, false)
            };
            log.append(&many, 0);
        }
        assert!(log.marks.len() <= ENTRIES_MAX / 2 + 100);
        assert!(log.floor >= (ENTRIES_MAX / 2) as u64 && log.floor < log.head);
        assert_eq!(log.floor_position, Position((log.floor - 1) / 100));
        assert!(log.marks.values().all(|mark| mark.seq() > log.floor));
    }

    #[test]
    fn pages_end_and_go_on() {
        let mut log = Log::new(1);
        let names = (0..PAGE_ENTRIES + 10).map(|number| format!("tag:{number}"));
        let many = Change {
            names: names.collect(),
            ..change(&[], 1, false)
        };
        log.append(&many, 0);
        let first = log.since(0);
        assert!(first.more);
        assert_eq!(first.upto, PAGE_ENTRIES as u64);
        let second = log.since(first.upto);
        assert_eq!((second.marks.len(), second.more), (10, false));
        assert_eq!(second.upto, log.head);
    }
}
