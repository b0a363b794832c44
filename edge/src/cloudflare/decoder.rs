//! Request bodies in gzip and br, decoded by the platform's zlib, which stops at the limit.

use bytes::Bytes;
use js_sys::Uint8Array;
use wasm_bindgen::JsCast;

use super::boundary;
use super::parts::Cloudflare;
use crate::encoding::Coding;
use crate::encoding::decode::Undecodable;
use crate::platform::Decoder;

impl Decoder for Cloudflare {
    fn decode(&self, coding: Coding, body: &[u8], bytes_max: usize) -> Result<Bytes, Undecodable> {
        // A whole number of bytes below 2^53, so the conversion is exact.
        #[expect(clippy::cast_precision_loss, reason = "a limit is far below 2^53")]
        let decoded = boundary::decode(coding.as_str(), Uint8Array::from(body), bytes_max as f64)
            .map_err(|_| Undecodable::Corrupt)?;
        let bytes = decoded
            .dyn_into::<Uint8Array>()
            .map_err(|_| Undecodable::TooLarge)?;
        Ok(bytes.to_vec().into())
    }
}
