//! Origin pools: which of several origins a try goes to, and whether there is another try; functions of an
//! isolate's own state, what it saw, and the time. Nobody is asked for shared state.
//!
//! 1. Origins that are in get tries by their weights; one that is out gets none but probes.
//! 2. Out goes who fails [`FAILURES_MAX`] times in a row, or half of [`SAMPLE_MIN`] or more tries within
//!    [`WINDOW_MS`] (no answer, or a status of 500 and above), or [`CHECKS_FAILED_MAX`] checks in a row:
//!    the circuit is open.
//!    So does who says that it is about to end, while there is another.
//! 3. A probe that is answered takes it in again, half open: one failure more and it is out for twice as
//!    long, up to [`OUT_MS_MAX`]; one answer, and it is as the others are.
//! 4. Where there are several, each is checked every [`CHECK_MS`], so that one without traffic is known
//!    too. A pool without a path for checks never takes an origin out.
//! 5. Another try costs a tenth of what a request brings in, so that tries add a tenth to the load at most,
//!    and the few that an isolate begins with ([`RESERVE`]). Between tries passes a random part of
//!    `min(cap, base · 2^n)`.
//! 6. When other origins are listed, what is known of those that stay is kept ([`Pool::relisted`]). A new one
//!    is out until a probe of it is answered, while one that stays is in.
//! 7. An origin without weight gets tries of nobody who asks for clients. The deployment's own ones are among
//!    these while a record leaves them out, and what must not depend on the record reaches them ([`Reach`]).

mod origins;

#[cfg(test)]
mod tests;

pub use origins::{Listed, Lists, instead, list, of_record};

/// Most origins of a pool: those of a record, and the deployment's own that it leaves out.
const MEMBERS_MAX: usize = 2 * shared::origins::ORIGINS_MAX;
/// Failures in a row that take an origin out.
pub const FAILURES_MAX: u32 = 5;
/// Tries within a window before their share of failures says anything.
pub const SAMPLE_MIN: u32 = 20;
/// A window of tries, milliseconds.
pub const WINDOW_MS: u64 = 10_000;
/// How often an origin is checked.
pub const CHECK_MS: u64 = 10_000;
/// Longest wait for a check's answer.
pub const CHECK_WAIT_MS: u32 = 2_000;
/// Failed checks in a row that take an origin out.
pub const CHECKS_FAILED_MAX: u32 = 2;
/// How long an origin is out before the first probe.
pub const OUT_MS: u64 = 1_000;
/// Longest between two probes.
pub const OUT_MS_MAX: u64 = 10_000;
/// What a further try costs, where each request brings in one.
pub const TRY_COST: u32 = 10;
/// Further tries that an isolate may make before it has seen requests.
pub const RESERVE: u32 = 10;
/// Most further tries that are saved up.
pub const SAVED_MAX: u32 = 50;
/// Most tries of one request.
pub const TRIES_MAX: u32 = 3;
/// Longest pause before the second try; it doubles with each.
pub const BACKOFF_BASE_MS: u64 = 25;
/// Longest pause of all.
pub const BACKOFF_CAP_MS: u64 = 1_000;

/// Whom a try may reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Those with weight, by it: what clients ask for.
    Listed,
    /// Those, and where none of them is left the deployment's own: what the edge asks for itself.
    OwnToo,
    /// The deployment's own, and where none of them is left those with weight: what mends a list.
    OwnFirst,
}

/// One origin, as this isolate knows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Member {
    weight: u32,
    /// Whether the deployment lists it.
    own: bool,
    /// Failures since the last answer.
    failures: u32,
    /// Tries of this window, how many failed, and when it began.
    tries: u32,
    failed: u32,
    window_ms: u64,
    /// Failed checks since the last good one.
    checks_failed: u32,
    /// Times that it went out since it last answered a request.
    outs: u32,
    out: bool,
    /// When it is checked or probed next.
    check_ms: u64,
}

/// The pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pool {
    members: Vec<Member>,
    /// Whether anybody goes out.
    checked: bool,
    saved: u32,
}

impl Pool {
    /// A pool of these origins, all in.
    pub fn new(listed: &[Listed], checked: bool) -> Self {
        let empty = Self {
            members: Vec::new(),
            checked,
            saved: RESERVE.saturating_mul(TRY_COST),
        };
        empty.relisted(&[], listed)
    }

    /// The same pool with other origins in the place of those before, which are known by their URLs.
    #[must_use]
    pub fn relisted(&self, before: &[Listed], after: &[Listed]) -> Self {
        let known = |one: &Listed| {
            let place = before.iter().position(|other| other.url == one.url)?;
            self.members.get(place)
        };
        let serves = |one: &Listed| one.weight > 0 && known(one).is_some_and(|member| !member.out);
        let new = Member {
            out: self.checked && after.iter().any(serves),
            ..Member::default()
        };
        let member = |one: &Listed| Member {
            weight: one.weight,
            own: one.own,
            ..known(one).unwrap_or(&new).clone()
        };
        Self {
            members: after.iter().take(MEMBERS_MAX).map(member).collect(),
            checked: self.checked,
            saved: self.saved,
        }
    }

    /// Whether there is a choice at all.
    pub fn has_several(&self) -> bool {
        self.members.len() > 1
    }

    /// Whether nobody whom it may reach is in.
    pub fn is_out(&self, reach: Reach) -> bool {
        self.pick(reach, 0, 0).is_none()
    }

    /// Whether a request has nobody to go to but the one at a place, if that is found well.
    pub fn waits_for(&self, reach: Reach, place: usize) -> bool {
        let reached = |member: &Member| member.weight > 0 || (member.own && reach != Reach::Listed);
        self.is_out(reach) && self.members.get(place).is_some_and(reached)
    }

