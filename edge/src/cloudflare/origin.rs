//! The origin and the issuers' key documents: one `fetch` each, redirects never followed.
//!
//! The deadline of a fetch ends with the response's head; reading a body has one of its own, and a
//! body that passes through unread has none, since its pace is the client's.

use bytes::Bytes;
use http::{Request, Response};
use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::boundary::{self, Stream};
use super::parts::Cloudflare;
use crate::platform::wire;
use crate::platform::{Body, FetchError, Origin, ReadError};

/// Largest key document that is read.
const KEYS_BYTES_MAX: usize = 256 * 1024;

impl Origin for Cloudflare {
    type Stream = Stream;

    async fn fetch(
        &self,
        request: Request<Body<Stream>>,
        timeout_ms: u32,
    ) -> Result<Response<Body<Stream>>, FetchError> {
        let (parts, body) = request.into_parts();
        let url = parts.uri.to_string();
        let fields = wire::write(&parts.headers, !body.is_empty());
        send(
            parts.method.as_str(),
            &url,
            &fields,
            &boundary::to_js(body),
            timeout_ms,
        )
        .await
    }

    async fn read(
        &self,
        body: Body<Stream>,
        bytes_max: usize,
        timeout_ms: u32,
    ) -> Result<Bytes, ReadError> {
        match body {
            Body::Empty => Ok(Bytes::new()),
            Body::Bytes(bytes) if bytes.len() <= bytes_max => Ok(bytes),
            Body::Bytes(_) => Err(ReadError::TooLarge),
            Body::Stream(stream) => read(&stream, bytes_max, timeout_ms).await,
        }
    }

    fn fork(&self, body: &Body<Stream>) -> Option<Body<Stream>> {
        Some(match body {
            Body::Empty => Body::Empty,
            Body::Bytes(bytes) => Body::Bytes(bytes.clone()),
            Body::Stream(Stream(owner)) => Body::Stream(Stream(boundary::fork(owner).ok()?)),
        })
    }

    async fn fetch_keys(&self, url: &str, timeout_ms: u32) -> Result<Bytes, FetchError> {
        let none = JsValue::UNDEFINED;
        let response = send("GET", url, "accept\napplication/json", &none, timeout_ms).await?;
        if response.status() != http::StatusCode::OK {
            return Err(FetchError::Cut);
        }
        let Body::Stream(stream) = response.into_body() else {
            return Err(FetchError::Cut);
        };
        read(&stream, KEYS_BYTES_MAX, timeout_ms)
            .await
            .map_err(|_| FetchError::Cut)
    }
}

async fn send(
    method: &str,
    url: &str,
    fields: &str,
    body: &JsValue,
    timeout_ms: u32,
) -> Result<Response<Body<Stream>>, FetchError> {
    let sent = boundary::send(method, url, fields, body, timeout_ms);
    let sent = sent.map_err(|error| fault(&error))?;
    let response = JsFuture::from(sent).await.map_err(|error| fault(&error))?;
    boundary::received(response).map_err(|_| FetchError::Cut)
}

async fn read(stream: &Stream, bytes_max: usize, timeout_ms: u32) -> Result<Bytes, ReadError> {
    // A whole number of bytes below 2^53, so the conversion is exact.
    #[expect(clippy::cast_precision_loss, reason = "a limit is far below 2^53")]
    let reading = boundary::read_body(&stream.0, bytes_max as f64, timeout_ms);
    let reading = reading.map_err(|_| ReadError::Cut)?;
    let read = JsFuture::from(reading).await.map_err(|_| ReadError::Cut)?;
    let bytes = read
        .dyn_into::<Uint8Array>()
        .map_err(|_| ReadError::TooLarge)?;
    Ok(bytes.to_vec().into())
}

/// What a failed fetch means. The platform has no codes, only names and sentences, so whatever is
/// not known to have failed before it was sent counts as sent.
fn fault(error: &JsValue) -> FetchError {
    let text = |name: &str| {
        Reflect::get(error, &name.into())
            .ok()
            .and_then(|text| text.as_string())
            .unwrap_or_default()
    };
    if text("name") == "TimeoutError" {
        return FetchError::Timeout;
    }
    let message = text("message");
    worker::console_warn!("fetch failed: {message}");
    if message.contains("onnection refused") || message.contains("DNS lookup failed") {
        FetchError::Unreachable
    } else {
        FetchError::Cut
    }
}
