//! Reading a request that carries an idempotency key.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Method, Uri, header};
use bytes::Bytes;
use serde::de::DeserializeOwned;
use shared::body::Check;
use shared::caller::Principal;
use shared::header as field;
use shared::idempotency::{Fingerprint, Key};
use shared::problem::{Code, FieldError, Problem};
use utoipa::ToSchema;

use super::{body, traceparent};
use crate::identity::middleware::Known;
use crate::refusal::Refusal;
use crate::store::order::key::{Call, KeyId, Kind};

/// A keyed request, read whole.
pub(super) struct Keyed {
    /// The request and its key.
    pub(super) call: Call,
    /// What the key stands for.
    pub(super) fingerprint: Fingerprint,
    bytes: Bytes,
    is_json: bool,
}

/// The request's key, if it has one.
pub(super) fn key(headers: &HeaderMap) -> Result<Option<Key>, Refusal> {
    let lines = headers.get_all(field::IDEMPOTENCY_KEY);
    let key = Key::from_fields(lines.iter().map(HeaderValue::as_bytes));
    Ok(key.map_err(|why| Problem::new(Code::IdempotencyKeyInvalid, format!("{why}.")))?)
}

/// What a request stands for: as the edge said, since the body here may be one that was carried up
/// from an older version, or as it came.
pub(super) fn fingerprint(
    known: &Known,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    bytes: &[u8],
) -> Fingerprint {
    let media_type = headers.get(header::CONTENT_TYPE);
    let path = uri.path();
    known.fingerprint.clone().unwrap_or_else(|| {
        Fingerprint::of(
            method.as_str(),
            path.strip_prefix("/v2").unwrap_or(path),
            uri.query(),
            media_type.and_then(|value| value.to_str().ok()),
            &known.api_version,
            bytes,
        )
    })
}

/// Reads a POST that needs a key.
pub(super) async fn post(
    kind: Kind,
    known: &Known,
    principal: &Principal,
    uri: &Uri,
    headers: &HeaderMap,
    content: Body,
) -> Result<Keyed, Refusal> {
    let key = key(headers)?.ok_or_else(|| {
        Problem::new(
            Code::IdempotencyKeyRequired,
            "Send an Idempotency-Key: a random UUID for each new request, the same one with each \
             retry of it.",
        )
    })?;
    let bytes = body::read(content).await?;
    Ok(Keyed {
        call: Call {
            id: KeyId {
                account: principal.account.clone(),
                mode: principal.mode,
                key,
            },
            kind,
            path: known.client_path(uri),
            request_id: known.request_id.clone(),
            traceparent: traceparent(headers).map(str::to_owned),
            converter: known.converter,
        },
        fingerprint: fingerprint(known, &Method::POST, uri, headers, &bytes),
        bytes,
        is_json: body::is(headers, body::JSON),
    })
}

impl Keyed {
    /// The body as a checked document. Its faults are told after the key was looked up.
    pub(super) fn document<T: DeserializeOwned + Check + ToSchema>(&self) -> Result<T, Refusal> {
        self.document_complete(|_| Ok(()))
    }

    /// The same, where `complete` says which member is missing.
    pub(super) fn document_complete<T: DeserializeOwned + Check + ToSchema>(
        &self,
        complete: impl FnOnce(&T) -> Result<(), FieldError>,
    ) -> Result<T, Refusal> {
        if self.is_json {
            body::complete(&self.bytes, complete)
        } else {
            Err(Refusal::MediaType(body::JSON))
        }
    }

    /// The same, and an empty body is an empty document.
    pub(super) fn document_or_empty<T: DeserializeOwned + Check + ToSchema>(
        &self,
    ) -> Result<T, Refusal> {
        if self.bytes.is_empty() {
            return body::checked(b"{}");
        }
        self.document()
    }
}
