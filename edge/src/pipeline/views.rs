//! How often a resource was read, which only the edge can know, since most reads never leave it.
//!
//! 1. A GET that was answered with 200 or 304 on a route with `views` counts, from whichever copy; not that of a
//!    test key, whose orders count nowhere either.
//! 2. An isolate counts in memory ([`crate::usage::Pending`]), and tells the origin of the first at
//!    once, then about once a minute. What it counted since is lost with it, and so is what the origin
//!    did not hear: it is an estimate, and never too high.
//! 3. The origin is told after the answer, as nobody in particular. Whether it hears makes no
//!    difference to anyone.

use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use shared::assertion::Provenance;
use shared::caller::{Caller, Mode};
use shared::id::RequestId;
use shared::version::ApiVersion;

use super::{Notes, forward, pool};
use crate::platform::{Body, Platform};
use crate::usage::What;

/// How long the origin may take to hear.
const TIMEOUT_MS: u32 = 5_000;

/// Counts an answer, and tells the origin when it is time to.
pub(super) fn note<P: Platform>(
    platform: &P,
    call: &forward::Call<'_>,
    method: &Method,
    response: &Response<Body<P::Stream>>,
    notes: &Notes,
) {
    let forward::Call { isolate, route, .. } = *call;
    let Some(path) = &route.views else { return };
    let read = matches!(response.status(), StatusCode::OK | StatusCode::NOT_MODIFIED);
    let caller = call.caller.principal();
    let test = caller.is_some_and(|caller| caller.mode == Mode::Test);
    if method != Method::GET || !read || test {
        return;
    }
    let what = What {
        version: String::new(),
        route: route.name.clone(),
        method: String::new(),
    };
    let now_ms = platform.now_ms();
    // No account has that name.
    let counted = isolate.uses.borrow_mut().count("", &what, now_ms);
    let Some(views) = counted else { return };
    let call = forward::Call {
        isolate,
        route,
        caller: Caller::Anonymous,
        api_version: ApiVersion::LATEST,
        path: path.clone(),
        prefix: String::new(),
        id: RequestId::new(now_ms, platform.random()),
        provenance: Provenance::default(),
    };
    let field = HeaderValue::from_static;
    let fields = HeaderMap::from_iter([
        (header::CONTENT_TYPE, field(crate::config::JSON)),
        (header::ACCEPT_ENCODING, field("identity")),
    ]);
    let outbound = forward::Outbound {
        method: Method::POST,
        query: None,
        fields,
        body: Body::Bytes(format!("{{\"views\":{views}}}").into()),
        caller: Caller::Anonymous,
        api_version: ApiVersion::LATEST,
        fingerprint: None,
        position: None,
    };
    let Ok(pool::Ready { request, way }) = forward::request(platform, &call, outbound, notes)
    else {
        return;
    };
    let platform_then = platform.clone();
    platform.defer(async move {
        let _ = forward::send(&platform_then, &way, request, TIMEOUT_MS).await;
    });
}
