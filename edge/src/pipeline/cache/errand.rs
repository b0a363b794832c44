//! An errand to the origin: whether what is stored still holds, or for a new response.
//!
//! It owns all it needs, so that it can run behind an answer as well.

use http::header::{self, HeaderMap, HeaderValue};
use http::{Method, Request, Response, StatusCode};

use super::find::Found;
use super::store::{self, Place};
use super::{answer, flight};
use crate::cache::directive::{Directives, Reach};
use crate::cache::entry::Entry;
use crate::cache::reuse::{self, Failure};
use crate::cache::status::{CacheStatus, Forward};
use crate::cache::storable::{self, Circumstances};
use crate::cache::{BODY_BYTES_MAX, conditional, fields};
use crate::config::CachePolicy;
use crate::feed::Seen;
use crate::pipeline::forward::{self, BODY_TIMEOUT_MS};
use crate::pipeline::pool::Ready;
use crate::platform::{Body, FetchError, Platform};
use crate::rejection::Rejection;

/// Bodies up to this length are read before the client gets them, so that a body that ends early is
/// never stored and a stale copy can stand in; larger ones stream and are stored on the way.
const INLINE_BYTES_MAX: usize = 64 * 1024;

/// The errand.
pub(super) struct Errand<S> {
    pub(super) ready: Ready<S>,
    pub(super) timeout_ms: u32,
    pub(super) place: Place,
    pub(super) policy: CachePolicy,
    /// The request's conditions are ours.
    pub(super) validating: bool,
    pub(super) authorized: bool,
    pub(super) refused: bool,
    /// For how many seconds of staleness the client takes a copy in place of a failure.
    pub(super) if_error: u64,
    /// How far the feed was known before it began.
    pub(super) seen: Option<Seen>,
}

/// What came of it.
pub(super) struct Outcome<S> {
    pub(super) response: Response<Body<S>>,
    pub(super) status: CacheStatus,
    /// The entry that the response is of, if it is or could be stored.
    pub(super) entry: Option<Entry>,
    /// Whether the body is at hand: short, and whole.
    pub(super) held: bool,
}

/// Runs it after the answer. Nobody waits for what comes of it.
pub(super) fn later<P: Platform>(
    platform: &P,
    errand: Errand<P::Stream>,
    found: Option<Found<P::Stream>>,
    flight: Option<String>,
) {
    let own = platform.clone();
    platform.defer(async move {
        if let Some(found) = found {
            Box::pin(flight::renew(&own, errand, found, flight)).await;
        }
    });
}

/// Runs it. What was found answers where the origin fails and it may.
pub(super) async fn run<P: Platform>(
    platform: &P,
    errand: Errand<P::Stream>,
    found: Option<Found<P::Stream>>,
    why: Forward,
) -> Result<Outcome<P::Stream>, Rejection> {
    let head = errand.ready.request.method() == Method::HEAD;
    let Errand {
        ready: Ready { request, way },
        timeout_ms,
        place,
        policy,
        validating,
        authorized,
        refused,
        if_error,
        seen,
    } = errand;
    let circumstances = |requested_ms, received_ms| Circumstances {
        authorized,
        refused,
        set_cookie: policy.set_cookie,
        requested_ms,
        received_ms,
        seen,
    };
    let (parts, body) = request.into_parts();
    let again = parts.clone();
    let mut requested_ms = platform.now_ms();
    let sent = forward::send(platform, &way, Request::from_parts(parts, body), timeout_ms).await;
    let mut response = match sent {
        Ok(response) => response,
        Err(error) => return instead(platform, found, if_error, error),
    };
    let status = response.status();
    let Some(found) = found else {
        let of = circumstances(requested_ms, platform.now_ms());
        return received(platform, &place, &policy, response, of, head, why).await;
    };
    if validating && status == StatusCode::NOT_MODIFIED {
        if conditional::confirms(&found.entry, response.headers()) {
            let of = circumstances(requested_ms, platform.now_ms());
            return freshened(platform, place, found, response, &policy, of, why).await;
        }
        // It is about another response than ours, so that the whole is asked for.
        let mut whole = Request::from_parts(again, Body::Empty);
        for name in &conditional::CONDITIONS {
            whole.headers_mut().remove(name);
        }
        requested_ms = platform.now_ms();
        response = match forward::send(platform, &way, whole, timeout_ms).await {
            Ok(response) => response,
            Err(error) => return instead(platform, Some(found), if_error, error),
        };
    }
    let of = circumstances(requested_ms, platform.now_ms());
    if head && status == StatusCode::OK && conditional::describes(&found.entry, response.headers())
    {
        return freshened(platform, place, found, response, &policy, of, why).await;
    }
    let status = response.status();
    let failure = Failure::Status(status);
    if reuse::despite(&found.entry, failure, if_error, platform.now_ms()) {
        return Ok(stale(platform, found, Some(status)));
    }
    let spare = found.entry.clone();
    let result = received(platform, &place, &policy, response, of, head, why).await;
    match result {
        Err(Rejection::Origin(error)) => {
            let found = Found {
                entry: spare,
                body: found.body,
            };
            instead(platform, Some(found), if_error, error)
        }
        result => result,
    }
}

