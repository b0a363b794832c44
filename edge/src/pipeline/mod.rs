//! The pipeline: every request, stage by stage.
//!
//! 1. [`version`]: which version of the API, and the path without it.
//! 2. [`crate::routes`]: which row of the configuration; 404, 405.
//! 3. [`authenticate`]: who is calling; 401. Then the route's scope; 403.
//! 4. [`limit`]: the caller's bucket; 429.
//! 5. Reads: [`cache`]. Keyed writes: [`replay`]. Both go through [`forward`] to the origin.
//! 6. [`finish`]: what every answer carries, and the one line of the access log.
//!
//! Each stage returns its proof (a version, a route, a caller) or a
//! [`Rejection`](crate::rejection::Rejection), and [`finish`] alone writes those as problem
//! documents.

mod authenticate;
mod cache;
mod finish;
mod forward;
mod limit;
mod replay;
mod trace;
mod version;

#[cfg(test)]
mod tests;

use std::cell::RefCell;

use http::{Method, Response, StatusCode, header};
use shared::assertion::AssertionKeys;
use shared::caller::Caller;
use shared::id::RequestId;

use crate::config::Gateway;
use crate::identity::keys::KeyDocuments;
use crate::identity::verified::VerifiedTokens;
use crate::platform::{Body, Platform};
use crate::rejection::Rejection;
use crate::routes::Table;

/// What a deployment sets.
#[derive(Debug)]
pub struct Settings {
    /// Sign what is handed to the origin.
    pub assertion_keys: AssertionKeys,
    /// Where clients find us, without a trailing slash; unset: what the request was sent to.
    pub public_url: Option<String>,
}

/// What an isolate keeps between requests. Losing it costs time, never correctness.
#[derive(Debug)]
pub struct Isolate {
    gateway: Gateway,
    routes: Table,
    settings: Settings,
    tokens: RefCell<VerifiedTokens>,
    keys: RefCell<KeyDocuments>,
}

impl Isolate {
    /// An isolate that has seen nothing yet.
    pub fn new(gateway: Gateway, settings: Settings) -> Self {
        Self {
            routes: Table::new(&gateway),
            gateway,
            settings,
            tokens: RefCell::default(),
            keys: RefCell::default(),
        }
    }
}

/// A request as the platform hands it over.
#[derive(Debug)]
pub struct Inbound<S> {
    /// Method, absolute URI, fields.
    pub parts: http::request::Parts,
    /// Body.
    pub body: Body<S>,
    /// The client's address, from a source that the client can't write.
    pub address: Option<String>,
    /// The client's country, ISO 3166-1 alpha-2.
    pub country: Option<String>,
}

/// What the stages learn, for the answer's fields and the log.
#[derive(Debug, Default)]
struct Notes {
    client_request_id: Option<String>,
    trace: trace::Trace,
    method: Method,
    path: String,
    route: Option<String>,
    api_version: Option<&'static str>,
    caller: Option<Caller>,
    limit: Option<limit::Taken>,
    keyed: bool,
    idempotency: Option<&'static str>,
    cache: Option<crate::cache::status::CacheStatus>,
    country: Option<String>,
    bytes_in: Option<u64>,
    origin_ms: u64,
    tries: u32,
}

/// Answers a request.
pub async fn handle<P: Platform>(
    platform: &P,
    isolate: &Isolate,
    inbound: Inbound<P::Stream>,
) -> Response<Body<P::Stream>> {
    let started_ms = platform.now_ms();
    let id = RequestId::new(started_ms, platform.random());
    let base = public_url(isolate, &inbound.parts);
    let mut notes = Notes::of(&inbound, id);
    let result = stages(platform, isolate, inbound, id, &mut notes).await;
    let elapsed_ms = platform.now_ms().saturating_sub(started_ms);
    let (response, line) = finish::finish(result, &notes, id, &base, started_ms, elapsed_ms);
    platform.log(&line);
    response
}

async fn stages<P: Platform>(
    platform: &P,
    isolate: &Isolate,
    inbound: Inbound<P::Stream>,
    id: RequestId,
    notes: &mut Notes,
) -> Result<Response<Body<P::Stream>>, Rejection> {
    if let Some(page) = problem_page(&inbound.parts) {
        return page;
    }
    let (api_version, path) = version::resolve(&inbound.parts)?;
    notes.api_version = Some(api_version.as_str());
    let route = isolate.routes.find(&inbound.parts.method, &path)?;
    notes.route = Some(route.name.clone());

    let caller =
        authenticate::authenticate(platform, isolate, route, &inbound.parts.headers).await?;
    notes.caller = Some(caller.clone());
    authenticate::in_scope(route, &caller)?;
    let taken = limit::admit(platform, isolate, route, &caller, &inbound).await;
    notes.limit = taken.as_ref().ok().cloned().flatten();
    if let Err(limit::Refused { rejection, taken }) = taken {
        notes.limit = taken;
        return Err(rejection);
    }

    let call = forward::Call {
        isolate,
        route,
        caller,
        api_version,
        path,
        id,
    };
    if let Some(policy) = &route.cache {
        cache::serve(platform, &call, policy, inbound, notes).await
    } else {
        replay::serve(platform, &call, inbound, notes).await
    }
}

/// The page behind a problem's `type`, which needs no version, caller or origin.
fn problem_page<S>(parts: &http::request::Parts) -> Option<Result<Response<Body<S>>, Rejection>> {
    let code = parts.uri.path().strip_prefix("/problems/")?;
    if !matches!(parts.method, Method::GET | Method::HEAD) {
        return Some(Err(Rejection::MethodNotAllowed {
            allow: "GET, HEAD".to_owned(),
        }));
    }
    let Some(html) = shared::problem::page(code) else {
        return Some(Err(Rejection::NoRoute));
    };
    let mut response = Response::new(Body::Bytes(html.into()));
    *response.status_mut() = StatusCode::OK;
    let fields = response.headers_mut();
    fields.insert(
        header::CONTENT_TYPE,
        const { http::HeaderValue::from_static("text/html; charset=utf-8") },
    );
    fields.insert(
        header::CACHE_CONTROL,
        const { http::HeaderValue::from_static("public, max-age=3600") },
    );
    Some(Ok(response))
}

fn public_url(isolate: &Isolate, parts: &http::request::Parts) -> String {
    if let Some(url) = &isolate.settings.public_url {
        return url.trim_end_matches('/').to_owned();
    }
    let scheme = parts.uri.scheme_str().unwrap_or("https");
    let host = parts
        .uri
        .authority()
        .map_or("localhost", http::uri::Authority::as_str);
    format!("{scheme}://{host}")
}

impl Notes {
    fn of<S>(inbound: &Inbound<S>, id: RequestId) -> Self {
        let text = |name: &str| {
            let value = inbound.parts.headers.get(name)?.to_str().ok()?;
            Some(value.chars().take(128).collect::<String>())
        };
        Self {
            client_request_id: text(shared::header::REQUEST_ID),
            trace: trace::Trace::of(&inbound.parts.headers, id),
            method: inbound.parts.method.clone(),
            path: inbound.parts.uri.path().to_owned(),
            country: inbound.country.clone(),
            bytes_in: text("content-length").and_then(|length| length.parse().ok()),
            ..Self::default()
        }
    }
}
