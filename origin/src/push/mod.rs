//! Web push [RFC 8030]: a user's browsers hear what became of orders, also while no page is open.
//!
//! The consumer ([`crate::events::push`]) writes a delivery for each browser of the order's customer; the
//! [`Sender`](crate::sending::Sender) hands them to a [`PushGateway`], each by itself, until the push service takes it, the
//! browser is gone, or the news is old.

pub mod courier;
pub mod seal;
pub mod vapid;
pub mod web;

use async_trait::async_trait;
use base64::Engine;
use base64::alphabet::URL_SAFE;
use base64::engine::general_purpose::GeneralPurpose;
use base64::engine::{DecodePaddingMode, GeneralPurposeConfig};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use shared::body::{Check, Checks};
use shared::id::{EventId, PushSubscriptionId, UserId};

use crate::webhook::URL_BYTES_MAX;
use crate::webhook::address::Target;
use crate::webhook::schedule::Outcome;

/// Most browsers of one user.
pub const SUBSCRIPTIONS_MAX: i64 = 20;
/// How long a push is worth something: for as long it is tried, and kept by the push service.
pub const FRESH: TimeDelta = TimeDelta::days(1);

/// Bytes of a browser's public key: an uncompressed point of P-256.
const POINT_BYTES: usize = 65;
/// Bytes of a browser's secret [RFC 8291 §3.2].
const AUTH_BYTES: usize = 16;

/// A browser's keys, as its `PushSubscription` has them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PushKeys {
    /// Its public key, base64url.
    #[schema(max_length = 88, pattern = "^[A-Za-z0-9_-]{87}=?$")]
    pub p256dh: String,
    /// Its secret, base64url.
    #[schema(max_length = 24, pattern = "^[A-Za-z0-9_-]{22}(==)?$")]
    pub auth: String,
}

/// A browser that wants to hear of its user's orders: `endpoint` and `keys` of its `PushSubscription`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"endpoint": "https://push.example/s/1", "keys": {
    "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    "auth": "BTBZMqHH6r4Tts7J_aSIgg"}}))]
pub struct NewPushSubscription {
    /// Where its pushes are sent by POST: `https`, a public address, no user and no fragment.
    #[schema(
        max_length = 2000,
        format = "uri",
        pattern = r"^https?://[A-Za-z0-9.-]+(:([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?([/?][A-Za-z0-9._~:/?@!$&'()*+,;=%-]*)?$"
    )]
    pub endpoint: String,
    /// What its pushes are encrypted with.
    #[serde(deserialize_with = "shared::body::object")]
    pub keys: PushKeys,
}

/// Padding is the browser's choice.
const BASE64URL: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

impl PushKeys {
    /// The public key, if it is a point's form. Whether it is on the curve shows when it is used.
    pub fn p256dh(&self) -> Option<Vec<u8>> {
        let bytes = BASE64URL.decode(&self.p256dh).ok()?;
        (bytes.len() == POINT_BYTES && bytes.first() == Some(&4)).then_some(bytes)
    }

    /// The secret.
    pub fn auth(&self) -> Option<Vec<u8>> {
        let bytes = BASE64URL.decode(&self.auth).ok()?;
        (bytes.len() == AUTH_BYTES).then_some(bytes)
    }
}

impl Check for NewPushSubscription {
    fn check(&self, checks: &mut Checks) {
        if let Err(fault) = Target::parse(&self.endpoint) {
            checks.fault(
                "/endpoint",
                "format",
                fault.to_string(),
                format!(
                    "Send `endpoint` as the browser's `PushSubscription` has it: an https URL of at \
                     most {URL_BYTES_MAX} characters."
                ),
            );
        }
        let keys = [
            ("/keys/p256dh", self.keys.p256dh()),
            ("/keys/auth", self.keys.auth()),
        ];
        for (pointer, key) in keys {
            if key.is_none() {
                checks.fault(
                    pointer,
                    "format",
                    "not a key of a browser".to_owned(),
                    "Send `keys` as `PushSubscription.toJSON()` has them.".to_owned(),
                );
            }
        }
    }
}

/// A browser that hears of its user's orders. Its keys are not shown again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct PushSubscription {
    /// Always `push_subscription`.
    #[schema(pattern = "^push_subscription$")]
    pub object: &'static str,
    /// Its id.
    pub id: PushSubscriptionId,
    /// Whose it is.
    pub user_id: UserId,
    /// Where its pushes are sent.
    #[schema(max_length = 2000, pattern = r"^https?://[\x21-\x7e]+$")]
    pub endpoint: String,
    /// RFC 3339, UTC.
    #[schema(format = DateTime)]
    pub created_at: String,
}

/// What browsers need to subscribe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct PushKey {
    /// Always `push_key`.
    #[schema(pattern = "^push_key$")]
    pub object: &'static str,
    /// The shop's public key, base64url: `applicationServerKey` of `pushManager.subscribe()`.
    #[schema(max_length = 87, pattern = "^[A-Za-z0-9_-]{87}$")]
    pub public_key: String,
}

/// A push.
#[derive(Debug)]
pub struct Note<'a> {
    /// The browser's endpoint.
    pub endpoint: &'a str,
    /// The browser's public key.
    pub p256dh: &'a [u8],
    /// The browser's secret.
    pub auth: &'a [u8],
    /// Of which event: the same at each try.
    pub event: EventId,
    /// Its text.
    pub body: &'a str,
    /// Until when it is worth something.
    pub fresh_until: DateTime<Utc>,
}

/// A way to browsers.
#[async_trait]
pub trait PushGateway: Send + Sync {
    /// Hands one over, once. An error is ours: nobody was called.
    async fn push(&self, note: &Note<'_>, now: DateTime<Utc>) -> anyhow::Result<Outcome>;
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn subscriptions_are_checked() {
        let p256dh = format!("B{}", "A".repeat(86));
        let auth = "A".repeat(22);
        let endpoint = "https://push.example/s/1";
        for (endpoint, p256dh, auth, faults) in [
            (endpoint, p256dh.as_str(), auth.as_str(), &[][..]),
            (endpoint, &format!("{p256dh}="), &format!("{auth}=="), &[]),
            ("ftp://push.example", &p256dh, &auth, &["/endpoint"]),
            (endpoint, &"A".repeat(87), &auth, &["/keys/p256dh"]),
            (endpoint, "BAAA", &auth, &["/keys/p256dh"]),
            (endpoint, "?", "", &["/keys/auth", "/keys/p256dh"]),
            (endpoint, &p256dh, &"A".repeat(24), &["/keys/auth"]),
        ] {
            let body = json!({"endpoint": endpoint, "keys": {"p256dh": p256dh, "auth": auth}});
            let read = shared::body::parse::<NewPushSubscription>(body.to_string().as_bytes());
            let found: Vec<_> = match read {
                Ok(_) => vec![],
                Err(faults) => faults.into_iter().map(|fault| fault.pointer).collect(),
            };
            assert_eq!(found, faults, "{body}");
        }
    }
}
