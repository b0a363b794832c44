//! Limit: one book a caller.
//!
//! 1. A known caller pays from its account's bucket, by its plan; an anonymous one from its address's
//!    (IPv6 by /64, since a client holds that many). The first ten of an address are decided here.
//! 2. A safe method costs 1, an unsafe one [`UNSAFE_COST`], or all that the bucket can hold; a refused request debits nothing. A calendar
//!    quota counts requests, and no replay and no 304; when it is used up, what is kept under a key is
//!    replayed all the same.
//! 3. Exact routes ask each time; leased ones give out what was granted for a second ([`lease`]), safe
//!    methods of plans without a limit of concurrency alone.
//! 4. All callers of a plan together pay from its stage's bucket too, always by leases, which take back
//!    what the caller's own book refuses.
//! 5. When the limiter is down: open for safe methods, up to the plan's rate in each isolate; closed
//!    (503) for others, unless the route says otherwise. A plan's record that can't be had is 503.
//!
//! The book and its fields: [`crate::limit`].

mod bucket;
mod ending;
mod report;
mod stage;

use std::rc::Rc;

use shared::record;

use super::authenticate::Identity;
use super::replay::Keyed;
use super::{Inbound, Isolate, records};
use crate::config::{LimitMode, Route, WhenDown};
use crate::identity::records::Kept;
use crate::limit::book::{Ask, Violated, Window, Word};
use crate::limit::lease::{self, Wanted};
use crate::limit::terms::{Plan, Terms};
use crate::limit::{fields, guesses, local};
use crate::platform::{Down, Platform};
use crate::rejection::Rejection;
use crate::replay::Claim;

pub(super) use bucket::bucket;
use ending::give_quota_back;
pub(super) use ending::{ended, returned};
pub(super) use report::answer;

/// What an unsafe method costs.
pub(super) const UNSAFE_COST: u32 = 5;
/// How much longer than the origin may take a request counts as under way.
const HOLD_BEYOND_MS: u64 = 5_000;

/// A book's word, for the answer's fields and the log.
#[derive(Debug, Clone)]
pub(super) struct Taken {
    pub(super) plan: Rc<Plan>,
    pub(super) word: Word,
    bucket: String,
    /// To be left when the request has ended; zero for none.
    ticket: u64,
}

impl Taken {
    /// What ends it, if something has to; the caller sees to that.
    pub(super) fn ending(&mut self) -> Option<(Terms, Ask)> {
        let ask = Ask {
            ended: std::mem::take(&mut self.ticket),
            ..Ask::default()
        };
        (ask.ended != 0).then_some((self.plan.terms, ask))
    }
}

/// What was taken, if the route is limited and its limiter up; and what a key's slot says, if it could be asked.
#[derive(Debug, Default)]
pub(super) struct Admitted {
    pub(super) taken: Option<Taken>,
    pub(super) claim: Option<Claim>,
}

/// A refusal, with the book's word if it gave one.
pub(super) struct Refused {
    pub(super) rejection: Rejection,
    pub(super) taken: Option<Taken>,
}

impl From<Rejection> for Refused {
    fn from(rejection: Rejection) -> Self {
        Self {
            rejection,
            taken: None,
        }
    }
}

/// What an isolate keeps of limits.
#[derive(Debug, Default)]
pub(super) struct Held {
    leases: lease::Leases,
    local: local::Local,
    /// API keys that addresses try.
    pub(super) guesses: guesses::Guesses,
    /// By bucket: requests that cost no quota, and the window that they came from.
    returns: std::collections::HashMap<String, (u64, u64)>,
}

/// Takes the request's cost from the caller's book, nothing where the route is not limited or is open while
/// the limiter is down; and asks for the answer under a key.
pub(super) async fn admit<P: Platform>(
    platform: &P,
    isolate: &Isolate,
    route: &Route,
    identity: &Identity,
    inbound: &Inbound<P::Stream>,
    keyed: Option<&Keyed>,
) -> Result<Admitted, Refused> {
    let plan = if route.limited {
        plan(platform, isolate, identity).await?
    } else {
        None
    };
    let Some(plan) = plan else {
        return Ok(unlimited(platform, identity, keyed).await);
    };
    let safe = inbound.parts.method.is_safe();
    let bucket = bucket(&identity.caller, inbound.address.as_deref());
    let terms = plan.terms;
    let cost = terms.rate.price(if safe { 1 } else { UNSAFE_COST });
    let now_ms = platform.now_ms();
    let mut ask = Ask {
        cost,
        requests: 1,
        ..Ask::default()
    };
    let taken = |word: Word, ticket: u64| Taken {
        plan: Rc::clone(&plan),
        word,
        bucket: bucket.clone(),
        ticket,
    };
    let mut owed = 0;
    if identity.caller.principal().is_none() && safe {
        let turn = isolate
            .limits
            .borrow_mut()
            .local
            .first(&bucket, &terms, cost, now_ms);
        match turn {
            local::Turn::Admitted(verdict) => return Ok(only(taken(plain(verdict), 0))),
            local::Turn::Ask { owed: before } => owed = before,
        }
        ask.cost = cost.saturating_add(owed);
    }
    let leased = route.limit == LimitMode::Leased && safe && terms.concurrency.is_none();
    // Only who is known has one, and owes nothing.
    let stage = Box::pin(stage::take(platform, isolate, identity, &plan, cost)).await?;
    let mut wanted = Wanted::One;
    if leased && owed == 0 {
        let mut limits = isolate.limits.borrow_mut();
        if let Some(word) = limits.leases.take(&bucket, now_ms) {
            return Ok(only(taken(word, 0)));
        }
        wanted = limits.leases.wanted(&bucket, &terms, now_ms);
        ask.requests = wanted.requests();
    }
    if terms.concurrency.is_some() {
        ask.ticket = random(platform);
        ask.hold_ms = u64::from(route.timeout_ms).saturating_add(HOLD_BEYOND_MS);
    }
    let back = isolate.limits.borrow_mut().returns.remove(&bucket);
    (ask.returned, ask.returned_from) = back.unwrap_or_default();
    let Ok((word, claim)) = asked(platform, &bucket, &terms, &ask, keyed).await else {
        if let Some((requests, from)) = back {
            give_quota_back(isolate, &bucket, requests, from);
        }
        unpaid(isolate, &bucket, owed);
        isolate.limits.borrow_mut().leases.refused(&bucket);
        let verdict = down(isolate, route, safe, &bucket, &terms, cost, now_ms)?;
        let taken = taken(plain(verdict), 0);
        return if verdict.admitted {
            Ok(Admitted::default())
        } else {
            Err(refused(taken))
        };
    };
    if !word.verdict.admitted {
        if let Some(stage) = stage {
            stage.give_back(isolate);
        }
        unpaid(isolate, &bucket, owed);
        isolate.limits.borrow_mut().leases.refused(&bucket);
        return Err(refused(taken(word, 0)));
    }
    let word = match wanted {
        Wanted::Lease(_) => isolate
            .limits
            .borrow_mut()
            .leases
            .keep(&bucket, &terms, word, now_ms),
        Wanted::One => word,
    };
    let taken = Some(taken(word, ask.ticket));
    Ok(Admitted { taken, claim })
}

