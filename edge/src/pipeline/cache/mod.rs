//! Cache: reads of what is the same for everybody.
//!
//! 1. What is stored answers while it is fresh, or stale as far as origin or client allow; stale
//!    within `stale-while-revalidate` it is fetched anew behind the answer ([`crate::cache::reuse`]).
//! 2. Else the origin is asked, by one for all who want the same ([`flight`], [`errand`]): whether what is stored still holds, or for a new one, for
//!    nobody in particular and without the client's conditions. What may be stored is
//!    ([`crate::cache::storable`]).
//! 3. When the origin fails, what is stored answers if it may; if it must not, 504.
//! 4. Conditions and ranges of the client are answered from what is there ([`answer`]).
//! 5. What changed something makes copies untrue ([`invalidate`]).
//! 6. What the feed says is no longer true does not answer by itself, not even when the origin is down
//!    ([`sight`]).
//! 7. A client that names a place in the database's log (`Headgate-Position`) gets nothing older, not even
//!    when the origin is down.
//! 8. A store that forgets or does not answer is a miss.
//!
//! A transparent configuration sends a request on as it came, whoever asks, and stores by RFC 9111
//! alone.

mod alone;
mod answer;
mod errand;
mod find;
mod flight;
mod invalidate;
mod sight;
mod store;

use std::rc::Rc;

use http::header::{self, HeaderMap};
use http::{Method, Response};
use shared::caller::Caller;
use shared::version::ApiVersion;

use super::forward::{self, Call, Outbound};
use super::{Inbound, Notes};
use crate::cache::entry::Entry;
use crate::cache::reuse::{self, Reuse, Wish};
use crate::cache::status::{CacheStatus, Forward};
use crate::cache::{conditional, key, range};
use crate::config::{Auth, CachePolicy};
use crate::platform::{Body, Platform};
use crate::rejection::Rejection;
pub(super) use alone::alone;
use errand::{Errand, Outcome};
use find::{Found, Lookup};
use flight::Arrival;
pub(super) use invalidate::{invalidate, stored_key};
use sight::Sight;
pub(super) use sight::since;
use store::Place;

/// Whether the stage is for this request: a route with a policy, or one whose answer to somebody
/// unknown is the same for all.
pub(super) fn is_for(call: &Call<'_>, method: &Method) -> bool {
    let read = *method == Method::GET || *method == Method::HEAD;
    let shared = call.route.auth != Auth::Required && call.caller.principal().is_none();
    read && (call.route.cache.is_some() || shared)
}

/// Answers a read.
pub(super) async fn serve<P: Platform>(
    platform: &P,
    call: &Call<'_>,
    inbound: Inbound<P::Stream>,
    notes: &mut Notes,
) -> Result<Response<Body<P::Stream>>, Rejection> {
    let default = CachePolicy::default();
    let policy = call.route.cache.as_ref().unwrap_or(&default);
    let parts = &inbound.parts;
    let query = key::query(policy, parts.uri.query())
        .map_err(|key::UnknownParameters(names)| Rejection::QueryUnknown(names))?;
    let key = url_key(&call.path, query.as_deref());
    let transparent = call.isolate.gateway.transparent;
    let mut wish = Wish::of(&parts.headers);
    if !transparent {
        wish.since = sight::since(&parts.headers)?;
    }
    let asked = range::asked(&parts.headers).filter(|_| parts.method == Method::GET);
    let bypass = wish.no_store || (transparent && conditional::is_for_the_origin(&parts.headers));
    let sight = Sight::of(platform, call, policy).await;
    let looked = if bypass {
        Lookup::Nothing
    } else {
        let judge = |entry: &mut Entry| sight.judge(call, entry, &key, platform.now_ms());
        find::find(platform, &key, &parts.headers, asked, &wish, &judge).await
    };
    let now_ms = platform.now_ms();
    let mut variant = None;
    let (found, why) = match looked {
        // It must not stand in for a failure either.
        Lookup::Found(found) if !wish.sees(&found.entry) => (None, Forward::Request),
        Lookup::Found(found) => match reuse::reuse(&found.entry, &wish, now_ms) {
            Reuse::Fresh | Reuse::Stale => {
                return hit(platform, &inbound, *found, &sight, notes).await;
            }
            Reuse::StaleWhileRevalidate => {
                let refreshing = &call.isolate.refreshing;
                let begins = refreshing.borrow_mut().begin(&key, now_ms);
                if begins {
                    let again = found.copy(platform);
                    let flight = flight_key(call, &inbound, policy, &key, Some(&found));
                    let errand = errand(
                        platform,
                        call,
                        &inbound,
                        policy,
                        query,
                        key,
                        Some(&found),
                        &sight,
                        &wish,
                        notes,
                    )?;
                    errand::later(platform, errand, again, flight);
                }
                return hit(platform, &inbound, *found, &sight, notes).await;
            }
            Reuse::Revalidate => (Some(*found), Forward::Stale),
            Reuse::Reload => (Some(*found), Forward::Request),
        },
        Lookup::Others(own) => {
            variant = Some(own);
            (None, Forward::VaryMiss)
        }
        Lookup::Nothing if bypass => (None, Forward::Bypass),
        Lookup::Nothing => (None, Forward::UriMiss),
    };
    if wish.only_if_cached {
        notes.cache = Some(CacheStatus::Unmet);
        return Err(Rejection::NotStored);
    }
    let errand = errand(
        platform,
        call,
        &inbound,
        policy,
        query,
        key,
        found.as_ref(),
        &sight,
        &wish,
        notes,
    )?;
    let shares = !matches!(why, Forward::Bypass | Forward::Request);
    let flight = variant
        .or_else(|| flight_key(call, &inbound, policy, &errand.place.key, found.as_ref()))
        .filter(|_| shares && !transparent);
    // On the heap, so that hits carry a small future.
    let fetching = fetch(platform, call, errand, found, why, &wish, flight, notes);
    let outcome = Box::pin(fetching).await?;
    notes.cache = Some(outcome.status);
    let entry = outcome.entry.as_ref();
    answer::conditioned(platform, &inbound, outcome.response, entry, outcome.held).await
}

