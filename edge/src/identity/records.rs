//! Records that an isolate holds: API keys, plans, the firewall's lists and those of the pools
//! ([`shared::record`]).
//!
//! 1. A record holds for [`FRESH_MS`], and never beyond a change that the feed told of it. The firewall's
//!    lists hold as long as any goes on, since every request waits for them; those of the pools for [`POOLS_MS`],
//!    since nobody waits for them and a new origin is to serve within a minute even if the feed is silent.
//! 2. That there is none holds for [`ABSENT_MS`]: a key that is made works soon after.
//! 3. While the origin is down, a record goes on for [`STALE_MS`], unless the feed said otherwise.
//! 4. What is better known late than not at all ([`Records::rest`]) goes on as it was known last, and is
//!    asked for again after [`REST_MS`].

use std::collections::HashMap;
use std::rc::Rc;

use serde_json::Value;
use shared::record::KeyRecord;

use crate::feed::Seen;
use crate::feed::view::View;
use crate::firewall::network::Lists;
use crate::limit::terms::Plan;
use crate::pool;

/// How long a record is taken as it is.
pub const FRESH_MS: u64 = 5 * 60 * 1000;
/// How long it counts that there is none.
pub const ABSENT_MS: u64 = 5 * 1000;
/// How long a record serves while the origin is down.
pub const STALE_MS: u64 = 60 * 60 * 1000;
/// How long the lists of the pools are taken as they are.
pub const POOLS_MS: u64 = 45 * 1000;
/// For how long nobody is asked who could not say.
pub const REST_MS: u64 = 5 * 1000;
/// Most records that an isolate holds.
pub const RECORDS_MAX: usize = 2_000;

/// A record.
#[derive(Debug, Clone)]
pub enum Kept {
    /// The origin has none of this name.
    Absent,
    /// Who calls with a key.
    Key(Rc<KeyRecord>),
    /// What a plan allows.
    Plan(Rc<Plan>),
    /// Who is let in; `None` where the configuration says so.
    Lists(Option<Rc<Lists>>),
    /// Who is in the pools; a pool without a list has those of the deployment.
    Pools(Rc<pool::Lists>),
}

impl Kept {
    /// Reads a key's record.
    pub fn key(json: &Value) -> Option<Self> {
        key(json).map(|record| Self::Key(Rc::new(record)))
    }

    /// Reads a plan's record.
    pub fn plan(json: &Value) -> Option<Self> {
        Plan::of_record(json).map(|plan| Self::Plan(Rc::new(plan)))
    }

    /// Reads the firewall's lists.
    pub fn lists(json: &Value) -> Option<Self> {
        if json.is_null() {
            return Some(Self::Lists(None));
        }
        Lists::of_record(json).map(|lists| Self::Lists(Some(Rc::new(lists))))
    }

    /// Reads the lists of the pools.
    pub fn pools(json: &Value) -> Option<Self> {
        pool::of_record(json).map(|lists| Self::Pools(Rc::new(lists)))
    }

    const fn lifetime_ms(&self) -> u64 {
        match self {
            Self::Absent => ABSENT_MS,
            Self::Key(_) | Self::Plan(_) => FRESH_MS,
            Self::Lists(_) => STALE_MS,
            Self::Pools(_) => POOLS_MS,
        }
    }

    /// How long one that the location's store holds is taken as it is.
    pub fn located_ms(&self) -> u64 {
        self.lifetime_ms().min(FRESH_MS)
    }
}

/// Member by member: a derived reader would be larger than all that reads it.
fn key(json: &Value) -> Option<KeyRecord> {
    let text = |member: &str| json.get(member)?.as_str();
    let scopes = json.get("scopes")?.as_array()?.iter();
    Some(KeyRecord {
        id: text("id")?.parse().ok()?,
        account: text("account")?.to_owned(),
        role: text("role")?.parse().ok()?,
        mode: text("mode")?.parse().ok()?,
        plan: text("plan")?.parse().ok()?,
        scopes: scopes
            .map(|scope| scope.as_str().map(str::to_owned))
            .collect::<Option<_>>()?,
        expires_at: match json.get("expires_at") {
            None | Some(Value::Null) => None,
            Some(end) => Some(end.as_i64()?),
        },
        revoked: json.get("revoked")?.as_bool()?,
    })
}

/// The records of an isolate, by name.
#[derive(Debug, Default)]
pub struct Records(HashMap<String, Held>);

#[derive(Debug)]
struct Held {
    kept: Kept,
    asked_ms: u64,
    seen: Option<Seen>,
    /// Until then it is taken as it is, whatever the feed says.
    rests_until_ms: u64,
}

impl Records {
    /// The record, if it holds.
    pub fn find(&self, name: &str, view: &View, now_ms: u64) -> Option<Kept> {
        let held = self.0.get(name)?;
        if now_ms < held.rests_until_ms {
            return Some(held.kept.clone());
        }
        let fresh = now_ms.saturating_sub(held.asked_ms) < held.kept.lifetime_ms();
        (fresh && !view.record_changed(name, held.seen)).then(|| held.kept.clone())
    }

    /// The record that serves while the origin is down. The pools go on by themselves as they are.
    pub fn stale(&self, name: &str, view: &View, now_ms: u64) -> Option<Kept> {
        let held = self.0.get(name)?;
        let serves = now_ms.saturating_sub(held.asked_ms) < STALE_MS;
        let none = matches!(held.kept, Kept::Absent | Kept::Pools(_));
        (serves && !none && !view.record_changed(name, held.seen)).then(|| held.kept.clone())
    }

