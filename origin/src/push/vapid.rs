//! Who pushes, told to the push service [RFC 8292]: a token for it alone, signed with the shop's key.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use http::Uri;
use serde_json::json;

use crate::identity::pair::{Algorithm, Pair};

/// How long a token says that it holds: a day at most is allowed [RFC 8292 §2].
const HOLDS: TimeDelta = TimeDelta::hours(12);

/// The shop's key.
pub struct Vapid {
    pair: Pair,
    /// The public half, as browsers take it.
    pub public_key: String,
}

impl Vapid {
    /// Of a stored secret; `None` if it can't be read.
    pub fn read(secret: &[u8]) -> Option<Self> {
        let pair = Pair::read(Algorithm::Es256, secret)?;
        let public_key = URL_SAFE_NO_PAD.encode(pair.point()?);
        Some(Self { pair, public_key })
    }

    /// `Authorization` of a push to this endpoint; whom its operator may ask about us is `contact`.
    pub fn authorization(&self, endpoint: &Uri, contact: &str, now: DateTime<Utc>) -> String {
        let part = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let service = format!(
            "{}://{}",
            endpoint.scheme_str().unwrap_or("https"),
            endpoint.authority().map_or("", |it| it.as_str())
        );
        let head = part(json!({"typ": "JWT", "alg": "ES256"}));
        let claims = part(json!({
            "aud": service,
            "exp": (now + HOLDS).timestamp(),
            "sub": contact,
        }));
        let signed = format!("{head}.{claims}");
        let signature = URL_SAFE_NO_PAD.encode(self.pair.sign(&signed));
        format!("vapid t={signed}.{signature},k={}", self.public_key)
    }
}
