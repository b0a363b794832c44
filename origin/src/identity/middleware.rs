//! Around every request: who calls, under which id, and the document of a refusal.
//!
//! Decides, in this order:
//! 1. `Headgate-Assertion` present: it must hold for this method, path and query. Nothing else is
//!    looked at.
//! 2. There is a place for it ([`crate::admission`]), before the database is asked anything; and somebody
//!    still waits for the answer. A read whose time is over is given up, whatever it waits for; a change
//!    only while it has not begun.
//! 3. Open routes (health, readiness, key set, OpenAPI document, problem pages, webhooks) need nobody.
//! 4. Routes at which the body says who it is (signing in) look at no token: the one that a client
//!    still sends along may have expired.
//! 5. Direct callers switched on: a Bearer token must hold and not be revoked, none is an anonymous
//!    caller.
//! 6. Otherwise 401: whoever comes without the edge is a stranger.
//!
//! Its store, signing keys and revocations, is the database: down means 503 for direct callers (closed).

use std::any::Any;
use std::net::{IpAddr, SocketAddr};
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header};
use shared::caller::{Caller, Principal};
use shared::header as field;
use shared::id::SessionId;
use shared::idempotency::Fingerprint;
use shared::version::ApiVersion;
use tokio::time::{Instant, timeout_at};

use super::token;
use crate::admission::{self, Current, Priority};
use crate::app::Shop;
use crate::arrival::{Arrival, TRACEPARENT, traceparent};
use crate::metrics::UNMATCHED;
use crate::reads::Wanted;
use crate::refusal::{self, Facts, Refusal};
use crate::routes::position;
use crate::store::revocation;
use crate::store::work::Claimed;

static ASSERTION: HeaderName = HeaderName::from_static(field::ASSERTION);
static BOUNDED: [HeaderName; 3] = {
    let [one, two, three] = field::BOUNDED;
    [
        HeaderName::from_static(one),
        HeaderName::from_static(two),
        HeaderName::from_static(three),
    ]
};

/// What later stages know of the request.
#[derive(Debug, Clone)]
pub struct Known {
    /// Who calls.
    pub caller: Caller,
    /// Our id of the request.
    pub request_id: String,
    /// What the edge took off the client's path, such as `/v2`.
    pub prefix: String,
    /// The version that the client speaks; a part of what its key stands for.
    pub api_version: String,
    /// The client's address, if the edge said it, or if there is none.
    pub address: Option<IpAddr>,
    /// The client's country, if the edge said it.
    pub country: Option<String>,
    /// The session that the access token belongs to.
    pub session: Option<SessionId>,
    /// What the client's key stands for, when the edge has said so: the body here may be one that
    /// was carried up from an older version.
    pub fingerprint: Option<Fingerprint>,
    /// Which revision of the converters the edge carries the answer down with.
    pub converter: Option<u16>,
    /// How new what is read has to be.
    pub wanted: Wanted,
    /// The transaction that the client's key is claimed in, when the change shall join it.
    pub claimed: Option<Claimed>,
}

impl Known {
    /// The path as the client sent it, before the edge took the version off.
    pub fn client_path(&self, uri: &Uri) -> String {
        format!("{}{}", self.prefix, uri.path())
    }

    /// The principal, if it carries the scope.
    pub fn allowed(&self, scope: &'static str) -> Result<&Principal, Refusal> {
        let principal = self.caller.principal().ok_or(Refusal::TokenMissing)?;
        if principal.may(scope) {
            Ok(principal)
        } else {
            Err(Refusal::Scope(scope))
        }
    }
}

/// The middleware.
pub async fn around(State(shop): State<Shop>, mut request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let uri = request.uri().clone();
    let keyed = !matches!(method, Method::GET | Method::HEAD)
        && request.headers().contains_key(field::IDEMPOTENCY_KEY);
    let now = shop.platform.now();
    let traceparent = traceparent(request.headers()).map(str::to_owned);
    let route = request.extensions().get::<MatchedPath>().cloned();
    let template = route.as_ref().map(MatchedPath::as_str);
    let named = template.unwrap_or(UNMATCHED);
    let arrival = Arrival::new(now, &method, &uri, named, traceparent.as_deref());
    let peer = request
        .extensions()
        .get()
        .map(|ConnectInfo(peer): &ConnectInfo<SocketAddr>| peer.ip());
    let priority = Priority::of(&method, template, keyed);
    let ends = budget(request.headers()).map(|budget| Instant::now() + budget);
    if let Some(ours) = arrival
        .span
        .traceparent()
        .and_then(|text| text.try_into().ok())
    {
        request.headers_mut().insert(&TRACEPARENT, ours);
    }
    let asserted = asserted(&shop, &method, &uri, request.headers(), now);
    let (request_id, path) = match &asserted {
        Ok(Some(known)) => (known.request_id.clone(), known.client_path(&uri)),
        _ => (
            shop.platform.request_id().to_string(),
            uri.path().to_owned(),
        ),
    };
    let response = async {
        let asserted = asserted?;
        let Some(place) = shop.admission.enter(priority) else {
            return Err(Refusal::Overloaded(admission::retry_after(&shop.platform)));
        };
        let work = async {
            let known = match asserted {
                Some(known) => known,
                // On the heap, since behind an edge nobody comes directly and the future is a big one.
                None => {
                    let fields = request.headers();
                    Box::pin(direct(&shop, uri.path(), fields, peer, &request_id, now)).await?
                }
            };
            bounded(request.headers())?;
            request.extensions_mut().insert(known);
            // A panic of one is not the end of others on its connection.
            let done = AssertUnwindSafe(next.run(request)).catch_unwind().await;
            done.map_err(|panic| panicked(&*panic))
        };
        admission::within(Current { place, ends }, in_time(&method, ends, work)).await
    };
    let response: Result<Response, Refusal> = arrival.span.around(response).await;
    let response = response.unwrap_or_else(IntoResponse::into_response);
    let facts = Facts {
        public_url: &shop.public_url,
        path: &path,
        request_id: &request_id,
        keyed,
    };
    arrival.answered(&shop, &request_id, refusal::render(response, &facts))
}

