//! Convert: requests of an older version go up to what the origin speaks, answers come down.
//!
//! 1. Conditions are mapped before any stage compares them: a version's tags carry its suffix.
//! 2. A body goes up after the replay, so that a repeated request is known by what the client sent;
//!    a fault is 400, in the client's own words.
//! 3. An answer comes down after the cache, whose copies all versions share, and before the replay
//!    keeps it: a replay repeats the bytes that the client got. So does one that the origin keeps,
//!    which names the revision of the converters that made the first answer.
//!
//! The converters: [`shared::versions`]. Which one a route needs is its `convert`.

use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderValue};
use http::{Method, Response};
use serde_json::{Value, json};
use shared::header as ours;
use shared::problem::MEDIA_TYPE;
use shared::version::ApiVersion;
use shared::versions::{self, Form};

use super::forward::{self, Call};
use crate::config::MERGE_PATCH;
use crate::platform::{Body, Platform};
use crate::rejection::Rejection;
use crate::tags;

/// Largest answer that is converted: a hundred products with the longest descriptions.
const BODY_BYTES_MAX: usize = 8 * 1024 * 1024;

/// What a version's tags end in.
fn suffix(version: ApiVersion) -> Option<String> {
    versions::converts(version).then(|| format!(".{version}"))
}

/// The request's conditions as the origin knows its tags.
pub(super) fn conditions(version: ApiVersion, fields: &mut HeaderMap) {
    if let Some(suffix) = suffix(version) {
        tags::map_conditions(fields, |tag| tags::unsuffixed(tag, &suffix));
    }
}

/// The request's query as the origin reads it.
pub(super) fn query(call: &Call<'_>, query: Option<&str>) -> Option<String> {
    let query = query?;
    Some(match call.route.convert {
        Some(resource) => versions::query_up(call.api_version, resource, query),
        None => query.to_owned(),
    })
}

/// The request's body as the origin reads it. What is no JSON is left to the origin to refuse.
pub(super) fn up(call: &Call<'_>, fields: &HeaderMap, body: Bytes) -> Result<Bytes, Rejection> {
    let version = call.api_version;
    let Some(resource) = call.route.convert.filter(|_| versions::converts(version)) else {
        return Ok(body);
    };
    let Ok(json) = serde_json::from_slice::<Value>(&body) else {
        return Ok(body);
    };
    let form = if essence(fields) == MERGE_PATCH {
        Form::MergePatch
    } else {
        Form::Whole
    };
    let raised = versions::up(version, resource, form, json).map_err(Rejection::BodyInvalid)?;
    Ok(raised.to_string().into())
}

/// The answer as the client's version has it.
pub(super) async fn down<P: Platform>(
    platform: &P,
    call: &Call<'_>,
    method: &Method,
    mut response: Response<Body<P::Stream>>,
) -> Result<Response<Body<P::Stream>>, Rejection> {
    let version = call.api_version;
    let (Some(suffix), Some(resource)) = (suffix(version), call.route.convert) else {
        return Ok(response);
    };
    let fields = response.headers_mut();
    let revision = fields
        .get(ours::CONVERTER)
        .and_then(|number| number.to_str().ok()?.parse().ok())
        .unwrap_or(call.isolate.settings.converters);
    let suffixed = fields
        .get(header::ETAG)
        .and_then(|tag| HeaderValue::from_str(&tags::suffixed(tag.to_str().ok()?, &suffix)).ok());
    if let Some(tag) = suffixed {
        fields.insert(header::ETAG, tag);
    }
    let media_type = essence(fields);
    let problem = media_type == MEDIA_TYPE;
    if !problem && media_type != crate::config::JSON {
        return Ok(response);
    }
    // HEAD keeps the origin's length for choosing a coding by; it goes in the end.
    if method == Method::HEAD {
        return Ok(response);
    }
    fields.remove(header::CONTENT_LENGTH);
    if response.body().is_empty() {
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    let bytes = forward::read(platform, body, BODY_BYTES_MAX).await?;
    let lowered = match serde_json::from_slice::<Value>(&bytes) {
        Ok(document) if problem => {
            let document = versions::problem_down(version, revision, resource, document);
            Bytes::from(current_etag(document, &suffix).to_string())
        }
        Ok(json) => versions::down(version, revision, resource, json)
            .to_string()
            .into(),
        Err(_) => bytes,
    };
    Ok(Response::from_parts(parts, Body::Bytes(lowered)))
}

/// A refused condition names the current tag, in a member and in its sentence.
fn current_etag(mut document: Value, suffix: &str) -> Value {
    let Some(tag) = document.get("current_etag").and_then(Value::as_str) else {
        return document;
    };
    let (ours, theirs) = (tag.to_owned(), tags::suffixed(tag, suffix));
    for place in ["/detail", "/error/message"] {
        if let Some(sentence) = document.pointer_mut(place)
            && let Some(text) = sentence.as_str()
        {
            *sentence = json!(text.replace(&ours, &theirs));
        }
    }
    if let Some(member) = document.get_mut("current_etag") {
        *member = json!(theirs);
    }
    document
}

/// The media type of a body, without parameters.
pub(super) fn essence(fields: &HeaderMap) -> String {
    fields
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_condition_names_the_tag_of_the_clients_version() {
        let document = json!({
            "detail": "Its ETag is \"3-low\" now.",
            "error": {"message": "Its ETag is \"3-low\" now."},
            "current_etag": "\"3-low\"",
        });
        assert_eq!(
            current_etag(document, ".v1"),
            json!({
                "detail": "Its ETag is \"3-low.v1\" now.",
                "error": {"message": "Its ETag is \"3-low.v1\" now."},
                "current_etag": "\"3-low.v1\"",
            })
        );
        let other = json!({"detail": "x"});
        assert_eq!(current_etag(other.clone(), ".v1"), other);
    }
}
