//! Asymmetric signatures by `crypto.subtle`, several times faster than Wasm; the keys that it
//! imported are kept by the isolate.

use js_sys::Uint8Array;
use wasm_bindgen_futures::JsFuture;

use super::boundary;
use super::parts::Cloudflare;
use crate::identity::Algorithm;
use crate::platform::Signatures;

impl Signatures for Cloudflare {
    async fn verify(
        &self,
        algorithm: Algorithm,
        jwk: &serde_json::Value,
        message: &[u8],
        signature: &[u8],
    ) -> bool {
        let (message, signature) = (Uint8Array::from(message), Uint8Array::from(signature));
        let jwk = jwk.to_string();
        let Ok(verifying) = boundary::verify(algorithm.as_str(), &jwk, message, signature) else {
            return false;
        };
        // A key that can't be imported verifies nothing.
        JsFuture::from(verifying)
            .await
            .is_ok_and(|holds| holds.is_truthy())
    }
}
