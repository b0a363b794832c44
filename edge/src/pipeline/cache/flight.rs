//! A flight: of many requests for one key one asks the origin, and what it gets is everybody's.
//!
//! 1. Who is told to lead asks, and goes on when its client leaves. Its answer is settled behind it.
//! 2. Who waits, or finds a copy in the upper tier, checks what it gets: that it is for this request's
//!    variant, that nothing purged it, that it is fresh. Else it joins beyond it.
//! 3. What must be asked about before each use is nobody else's: somebody may have changed it since.
//! 4. A leader's failure is the failure of those who waited, each with its own stale copy.
//! 5. The shield is down, or slow to elect: straight to the origin.

use http::StatusCode;

use super::errand::{self, Errand, Outcome};
use super::find::{Found, Lookup, find};
use super::sight::Sight;
use super::store::{self, Place};
use crate::cache::entry::Entry;
use crate::cache::record::{Index, Record};
use crate::cache::reuse::{self, Reuse, Wish};
use crate::cache::status::{CacheStatus, Forward};
use crate::cache::wire;
use crate::config::CachePolicy;
use crate::pipeline::forward::{BODY_TIMEOUT_MS, Call};
use crate::platform::{Body, FetchError, Platform};
use crate::rejection::Rejection;
use crate::shield::{COPY_BYTES_MAX, End, Failure, Shared, Turn};

/// How often one request joins before it asks the origin by itself.
const TURNS_MAX: usize = 6;

/// What joining came to.
pub(super) enum Arrival<S> {
    /// This request leads, under this number.
    Lead(u64),
    /// It asks the origin for itself.
    Alone,
    /// Another one's answer is for it.
    Found {
        /// The answer.
        found: Found<S>,
        /// It was waited for.
        waited: bool,
    },
    /// The leader failed.
    Failed(Failure),
}

/// Joins those who want the same.
pub(super) async fn join<P: Platform>(
    platform: &P,
    call: &Call<'_>,
    place: &Place,
    policy: &CachePolicy,
    wish: &Wish,
    key: &str,
) -> Arrival<P::Stream> {
    let end_ms = platform
        .now_ms()
        .saturating_add(call.route.timeout_ms.into());
    let (mut beyond, mut waiting) = (0, None);
    for _ in 0..TURNS_MAX {
        let Ok(turn) = platform.join(key, beyond, waiting).await else {
            return Arrival::Alone;
        };
        match turn {
            Turn::Lead(number) => return Arrival::Lead(number),
            Turn::Wait(number) => waiting = Some(number),
            Turn::End(number, End::Copy(shared)) => {
                let Some(entry) = entry_of(&shared) else {
                    return Arrival::Alone;
                };
                if place.variant(&entry).as_ref() != Some(&shared.fits) {
                    return Arrival::Alone;
                }
                if let Some(judged) = usable(platform, call, place, policy, wish, &entry).await {
                    let body = Body::Bytes(shared.body);
                    keep(platform, call, place, entry, &body);
                    let found = Found {
                        entry: judged,
                        body,
                    };
                    let waited = waiting.is_some();
                    return Arrival::Found { found, waited };
                }
                beyond = number;
            }
            Turn::End(_, End::Large) => return stored(platform, call, place, policy, wish).await,
            Turn::End(_, End::Alone) => return Arrival::Alone,
            Turn::End(_, End::Failed(failure)) => return Arrival::Failed(failure),
        }
        if platform.now_ms() >= end_ms {
            break;
        }
    }
    Arrival::Alone
}

fn entry_of(shared: &Shared) -> Option<Entry> {
    wire::read(&shared.record)?.entry
}

/// The entry as this request sees it, if it answers by itself. What purged it meanwhile is looked for
/// now: the wait may have been long.
async fn usable<P: Platform>(
    platform: &P,
    call: &Call<'_>,
    place: &Place,
    policy: &CachePolicy,
    wish: &Wish,
    entry: &Entry,
) -> Option<Entry> {
    let sight = Sight::of(platform, call, policy).await;
    let mut judged = entry.clone();
    let now_ms = platform.now_ms();
    sight.judge(call, &mut judged, &place.key, now_ms);
    let fresh = reuse::reuse(&judged, wish, now_ms) == Reuse::Fresh;
    (fresh && store::admits(platform, &place.key, entry).await).then_some(judged)
}

/// What the leader stored, if it is of this location.
async fn stored<P: Platform>(
    platform: &P,
    call: &Call<'_>,
    place: &Place,
    policy: &CachePolicy,
    wish: &Wish,
) -> Arrival<P::Stream> {
    let sight = Sight::of(platform, call, policy).await;
    let judge = |entry: &mut Entry| sight.judge(call, entry, &place.key, platform.now_ms());
    match find(platform, &place.key, &place.request, None, wish, &judge).await {
        Lookup::Found(found)
            if reuse::reuse(&found.entry, wish, platform.now_ms()) == Reuse::Fresh =>
        {
            let (found, waited) = (*found, true);
            Arrival::Found { found, waited }
        }
        _ => Arrival::Alone,
    }
}

/// Keeps another one's answer in this location: one of those who got it does.
fn keep<P: Platform>(
    platform: &P,
    call: &Call<'_>,
    place: &Place,
    entry: Entry,
    body: &Body<P::Stream>,
) {
    let name = format!("{} {}", entry.requested_ms, place.key);
    let mut refreshing = call.isolate.refreshing.borrow_mut();
    if refreshing.begin(&name, platform.now_ms())
        && let Some(body) = platform.fork(body)
    {
        errand::keep_later(platform, place.clone(), entry, body);
    }
}