fn panicked(panic: &(dyn Any + Send)) -> Refusal {
    let message = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    tracing::error!(message, "a handler panicked");
    Refusal::Internal
}

/// Conditions and preferences are short enough to be read.
pub(crate) fn bounded(headers: &HeaderMap) -> Result<(), Refusal> {
    let long = BOUNDED
        .iter()
        .find(|name| field::is_too_long(headers.get_all(*name).iter().map(HeaderValue::len)));
    long.map_or(Ok(()), |name| Err(Refusal::FieldTooLong(name.as_str())))
}

fn open(path: &str) -> bool {
    let path = path.strip_prefix("/v2").unwrap_or(path);
    matches!(
        path,
        "/webhooks/payments"
            | "/healthz"
            | "/readyz"
            | "/metrics"
            | "/.well-known/jwks.json"
            | "/openapi.json"
            | "/docs"
    ) || path.starts_with("/problems/")
        || path.starts_with("/docs/")
}

fn unasked(path: &str) -> bool {
    let path = path.strip_prefix("/v2").unwrap_or(path);
    matches!(path, "/sessions" | "/sessions/refresh" | "/oauth/token")
}

/// How long somebody waits for the answer.
pub(crate) fn budget(headers: &HeaderMap) -> Option<Duration> {
    let said = headers.get(field::BUDGET_MS)?.to_str().ok()?;
    said.parse::<u32>()
        .ok()
        .map(|ms| Duration::from_millis(ms.into()))
}

/// Works while somebody waits: a read to its end, a change until it has begun.
async fn in_time(
    method: &Method,
    ends: Option<Instant>,
    work: impl Future<Output = Result<Response, Refusal>>,
) -> Result<Response, Refusal> {
    match ends {
        Some(ends) if ends <= Instant::now() => Err(Refusal::Late),
        Some(ends) if method.is_safe() => {
            timeout_at(ends, work).await.unwrap_or(Err(Refusal::Late))
        }
        _ => work.await,
    }
}

/// What the edge says of who calls, if it says anything.
pub(crate) fn asserted(
    shop: &Shop,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    now: DateTime<Utc>,
) -> Result<Option<Known>, Refusal> {
    let target = uri.path_and_query().map_or("/", PathAndQuery::as_str);
    let mut assertions = headers.get_all(&ASSERTION).iter();
    if let Some(assertion) = assertions.next() {
        let malformed = || Refusal::Assertion(shared::assertion::Refused::Malformed);
        let text = std::str::from_utf8(assertion.as_bytes()).map_err(|_| malformed())?;
        if assertions.next().is_some() {
            return Err(malformed());
        }
        let (asserted, provenance) = shop
            .assertion_keys
            .verify_with(text, method.as_str(), target, now.timestamp())
            .map_err(Refusal::Assertion)?;
        return Ok(Some(Known {
            caller: asserted.caller,
            request_id: asserted.request_id,
            prefix: asserted.prefix,
            api_version: asserted.api_version,
            address: provenance.address,
            country: provenance.country,
            session: provenance.session.and_then(|text| text.parse().ok()),
            fingerprint: asserted.fingerprint,
            converter: asserted.converter,
            wanted: Wanted::asserted(asserted.position),
            claimed: None,
        }));
    }
    Ok(None)
}

/// Who calls without the edge.
async fn direct(
    shop: &Shop,
    path: &str,
    headers: &HeaderMap,
    peer: Option<IpAddr>,
    request_id: &str,
    now: DateTime<Utc>,
) -> Result<Known, Refusal> {
    let mut session = None;
    let caller = if open(path) {
        Caller::Anonymous
    } else if !shop.direct_tokens {
        return Err(Refusal::TokenMissing);
    } else if unasked(path) {
        Caller::Anonymous
    } else if let Some(token) = bearer(headers)? {
        let keys = shop.keys.current(&shop.pool, now).await?;
        let verified = token::verify(&keys, &shop.issuer, &shop.audience, token, now)
            .map_err(Refusal::Token)?;
        let issued = verified
            .issued
            .and_then(|seconds| DateTime::from_timestamp(seconds, 0));
        let token_id = verified.token_id.as_deref();
        let subject = &verified.principal.subject;
        if revocation::applies(&shop.pool, token_id, subject, issued, now).await? {
            return Err(Refusal::Token(token::Refused::Revoked));
        }
        session = verified.session.and_then(|text| text.parse().ok());
        Caller::Known(verified.principal)
    } else {
        Caller::Anonymous
    };
    Ok(Known {
        caller,
        request_id: request_id.to_owned(),
        prefix: String::new(),
        api_version: ApiVersion::LATEST.to_string(),
        address: peer,
        country: None,
        session,
        fingerprint: None,
        converter: None,
        wanted: position::asked(headers)?.map_or(Wanted::Any, Wanted::Since),
        claimed: None,
    })
}

fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Refusal> {
    let mut fields = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = fields.next() else {
        return Ok(None);
    };
    let malformed = Refusal::Token(token::Refused::Malformed);
    let Some((scheme, token)) = value.to_str().ok().and_then(|text| text.split_once(' ')) else {
        return Err(malformed);
    };
    if fields.next().is_some() || !scheme.eq_ignore_ascii_case("bearer") {
        return Err(malformed);
    }
    Ok(Some(token.trim()))
}
