//! Replay: writes, and reads that belong to somebody.
//!
//! 1. A route that takes keys reads one: missing or malformed is 400. The body is read, since it is a
//!    part of what the key stands for: in a coding that we don't speak 415, over the route's limit 413,
//!    both before and after decoding.
//! 2. The caller's object elects, when it is asked for its limit ([`super::limit`]): a committed answer is
//!    replayed byte for byte; a duplicate of a request under way waits, then 409; another request under
//!    the key is 422.
//! 3. What is not replayed has its media type checked, 415, and goes up to the origin's version, 400. A
//!    body in the origin's own version is held against the API's document, 400 ([`crate::shapes`]).
//! 4. The leader goes to the origin and hands back what was committed, and only that.
//! 5. When the object is down: straight to the origin, which is the authority.
//!
//! The rules: [`crate::replay`].

use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Response, StatusCode};
use shared::header as ours;
use shared::idempotency::{Fingerprint, Key};
use shared::versions;

use super::forward::{self, Call, Outbound};
use super::{Inbound, Notes, convert, limit, media};
use crate::config::{Idempotency, JSON, Route};
use crate::encoding::decode::{self, Undecodable};
use crate::platform::{Body, Platform, ReadError};
use crate::rejection::Rejection;
use crate::replay::{Answer, BODY_BYTES_MAX, Claim, FIELDS};

/// How long a client may take to send its body.
const UPLOAD_TIMEOUT_MS: u32 = 10_000;

/// A request with a key of somebody, whose body was read.
pub(super) struct Keyed {
    pub(super) key: Key,
    pub(super) print: Fingerprint,
}

/// Reads key and body of a request whose answer may be kept; the body stays with the request.
pub(super) async fn keyed<P: Platform>(
    platform: &P,
    call: &Call<'_>,
    inbound: &mut Inbound<P::Stream>,
) -> Result<Option<Keyed>, Rejection> {
    if inbound.parts.method.is_safe() || call.caller.principal().is_none() {
        return Ok(None);
    }
    let Some(key) = key(call, &inbound.parts.headers)? else {
        return Ok(None);
    };
    let body = std::mem::replace(&mut inbound.body, Body::Empty);
    let body = read(platform, call, &inbound.parts.headers, body).await?;
    let print = fingerprint(call, &inbound.parts, &body);
    inbound.body = Body::Bytes(body);
    // It was decoded when it was read.
    inbound.parts.headers.remove(header::CONTENT_ENCODING);
    Ok(Some(Keyed { key, print }))
}

/// Answers what is not cached; a request with a key by what its caller's object says, if it could be asked.
pub(super) async fn serve<P: Platform>(
    platform: &P,
    call: &Call<'_>,
    inbound: Inbound<P::Stream>,
    keyed: Option<(Keyed, Option<Claim>)>,
    notes: &mut Notes,
) -> Result<Response<Body<P::Stream>>, Rejection> {
    let Inbound {
        mut parts, body, ..
    } = inbound;
    let Some((Keyed { key, print }, claim)) = keyed else {
        key(call, &parts.headers)?;
        let body = if parts.method.is_safe() {
            Bytes::new()
        } else {
            let body = read(platform, call, &parts.headers, body).await?;
            parts.headers.remove(header::CONTENT_ENCODING);
            body
        };
        return ask(platform, call, parts, body, None, notes).await;
    };
    let Body::Bytes(body) = body else {
        return Err(Rejection::BodyCut);
    };
    match claim {
        Some(Claim::Replay(answer)) => {
            notes.idempotency = Some("replayed");
            return Ok(replayed(answer));
        }
        Some(Claim::Wait) => {
            notes.idempotency = Some("in_progress");
            return Err(Rejection::InProgress);
        }
        Some(Claim::Differs(differing)) => {
            notes.idempotency = Some("reused");
            return Err(Rejection::KeyReused { differing });
        }
        Some(Claim::Lead) => notes.idempotency = Some("first"),
        None => {
            notes.idempotency = Some("unelected");
            return ask(platform, call, parts, body, Some(print), notes).await;
        }
    }
    let result = ask(platform, call, parts, body, Some(print.clone()), notes).await;
    let result = match result {
        Ok(response) => committed(platform, response, call).await,
        Err(rejection) => Err(rejection),
    };
    let answer = result.as_ref().ok().and_then(|(_, answer)| answer.clone());
    let ended = notes.limit.as_mut().and_then(limit::Taken::ending);
    let bucket = limit::bucket(&call.caller, None);
    let object = platform.clone();
    // It may follow the answer: a duplicate that comes before it waits for it.
    platform.defer(async move {
        let ended = ended.as_ref().map(|(terms, ask)| (terms, ask));
        // A lost end costs the next duplicate a wait of one lease at most.
        let _ = object.settle(&bucket, ended, &key, &print, answer).await;
    });
    result.map(|(response, _)| response)
}

/// Checks the body and asks the origin, in the origin's version.
async fn ask<P: Platform>(
    platform: &P,
    call: &Call<'_>,
    parts: http::request::Parts,
    body: Bytes,
    fingerprint: Option<Fingerprint>,
    notes: &mut Notes,
) -> Result<Response<Body<P::Stream>>, Rejection> {
    let http::request::Parts {
        method,
        uri,
        headers: mut fields,
        ..
    } = parts;
    let body = if method.is_safe() {
        // A body of a GET means nothing, and was not read [RFC 9110 §9.3.1].
        for name in [
            header::CONTENT_LENGTH,
            header::CONTENT_TYPE,
            header::CONTENT_ENCODING,
        ] {
            fields.remove(name);
        }
        Body::Empty
    } else {
        media::consumed(call.route, &method, call.api_version, &fields, &body)?;
        shaped(call, &method, &fields, &body)?;
        let body = convert::up(call, &fields, body)?;
        fields.remove(header::CONTENT_LENGTH);
        Body::Bytes(body)
    };
    // A search is a POST, and a read.
    let position = super::cache::since(&fields)?;
    let outbound = Outbound {
        method: method.clone(),
        query: convert::query(call, uri.query()),
        fields,
        body,
        caller: call.caller.clone(),
        api_version: call.api_version,
        fingerprint,
        position,
    };
    let response = forward::forward(platform, call, outbound, notes).await?;
    convert::down(platform, call, &method, response).await
}

