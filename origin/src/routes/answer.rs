//! How reads and writes of somebody's resources are answered: fields, bodies, and what `Prefer`
//! leaves out.

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::prefer::Return;
use super::{conditional, private};
use crate::refusal::Refusal;
use crate::sealed::Secret;

/// A resource's JSON, its members in the documented order.
pub(super) fn json(resource: &impl Serialize) -> Result<Vec<u8>, Refusal> {
    serde_json::to_vec(resource).map_err(|error| {
        tracing::error!(%error, "a resource can't be written");
        Refusal::Internal
    })
}

fn tagged(etag: &str) -> HeaderMap {
    let (name, value) = private();
    let mut fields = HeaderMap::from_iter([(name, value)]);
    if let Ok(etag) = HeaderValue::from_str(etag) {
        fields.insert(header::ETAG, etag);
    }
    fields
}

/// 200 with what belongs to somebody, or 304 if the client has it.
pub(super) fn shown(
    request: &HeaderMap,
    etag: &str,
    resource: &impl Serialize,
) -> Result<Response, Refusal> {
    let fields = tagged(etag);
    if conditional::unchanged(request, etag) {
        return Ok((StatusCode::NOT_MODIFIED, fields).into_response());
    }
    let content = [(header::CONTENT_TYPE, "application/json")];
    Ok((fields, content, json(resource)?).into_response())
}

/// 201 with the new resource, or with its fields alone if the client prefers that.
pub(super) fn created(
    request: &HeaderMap,
    location: &str,
    etag: &str,
    resource: &impl Serialize,
) -> Result<Response, Refusal> {
    let mut response = written(request, StatusCode::CREATED, etag, resource)?;
    let location = HeaderValue::from_str(location).map_err(|_| Refusal::Internal)?;
    response.headers_mut().insert(header::LOCATION, location);
    Ok(response)
}

/// 200 with the changed resource, or 204 if the client prefers that.
pub(super) fn changed(
    request: &HeaderMap,
    etag: &str,
    resource: &impl Serialize,
) -> Result<Response, Refusal> {
    written(request, StatusCode::OK, etag, resource)
}

/// The same, of an answer that shows a secret.
pub(super) fn secret(mut response: Response) -> Response {
    response.extensions_mut().insert(Secret);
    response
}

/// 204: it is gone.
pub(super) fn deleted() -> Response {
    (StatusCode::NO_CONTENT, [private()]).into_response()
}

fn written(
    request: &HeaderMap,
    status: StatusCode,
    etag: &str,
    resource: &impl Serialize,
) -> Result<Response, Refusal> {
    let asked = Return::asked(request);
    let mut fields = tagged(etag);
    if let Some(asked) = asked {
        let name = HeaderName::from_static("preference-applied");
        fields.insert(name, HeaderValue::from_static(asked.as_str()));
    }
    if asked == Some(Return::Minimal) {
        let status = match status {
            StatusCode::OK => StatusCode::NO_CONTENT,
            other => other,
        };
        return Ok((status, fields).into_response());
    }
    let content = [(header::CONTENT_TYPE, "application/json")];
    Ok((status, fields, content, json(resource)?).into_response())
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;
    use serde_json::json;

    use super::*;

    #[tokio::test]
    async fn preferences_decide_the_body() {
        for (prefer, created_is, changed_is, applied, body) in [
            ("", 201, 200, "", true),
            ("return=minimal", 201, 204, "return=minimal", false),
            (
                "return=representation",
                201,
                200,
                "return=representation",
                true,
            ),
        ] {
            let request = HeaderMap::from_iter([(
                HeaderName::from_static("prefer"),
                HeaderValue::from_static(prefer),
            )]);
            for (response, status, location) in [
                (
                    created(&request, "/x/1", "\"1\"", &json!({})),
                    created_is,
                    "/x/1",
                ),
                (changed(&request, "\"1\"", &json!({})), changed_is, ""),
            ] {
                let (head, content) = response.unwrap().into_parts();
                let field = |name: &str| {
                    head.headers
                        .get(name)
                        .map_or("", |value| value.to_str().unwrap())
                };
                assert_eq!(head.status.as_u16(), status, "{prefer}");
                assert_eq!(field("etag"), "\"1\"");
                assert_eq!(field("location"), location);
                assert_eq!(field("preference-applied"), applied);
                assert_eq!(field("cache-control"), "private, no-store");
                assert_eq!(head.headers.contains_key("content-type"), body);
                let content = to_bytes(content, 10).await.unwrap();
                assert_eq!(!content.is_empty(), body, "{prefer}");
            }
        }
    }
}
