//! Forward: a request for the origin, with the caller signed. Its tries: [`super::pool`].
//!
//! 1. The origin gets path and query without the version, and who is calling in a signed assertion
//!    that is minted for this try.
//! 2. Every inbound field that could be taken for ours is dropped, whichever of `-`, `_` and `.` its
//!    name is written with, and so are the fields of one hop [RFC 9110 §7.6.1]. Credentials by Basic alone
//!    pass, on routes whose origin asks for them.
//! 3. What comes back loses its hop's fields and those that are between the origin and us.

use std::rc::Rc;

use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Request, Response};
use shared::assertion::{Asserted, Provenance};
use shared::caller::Caller;
use shared::feed::Position;
use shared::header as ours;
use shared::id::RequestId;
use shared::idempotency::Fingerprint;
use shared::version::ApiVersion;
use shared::versions;

use super::pool::{self, Ready, Way};
use super::{Isolate, Notes};
use crate::config::{Auth, Route};
use crate::platform::{Body, FetchError, Platform};
use crate::pool::Reach;
use crate::rejection::Rejection;

/// A request that passed every check before the origin. It can't be made without a caller.
pub(super) struct Call<'a> {
    pub(super) isolate: &'a Isolate,
    pub(super) route: &'a Route,
    pub(super) caller: Caller,
    pub(super) api_version: ApiVersion,
    /// Without the version.
    pub(super) path: String,
    /// The version as it stood before the path, such as `/v2`; empty if Accept names it, or nothing.
    pub(super) prefix: String,
    pub(super) id: RequestId,
    /// From where the request came, for whom it is forwarded.
    pub(super) provenance: Provenance,
}

/// The request's fields as the origin shall see them, whatever the client speaks: conditions with
/// the origin's own tags, and JSON in place of a media type that names a version. Answers are not
/// compressed on this way, since they may be read here.
pub(super) fn prepare(call: &Call<'_>, version_in_accept: bool, fields: &mut HeaderMap) {
    super::encode::conditions(fields);
    if call.route.convert.is_some() {
        super::convert::conditions(call.api_version, fields);
    }
    if version_in_accept {
        fields.insert(
            header::ACCEPT,
            const { HeaderValue::from_static(crate::config::JSON) },
        );
    }
    fields.insert(
        header::ACCEPT_ENCODING,
        const { HeaderValue::from_static("identity") },
    );
}

/// What goes to the origin.
pub(super) struct Outbound<S> {
    pub(super) method: Method,
    pub(super) query: Option<String>,
    pub(super) fields: HeaderMap,
    pub(super) body: Body<S>,
    /// Whom the origin shall see; a shared copy is fetched for nobody in particular.
    pub(super) caller: Caller,
    /// What the client speaks; a shared copy is of the latest version.
    pub(super) api_version: ApiVersion,
    /// What the client's key stands for, if it sent one.
    pub(super) fingerprint: Option<Fingerprint>,
    /// What the answer must not be older than, for one that may come from a copy of the database.
    pub(super) position: Option<Position>,
}

/// Sends it.
pub(super) async fn forward<P: Platform>(
    platform: &P,
    call: &Call<'_>,
    outbound: Outbound<P::Stream>,
    notes: &mut Notes,
) -> Result<Response<Body<P::Stream>>, Rejection> {
    let started_ms = platform.now_ms();
    let Ready { request, way } = request(platform, call, outbound, notes)?;
    let result = send(platform, &way, request, call.route.timeout_ms).await;
    notes.tries += way.tries.get();
    notes.origin_ms += platform.now_ms().saturating_sub(started_ms);
    result.map_err(Rejection::Origin)
}

/// The request as it is sent first, the caller signed for this one try, and what its tries need.
pub(super) fn request<P: Platform>(
    platform: &P,
    call: &Call<'_>,
    outbound: Outbound<P::Stream>,
    notes: &Notes,
) -> Result<Ready<P::Stream>, Rejection> {
    let target = match &outbound.query {
        Some(query) => format!("{}?{query}", call.path),
        None => call.path.clone(),
    };
    let mut fields = outbound.fields;
    let repeats = outbound.method.is_safe() || outbound.fingerprint.is_some();
    let mut way = Way {
        origins: call.isolate.pools.get(call.route.pool.as_ref()),
        reach: if call.route.own_origins {
            Reach::OwnFirst
        } else {
            Reach::Listed
        },
        settings: Rc::clone(&call.isolate.settings),
        asserted: None,
        provenance: Provenance::default(),
        repeats: repeats && !call.isolate.gateway.transparent,
        tries: Rc::default(),
    };
    if call.isolate.gateway.transparent {
        strip_hop(&mut fields);
        fields.remove(header::HOST);
        // Whoever took the request in has answered it.
        fields.remove(header::EXPECT);
    } else {
        let asserted = Asserted {
            caller: outbound.caller,
            api_version: outbound.api_version.as_str().to_owned(),
            prefix: call.prefix.clone(),
            request_id: call.id.to_string(),
            converter: (outbound.fingerprint.is_some() && versions::converts(outbound.api_version))
                .then_some(call.isolate.settings.converters),
            fingerprint: outbound.fingerprint,
            position: outbound.position,
        };
        let now_seconds = i64::try_from(platform.now_ms() / 1000).unwrap_or(i64::MAX);
        let keys = &call.isolate.settings.assertion_keys;
        // What is fetched for everybody came from nobody in particular.
        if !super::cache::is_for(call, &outbound.method) {
            way.provenance = call.provenance.clone();
        }
        let method = outbound.method.as_str();
        let assertion = keys
            .sign_with(&asserted, &way.provenance, method, &target, now_seconds)
            .and_then(|text| HeaderValue::from_str(&text).ok())
            .ok_or(Rejection::Malformed(
                "The caller's name can't be handed on.",
            ))?;
        strip_inbound(&mut fields, call.route.auth);
        fields.insert(ours::ASSERTION, assertion);
        way.asserted = Some(asserted);
        if let Ok(parent) = HeaderValue::from_str(&notes.trace.parent) {
            fields.insert("traceparent", parent);
        }
    }
    let mut request = Request::new(outbound.body);
    *request.method_mut() = outbound.method;
    *request.uri_mut() = target
        .parse()
        .map_err(|_| Rejection::Malformed("The path can't be read."))?;
    *request.headers_mut() = fields;
    Ok(Ready { request, way })
}

