//! Feed: what is no longer true, as this isolate follows it.
//!
//! 1. A view of up to half a second is relied on, one of up to a second is refreshed behind the answer,
//!    an older one before it is relied on. That takes [`WAIT_MS`] at most; then copies answer within
//!    their lifetimes, marked ([`crate::feed::view`]). A feed that was slower than that is asked behind
//!    answers alone for [`SLOW_MS`]: each waiting request's asking would be the end of an object that has
//!    too much to do.
//! 2. Answers of the feed are kept in the location's store for a moment, so that a location asks and
//!    not an isolate.
//! 3. Without an answer for a configured time, methods that change something are refused, 503: what was
//!    revoked meanwhile is not known.
//! 4. The origin tells what is no longer true by POST to [`shared::feed::PATH`], signed: body over its
//!    limit 413, bad signature 401, no notice 400, the feed's object down 503.
//!
//! A transparent configuration has no feed: that path is the origin's there.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use bytes::Bytes;
use http::header::{self, HeaderValue};
use http::{Method, Response};
use shared::feed::{NOTICE_BYTES_MAX, Notice, Untrue};
use shared::header as ours;

use super::cache::stored_key;
use super::{Inbound, Isolate};
use crate::cache::record::Record;
use crate::feed::names::{self, EVERYTHING};
use crate::feed::view::{Currency, View};
use crate::feed::{BACKGROUND_WAIT_MS, Change, ENTRIES_MAX, PAGE_ENTRIES, SLOW_MS, Told, WAIT_MS};
use crate::platform::{Body, Down, Platform, ReadError};
use crate::rejection::Rejection;

/// The key of the last answer in the location's store. No URL's key begins like it.
const LOCATED: &str = "feed";
/// For how long the store is asked to keep it, seconds; its own time decides.
const LOCATED_SECONDS: u64 = 5;
/// Longest answer that is read from the store.
const LOCATED_BYTES_MAX: usize = 1024 * 1024;
/// Most answers that one refresh asks for: a whole log, and one that began anew meanwhile.
const PAGES_MAX: usize = 2 * (ENTRIES_MAX / PAGE_ENTRIES + 1);
/// Longest wait for a notice's body.
const UPLOAD_TIMEOUT_MS: u32 = 10_000;

/// What an isolate knows of the feed.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) view: RefCell<View>,
    /// When the refresh that runs behind an answer ends at the latest; zero for none.
    refreshing_until_ms: Cell<u64>,
    /// Until then it is not asked in front of a request.
    slow_until_ms: Cell<u64>,
    /// Until then no change waits for it longer than that.
    silent_until_ms: Cell<u64>,
    /// When the isolate answered its first request.
    started_ms: Cell<u64>,
}

impl Known {
    /// Notes when the isolate began.
    pub(super) fn start(&self, now_ms: u64) {
        if self.started_ms.get() == 0 {
            self.started_ms.set(now_ms);
        }
    }

    /// When the feed last answered, or since when it could have.
    fn heard_ms(&self) -> u64 {
        let asked_ms = self.view.borrow().asked_ms();
        asked_ms.unwrap_or_else(|| self.started_ms.get())
    }
}

/// Brings the view up to date as far as needed. Whether it can be relied on.
pub(super) async fn look<P: Platform>(platform: &P, isolate: &Isolate) -> bool {
    let known = &isolate.feed;
    let currency = known.view.borrow().currency(platform.now_ms());
    match currency {
        Currency::Fresh => true,
        Currency::Ageing => {
            refresh_later(platform, known);
            true
        }
        // On the heap, so that hits carry a small future.
        Currency::Old => {
            let caught_up = Box::pin(ask_first(platform, known)).await;
            if !caught_up {
                refresh_later(platform, known);
            }
            caught_up
        }
    }
}

