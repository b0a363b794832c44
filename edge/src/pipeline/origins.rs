//! Origins: who is in which pool.
//!
//! 1. A pool has the origins that the deployment's binding lists. Where `at_run_time` says so, it has those of
//!    the record in their place, and its own ones behind them ([`crate::pool::instead`]).
//! 2. The record is asked for behind an answer: when the feed names it, and when it is old. Only an isolate that
//!    begins waits for it, [`WAIT_MS`] at most, with what its location knew last meanwhile.
//! 3. A record that can't be had or read leaves the lists that were known last, else the deployment's: open.
//! 4. What is known of origins that stay is kept ([`crate::pool`]). A request under way ends in the pool that it
//!    began with, and those after it have the new one.
//! 5. The lock-out guard: the record, and routes with `own_origins`, are the deployment's own origins' first, and
//!    of the list's where none of those answers. So a list that leads nowhere, or to somebody else, can be
//!    replaced through the edge; and own origins that are gone for good are no loss as long as a list leads on.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use serde_json::Value;
use shared::record::{ORIGINS, ORIGINS_PATH};

use super::records::{self, Source};
use super::{Isolate, feed};
use crate::config;
use crate::identity::records::Kept;
use crate::platform::Platform;
use crate::pool::{self, Listed, Lists, Pool};

/// Longest wait for the record, of a request that is among the first of its isolate.
const WAIT_MS: u32 = 1_000;
/// Longest wait for it behind an answer: own origins that hang leave time to ask those of the list.
const RENEW_WAIT_MS: u32 = 10_000;

/// A pool, as this isolate knows it.
#[derive(Debug)]
pub(super) struct Origins {
    pub(super) rules: config::Pool,
    /// The deployment's own.
    own: Rc<[Listed]>,
    /// Those that it has, in the order of their places.
    listed: Rc<[Listed]>,
    pub(super) state: RefCell<Pool>,
}

impl Origins {
    /// A pool of the deployment's own origins.
    fn new(rules: &config::Pool, own: Vec<Listed>) -> Self {
        let own: Rc<[Listed]> = own.into();
        Self {
            rules: rules.clone(),
            listed: Rc::clone(&own),
            state: RefCell::new(Pool::new(&own, rules.health.is_some())),
            own,
        }
    }

    /// The same pool while this list holds; without one, of the deployment's own. `None`: it is so already.
    fn listing(&self, list: Option<&[Listed]>) -> Option<Self> {
        let listed = list.map_or_else(
            || Rc::clone(&self.own),
            |list| pool::instead(&self.own, list).into(),
        );
        (listed != self.listed).then(|| Self {
            rules: self.rules.clone(),
            own: Rc::clone(&self.own),
            state: RefCell::new(self.state.borrow().relisted(&self.listed, &listed)),
            listed,
        })
    }

    /// The base URL of the origin at a place.
    pub(super) fn base(&self, place: usize) -> &str {
        self.listed.get(place).map_or("", |one| &one.url)
    }
}

/// A pool, of which another may take the place.
type Slot = RefCell<Rc<Origins>>;

/// The pools of an isolate.
#[derive(Debug)]
pub(super) struct Pools {
    default: Slot,
    others: Vec<Slot>,
    /// Whether the record can be the list of one of them.
    at_run_time: bool,
    /// Whether it was asked for.
    begun: Cell<bool>,
    /// When asking for it behind an answer ends at the latest; zero for none.
    renewing_until_ms: Cell<u64>,
}

impl Pools {
    /// The pools of a configuration, each of the platform's own origin.
    pub(super) fn new(all: &[config::Pool]) -> Self {
        let slot = |rules: &config::Pool| {
            let own = Listed {
                url: String::new(),
                weight: 1,
                own: true,
            };
            RefCell::new(Rc::new(Origins::new(rules, vec![own])))
        };
        let mut pools = Self {
            default: slot(&config::Pool::default()),
            others: Vec::new(),
            at_run_time: all.iter().any(|rules| rules.at_run_time),
            begun: Cell::default(),
            renewing_until_ms: Cell::default(),
        };
        for rules in all {
            if rules.name == config::DEFAULT_POOL {
                pools.default = slot(rules);
            } else {
                pools.others.push(slot(rules));
            }
        }
        pools
    }

