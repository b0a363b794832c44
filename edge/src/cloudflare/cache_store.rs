//! The location's Cache API as an opaque store: what RFC 9111 says is decided in `crate::cache`,
//! and the store sees a 200 with a long lifetime, whose record stands in one field.
//!
//! A hit's body stays a stream in JavaScript. When the store fails it is a miss.

use bytes::Bytes;
use js_sys::Uint8Array;
use wasm_bindgen_futures::JsFuture;

use super::boundary::{self, Stream};
use super::parts::Cloudflare;
use crate::cache::record::Record;
use crate::cache::wire;
use crate::platform::{Body, CacheStore};

/// The field that holds the record.
const FIELD: &str = "headgate-entry";
/// Longest lifetime that the store is asked for [RFC 9111 §1.2.2].
const SECONDS_MAX: u32 = 1 << 31;

impl CacheStore for Cloudflare {
    async fn load(&self, key: &str) -> Option<(Record, Body<Stream>)> {
        let loading = boundary::load(&wire::url(key)).ok()?;
        let response = JsFuture::from(loading).await.ok()?;
        if response.is_undefined() {
            return None;
        }
        let record = wire::read(&boundary::stored(&response, FIELD).ok()??)?;
        Some((record, Body::Stream(Stream(response))))
    }

    async fn keep(&self, key: &str, record: &Record, body: Bytes, ttl_seconds: u64) {
        if ttl_seconds == 0 {
            return;
        }
        let text = wire::write(record);
        let body = Uint8Array::from(body.as_ref());
        let seconds =
            u32::try_from(ttl_seconds).map_or(SECONDS_MAX, |seconds| seconds.min(SECONDS_MAX));
        let kept = match boundary::keep(&wire::url(key), FIELD, &text, body, seconds) {
            Ok(keeping) => JsFuture::from(keeping).await.map(drop),
            Err(error) => Err(error),
        };
        if let Err(error) = kept {
            worker::console_warn!("a copy could not be kept: {error:?}");
        }
    }
}
