//! Records: what the origin says of keys, plans, the firewall and the pools, from wherever it is nearest.
//!
//! 1. In this isolate, else in the location's store, else at the origin, which the edge asks as itself
//!    ([`shared::record`]). One that the feed called untrue since it was asked for is not used.
//! 2. That there is none is remembered in the isolate alone, and shortly.
//! 3. When the origin is down: what this isolate held goes on for an hour; else 503, closed.
//! 4. Where a pool's list leads nowhere, records come from the deployment's own origins; the record of the lists
//!    is asked for there first ([`Reach`]).

use std::cell::RefCell;
use std::rc::Rc;

use http::header::{self, HeaderMap, HeaderValue};
use http::{Method, Request, StatusCode};
use serde_json::Value;
use shared::assertion::{Asserted, Provenance};
use shared::caller::Caller;
use shared::header as ours;
use shared::id::RequestId;
use shared::origins::{ORIGINS_MAX, POOL_CHARS_MAX, POOLS_MAX, URL_CHARS_MAX};
use shared::record;
use shared::version::ApiVersion;

use super::origins::Pools;
use super::pool::Way;
use super::{Settings, feed, forward};
use crate::cache::record::Record;
use crate::feed::Seen;
use crate::identity::records::{self, Kept, Records};
use crate::platform::{Body, Platform};
use crate::pool::Reach;
use crate::rejection::Rejection;

/// Longest wait for the origin's answer, where nothing is done without the record.
pub(super) const TIMEOUT_MS: u32 = 5_000;
/// Largest record. The lists of the pools fit, with forty bytes around each URL.
const RECORD_BYTES_MAX: usize = 64 * 1024;
const _: () =
    assert!(POOLS_MAX * (POOL_CHARS_MAX + ORIGINS_MAX * (URL_CHARS_MAX + 40)) < RECORD_BYTES_MAX);
/// For how long the location's store is asked to keep one, seconds.
const LOCATED_SECONDS: u64 = records::STALE_MS / 1000;

/// Where an isolate has its records from, and those that it holds.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) held: RefCell<Records>,
    pub(super) pools: Rc<Pools>,
    pub(super) feed: Rc<feed::Known>,
    pub(super) settings: Rc<Settings>,
}

/// The record of this name, which stands at this path of the origin. It is waited for so long.
pub(super) async fn find<P: Platform>(
    platform: &P,
    source: &Source,
    name: &str,
    path: &str,
    read: fn(&Value) -> Option<Kept>,
    wait_ms: u32,
) -> Result<Kept, Rejection> {
    match held(platform, source, name) {
        Some(kept) => Ok(kept),
        // On the heap, so that known callers carry a small future.
        None => Box::pin(fetch(platform, source, name, path, read, wait_ms)).await,
    }
}

/// What this isolate holds of the record, if it still holds.
pub(super) fn held<P: Platform>(platform: &P, source: &Source, name: &str) -> Option<Kept> {
    let (records, view) = (source.held.borrow(), source.feed.view.borrow());
    records.find(name, &view, platform.now_ms())
}

/// What this isolate or the location's store holds, without a look at the origin.
pub(super) async fn nearby<P: Platform>(
    platform: &P,
    source: &Source,
    name: &str,
    read: fn(&Value) -> Option<Kept>,
) -> Option<Kept> {
    if let Some(kept) = held(platform, source, name) {
        return Some(kept);
    }
    let (kept, asked_ms, seen) = located(platform, name, read).await?;
    let fresh = platform.now_ms().saturating_sub(asked_ms) < kept.located_ms();
    let changed = || source.feed.view.borrow().record_changed(name, Some(seen));
    if !fresh || changed() {
        return None;
    }
    let mut all = source.held.borrow_mut();
    all.keep(name, kept.clone(), asked_ms, Some(seen));
    Some(kept)
}

/// Under which name the location's store has it.
fn stored(name: &str) -> String {
    format!("record:{name}")
}

