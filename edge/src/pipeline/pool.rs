//! Pool: the tries of one request at the origins of its route's pool ([`super::origins`] says who they are).
//!
//! 1. A try goes to an origin that is in; a check that is due runs behind it ([`crate::pool`]).
//! 2. What is safe or carries a key goes to another origin when there is no answer, or the status says that
//!    another may do better: 502, 503, 504, and 500 for what is safe. A pause comes before it, and the
//!    budget pays for it. Everything else is sent once, and statuses are handed on as they came.
//! 3. All tries share the route's time. One that is safe is given up early while there is another origin.
//!    The caller is signed anew for each, and the origin is told how long is waited.
//! 4. When an earlier try may have done its work, a later failure does not say that nothing happened.
//! 5. When nobody is in, one request waits for a probe that is due, and the others get 503 at once: nothing
//!    was sent.
//!
//! A transparent configuration repeats nothing.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;

use http::uri::PathAndQuery;
use http::{HeaderValue, Request, Response, StatusCode};
use serde_json::Value;
use shared::assertion::{Asserted, Provenance};
use shared::header as ours;

use super::origins::Origins;
use super::{Isolate, Settings};
use crate::identity::keys;
use crate::platform::{Body, FetchError, Platform};
use crate::pool::{self, CHECK_WAIT_MS, Reach, TRIES_MAX};

/// Most bytes of an answer that nobody wants.
const UNWANTED_BYTES_MAX: usize = 64 * 1024;

/// What a request's tries need.
#[derive(Debug)]
pub(super) struct Way {
    pub(super) origins: Rc<Origins>,
    /// Whom of them it may reach.
    pub(super) reach: Reach,
    pub(super) settings: Rc<Settings>,
    /// Who is calling, to be signed for each try.
    pub(super) asserted: Option<Asserted>,
    /// From where the request came.
    pub(super) provenance: Provenance,
    /// It may be sent twice.
    pub(super) repeats: bool,
    /// How often it was sent.
    pub(super) tries: Rc<Cell<u32>>,
}

/// A request that is ready to be sent, signed for its first try.
#[derive(Debug)]
pub(super) struct Ready<S> {
    pub(super) request: Request<Body<S>>,
    pub(super) way: Way,
}

/// Sends a request within a time.
pub(super) async fn send<P: Platform>(
    platform: &P,
    way: &Way,
    request: Request<Body<P::Stream>>,
    timeout_ms: u32,
) -> Result<Response<Body<P::Stream>>, FetchError> {
    let origins = &way.origins;
    let end_ms = platform.now_ms().saturating_add(timeout_ms.into());
    origins.state.borrow_mut().came();
    look_after(platform, way).await;
    let (parts, mut body) = request.into_parts();
    let safe = parts.method.is_safe();
    let (mut tried, mut sent) = (0, 0);
    // What an earlier try ended with that may have done its work.
    let mut unsure = None;
    loop {
        let Some(place) = pick(platform, origins, way.reach, tried) else {
            return Err(unsure.unwrap_or(FetchError::Out));
        };
        tried = pool::and(tried, place);
        sent += 1;
        way.tries.set(way.tries.get().saturating_add(1));
        let other =
            way.repeats && sent < TRIES_MAX && pick(platform, origins, way.reach, tried).is_some();
        let spare = copied(&body).filter(|_| other);
        let mut wait_ms = left_ms(platform, end_ms);
        if safe && spare.is_some() {
            wait_ms = wait_ms.min(origins.rules.try_timeout_ms);
        }
        let mut once = Request::from_parts(parts.clone(), body);
        if sent > 1 {
            sign(platform, way, &mut once);
        }
        if way.asserted.is_some() {
            let budget = HeaderValue::from(wait_ms);
            once.headers_mut().insert(ours::BUDGET_MS, budget);
        }
        let mut result = fetch(platform, origins.base(place), once, wait_ms).await;
        let good = matches!(&result, Ok(response) if is_well(response));
        origins
            .state
            .borrow_mut()
            .tried(place, good, platform.now_ms());
        if let (Ok(response), Some(_)) = (&mut result, &way.asserted)
            && response.headers_mut().remove(ours::DRAINING).is_some()
        {
            origins.state.borrow_mut().leaves(place, platform.now_ms());
        }
        if let Err(error @ (FetchError::Cut | FetchError::Timeout)) = &result {
            unsure = Some(*error).filter(|_| !safe);
        }
        let again = match &result {
            Ok(response) => match response.status().as_u16() {
                502..=504 => true,
                500 => safe,
                _ => false,
            },
            Err(_) => true,
        };
        let Some(copy) = spare.filter(|_| again) else {
            return told(result, unsure);
        };
        let pause_ms = pool::backoff_ms(sent, random(platform));
        if left_ms(platform, end_ms) <= pause_ms || !origins.state.borrow_mut().take_try() {
            return told(result, unsure);
        }
        if let Ok(response) = result {
            discard(platform, response);
        }
        platform.pause(pause_ms).await;
        body = copy;
    }
}

/// What the last try says, unless an earlier one may have done its work.
fn told<S>(
    result: Result<Response<Body<S>>, FetchError>,
    unsure: Option<FetchError>,
) -> Result<Response<Body<S>>, FetchError> {
    match (&result, unsure) {
        (Ok(response), Some(error)) if has_failed(response.status()) => Err(error),
        (Err(_), Some(error)) => Err(error),
        _ => result,
    }
}