/// Refuses a method that changes something when the feed has been silent for too long.
pub(super) async fn heard<P: Platform>(platform: &P, isolate: &Isolate) -> Result<(), Rejection> {
    let known = &isolate.feed;
    let limit_ms = u64::from(isolate.gateway.feed.refuse_after_seconds).saturating_mul(1000);
    let silent_ms = |now_ms: u64| now_ms.saturating_sub(known.heard_ms());
    let now_ms = platform.now_ms();
    if silent_ms(now_ms) < limit_ms / 2 {
        if known.view.borrow().currency(now_ms) != Currency::Fresh {
            refresh_later(platform, known);
        }
        return Ok(());
    }
    // Nobody may have asked: an isolate that answers few requests hears little.
    if Box::pin(ask_first(platform, known)).await {
        return Ok(());
    }
    refresh_later(platform, known);
    if silent_ms(platform.now_ms()) < limit_ms {
        return Ok(());
    }
    // A crowd that wakes such an isolate is slow to hear, so whoever would be refused waits longer, unless
    // that was in vain just now.
    if platform.now_ms() >= known.silent_until_ms.get() {
        let _ = Box::pin(catch_up(platform, known, BACKGROUND_WAIT_MS)).await;
        if silent_ms(platform.now_ms()) < limit_ms {
            return Ok(());
        }
        let until_ms = platform.now_ms().saturating_add(SLOW_MS);
        known.silent_until_ms.set(until_ms);
    }
    Err(Rejection::FeedUnreachable)
}

/// Refreshes in front of the answer, unless the feed is known to be slow. Whether the view is up to date.
async fn ask_first<P: Platform>(platform: &P, known: &Known) -> bool {
    if platform.now_ms() >= known.slow_until_ms.get() {
        // What counts is how old the view is then, by this answer or one that came meanwhile.
        let _ = catch_up(platform, known, WAIT_MS).await;
    }
    known.view.borrow().currency(platform.now_ms()) != Currency::Old
}

/// Refreshes behind the answer, one at a time.
fn refresh_later<P: Platform>(platform: &P, known: &Rc<Known>) {
    let now_ms = platform.now_ms();
    if now_ms < known.refreshing_until_ms.get() {
        return;
    }
    let until_ms = now_ms.saturating_add(BACKGROUND_WAIT_MS.into());
    known.refreshing_until_ms.set(until_ms);
    let (own, known) = (platform.clone(), Rc::clone(known));
    platform.defer(async move {
        // The next request tries again.
        let _ = catch_up(&own, &known, BACKGROUND_WAIT_MS).await;
        known.refreshing_until_ms.set(0);
    });
}

/// Asks, and notes how long that takes.
async fn catch_up<P: Platform>(platform: &P, known: &Known, wait_ms: u32) -> Result<(), Down> {
    let started_ms = platform.now_ms();
    let result = complete(platform, known, wait_ms).await;
    let now_ms = platform.now_ms();
    if now_ms.saturating_sub(started_ms) >= u64::from(WAIT_MS) {
        known.slow_until_ms.set(now_ms.saturating_add(SLOW_MS));
    }
    result
}

/// Takes what the location knows, else asks until nothing is missing.
async fn complete<P: Platform>(platform: &P, known: &Known, wait_ms: u32) -> Result<(), Down> {
    let end_ms = platform.now_ms().saturating_add(wait_ms.into());
    // In a crowd that begins cold another request of this isolate may be quicker.
    let before = known.view.borrow().asked_ms();
    let caught_up = || known.view.borrow().asked_ms() > before;
    if let Some((asked_ms, told)) = located(platform).await {
        let now_ms = platform.now_ms();
        let mut view = known.view.borrow_mut();
        if view.takes(&told, asked_ms, now_ms) && view.take(told, asked_ms) {
            return Ok(());
        }
    }
    for _ in 0..PAGES_MAX {
        let asked_ms = platform.now_ms();
        if caught_up() {
            return Ok(());
        }
        let left_ms = u32::try_from(end_ms.saturating_sub(asked_ms)).unwrap_or(0);
        if left_ms == 0 {
            return Err(Down);
        }
        let after = known.view.borrow().next();
        let Ok(told) = platform.since(after, left_ms).await else {
            return if caught_up() { Ok(()) } else { Err(Down) };
        };
        let text = (!told.more).then(|| told.write_located(asked_ms));
        let complete = known.view.borrow_mut().take(told, asked_ms);
        if let Some(text) = text.filter(|_| complete) {
            let own = platform.clone();
            platform.defer(async move {
                let record = Record::default();
                own.keep(LOCATED, &record, text.into(), LOCATED_SECONDS)
                    .await;
            });
            return Ok(());
        }
    }
    Err(Down)
}

