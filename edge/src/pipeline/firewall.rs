//! Firewall: who may come near, and what goes no further.
//!
//! 1. The client's address and country, by the configured lists or by the record that holds in their
//!    place where `at_run_time` says so: 403. A record that can't be had leaves the lists that were known
//!    last, however old, and else the configured ones.
//! 2. More fields than an honest client sends: 431. What two parsers may read in two ways: 400.
//! 3. On routes that ask for it, managed patterns: logged, or 403.
//! 4. Every answer has the fields that browsers are to heed, where the configuration says so.
//!
//! The rules: [`crate::firewall`]. A transparent configuration has none of this.

use std::rc::Rc;

use http::header::{self, HeaderMap, HeaderValue};
use http::request::Parts;
use serde_json::Value;
use shared::record::{FIREWALL, FIREWALL_PATH};

use super::{Inbound, Isolate, Notes, feed, records};
use crate::config::{Patterns, Route};
use crate::firewall::network::Lists;
use crate::firewall::{oddities, patterns};
use crate::identity::records::Kept;
use crate::platform::Platform;
use crate::rejection::Rejection;

/// Longest wait for the lists: every request does, also those that need no origin.
const LISTS_WAIT_MS: u32 = 1_000;

/// Lets a request in.
pub(super) async fn enter<P: Platform>(
    platform: &P,
    isolate: &Isolate,
    inbound: &Inbound<P::Stream>,
) -> Result<(), Rejection> {
    let held = if isolate.gateway.firewall.at_run_time {
        Box::pin(lists(platform, isolate)).await
    } else {
        None
    };
    let lists = held.as_deref().unwrap_or(&isolate.lists);
    if !lists.admit(inbound.address.as_deref(), inbound.country.as_deref()) {
        return Err(Rejection::AccessDenied);
    }
    let parts = &inbound.parts;
    if parts.headers.len() > oddities::FIELDS_MAX {
        return Err(Rejection::FieldsTooMany(oddities::FIELDS_MAX));
    }
    match oddities::find(parts) {
        Some(odd) => Err(Rejection::Malformed(odd)),
        None => Ok(()),
    }
}

async fn lists<P: Platform>(platform: &P, isolate: &Isolate) -> Option<Rc<Lists>> {
    feed::look(platform, isolate).await;
    let read: fn(&Value) -> Option<Kept> = Kept::lists;
    let found = records::find(
        platform,
        &isolate.records,
        FIREWALL,
        FIREWALL_PATH,
        read,
        LISTS_WAIT_MS,
    )
    .await;
    let mut all = isolate.records.held.borrow_mut();
    match found.unwrap_or_else(|_| all.rest(FIREWALL, platform.now_ms())) {
        Kept::Lists(lists) => lists,
        _ => None,
    }
}

/// Looks for managed patterns where the route wants it.
pub(super) fn look(route: &Route, parts: &Parts, notes: &mut Notes) -> Result<(), Rejection> {
    if route.patterns == Patterns::Off {
        return Ok(());
    }
    notes.pattern = patterns::find(parts);
    if notes.pattern.is_some() && route.patterns == Patterns::Block {
        return Err(Rejection::AccessDenied);
    }
    Ok(())
}

/// What browsers are to heed: no guessing of types, no plain HTTP, and of a document that is data, nothing
/// to load and nobody to frame it. Pages say themselves what they load.
pub(super) fn secure(fields: &mut HeaderMap) {
    let value = HeaderValue::from_static;
    let kind = fields.get(header::CONTENT_TYPE);
    let is_data = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/"));
    fields.insert(header::X_CONTENT_TYPE_OPTIONS, value("nosniff"));
    fields.insert(header::STRICT_TRANSPORT_SECURITY, value("max-age=31536000"));
    if is_data {
        let none = value("default-src 'none'; frame-ancestors 'none'");
        fields.insert(header::CONTENT_SECURITY_POLICY, none);
    }
}