/// Asks the origin, together with all who want the same.
#[allow(clippy::too_many_arguments, reason = "the facts of one request")]
async fn fetch<P: Platform>(
    platform: &P,
    call: &Call<'_>,
    errand: Errand<P::Stream>,
    found: Option<Found<P::Stream>>,
    why: Forward,
    wish: &Wish,
    flight: Option<String>,
    notes: &mut Notes,
) -> Result<Outcome<P::Stream>, Rejection> {
    let mut led = None;
    if let Some(key) = flight {
        let (place, policy) = (&errand.place, &errand.policy);
        match flight::join(platform, call, place, policy, wish, &key).await {
            Arrival::Lead(number) => led = Some((key, number)),
            Arrival::Alone => {}
            Arrival::Failed(failure) => {
                return flight::failed(platform, found, wish.if_error, failure);
            }
            Arrival::Found { found, waited } => {
                let Found { entry, body } = found;
                return Ok(Outcome {
                    response: answer::stored(&entry, body, platform.now_ms()),
                    status: CacheStatus::Shared { why, waited },
                    entry: Some(entry),
                    held: true,
                });
            }
        }
    }
    let tries = Rc::clone(&errand.ready.way.tries);
    let began_ms = platform.now_ms();
    let outcome = match led {
        Some((key, number)) => flight::lead(platform, errand, found, why, key, number).await,
        None => errand::run(platform, errand, found, why).await,
    };
    notes.origin_ms += platform.now_ms().saturating_sub(began_ms);
    notes.tries += tries.get();
    outcome
}

/// Under which key those meet who want what this request wants.
fn flight_key<S>(
    call: &Call<'_>,
    inbound: &Inbound<S>,
    policy: &CachePolicy,
    url_key: &str,
    found: Option<&Found<S>>,
) -> Option<String> {
    if call.isolate.gateway.transparent {
        return None;
    }
    let Some(found) = found else {
        return Some(url_key.to_owned());
    };
    let place = Place {
        key: url_key.to_owned(),
        request: inbound.parts.headers.clone(),
        vary: policy.vary.clone(),
    };
    place.variant(&found.entry)
}

async fn hit<P: Platform>(
    platform: &P,
    inbound: &Inbound<P::Stream>,
    found: Found<P::Stream>,
    sight: &Sight,
    notes: &mut Notes,
) -> Result<Response<Body<P::Stream>>, Rejection> {
    let now_ms = platform.now_ms();
    notes.cache = Some(CacheStatus::Hit {
        ttl: found.entry.ttl(now_ms),
        unsure: !sight.trusted,
    });
    let response = answer::stored(&found.entry, found.body, now_ms);
    answer::conditioned(platform, inbound, response, Some(&found.entry), true).await
}

/// What the origin is asked.
#[allow(clippy::too_many_arguments, reason = "the facts of one request")]
fn errand<P: Platform>(
    platform: &P,
    call: &Call<'_>,
    inbound: &Inbound<P::Stream>,
    policy: &CachePolicy,
    query: Option<String>,
    key: String,
    found: Option<&Found<P::Stream>>,
    sight: &Sight,
    wish: &Wish,
    notes: &Notes,
) -> Result<Errand<P::Stream>, Rejection> {
    let transparent = call.isolate.gateway.transparent;
    let mut fields = inbound.parts.headers.clone();
    // A body of a GET means nothing, and is not sent on [RFC 9110 §9.3.1].
    fields.remove(header::CONTENT_LENGTH);
    let method = if transparent {
        inbound.parts.method.clone()
    } else {
        whole(&mut fields);
        Method::GET
    };
    let validating = found.filter(|found| found.entry.is_validatable());
    if let Some(found) = validating {
        conditional::ask(&mut fields, &found.entry);
        fields.remove(header::RANGE);
    }
    let authorized = transparent && fields.contains_key(header::AUTHORIZATION);
    let outbound = Outbound {
        method,
        query,
        fields,
        body: Body::Empty,
        caller: Caller::Anonymous,
        api_version: ApiVersion::LATEST,
        fingerprint: None,
        position: sight.position(call, found.map(|found| &found.entry), wish.since),
    };
    let ready = forward::request(platform, call, outbound, notes)?;
    Ok(Errand {
        ready,
        timeout_ms: call.route.timeout_ms,
        place: Place {
            key,
            request: inbound.parts.headers.clone(),
            vary: policy.vary.clone(),
        },
        policy: policy.clone(),
        validating: validating.is_some(),
        authorized,
        refused: wish.no_store,
        if_error: wish.if_error,
        seen: sight.seen,
    })
}

/// Asks for the whole current representation, which serves everybody.
fn whole(fields: &mut HeaderMap) {
    for name in conditional::CONDITIONS.iter().chain(&[
        header::RANGE,
        header::CONTENT_TYPE,
        header::CACHE_CONTROL,
    ]) {
        fields.remove(name);
    }
}

/// The key of a URL. All versions share a copy, which is of the origin's.
fn url_key(path: &str, query: Option<&str>) -> String {
    key::key(ApiVersion::LATEST.as_str(), path, query)
}
