//! What the object keeps.

use std::collections::HashMap;

use shared::feed::Position;

use super::names::Revoked;
use super::{
    Change, ENTRIES_MAX, KEEP_MS, Mark, PAGE_ENTRIES, REVOCATIONS_MAX, SKEW_MS, Told, names,
};

/// How far clocks may be apart, seconds.
const SKEW_SECONDS: i64 = (SKEW_MS / 1000).cast_signed();

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
    /// These are no longer held.
    pub dropped: Vec<String>,
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
        let mut dropped = self.drop_where(|name, mark| match names::revoked(name) {
            Some((_, expires)) => expires.saturating_add(SKEW_SECONDS) <= seconds(now_ms),
            None => now_ms.saturating_sub(mark.at_ms) >= KEEP_MS,
        });
        let revocations = self.revocations();
        if self.marks.len().saturating_sub(revocations) > ENTRIES_MAX {
            dropped.extend(self.raise_floor());
        }
        if revocations > REVOCATIONS_MAX {
            let (name, mark, given_up) = self.revoke_all(now_ms);
            written.push((name, mark));
            dropped.extend(given_up);
        }
        written.retain(|(name, _)| self.marks.contains_key(name));
        Appended {
            marks: written,
            dropped,
        }
    }

    fn revocations(&self) -> usize {
        let names = self.marks.keys();
        names.filter(|name| names::revoked(name).is_some()).count()
    }

    /// Gives marks up; their names.
    fn drop_where(&mut self, ended: impl Fn(&str, &Mark) -> bool) -> Vec<String> {
        let ended = self.marks.extract_if(|name, mark| ended(name, mark));
        ended.map(|(name, _)| name).collect()
    }

    /// The number of the one in the middle.
    fn middle(&self, of_revocations: bool) -> u64 {
        let marks = self.marks.iter();
        let marks = marks.filter(|(name, _)| names::revoked(name).is_some() == of_revocations);
        let mut numbers: Vec<u64> = marks.map(|(_, mark)| mark.seq()).collect();
        numbers.sort_unstable();
        numbers.get(numbers.len() / 2).copied().unwrap_or_default()
    }

    /// Gives up the older half of the marks on copies and records.
    fn raise_floor(&mut self) -> Vec<String> {
        let floor = self.floor.max(self.middle(false));
        self.floor = floor;
        let ended = |name: &str, mark: &Mark| mark.seq() <= floor && names::revoked(name).is_none();
        for (name, mark) in &self.marks {
            if ended(name, mark) {
                self.floor_position = self.floor_position.max(mark.position);
            }
        }
        self.drop_where(ended)
    }

    /// Gives up the older half of the revocations: whatever they revoked was issued by now.
    fn revoke_all(&mut self, now_ms: u64) -> (String, Mark, Vec<String>) {
        let middle = self.middle(true);
        let mut before = seconds(now_ms).saturating_add(1);
        let mut expires = before;
        for (name, mark) in &self.marks {
            let Some((what, end)) = names::revoked(name) else {
                continue;
            };
            if mark.seq() <= middle {
                expires = expires.max(end);
                if let Revoked::Subject { before: own, .. } = what {
                    before = before.max(own);
                }
            }
        }
        let given_up =
            self.drop_where(|name, mark| mark.seq() <= middle && names::revoked(name).is_some());
        self.head = self.head.saturating_add(1);
        let mark = Mark {
            hard: self.head,
            soft: 0,
            position: Position(0),
            at_ms: now_ms,
        };
        let name = names::subject(names::ALL, before, expires).unwrap_or_default();
        self.marks.insert(name.clone(), mark);
        (name, mark, given_up)
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

fn seconds(ms: u64) -> i64 {
    i64::try_from(ms / 1000).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::revoked::Revocations;

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
        let mut dropped = |name, at_ms| log.append(&change(&[name], 1, false), at_ms).dropped;
        assert!(dropped("tag:a", 0).is_empty());
        assert!(dropped("tag:b", KEEP_MS - 1).is_empty());
        assert_eq!(dropped("tag:c", KEEP_MS), ["tag:a"]);
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
    fn revocations_outlive_the_floor_and_end_with_what_they_revoke() {
        let mut log = Log::new(1);
        let end = i64::try_from(KEEP_MS / 1000).unwrap() + 100;
        let token = names::token("t", end).unwrap();
        log.append(&change(&[&token], 1, false), 0);
        let many = |from: usize| Change {
            names: (from..from + ENTRIES_MAX)
                .map(|one| format!("tag:{one}"))
                .collect(),
            ..change(&[], 1, false)
        };
        log.append(&many(0), KEEP_MS);
        log.append(&many(ENTRIES_MAX), KEEP_MS);
        assert!(log.floor > 0 && log.marks.contains_key(&token));
        let past = u64::try_from(end).unwrap() * 1000 + SKEW_MS;
        log.append(&change(&["tag:z"], 1, false), past - 1000);
        assert!(log.marks.contains_key(&token));
        let appended = log.append(&change(&["tag:z"], 1, false), past);
        assert_eq!(appended.dropped, [token]);
    }

    #[test]
    fn above_their_limit_revocations_become_one_of_everybody() {
        let mut log = Log::new(1);
        let mut told = Vec::new();
        for half in [0..REVOCATIONS_MAX, REVOCATIONS_MAX..REVOCATIONS_MAX + 1] {
            let names = half.map(|one| names::token(&format!("t{one}"), 2_000).unwrap());
            let many = Change {
                names: names.collect(),
                ..change(&[], 1, false)
            };
            told = log.append(&many, 1_000_000).marks;
        }
        assert!(log.marks.len() <= REVOCATIONS_MAX / 2 + 2);
        assert_eq!(told.len(), 2, "the new one, and everybody's");
        let mut revoked = Revocations::default();
        for name in log.marks.keys() {
            revoked.take(name);
        }
        for one in 0..=REVOCATIONS_MAX {
            let id = format!("t{one}");
            assert!(revoked.holds(Some(&id), "usr", Some(1_000)), "{id}");
        }
        assert!(!revoked.holds(Some("new"), "usr", Some(1_001)));
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
