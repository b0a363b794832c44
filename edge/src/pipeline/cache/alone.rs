//! The cache alone: a transparent configuration, before any origin.
//!
//! Reads go through the store; everything else goes to the origin as it came, unread, and its answer
//! tells what is no longer true.

use http::{Method, Response};
use shared::assertion::Provenance;
use shared::caller::Caller;
use shared::id::RequestId;
use shared::version::ApiVersion;

use super::invalidate::invalidate;
use super::store::{self, Place};
use super::url_key;
use crate::cache::status::{CacheStatus, Forward};
use crate::cache::storable::{self, Circumstances};
use crate::cache::{BODY_BYTES_MAX, freshness, invalidation, key};
use crate::pipeline::forward::{self, Call, Outbound};
use crate::pipeline::{Inbound, Isolate, Notes};
use crate::platform::{Body, Platform};
use crate::rejection::Rejection;

/// Answers.
pub(in crate::pipeline) async fn alone<P: Platform>(
    platform: &P,
    isolate: &Isolate,
    inbound: Inbound<P::Stream>,
    id: RequestId,
    notes: &mut Notes,
) -> Result<Response<Body<P::Stream>>, Rejection> {
    let path = inbound.parts.uri.path().to_owned();
    let place = isolate.routes.at(&path)?;
    let route = place.take(&inbound.parts.method)?;
    notes.route = Some(route.name.clone());
    let call = Call {
        isolate,
        route,
        caller: Caller::Anonymous,
        api_version: ApiVersion::LATEST,
        prefix: String::new(),
        path,
        id,
        provenance: Provenance::default(),
    };
    match inbound.parts.method {
        Method::GET | Method::HEAD => super::serve(platform, &call, inbound, notes).await,
        _ => pass(platform, &call, inbound, notes).await,
    }
}

/// Hands a request on, and what it changed is forgotten.
async fn pass<P: Platform>(
    platform: &P,
    call: &Call<'_>,
    inbound: Inbound<P::Stream>,
    notes: &mut Notes,
) -> Result<Response<Body<P::Stream>>, Rejection> {
    let Inbound { parts, body, .. } = inbound;
    let requested_ms = platform.now_ms();
    let authorized = parts.headers.contains_key(http::header::AUTHORIZATION);
    let place = Place {
        key: String::new(),
        request: parts.headers.clone(),
        vary: Vec::new(),
    };
    let outbound = Outbound {
        method: parts.method.clone(),
        query: parts.uri.query().map(str::to_owned),
        fields: parts.headers,
        body,
        caller: Caller::Anonymous,
        api_version: ApiVersion::LATEST,
        fingerprint: None,
        position: None,
    };
    let mut response = forward::forward(platform, call, outbound, notes).await?;
    invalidate(platform, call, &parts.method, &parts.uri, &response).await;
    let mut stored = false;
    if invalidation::stands_for_get(&parts.method, &parts.uri, response.headers()) {
        let policy = call.route.cache.clone().unwrap_or_default();
        let of = Circumstances {
            authorized,
            refused: false,
            set_cookie: policy.set_cookie,
            requested_ms,
            received_ms: platform.now_ms(),
            seen: None,
        };
        let now_seconds = i64::try_from(of.received_ms / 1000).unwrap_or(i64::MAX);
        // A guess is no leave to answer a GET with what a POST gave.
        let explicit = freshness::lifetime(response.status(), response.headers(), now_seconds)
            .is_some_and(|lifetime| lifetime.explicit && lifetime.seconds > 0);
        let entry = storable::entry(response.status(), response.headers(), of).filter(|_| explicit);
        let query = key::query(&policy, parts.uri.query()).unwrap_or_default();
        let length = store::announced(response.headers(), response.body());
        if let Some(entry) = entry.filter(|_| length.is_none_or(|bytes| bytes <= BODY_BYTES_MAX)) {
            let (head, body) = response.into_parts();
            let bytes = forward::read(platform, body, BODY_BYTES_MAX).await?;
            let place = Place {
                key: url_key(&call.path, query.as_deref()),
                ..place
            };
            store::replace(platform, &place, entry, bytes.clone()).await;
            response = Response::from_parts(head, Body::Bytes(bytes));
            stored = true;
        }
    }
    notes.cache = Some(CacheStatus::Forwarded {
        why: Forward::Method,
        status: None,
        stored,
    });
    Ok(response)
}