/// Its tries, within a time.
pub(super) async fn send<P: Platform>(
    platform: &P,
    way: &Way,
    request: Request<Body<P::Stream>>,
    timeout_ms: u32,
) -> Result<Response<Body<P::Stream>>, FetchError> {
    // On the heap, so that the code of its many states stands in the Worker once.
    let mut response = Box::pin(pool::send(platform, way, request, timeout_ms)).await?;
    strip_hop(response.headers_mut());
    Ok(response)
}

/// How long is left for a body after the headers took their time.
pub(super) const BODY_TIMEOUT_MS: u32 = 10_000;

/// Reads an answer's body, in full.
pub(super) async fn read<P: Platform>(
    platform: &P,
    body: Body<P::Stream>,
    bytes_max: usize,
) -> Result<bytes::Bytes, Rejection> {
    platform
        .read(body, bytes_max, BODY_TIMEOUT_MS)
        .await
        .map_err(|_| Rejection::Origin(FetchError::Cut))
}

/// Fields of one hop.
const HOP: [HeaderName; 9] = [
    header::CONNECTION,
    header::TRANSFER_ENCODING,
    header::TE,
    header::TRAILER,
    header::UPGRADE,
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
];

fn strip_hop(fields: &mut HeaderMap) {
    let listed: Vec<HeaderName> = fields
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .filter_map(|name| HeaderName::from_bytes(name.trim().as_bytes()).ok())
        .collect();
    for name in listed.iter().chain(&HOP) {
        fields.remove(name);
    }
}

/// Names that only we may write, folded; a trailing dash stands for all that begins so.
const OURS: [&str; 13] = [
    "headgate-",
    "authorization",
    "x-api-key",
    "x-request-id",
    "cookie",
    "host",
    "forwarded",
    "x-forwarded-",
    "x-real-ip",
    "x-user-",
    "cf-",
    "true-client-ip",
    "expect",
];

fn strip_inbound(fields: &mut HeaderMap, auth: Auth) {
    strip_hop(fields);
    let basic = Some(&*fields)
        .filter(|_| auth == Auth::Origin)
        .and_then(basic);
    let spoofs: Vec<HeaderName> = fields
        .keys()
        .filter(|name| is_ours(name.as_str()))
        .cloned()
        .collect();
    for name in spoofs {
        fields.remove(name);
    }
    if let Some(basic) = basic {
        fields.insert(header::AUTHORIZATION, basic);
    }
}

/// The one `Authorization` field, if it is Basic and nothing else [RFC 7617 §2].
fn basic(fields: &HeaderMap) -> Option<HeaderValue> {
    let mut lines = fields.get_all(header::AUTHORIZATION).iter();
    let line = lines.next()?;
    let (scheme, credentials) = line.to_str().ok()?.split_once(' ')?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte);
    (lines.next().is_none()
        && scheme.eq_ignore_ascii_case("basic")
        && credentials.bytes().all(plain))
    .then(|| line.clone())
}

fn is_ours(name: &str) -> bool {
    let folded = name.replace(['_', '.'], "-");
    OURS.iter().any(|own| {
        if own.ends_with('-') {
            folded.starts_with(own)
        } else {
            folded == *own
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_spelling_of_our_fields_passes() {
        for (name, expected) in [
            ("headgate-assertion", true),
            ("headgate_assertion", true),
            ("headgate.assertion", true),
            ("headgate-anything", true),
            ("authorization", true),
            ("x_api_key", true),
            ("x-forwarded-for", true),
            ("x_forwarded.host", true),
            ("cf-connecting-ip", true),
            ("cookie", true),
            ("accept", false),
            ("idempotency-key", false),
            ("content-type", false),
            ("if-none-match", false),
        ] {
            assert_eq!(is_ours(name), expected, "{name}");
        }
    }

    #[test]
    fn a_hop_keeps_its_fields() {
        let mut fields = HeaderMap::new();
        for (name, value) in [
            ("connection", "close, X-Private"),
            ("x-private", "1"),
            ("te", "trailers"),
            ("etag", "\"1\""),
        ] {
            fields.append(name, value.parse().unwrap());
        }
        strip_hop(&mut fields);
        assert_eq!(
            fields.keys().map(HeaderName::as_str).collect::<Vec<_>>(),
            ["etag"]
        );
    }
}