    /// An origin that is in and not among those tried, bit by place; `random` chooses by weight.
    pub fn pick(&self, reach: Reach, tried: u64, random: u64) -> Option<usize> {
        let listed: fn(&Member) -> u32 = |member| member.weight;
        let own: fn(&Member) -> u32 = |member| member.own.into();
        let (first, then) = match reach {
            Reach::Listed => (listed, None),
            Reach::OwnToo => (listed, Some(own)),
            Reach::OwnFirst => (own, Some(listed)),
        };
        let found = self.draw(first, tried, random);
        found.or_else(|| self.draw(then?, tried, random))
    }

    /// One of those that are in and have a share.
    fn draw(&self, share: fn(&Member) -> u32, tried: u64, random: u64) -> Option<usize> {
        let open = |place: usize, member: &Member| !member.out && tried & bit(place) == 0;
        let mut all = 0_u64;
        for (place, member) in self.members.iter().enumerate() {
            if open(place, member) {
                all = all.saturating_add(share(member).into());
            }
        }
        let mut at = random.checked_rem(all)?;
        for (place, member) in self.members.iter().enumerate() {
            if open(place, member) {
                match at.checked_sub(share(member).into()) {
                    Some(rest) => at = rest,
                    None => return Some(place),
                }
            }
        }
        None
    }

    /// A try at an origin came to its end.
    pub fn tried(&mut self, place: usize, good: bool, now_ms: u64) {
        let checked = self.checked;
        let Some(member) = self.members.get_mut(place) else {
            return;
        };
        if now_ms.saturating_sub(member.window_ms) >= WINDOW_MS {
            (member.tries, member.failed, member.window_ms) = (0, 0, now_ms);
        }
        member.tries = member.tries.saturating_add(1);
        if good {
            // What one that is out answers late says nothing of it now.
            if !member.out {
                (member.failures, member.outs) = (0, 0);
            }
            return;
        }
        member.failed = member.failed.saturating_add(1);
        member.failures = member.failures.saturating_add(1);
        let share = member.tries >= SAMPLE_MIN && member.failed.saturating_mul(2) >= member.tries;
        if checked && !member.out && (member.failures >= FAILURES_MAX || share) {
            member.open(now_ms);
        }
    }

    /// An origin that is to be checked now: those that are out once their time is over, the others but for the
    /// only one that has weight. It is the caller's to check it, and nobody else's for a while.
    pub fn due(&mut self, now_ms: u64) -> Option<usize> {
        if !self.checked {
            return None;
        }
        let weighty = |member: &&Member| member.weight > 0;
        let several = self.members.iter().filter(weighty).count() > 1;
        let watched = |member: &Member| several || member.out || member.weight == 0;
        let (place, member) = self
            .members
            .iter_mut()
            .enumerate()
            .find(|(_, member)| watched(member) && now_ms >= member.check_ms)?;
        member.check_ms = now_ms.saturating_add(if member.out {
            member.out_ms()
        } else {
            CHECK_MS
        });
        Some(place)
    }

    /// A check came to its end.
    pub fn probed(&mut self, place: usize, good: bool, now_ms: u64) {
        let Some(member) = self.members.get_mut(place) else {
            return;
        };
        if good {
            member.checks_failed = 0;
            if member.out {
                member.out = false;
                member.failures = FAILURES_MAX.saturating_sub(1);
                (member.tries, member.failed, member.window_ms) = (0, 0, now_ms);
                member.check_ms = now_ms.saturating_add(CHECK_MS);
            }
            return;
        }
        member.checks_failed = member.checks_failed.saturating_add(1);
        if member.out || member.checks_failed >= CHECKS_FAILED_MAX {
            member.open(now_ms);
        }
    }

    /// An origin says that it is about to end: it is out while there is another one that is in.
    pub fn leaves(&mut self, place: usize, now_ms: u64) {
        let serves = |member: &Member| member.weight > 0 && !member.out;
        let mut others = self.members.iter().enumerate();
        if !self.checked || !others.any(|(other, member)| other != place && serves(member)) {
            return;
        }
        if let Some(member) = self.members.get_mut(place).filter(|member| !member.out) {
            member.open(now_ms);
        }
    }

    /// A request came.
    pub fn came(&mut self) {
        let most = SAVED_MAX.saturating_mul(TRY_COST);
        self.saved = self.saved.saturating_add(1).min(most);
    }

    /// Whether there is a further try left, which is then taken.
    pub fn take_try(&mut self) -> bool {
        match self.saved.checked_sub(TRY_COST) {
            Some(rest) => {
                self.saved = rest;
                true
            }
            None => false,
        }
    }
}

impl Member {
    fn open(&mut self, now_ms: u64) {
        self.out = true;
        self.outs = self.outs.saturating_add(1);
        self.check_ms = now_ms.saturating_add(self.out_ms());
    }

    /// How long it is out before the next probe.
    fn out_ms(&self) -> u64 {
        let doublings = self.outs.saturating_sub(1).min(10);
        (OUT_MS << doublings).min(OUT_MS_MAX)
    }
}

const fn bit(place: usize) -> u64 {
    if place < MEMBERS_MAX { 1 << place } else { 0 }
}

/// The places tried so far, and this one.
pub const fn and(tried: u64, place: usize) -> u64 {
    tried | bit(place)
}

/// How long to pause after that many tries: any time up to what doubles with each.
pub fn backoff_ms(tries: u32, random: u64) -> u32 {
    let doubled = BACKOFF_BASE_MS << tries.saturating_sub(1).min(10);
    let pause = random % doubled.min(BACKOFF_CAP_MS).saturating_add(1);
    u32::try_from(pause).unwrap_or(u32::MAX)
}