/// The last answer that somebody of this location got, and when it was asked for.
async fn located<P: Platform>(platform: &P) -> Option<(u64, Told)> {
    let (_, body) = platform.load(LOCATED).await?;
    let bytes = platform.read(body, LOCATED_BYTES_MAX, WAIT_MS).await.ok()?;
    Told::read_located(std::str::from_utf8(&bytes).ok()?)
}

/// Whether a request is for the door by which the origin tells.
pub(super) fn is_door(isolate: &Isolate, path: &str) -> bool {
    path == shared::feed::PATH && !isolate.gateway.transparent
}

/// Takes a notice.
pub(super) async fn door<P: Platform>(
    platform: &P,
    isolate: &Isolate,
    inbound: Inbound<P::Stream>,
) -> Result<Response<Body<P::Stream>>, Rejection> {
    let Inbound { parts, body, .. } = inbound;
    if parts.method != Method::POST {
        let allow = Method::POST.to_string();
        return Err(Rejection::MethodNotAllowed { allow });
    }
    let read = platform
        .read(body, NOTICE_BYTES_MAX, UPLOAD_TIMEOUT_MS)
        .await;
    let bytes = read.map_err(|error| match error {
        ReadError::TooLarge => Rejection::BodyTooLarge(NOTICE_BYTES_MAX),
        ReadError::Cut => Rejection::BodyCut,
    })?;
    let now_seconds = i64::try_from(platform.now_ms() / 1000).unwrap_or(i64::MAX);
    let signature = parts.headers.get(ours::ASSERTION);
    let signature = signature.and_then(|value| value.to_str().ok());
    let keys = &isolate.settings.assertion_keys;
    signature
        .and_then(|text| keys.verify_notice(text, &bytes, now_seconds).ok())
        .ok_or(Rejection::NoticeUnsigned)?;
    let notice = Notice::read(&bytes).ok_or(Rejection::Malformed("The body is no notice."))?;
    let head = platform
        .append(&change(isolate, &notice))
        .await
        .map_err(|Down| Rejection::FeedDown)?;
    let mut response = Response::new(Body::Bytes(Bytes::from(format!("{{\"head\":{head}}}"))));
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        const { HeaderValue::from_static(crate::config::JSON) },
    );
    Ok(response)
}

/// What a notice means in the feed. What nothing here can be named by is left out.
fn change(isolate: &Isolate, notice: &Notice) -> Change {
    let mut all = Vec::with_capacity(notice.untrue.len());
    for untrue in &notice.untrue {
        let name = match untrue {
            Untrue::Tag(tag) => names::tag(tag),
            Untrue::Url(url) => stored_key(isolate, url).and_then(|key| names::url(&key)),
            Untrue::Everything => Some(EVERYTHING.to_owned()),
            Untrue::Record(name) => names::record(name),
            Untrue::Token { id, expires } => names::token(id, *expires),
            Untrue::Subject {
                subject,
                before,
                expires,
            } => names::subject(subject, *before, *expires),
        };
        if let Some(name) = name.filter(|name| !all.contains(name)) {
            all.push(name);
        }
    }
    Change {
        names: all,
        position: notice.position,
        soft: notice.soft,
    }
}