/// A new response: stored if it may be, and handed on.
async fn received<P: Platform>(
    platform: &P,
    place: &Place,
    policy: &CachePolicy,
    mut response: Response<Body<P::Stream>>,
    of: Circumstances,
    head: bool,
    why: Forward,
) -> Result<Outcome<P::Stream>, Rejection> {
    overridden(policy, response.status(), response.headers_mut());
    let entry = storable::entry(response.status(), response.headers(), of).filter(|_| !head);
    let length = store::announced(response.headers(), response.body());
    let small = length.is_none_or(|length| length <= BODY_BYTES_MAX);
    let mut stored = false;
    let mut response = response;
    if let Some(entry) = entry.clone().filter(|_| small) {
        if length.is_some_and(|length| length <= INLINE_BYTES_MAX) {
            let (parts, body) = response.into_parts();
            let bytes = forward::read(platform, body, BODY_BYTES_MAX).await?;
            response = Response::from_parts(parts, Body::Bytes(bytes.clone()));
            keep_later(platform, place.clone(), entry, Body::Bytes(bytes));
            stored = true;
        } else if let Some(copy) = platform.fork(response.body()) {
            keep_later(platform, place.clone(), entry, copy);
            stored = true;
        }
    }
    let at_hand = matches!(response.body(), Body::Bytes(_));
    let status = CacheStatus::Forwarded {
        why,
        status: None,
        stored,
    };
    Ok(Outcome {
        response,
        status,
        entry,
        held: at_hand,
    })
}

pub(super) fn keep_later<P: Platform>(
    platform: &P,
    place: Place,
    entry: Entry,
    body: Body<P::Stream>,
) {
    let own = platform.clone();
    platform.defer(async move {
        // One that turns out to be too long, or ends early, is not kept.
        if let Ok(bytes) = own.read(body, BODY_BYTES_MAX, BODY_TIMEOUT_MS).await {
            store::keep(&own, &place, entry, bytes).await;
        }
    });
}

/// What is stored still holds: it gets the fields that came, and answers.
async fn freshened<P: Platform>(
    platform: &P,
    place: Place,
    found: Found<P::Stream>,
    mut response: Response<Body<P::Stream>>,
    policy: &CachePolicy,
    of: Circumstances,
    why: Forward,
) -> Result<Outcome<P::Stream>, Rejection> {
    let said = response.status();
    let before = StatusCode::from_u16(found.entry.status).unwrap_or(StatusCode::OK);
    overridden(policy, before, response.headers_mut());
    let (directives, _) = Directives::ours(response.headers());
    let came = fields::stored(response.headers(), &directives);
    let merged = fields::updated(&found.entry.fields, &came);
    let mut head = fields::head(&merged);
    // The age is the answer's, whatever the stored one was.
    if let Some(age) = response.headers().get(header::AGE) {
        head.insert(header::AGE, age.clone());
    }
    let body = platform
        .read(found.body, BODY_BYTES_MAX, BODY_TIMEOUT_MS)
        .await;
    let body = body.map_err(|_| Rejection::Origin(FetchError::Cut))?;
    let fresh = storable::entry(before, &head, of);
    let stored = fresh.is_some();
    let shown = match fresh {
        Some(fresh) => {
            let entry = Entry {
                tags: found.entry.tags,
                ..fresh
            };
            keep_later(platform, place, entry.clone(), Body::Bytes(body.clone()));
            entry
        }
        // It may no longer be stored, and still answers the one who asked.
        None => Entry {
            status: before.as_u16(),
            fields: merged,
            stored_ms: of.received_ms,
            ..Entry::default()
        },
    };
    let response = answer::stored(&shown, Body::Bytes(body), platform.now_ms());
    let status = CacheStatus::Forwarded {
        why,
        status: (said != before).then_some(said),
        stored,
    };
    Ok(Outcome {
        response,
        status,
        entry: Some(shown),
        held: true,
    })
}

/// What is stored answers although the origin gave none, or nothing does.
pub(super) fn instead<P: Platform>(
    platform: &P,
    found: Option<Found<P::Stream>>,
    if_error: u64,
    error: FetchError,
) -> Result<Outcome<P::Stream>, Rejection> {
    let now_ms = platform.now_ms();
    match found {
        Some(found) if reuse::despite(&found.entry, Failure::Unreachable, if_error, now_ms) => {
            Ok(stale(platform, found, None))
        }
        Some(_) => Err(Rejection::Unvalidated(error)),
        None => Err(Rejection::Origin(error)),
    }
}

pub(super) fn stale<P: Platform>(
    platform: &P,
    found: Found<P::Stream>,
    said: Option<StatusCode>,
) -> Outcome<P::Stream> {
    let now_ms = platform.now_ms();
    let status = CacheStatus::Instead {
        ttl: found.entry.ttl(now_ms),
        status: said,
    };
    Outcome {
        response: answer::stored(&found.entry, found.body, now_ms),
        status,
        entry: Some(found.entry),
        held: true,
    }
}

/// The lifetimes that the route sets, on a success that the origin gives to everybody.
fn overridden(policy: &CachePolicy, status: StatusCode, fields: &mut HeaderMap) {
    let directives = Directives::general(fields);
    let somebodys = directives.has("no-store") || directives.reach("private") != Reach::Nothing;
    if !status.is_success() || somebodys {
        return;
    }
    for (name, text) in [
        (header::CACHE_CONTROL.as_str(), &policy.browser),
        (shared::header::CDN_CACHE_CONTROL, &policy.edge),
    ] {
        if let Some(value) = text
            .as_ref()
            .and_then(|text| HeaderValue::from_str(text).ok())
        {
            fields.insert(name, value);
        }
    }
}