    fn slots(&self) -> impl Iterator<Item = &Slot> {
        std::iter::once(&self.default).chain(&self.others)
    }

    /// Gives each pool the origins that its binding lists.
    pub(super) fn list(&self, read: impl Fn(&str) -> Result<String, String>) -> Result<(), String> {
        for slot in self.slots() {
            let rules = slot.borrow().rules.clone();
            let binding = &rules.binding;
            let own = pool::list(&read(binding)?)
                .ok_or_else(|| format!("{binding} must list URLs, as in http://a http://b*3"))?;
            slot.replace(Rc::new(Origins::new(&rules, own)));
        }
        Ok(())
    }

    /// A pool as it is now; the default one without a name.
    pub(super) fn get(&self, name: Option<&String>) -> Rc<Origins> {
        let named = |slot: &&Slot| name == Some(&slot.borrow().rules.name);
        let found = self.others.iter().find(named).unwrap_or(&self.default);
        Rc::clone(&found.borrow())
    }

    /// Lets lists hold from now on, in the pools that let them.
    fn hold(&self, lists: &Lists) {
        for slot in self.slots() {
            let before = Rc::clone(&slot.borrow());
            if !before.rules.at_run_time {
                continue;
            }
            let list = lists.iter().find(|(name, _)| *name == before.rules.name);
            if let Some(after) = before.listing(list.map(|(_, list)| list.as_slice())) {
                slot.replace(Rc::new(after));
            }
        }
    }
}

/// Sees to it that the pools have the lists that hold.
pub(super) async fn look<P: Platform>(platform: &P, isolate: &Isolate) {
    let source = &isolate.records;
    if !source.pools.at_run_time {
        return;
    }
    feed::look(platform, isolate).await;
    if records::held(platform, source, ORIGINS).is_some() {
        return;
    }
    if source.pools.begun.get() {
        renew_later(platform, source);
    } else {
        // On the heap, since an isolate does it once.
        Box::pin(begin(platform, source)).await;
    }
}

/// What the location knew last is better than nothing: the deployment's own origins may be gone.
async fn begin<P: Platform>(platform: &P, source: &Source) {
    let located = records::located(platform, ORIGINS, Kept::pools).await;
    if let Some((Kept::Pools(lists), ..)) = located {
        source.pools.hold(&lists);
    }
    renew(platform, source, WAIT_MS).await;
    source.pools.begun.set(true);
}

/// Asks behind the answer, one at a time.
fn renew_later<P: Platform>(platform: &P, source: &Rc<Source>) {
    let (now_ms, until_ms) = (platform.now_ms(), &source.pools.renewing_until_ms);
    if now_ms < until_ms.get() {
        return;
    }
    until_ms.set(now_ms.saturating_add(RENEW_WAIT_MS.into()));
    let (own, source) = (platform.clone(), Rc::clone(source));
    platform.defer(async move {
        renew(&own, &source, RENEW_WAIT_MS).await;
        source.pools.renewing_until_ms.set(0);
    });
}

async fn renew<P: Platform>(platform: &P, source: &Source, wait_ms: u32) {
    let read: fn(&Value) -> Option<Kept> = Kept::pools;
    match records::find(platform, source, ORIGINS, ORIGINS_PATH, read, wait_ms).await {
        Ok(Kept::Pools(lists)) => source.pools.hold(&lists),
        // The pools stay as they are, and nobody is asked again at once.
        _ => drop(source.held.borrow_mut().rest(ORIGINS, platform.now_ms())),
    }
}