/// The body has the shape that the origin would find, as far as that can be told here. What a converter
/// carries up is left to the origin, whose faults are carried down.
fn shaped(
    call: &Call<'_>,
    method: &Method,
    fields: &HeaderMap,
    body: &Bytes,
) -> Result<(), Rejection> {
    let converted = call.route.convert.is_some() && versions::converts(call.api_version);
    if !call.route.shape || converted || convert::essence(fields) != JSON {
        return Ok(());
    }
    let (shapes, path) = (&call.isolate.shapes, &call.route.path);
    let faults = shapes.faults(method.as_str(), path, body);
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Rejection::BodyInvalid(faults))
    }
}

/// Whether a key that was sent is one that the route takes, whatever else is wrong.
pub(super) fn is_accepted(route: &Route, keyed: &Result<Option<Keyed>, Rejection>) -> bool {
    route.idempotency != Idempotency::Ignored && !matches!(keyed, Err(Rejection::KeyInvalid(_)))
}

fn key(call: &Call<'_>, fields: &HeaderMap) -> Result<Option<Key>, Rejection> {
    if call.route.idempotency == Idempotency::Ignored {
        return Ok(None);
    }
    let lines = fields
        .get_all(ours::IDEMPOTENCY_KEY)
        .iter()
        .map(HeaderValue::as_bytes);
    let key = Key::from_fields(lines).map_err(Rejection::KeyInvalid)?;
    if key.is_none() && call.route.idempotency == Idempotency::Required {
        return Err(Rejection::KeyRequired);
    }
    Ok(key)
}

async fn read<P: Platform>(
    platform: &P,
    call: &Call<'_>,
    fields: &HeaderMap,
    body: Body<P::Stream>,
) -> Result<Bytes, Rejection> {
    let bytes_max = call.route.body_bytes_max;
    let coding = decode::coding(fields).map_err(|_| Rejection::ContentEncoding)?;
    let announced = fields
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|bytes| bytes > bytes_max) {
        return Err(Rejection::BodyTooLarge(bytes_max));
    }
    let bytes = platform
        .read(body, bytes_max, UPLOAD_TIMEOUT_MS)
        .await
        .map_err(|error| match error {
            ReadError::TooLarge => Rejection::BodyTooLarge(bytes_max),
            ReadError::Cut => Rejection::BodyCut,
        })?;
    match coding {
        None => Ok(bytes),
        Some(coding) => platform
            .decode(coding, &bytes, bytes_max)
            .map_err(|error| match error {
                Undecodable::TooLarge => Rejection::BodyTooLarge(bytes_max),
                Undecodable::Corrupt => Rejection::BodyCorrupt,
            }),
    }
}

fn fingerprint(call: &Call<'_>, parts: &http::request::Parts, body: &Bytes) -> Fingerprint {
    let media_type = parts
        .headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    Fingerprint::of(
        parts.method.as_str(),
        &call.path,
        parts.uri.query(),
        media_type,
        call.api_version.as_str(),
        body,
    )
}

/// The response, and the answer to keep if the origin says that it was committed.
async fn committed<P: Platform>(
    platform: &P,
    mut response: Response<Body<P::Stream>>,
    call: &Call<'_>,
) -> Result<(Response<Body<P::Stream>>, Option<Answer>), Rejection> {
    if response.headers_mut().remove(ours::COMMITTED).is_none() {
        return Ok((response, None));
    }
    let (parts, body) = response.into_parts();
    let body = forward::read(platform, body, BODY_BYTES_MAX).await?;
    let text = |name: &str| Some(parts.headers.get(name)?.to_str().ok()?.to_owned());
    let answer = Answer {
        status: parts.status.as_u16(),
        fields: FIELDS
            .into_iter()
            .filter_map(|name| Some((name.to_owned(), text(name)?)))
            .collect(),
        body: body.to_vec(),
        request_id: text(ours::ORIGINAL_REQUEST_ID).unwrap_or_else(|| call.id.to_string()),
    };
    Ok((Response::from_parts(parts, Body::Bytes(body)), Some(answer)))
}

fn replayed<S>(answer: Answer) -> Response<Body<S>> {
    let mut response = Response::new(Body::Bytes(answer.body.into()));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let fields = response.headers_mut();
    for (name, value) in &answer.fields {
        if let (Ok(name), Ok(value)) = (
            HeaderName::from_bytes(name.as_bytes()),
            HeaderValue::from_str(value),
        ) {
            fields.insert(name, value);
        }
    }
    fields.insert(
        header::CACHE_CONTROL,
        const { HeaderValue::from_static("private, no-store") },
    );
    fields.insert(
        ours::IDEMPOTENT_REPLAYED,
        const { HeaderValue::from_static("true") },
    );
    if let Ok(id) = HeaderValue::from_str(&answer.request_id) {
        fields.insert(ours::ORIGINAL_REQUEST_ID, id);
    }
    response
}
