//! The Rust half of the border with JavaScript; `boundary.js` is the other half, and says why.

use js_sys::{JsString, Promise, Uint8Array};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use worker::worker_sys::DurableObjectStorage;

use crate::platform::Body;
use crate::platform::wire::{self, Malformed, Unreadable};

/// A Request or Response whose body has not been read: the body stays in JavaScript.
#[derive(Debug, Clone)]
pub(super) struct Stream(pub(super) JsValue);

// Each import is `catch`: an exception through one that isn't would reset the whole instance.
#[wasm_bindgen(module = "/src/cloudflare/boundary.js")]
extern "C" {
    #[wasm_bindgen(catch, js_name = requestHead)]
    fn request_head(request: &web_sys::Request) -> Result<String, JsValue>;

    #[wasm_bindgen(catch, js_name = responseHead)]
    fn response_head(response: &JsValue) -> Result<String, JsValue>;

    #[wasm_bindgen(catch, js_name = respond)]
    fn js_respond(status: u16, fields: &str, body: &JsValue) -> Result<web_sys::Response, JsValue>;

    #[wasm_bindgen(catch)]
    pub(super) fn send(
        method: &str,
        url: &str,
        fields: &str,
        body: &JsValue,
        timeout_ms: u32,
    ) -> Result<Promise, JsValue>;

    #[wasm_bindgen(catch, js_name = readBody)]
    pub(super) fn read_body(
        owner: &JsValue,
        bytes_max: f64,
        timeout_ms: u32,
    ) -> Result<Promise, JsValue>;

    #[wasm_bindgen(catch)]
    pub(super) fn pause(ms: u32) -> Result<Promise, JsValue>;

    #[wasm_bindgen(catch)]
    pub(super) fn fork(owner: &JsValue) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch)]
    pub(super) fn decode(
        coding: &str,
        body: Uint8Array,
        bytes_max: f64,
    ) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch)]
    pub(super) fn load(url: &str) -> Result<Promise, JsValue>;

    #[wasm_bindgen(catch)]
    pub(super) fn stored(response: &JsValue, field: &str) -> Result<Option<String>, JsValue>;

    #[wasm_bindgen(catch)]
    pub(super) fn keep(
        url: &str,
        field: &str,
        entry: &str,
        body: Uint8Array,
        seconds: u32,
    ) -> Result<Promise, JsValue>;

    #[wasm_bindgen(catch, js_name = askForField)]
    pub(super) fn ask_for_field(
        objects: &JsValue,
        name: &str,
        url: &str,
        field: &str,
        timeout_ms: u32,
    ) -> Result<Promise, JsValue>;

    #[wasm_bindgen(catch, js_name = askForBody)]
    pub(super) fn ask_for_body(
        objects: &JsValue,
        name: &str,
        url: &str,
        body: Uint8Array,
        timeout_ms: u32,
    ) -> Result<Promise, JsValue>;

    #[wasm_bindgen(catch, js_name = putUnconfirmed)]
    pub(super) fn put_unconfirmed(
        storage: &DurableObjectStorage,
        key: &str,
        value: &str,
    ) -> Result<(), JsValue>;

    #[wasm_bindgen(catch)]
    pub(super) fn verify(
        algorithm: &str,
        jwk: &str,
        message: Uint8Array,
        signature: Uint8Array,
    ) -> Result<Promise, JsValue>;

    #[wasm_bindgen(catch, js_name = fillRandom)]
    pub(super) fn fill_random(bytes: &mut [u8]) -> Result<JsString, JsValue>;
}

/// The head of a request that came in, and its body.
pub(super) fn receive(
    request: web_sys::Request,
) -> Result<(wire::RequestHead, Body<Stream>), Unreadable> {
    let head = wire::request(request_head(&request).map_err(|_| Malformed)?)?;
    let body = if head.has_body {
        Body::Stream(Stream(request.into()))
    } else {
        Body::Empty
    };
    Ok((head, body))
}

/// A response that came in, its body unread.
pub(super) fn received(response: JsValue) -> Result<http::Response<Body<Stream>>, Malformed> {
    let (status, headers) = wire::response(response_head(&response).map_err(|_| Malformed)?)?;
    let mut received = http::Response::new(Body::Stream(Stream(response)));
    *received.status_mut() = status;
    *received.headers_mut() = headers;
    Ok(received)
}

/// A response that goes out.
pub(super) fn respond(
    response: http::Response<Body<Stream>>,
) -> Result<web_sys::Response, JsValue> {
    let (parts, body) = response.into_parts();
    let fields = wire::write(&parts.headers, !body.is_empty());
    js_respond(parts.status.as_u16(), &fields, &to_js(body))
}

/// A body as `boundary.js` takes it.
pub(super) fn to_js(body: Body<Stream>) -> JsValue {
    match body {
        Body::Bytes(bytes) if !bytes.is_empty() => Uint8Array::from(bytes.as_ref()).into(),
        Body::Empty | Body::Bytes(_) => JsValue::UNDEFINED,
        Body::Stream(Stream(owner)) => owner,
    }
}