    /// Keeps a record that was asked for at a time, when the feed was known so far.
    pub fn keep(&mut self, name: &str, kept: Kept, asked_ms: u64, seen: Option<Seen>) {
        if self.0.len() >= RECORDS_MAX {
            self.0.clear();
        }
        let held = Held {
            kept,
            asked_ms,
            seen,
            rests_until_ms: 0,
        };
        self.0.insert(name.to_owned(), held);
    }

    /// The record as it was known last, for [`REST_MS`]; after that it is asked for again.
    pub fn rest(&mut self, name: &str, now_ms: u64) -> Kept {
        if !self.0.contains_key(name) {
            self.keep(name, Kept::Absent, 0, None);
        }
        let Some(held) = self.0.get_mut(name) else {
            return Kept::Absent;
        };
        held.rests_until_ms = now_ms.saturating_add(REST_MS);
        held.kept.clone()
    }
}

/// A record as the location's store holds it: when it was asked for, how far the feed was known, and the
/// origin's document.
pub fn located(asked_ms: u64, seen: Seen, document: &str) -> String {
    format!("{asked_ms} {} {}\n{document}", seen.epoch, seen.seq)
}

/// Reads it.
pub fn read_located(text: &str) -> Option<(u64, Seen, &str)> {
    let (head, document) = text.split_once('\n')?;
    let mut numbers = head.split(' ').map(|number| number.parse::<u64>().ok());
    let asked_ms = numbers.next()??;
    let seen = Seen {
        epoch: numbers.next()??,
        seq: numbers.next()??,
    };
    numbers
        .next()
        .is_none()
        .then_some((asked_ms, seen, document))
}

#[cfg(test)]
mod tests {
    use shared::caller::{Mode, Role};
    use shared::id::{ApiKeyId, PlanId};

    use super::*;
    use crate::feed::{Mark, Told};

    #[test]
    fn a_record_is_read_as_it_is_written() {
        let record = KeyRecord {
            id: ApiKeyId::new(7, [1; 10]),
            account: "acme".into(),
            role: Role::Partner,
            mode: Mode::Test,
            plan: PlanId::new(8, [2; 10]),
            scopes: vec!["orders:read".into()],
            expires_at: Some(9),
            revoked: true,
        };
        for record in [
            KeyRecord {
                expires_at: None,
                ..record.clone()
            },
            record,
        ] {
            let json = serde_json::to_value(&record).unwrap();
            assert_eq!(key(&json), Some(record));
            for member in ["id", "role", "mode", "plan", "scopes", "revoked"] {
                let mut other = json.clone();
                other[member] = 7.into();
                assert_eq!(key(&other), None, "{member}");
            }
        }
    }

    fn told(name: &str, seq: u64) -> Told {
        let mark = Mark {
            hard: seq,
            ..Mark::default()
        };
        Told {
            epoch: 1,
            from: 0,
            upto: seq,
            more: false,
            floor: 0,
            floor_position: shared::feed::Position(0),
            marks: vec![(name.to_owned(), mark)],
        }
    }

    #[test]
    fn records_hold_until_the_feed_or_time_says_otherwise() {
        let mut view = View::default();
        assert!(view.take(told("record:other", 1), 1));
        let mut records = Records::default();
        records.keep("key:a", Kept::Absent, 1_000, view.seen());
        assert!(
            records
                .find("key:a", &view, 1_000 + ABSENT_MS - 1)
                .is_some()
        );
        assert!(records.find("key:a", &view, 1_000 + ABSENT_MS).is_none());
        assert!(records.stale("key:a", &view, 1_000).is_none());
        let plan = Rc::new(Plan {
            policy: "p".into(),
            terms: crate::limit::terms::Terms::of_rate(crate::limit::gcra::Policy::new(1, 1)),
            stages: [None, None],
        });
        records.keep("plan:b", Kept::Plan(plan), 1_000, view.seen());
        assert!(
            records
                .find("plan:b", &view, 1_000 + FRESH_MS - 1)
                .is_some()
        );
        assert!(records.find("plan:b", &view, 1_000 + FRESH_MS).is_none());
        assert!(
            records
                .stale("plan:b", &view, 1_000 + STALE_MS - 1)
                .is_some()
        );
        assert!(records.stale("plan:b", &view, 1_000 + STALE_MS).is_none());
        assert!(view.take(told("record:plan:b", 2), 2));
        assert!(records.find("plan:b", &view, 1_000).is_none());
        assert!(records.stale("plan:b", &view, 1_000).is_none());
        // It rests as it was known last, and is asked for again.
        assert!(matches!(records.rest("plan:b", 1_000), Kept::Plan(_)));
        let rested = records.find("plan:b", &view, 1_000 + REST_MS - 1);
        assert!(matches!(rested, Some(Kept::Plan(_))));
        assert!(records.find("plan:b", &view, 1_000 + REST_MS).is_none());
        assert!(matches!(records.rest("plan:c", 1_000), Kept::Absent));
        assert!(records.find("plan:c", &view, 1_000).is_some());
        assert!(records.find("plan:c", &view, 9_000).is_none());
        for number in 0..2 * RECORDS_MAX {
            records.keep(&number.to_string(), Kept::Absent, 0, None);
            assert!(records.0.len() <= RECORDS_MAX);
        }
    }

    #[test]
    fn what_a_location_holds_reads_back() {
        let seen = Seen { epoch: 2, seq: 3 };
        let text = located(1, seen, "{}\n{}");
        assert_eq!(read_located(&text), Some((1, seen, "{}\n{}")));
        for bad in ["", "1 2 3", "1 2\n{}", "1 2 3 4\n{}", "x 2 3\n{}"] {
            assert_eq!(read_located(bad), None, "{bad}");
        }
    }
}
