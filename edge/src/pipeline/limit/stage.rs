//! What all callers of a plan together may in a stage: one bucket, of which each isolate holds leases.

use std::rc::Rc;

use shared::caller::Mode;

use super::{Refused, Taken, refused};
use crate::limit::book::Ask;
use crate::limit::lease::Wanted;
use crate::limit::terms::Plan;
use crate::pipeline::Isolate;
use crate::pipeline::authenticate::Identity;
use crate::platform::Platform;

/// What was taken of what all callers of a plan may in a stage.
pub(super) struct Ceiling {
    bucket: String,
    taken: u32,
}

impl Ceiling {
    /// The caller's own book refused, so nothing was taken.
    pub(super) fn give_back(&self, isolate: &Isolate) {
        let leases = &mut isolate.limits.borrow_mut().leases;
        for _ in 0..self.taken {
            leases.give_back(&self.bucket);
        }
    }
}

/// Takes a request's cost of what all callers of the plan may in this stage. None where there is no
/// ceiling, or the limiter is down: the caller's own book then decides.
pub(super) async fn take<P: Platform>(
    platform: &P,
    isolate: &Isolate,
    identity: &Identity,
    plan: &Rc<Plan>,
    cost: u32,
) -> Result<Option<Ceiling>, Refused> {
    let (Some(id), Some(principal)) = (identity.plan, identity.caller.principal()) else {
        return Ok(None);
    };
    let [test, live] = plan.stages;
    let ceiling = match principal.mode {
        Mode::Test => test,
        Mode::Live => live,
    };
    let Some(terms) = ceiling else {
        return Ok(None);
    };
    let cost = terms.rate.price(cost);
    let bucket = format!("stage:{}:{id}", principal.mode.as_str());
    let now_ms = platform.now_ms();
    let mut ceiling = Ceiling { bucket, taken: 0 };
    while ceiling.taken < cost {
        let bucket = &ceiling.bucket;
        let wanted = {
            let mut limits = isolate.limits.borrow_mut();
            if limits.leases.take(bucket, now_ms).is_some() {
                drop(limits);
                ceiling.taken += 1;
                continue;
            }
            limits.leases.wanted(bucket, &terms, now_ms)
        };
        let ask = Ask {
            cost: 1,
            requests: wanted.requests(),
            ..Ask::default()
        };
        let Ok(word) = platform.ask_limiter(bucket, &terms, &ask).await else {
            return Ok(None);
        };
        if !word.verdict.admitted {
            isolate.limits.borrow_mut().leases.refused(bucket);
            ceiling.give_back(isolate);
            return Err(refused(Taken {
                plan: Rc::new(Plan {
                    policy: format!("{}-{}", plan.policy, principal.mode.as_str()),
                    terms,
                    stages: [None, None],
                }),
                word,
                bucket: ceiling.bucket,
                ticket: 0,
            }));
        }
        if let Wanted::Lease(_) = wanted {
            let leases = &mut isolate.limits.borrow_mut().leases;
            leases.keep(bucket, &terms, word, now_ms);
        }
        ceiling.taken += 1;
    }
    Ok(Some(ceiling))
}