/// Whether a status counts against its origin.
fn has_failed(status: StatusCode) -> bool {
    status.is_server_error() && status != StatusCode::NOT_IMPLEMENTED
}

/// Whether an answer speaks for its origin's health. A refusal that names its code was made by the shop
/// itself, which so is there: that the payment provider is away takes no origin out. Checks say when it
/// is not ready.
fn is_well<S>(response: &Response<Body<S>>) -> bool {
    !has_failed(response.status()) || response.headers().contains_key(ours::ERROR_CODE)
}

fn left_ms<P: Platform>(platform: &P, end_ms: u64) -> u32 {
    u32::try_from(end_ms.saturating_sub(platform.now_ms())).unwrap_or(0)
}

fn copied<S>(body: &Body<S>) -> Option<Body<S>> {
    match body {
        Body::Empty => Some(Body::Empty),
        Body::Bytes(bytes) => Some(Body::Bytes(bytes.clone())),
        Body::Stream(_) => None,
    }
}

/// Signs the caller for one try.
fn sign<P: Platform, S>(platform: &P, way: &Way, request: &mut Request<Body<S>>) {
    let Some(asserted) = &way.asserted else {
        return;
    };
    let now_seconds = i64::try_from(platform.now_ms() / 1000).unwrap_or(i64::MAX);
    let target = request.uri().path_and_query();
    let target = target.map_or("/", PathAndQuery::as_str);
    let keys = &way.settings.assertion_keys;
    let method = request.method().as_str();
    let signed = keys.sign_with(asserted, &way.provenance, method, target, now_seconds);
    if let Some(value) = signed.and_then(|text| HeaderValue::from_str(&text).ok()) {
        request.headers_mut().insert(ours::ASSERTION, value);
    }
}

/// An origin for the next try.
fn pick<P: Platform>(platform: &P, origins: &Origins, reach: Reach, tried: u64) -> Option<usize> {
    let state = origins.state.borrow();
    let random = if state.has_several() {
        random(platform)
    } else {
        0
    };
    state.pick(reach, tried, random)
}

fn random<P: Platform>(platform: &P) -> u64 {
    let [a, b, c, d, ..] = platform.random();
    // The first bytes of an id are as random as the others.
    u32::from_be_bytes([a, b, c, d]).into()
}

/// Checks whoever is due: behind the answer, or first where nobody is in.
async fn look_after<P: Platform>(platform: &P, way: &Way) {
    let due = way.origins.state.borrow_mut().due(platform.now_ms());
    let Some(place) = due else {
        return;
    };
    let waits = way.origins.state.borrow().waits_for(way.reach, place);
    let (own, origins) = (platform.clone(), Rc::clone(&way.origins));
    let check = async move { probe(&own, &origins, place).await };
    if waits {
        Box::pin(check).await;
    } else {
        platform.defer(check);
    }
}

/// Asks an origin whether it is well.
async fn probe<P: Platform>(platform: &P, origins: &Origins, place: usize) {
    let mut request = Request::new(Body::Empty);
    let path = origins.rules.health.as_deref().unwrap_or("/");
    if let Ok(uri) = path.parse() {
        *request.uri_mut() = uri;
    }
    let result = fetch(platform, origins.base(place), request, CHECK_WAIT_MS).await;
    let good = matches!(&result, Ok(response) if !has_failed(response.status()));
    let now_ms = platform.now_ms();
    origins.state.borrow_mut().probed(place, good, now_ms);
    if let Ok(response) = result {
        discard(platform, response);
    }
}

/// One try. On the heap, so that its code stands in the Worker once.
pub(super) fn fetch<'a, P: Platform>(
    platform: &'a P,
    base: &'a str,
    request: Request<Body<P::Stream>>,
    wait_ms: u32,
) -> Fetching<'a, P::Stream> {
    Box::pin(platform.fetch(base, request, wait_ms))
}

pub(super) type Fetching<'a, S> =
    Pin<Box<dyn Future<Output = Result<Response<Body<S>>, FetchError>> + 'a>>;

/// Reads what nobody wants, so that its connection is free again.
pub(super) fn discard<P: Platform>(platform: &P, response: Response<Body<P::Stream>>) {
    let own = platform.clone();
    platform.defer(async move {
        let body = response.into_body();
        let _ = own.read(body, UNWANTED_BYTES_MAX, CHECK_WAIT_MS).await;
    });
}

/// An issuer's keys: by an absolute URL, or by a path at the default pool's origins, one after the other. What is
/// no key document is no answer.
pub(super) async fn fetch_keys<P: Platform>(
    platform: &P,
    isolate: &Isolate,
    url: &str,
    timeout_ms: u32,
) -> Result<Vec<Value>, FetchError> {
    let origins = isolate.pools.get(None);
    let ours = url.starts_with('/');
    let mut tried = 0;
    loop {
        let place = match pick(platform, &origins, Reach::OwnToo, tried) {
            Some(place) => place,
            None if ours => return Err(FetchError::Out),
            None => 0,
        };
        tried = pool::and(tried, place);
        let base = if ours { origins.base(place) } else { "" };
        let fetched = platform
            .fetch_keys(&format!("{base}{url}"), timeout_ms)
            .await;
        let result = fetched.and_then(|bytes| keys::read(&bytes).ok_or(FetchError::Cut));
        if !ours {
            return result;
        }
        let now_ms = platform.now_ms();
        let good = result.is_ok();
        origins.state.borrow_mut().tried(place, good, now_ms);
        if good || pick(platform, &origins, Reach::OwnToo, tried).is_none() {
            return result;
        }
    }
}