/// Asks the book, and for the answer under a key in the same trip.
async fn asked<P: Platform>(
    platform: &P,
    bucket: &str,
    terms: &Terms,
    ask: &Ask,
    keyed: Option<&Keyed>,
) -> Result<(Word, Option<Claim>), Down> {
    let Some(Keyed { key, print }) = keyed else {
        let word = platform.ask_limiter(bucket, terms, ask).await?;
        return Ok((word, None));
    };
    let told = platform
        .claim(bucket, Some((terms, ask)), key, print)
        .await?;
    Ok((told.word.ok_or(Down)?, told.claim))
}

/// What is not limited; a key's answer is asked for by itself.
async fn unlimited<P: Platform>(
    platform: &P,
    identity: &Identity,
    keyed: Option<&Keyed>,
) -> Admitted {
    let Some(Keyed { key, print }) = keyed else {
        return Admitted::default();
    };
    let bucket = bucket(&identity.caller, None);
    let told = platform.claim(&bucket, None, key, print).await;
    Admitted {
        taken: None,
        claim: told.ok().and_then(|told| told.claim),
    }
}

/// What was taken without a trip.
fn only(taken: Taken) -> Admitted {
    Admitted {
        taken: Some(taken),
        claim: None,
    }
}

/// What an address owes is owed still.
fn unpaid(isolate: &Isolate, bucket: &str, owed: u32) {
    if owed > 0 {
        isolate.limits.borrow_mut().local.unpaid(bucket, owed);
    }
}

/// The caller's plan: its key's, else the configured one.
async fn plan<P: Platform>(
    platform: &P,
    isolate: &Isolate,
    identity: &Identity,
) -> Result<Option<Rc<Plan>>, Rejection> {
    if let Some(id) = identity.plan {
        let (name, path) = (record::plan_name(id), record::plan_path(id));
        let (source, wait_ms) = (&isolate.records, records::TIMEOUT_MS);
        let found = records::find(platform, source, &name, &path, Kept::plan, wait_ms).await?;
        return match found {
            Kept::Plan(plan) => Ok(Some(plan)),
            _ => Err(Rejection::RecordUnavailable),
        };
    }
    let known = identity.caller.principal().is_some();
    let plans = isolate.plans.as_ref();
    Ok(plans.map(|[for_known, anonymous]| Rc::clone(if known { for_known } else { anonymous })))
}

/// What holds while the limiter is down.
fn down(
    isolate: &Isolate,
    route: &Route,
    safe: bool,
    bucket: &str,
    terms: &Terms,
    cost: u32,
    now_ms: u64,
) -> Result<crate::limit::gcra::Verdict, Rejection> {
    let default = if safe {
        WhenDown::Open
    } else {
        WhenDown::Closed
    };
    match route.limiter_down.unwrap_or(default) {
        WhenDown::Open => {
            let local = &mut isolate.limits.borrow_mut().local;
            Ok(local.ceiling(bucket, terms, cost, now_ms))
        }
        WhenDown::Closed => Err(Rejection::LimiterDown),
    }
}

fn refused(taken: Taken) -> Refused {
    Refused {
        rejection: Rejection::Limited {
            policy: taken.plan.policy.clone(),
            violated: taken.word.violated,
            retry_after_seconds: fields::retry_after_seconds(taken.word.verdict),
        },
        taken: Some(taken),
    }
}

/// A bucket's verdict as a whole word.
fn plain(verdict: crate::limit::gcra::Verdict) -> Word {
    Word {
        verdict,
        granted: u32::from(verdict.admitted),
        violated: Violated {
            rate: !verdict.admitted,
            ..Violated::default()
        },
        window: None::<Window>,
        under_way: 0,
    }
}

/// A ticket; zero stands for none.
fn random<P: Platform>(platform: &P) -> u64 {
    let bytes = platform.random();
    let eight = bytes.first_chunk().copied().unwrap_or_default();
    u64::from_be_bytes(eight).max(1)
}