async fn fetch<P: Platform>(
    platform: &P,
    source: &Source,
    name: &str,
    path: &str,
    read: fn(&Value) -> Option<Kept>,
    wait_ms: u32,
) -> Result<Kept, Rejection> {
    if let Some(kept) = nearby(platform, source, name, read).await {
        return Ok(kept);
    }
    // As far as is known before asking: a change meanwhile is one after.
    let (asked_ms, seen) = (platform.now_ms(), source.feed.view.borrow().seen());
    let Some((kept, document)) = ask(platform, source, path, read, wait_ms).await else {
        let all = source.held.borrow();
        let stale = all.stale(name, &source.feed.view.borrow(), asked_ms);
        return stale.ok_or(Rejection::RecordUnavailable);
    };
    source
        .held
        .borrow_mut()
        .keep(name, kept.clone(), asked_ms, seen);
    if let Some(seen) = seen.filter(|_| !matches!(kept, Kept::Absent)) {
        let text = records::located(asked_ms, seen, &document);
        let (own, stored) = (platform.clone(), stored(name));
        platform.defer(async move {
            own.keep(&stored, &Record::default(), text.into(), LOCATED_SECONDS)
                .await;
        });
    }
    Ok(kept)
}

/// What the location's store holds, whether or not it still holds: when it was asked for, and how far the feed
/// was known.
pub(super) async fn located<P: Platform>(
    platform: &P,
    name: &str,
    read: fn(&Value) -> Option<Kept>,
) -> Option<(Kept, u64, Seen)> {
    let (_, body) = platform.load(&stored(name)).await?;
    let bytes = platform
        .read(body, RECORD_BYTES_MAX + 128, TIMEOUT_MS)
        .await
        .ok()?;
    let text = std::str::from_utf8(&bytes).ok()?;
    let (asked_ms, seen, document) = records::read_located(text)?;
    let kept = read(&serde_json::from_slice(document.as_bytes()).ok()?)?;
    Some((kept, asked_ms, seen))
}

/// The origin's word, and its document; `None` without a word.
async fn ask<P: Platform>(
    platform: &P,
    source: &Source,
    path: &str,
    read: fn(&Value) -> Option<Kept>,
    wait_ms: u32,
) -> Option<(Kept, String)> {
    let now_ms = platform.now_ms();
    let asserted = Asserted {
        caller: Caller::Known(record::edge()),
        api_version: ApiVersion::LATEST.as_str().to_owned(),
        prefix: String::new(),
        request_id: RequestId::new(now_ms, platform.random()).to_string(),
        fingerprint: None,
        position: None,
        converter: None,
    };
    let now_seconds = i64::try_from(now_ms / 1000).unwrap_or(i64::MAX);
    let keys = &source.settings.assertion_keys;
    let assertion = keys.sign(&asserted, "GET", path, now_seconds)?;
    let mut fields = HeaderMap::new();
    fields.insert(ours::ASSERTION, HeaderValue::from_str(&assertion).ok()?);
    fields.insert(
        header::ACCEPT,
        const { HeaderValue::from_static(crate::config::JSON) },
    );
    let mut request = Request::new(Body::Empty);
    *request.method_mut() = Method::GET;
    *request.uri_mut() = path.parse().ok()?;
    *request.headers_mut() = fields;
    let way = Way {
        origins: source.pools.get(None),
        reach: if path == record::ORIGINS_PATH {
            Reach::OwnFirst
        } else {
            Reach::OwnToo
        },
        settings: Rc::clone(&source.settings),
        asserted: Some(asserted),
        provenance: Provenance::default(),
        repeats: true,
        tries: Rc::default(),
    };
    let sent = forward::send(platform, &way, request, wait_ms).await;
    let response = sent.ok()?;
    let status = response.status();
    let body = forward::read(platform, response.into_body(), RECORD_BYTES_MAX).await;
    let bytes = body.ok()?;
    match status {
        StatusCode::OK => {
            let document = String::from_utf8(bytes.to_vec()).ok()?;
            let kept = read(&serde_json::from_slice(document.as_bytes()).ok()?)?;
            Some((kept, document))
        }
        StatusCode::NOT_FOUND => Some((Kept::Absent, String::new())),
        _ => None,
    }
}
