//! Which deprecated versions an account still uses, as functions of what is known and the time.
//!
//! 1. An isolate counts in memory ([`Pending`]) and hands a count on at once the first time, then
//!    once in [`NOTE_MS`]. What it counted since is lost with it: a route that is used is always
//!    known, and its count is at least so many.
//! 2. An account's store keeps a count a day ([`note`]) for [`KEEP_DAYS`].
//!
//! When the store is down, uses go uncounted and requests go on.

pub mod wire;

use std::fmt;

/// How often an isolate hands on the count of one account and route, milliseconds.
pub const NOTE_MS: u64 = 60_000;
/// For how long a use is remembered.
pub const KEEP_DAYS: u64 = 90;
/// Most routes that are remembered of one account; there are fewer in any configuration.
pub const USES_MAX: usize = 500;
/// Most counts that an isolate holds; few accounts use a deprecated version at once.
pub const PENDING_MAX: usize = 256;
const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// What was used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct What {
    /// A version of the API.
    pub version: String,
    /// Name of the route.
    pub route: String,
    /// The request's method.
    pub method: String,
}

impl fmt::Display for What {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {} {}", self.version, self.method, self.route)
    }
}

/// A use as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    what: What,
    last_ms: u64,
    /// Days since 1970, oldest first, and the requests of each.
    days: Vec<(u64, u64)>,
}

/// What an account used, the latest use first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State(Vec<Kept>);

/// A use as it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// What.
    pub what: What,
    /// How often in the last [`KEEP_DAYS`], at least.
    pub requests: u64,
    /// When last, Unix milliseconds.
    pub last_ms: u64,
}

/// The state after so many more requests; what is too old is forgotten.
pub fn note(state: State, what: What, requests: u64, now_ms: u64) -> State {
    let State(mut all) = state;
    let today = now_ms / DAY_MS;
    forget(&mut all, today);
    let mut kept = match all.iter().position(|kept| kept.what == what) {
        Some(place) => all.remove(place),
        None if all.len() >= USES_MAX => return State(all),
        None => Kept {
            what,
            last_ms: now_ms,
            days: Vec::new(),
        },
    };
    kept.last_ms = kept.last_ms.max(now_ms);
    match kept.days.last_mut() {
        Some((day, count)) if *day >= today => *count = count.saturating_add(requests),
        _ => kept.days.push((today, requests)),
    }
    all.insert(0, kept);
    State(all)
}

/// What is known, the latest use first.
pub fn report(state: State, now_ms: u64) -> Vec<Use> {
    let State(mut all) = state;
    forget(&mut all, now_ms / DAY_MS);
    all.into_iter()
        .map(|kept| Use {
            what: kept.what,
            requests: kept.days.iter().map(|(_, count)| count).sum(),
            last_ms: kept.last_ms,
        })
        .collect()
}

fn forget(all: &mut Vec<Kept>, today: u64) {
    for kept in all.iter_mut() {
        kept.days
            .retain(|(day, _)| today.saturating_sub(*day) < KEEP_DAYS);
    }
    all.retain(|kept| !kept.days.is_empty());
}

/// What an isolate has counted and not handed on.
#[derive(Debug, Default)]
pub struct Pending(Vec<Count>);

#[derive(Debug)]
struct Count {
    account: String,
    what: What,
    requests: u64,
    noted_ms: u64,
}

impl Pending {
    /// Counts a request; the number to hand on, when it is time to.
    pub fn count(&mut self, account: &str, what: &What, now_ms: u64) -> Option<u64> {
        let known = self
            .0
            .iter_mut()
            .find(|count| count.account == account && count.what == *what);
        if let Some(count) = known {
            count.requests = count.requests.saturating_add(1);
            if now_ms.saturating_sub(count.noted_ms) < NOTE_MS {
                return None;
            }
            count.noted_ms = now_ms;
            return Some(std::mem::take(&mut count.requests));
        }
        if self.0.len() >= PENDING_MAX {
            // Those that wait for nothing first; when all wait, their counts are given up.
            self.0.retain(|count| count.requests > 0);
            if self.0.len() >= PENDING_MAX {
                self.0.clear();
            }
        }
        self.0.push(Count {
            account: account.to_owned(),
            what: what.clone(),
            requests: 0,
            noted_ms: now_ms,
        });
        Some(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_800_000_000_000;

    fn what(route: &str) -> What {
        What {
            version: "v1".into(),
            route: route.into(),
            method: "GET".into(),
        }
    }

    #[test]
    fn uses_add_up_and_are_forgotten() {
        let day = |days: u64| NOW + days * DAY_MS;
        let mut state = State::default();
        for (route, requests, now_ms) in [
            ("orders", 1, NOW),
            ("orders", 4, NOW + 1),
            ("product", 2, day(1)),
            ("orders", 8, day(60)),
        ] {
            state = note(state, what(route), requests, now_ms);
        }
        let told = |now_ms| {
            report(state.clone(), now_ms)
                .into_iter()
                .map(|used| (used.what.route, used.requests, used.last_ms))
                .collect::<Vec<_>>()
        };
        let orders = |requests| ("orders".to_owned(), requests, day(60));
        let product = ("product".to_owned(), 2, day(1));
        assert_eq!(told(day(60)), [orders(13), product.clone()]);
        assert_eq!(told(day(90)), [orders(8), product]);
        assert_eq!(told(day(91)), [orders(8)]);
        assert_eq!(told(day(150)), []);
    }

    #[test]
    fn a_clock_that_steps_back_loses_nothing() {
        let state = note(State::default(), what("orders"), 1, NOW);
        let state = note(state, what("orders"), 1, NOW - 3 * DAY_MS);
        let uses = report(state, NOW);
        assert_eq!((uses[0].requests, uses[0].last_ms), (2, NOW));
    }

    #[test]
    fn routes_of_an_account_are_bounded() {
        let state = (0..USES_MAX + 9).fold(State::default(), |state, number| {
            note(state, what(&number.to_string()), 1, NOW)
        });
        assert_eq!(report(state, NOW).len(), USES_MAX);
    }

    #[test]
    fn the_first_use_is_told_at_once_and_then_once_a_minute() {
        let mut pending = Pending::default();
        for (now_ms, expected) in [
            (NOW, Some(1)),
            (NOW + 1, None),
            (NOW + NOTE_MS - 1, None),
            (NOW + NOTE_MS, Some(3)),
            (NOW + NOTE_MS + 1, None),
        ] {
            assert_eq!(
                pending.count("usr_1", &what("orders"), now_ms),
                expected,
                "{now_ms}"
            );
        }
        assert_eq!(pending.count("usr_2", &what("orders"), NOW), Some(1));
        assert_eq!(pending.count("usr_1", &what("product"), NOW), Some(1));
    }

    #[test]
    fn what_waits_is_bounded() {
        let mut pending = Pending::default();
        for number in 0..=PENDING_MAX {
            pending.count(&number.to_string(), &what("orders"), NOW);
        }
        assert!(pending.0.len() <= PENDING_MAX);
    }
}