/// Leads: runs the errand to its end, and settles.
pub(super) async fn lead<P: Platform>(
    platform: &P,
    errand: Errand<P::Stream>,
    found: Option<Found<P::Stream>>,
    why: Forward,
    key: String,
    number: u64,
) -> Result<Outcome<P::Stream>, Rejection> {
    let own = platform.clone();
    let work = async move {
        let place = errand.place.clone();
        let result = errand::run(&own, errand, found, why).await;
        settle(&own, &place, key, number, &result);
        result
    };
    let finished = platform.finish(work).await;
    finished.unwrap_or(Err(Rejection::Origin(FetchError::Cut)))
}

/// Fetches a stale copy anew, behind an answer: as a leader, or by what others fetched.
pub(super) async fn renew<P: Platform>(
    platform: &P,
    errand: Errand<P::Stream>,
    found: Found<P::Stream>,
    key: Option<String>,
) {
    let mut beyond = 0;
    let mut number = None;
    if let Some(key) = &key {
        for _ in 0..2 {
            match platform.join(key, beyond, None).await {
                Ok(Turn::Lead(leads)) => number = Some(leads),
                // The next one who finds it stale gets what comes of that.
                Ok(Turn::Wait(_)) => return,
                Ok(Turn::End(ended, End::Copy(shared))) => {
                    let newer = entry_of(&shared)
                        .filter(|entry| entry.stored_ms > found.entry.stored_ms)
                        .filter(|entry| errand.place.variant(entry).as_ref() == Some(&shared.fits));
                    if let Some(entry) = newer {
                        store::keep(platform, &errand.place, entry, shared.body).await;
                        return;
                    }
                    beyond = ended;
                    continue;
                }
                _ => {}
            }
            break;
        }
    }
    match (key, number) {
        (Some(key), Some(number)) => {
            drop(lead(platform, errand, Some(found), Forward::Stale, key, number).await);
        }
        _ => drop(errand::run(platform, errand, Some(found), Forward::Stale).await),
    }
}

/// Tells those who wait, behind the leader's answer.
fn settle<P: Platform>(
    platform: &P,
    place: &Place,
    key: String,
    number: u64,
    result: &Result<Outcome<P::Stream>, Rejection>,
) {
    let (end, body) = match result {
        Ok(outcome) => ended(platform, place, outcome),
        Err(Rejection::Origin(error) | Rejection::Unvalidated(error)) => {
            (End::Failed(Failure::Fetch(*error)), None)
        }
        Err(_) => (End::Alone, None),
    };
    let own = platform.clone();
    platform.defer(async move {
        let end = match (end, body) {
            (End::Copy(shared), Some(body)) => {
                match own.read(body, COPY_BYTES_MAX, BODY_TIMEOUT_MS).await {
                    Ok(body) => End::Copy(Shared { body, ..shared }),
                    Err(_) => End::Large,
                }
            }
            (end, _) => end,
        };
        // A lost end costs those who wait a lease at most.
        let _ = own.settle_flight(&key, number, end).await;
    });
}

/// How an answer ends a flight. The body of one for everybody is read later.
fn ended<P: Platform>(
    platform: &P,
    place: &Place,
    outcome: &Outcome<P::Stream>,
) -> (End, Option<Body<P::Stream>>) {
    let status = outcome.response.status();
    match (&outcome.entry, outcome.status) {
        (Some(entry), CacheStatus::Forwarded { stored: true, .. }) => {
            let serves = entry.ttl(entry.stored_ms) > 0 && !entry.no_cache;
            let fits = place
                .variant(entry)
                .filter(|_| serves && entry.part.is_none());
            let Some(fits) = fits else {
                return (End::Alone, None);
            };
            let record = wire::write(&Record {
                index: Index::default(),
                entry: Some(entry.clone()),
            });
            let shared = Shared {
                fits,
                record,
                body: bytes::Bytes::new(),
            };
            (End::Copy(shared), platform.fork(outcome.response.body()))
        }
        (_, CacheStatus::Instead { status, .. }) => {
            let failure = status.map_or(Failure::Fetch(FetchError::Cut), of_status);
            (End::Failed(failure), None)
        }
        _ if matches!(status.as_u16(), 500 | 502..=504) => (End::Failed(of_status(status)), None),
        _ => (End::Alone, None),
    }
}

fn of_status(status: StatusCode) -> Failure {
    Failure::Status(status.as_u16())
}

/// What one who waited answers when the leader failed: its own stale copy, or the same failure.
pub(super) fn failed<P: Platform>(
    platform: &P,
    found: Option<Found<P::Stream>>,
    if_error: u64,
    failure: Failure,
) -> Result<Outcome<P::Stream>, Rejection> {
    match failure {
        Failure::Fetch(error) => errand::instead(platform, found, if_error, error),
        Failure::Status(code) => {
            let status = StatusCode::from_u16(code).unwrap_or(StatusCode::BAD_GATEWAY);
            let failure = reuse::Failure::Status(status);
            match found {
                Some(found)
                    if reuse::despite(&found.entry, failure, if_error, platform.now_ms()) =>
                {
                    Ok(errand::stale(platform, found, Some(status)))
                }
                _ => Err(Rejection::OriginFailed(code)),
            }
        }
    }
}
