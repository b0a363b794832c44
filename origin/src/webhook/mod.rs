//! Webhooks: others hear of events by POST, signed as Standard Webhooks has it.
//!
//! The consumer ([`crate::events::notification`]) writes a delivery for each webhook that wants an
//! event; a [`Sender`](crate::sending::Sender) sends them, each by itself, until the receiver takes it or the
//! tries are used up ([`schedule`]).

pub mod address;
pub mod connect;
pub mod courier;
mod delivery;
pub mod message;
pub mod post;
pub mod schedule;

use serde::{Deserialize, Serialize};
use shared::body::{Check, Checks};
use shared::event::EventType;
use shared::id::WebhookId;
use utoipa::openapi::schema::{Array, ArrayBuilder, ObjectBuilder, Type};

pub use delivery::{Attempt, Delivery, DeliveryStatus};

/// Most webhooks. Together with the bound on what is under way to one of them, it bounds what is
/// under way at all, so that no receiver's slowness takes a place from another.
pub const WEBHOOKS_MAX: i64 = 50;
/// Longest URL.
pub const URL_BYTES_MAX: usize = 2000;
/// All events.
pub const EVERY: &str = "*";
/// How long a replaced secret goes on unless asked otherwise.
pub const OVERLAP_SECONDS_DEFAULT: i64 = 24 * 3600;
/// How long it may go on.
pub const OVERLAP_SECONDS_MAX: i64 = 7 * 24 * 3600;

/// What an admin may write of a webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"url": "https://shop.example/hooks", "events": ["order.confirmed"]}))]
pub struct NewWebhook {
    /// Where events are sent by POST: `https`, a public address, no user and no fragment.
    #[schema(
        max_length = 2000,
        format = "uri",
        pattern = r"^https?://[A-Za-z0-9.-]+(:([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?([/?][A-Za-z0-9._~:/?@!$&'()*+,;=%-]*)?$"
    )]
    pub url: String,
    /// Which events, by name, or `*` for all.
    #[schema(schema_with = event_names)]
    pub events: Vec<String>,
    /// Whether it hears of events. One that is switched off hears of none that happen meanwhile; what
    /// waits for it already is sent once it is on again.
    #[serde(default = "yes")]
    pub enabled: bool,
}

/// Parts of it: a merge patch [RFC 7396].
#[derive(utoipa::ToSchema, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the document's form of what `Patch` reads")]
pub(crate) struct WebhookMergePatch {
    /// Where events are sent by POST.
    #[schema(
        nullable = false,
        max_length = 2000,
        format = "uri",
        pattern = r"^https?://[A-Za-z0-9.-]+(:([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?([/?][A-Za-z0-9._~:/?@!$&'()*+,;=%-]*)?$"
    )]
    url: Option<String>,
    /// Which events, by name, or `*` for all.
    #[schema(schema_with = event_names)]
    events: Option<Vec<String>>,
    /// Whether it hears of events.
    enabled: Option<bool>,
}

/// Names of events that a webhook may want.
fn event_names() -> Array {
    let names = EventType::ALL.iter().filter(|kind| !kind.is_internal());
    let names = names.map(|kind| kind.as_str()).chain([EVERY]);
    ArrayBuilder::new()
        .items(
            ObjectBuilder::new()
                .schema_type(Type::String)
                .enum_values(Some(names)),
        )
        .min_items(Some(1))
        .max_items(Some(EVENTS_MAX))
        .description(Some("Which events, by name, or `*` for all."))
        .build()
}

const fn yes() -> bool {
    true
}

/// Most names of events in one webhook.
const EVENTS_MAX: usize = 20;

impl Check for NewWebhook {
    fn check(&self, checks: &mut Checks) {
        if let Err(fault) = address::Target::parse(&self.url) {
            checks.fault(
                "/url",
                "format",
                fault.to_string(),
                format!(
                    "Send an https URL of at most {URL_BYTES_MAX} printable ASCII characters, \
                     without user and fragment."
                ),
            );
        }
        checks.count("/events", self.events.len(), 1, EVENTS_MAX);
        for (place, name) in self.events.iter().enumerate().take(EVENTS_MAX) {
            let known = EventType::parse(name).is_some_and(|kind| !kind.is_internal());
            if !known && name != EVERY {
                let names = EventType::ALL.iter().filter(|kind| !kind.is_internal());
                let names: Vec<_> = names.map(|kind| kind.as_str()).collect();
                checks.fault(
                    &format!("/events/{place}"),
                    "unknown",
                    "there is no such event".to_owned(),
                    format!("Send one of {}, or `{EVERY}`.", names.join(", ")),
                );
            }
        }
    }
}

/// How a secret is replaced.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"overlap_seconds": 86400}))]
pub struct Rotation {
    /// How long the replaced secret signs beside the new one, in seconds; a day unless it says
    /// otherwise.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 604_800)]
    pub overlap_seconds: Option<i64>,
}

impl Check for Rotation {
    fn check(&self, checks: &mut Checks) {
        if let Some(seconds) = self.overlap_seconds {
            checks.range("/overlap_seconds", seconds, 0, OVERLAP_SECONDS_MAX);
        }
    }
}

/// A webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Webhook {
    /// Always `webhook`.
    #[schema(pattern = "^webhook$")]
    pub object: &'static str,
    /// Its id.
    pub id: WebhookId,
    /// Where events are sent by POST.
    #[schema(max_length = 2000, pattern = r"^https?://[\x21-\x7e]+$")]
    pub url: String,
    /// Which events, by name, or `*` for all.
    #[schema(max_items = 20, max_length = 40, pattern = r"^(\*|[a-z]+\.[a-z]+)$")]
    pub events: Vec<String>,
    /// Whether it hears of events.
    pub enabled: bool,
    /// Whether it was switched off because its receiver answered 410.
    pub gone: bool,
    /// What its `v1a` signatures (Ed25519) are verified with: `whpk_` and base64.
    #[schema(max_length = 60, pattern = r"^whpk_[A-Za-z0-9+/=]+$")]
    pub public_key: String,
    /// RFC 3339, UTC.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// RFC 3339, UTC.
    #[schema(format = DateTime)]
    pub updated_at: String,
}

/// A webhook and its secret, which is shown once.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct WebhookWithSecret {
    /// The webhook.
    #[serde(flatten)]
    pub webhook: Webhook,
    /// What its `v1` signatures (HMAC-SHA256) are verified with: `whsec_` and base64. Keep it; it is
    /// not shown again.
    #[schema(max_length = 60, pattern = r"^whsec_[A-Za-z0-9+/=]+$")]
    pub secret: String,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn webhooks_are_checked() {
        let url = "https://shop.example/hooks";
        let long = format!("https://shop.example/{}", "x".repeat(URL_BYTES_MAX));
        for (body, faults) in [
            (json!({"url": url, "events": ["order.confirmed"]}), &[][..]),
            (json!({"url": url, "events": ["*"], "enabled": false}), &[]),
            (json!({"url": url}), &["/events"]),
            (json!({"url": url, "events": []}), &["/events"]),
            (json!({"url": url, "events": vec!["*"; 21]}), &["/events"]),
            (
                json!({"url": url, "events": ["order.exploded", "order.created"]}),
                &["/events/0"],
            ),
            // It is for the platform itself.
            (
                json!({"url": url, "events": ["cache.purge_requested"]}),
                &["/events/0"],
            ),
            (json!({"url": long, "events": ["*"]}), &["/url"]),
            (
                json!({"url": "ftp://shop.example", "events": ["*"]}),
                &["/url"],
            ),
            (
                json!({"url": url, "events": ["*"], "colour": 1}),
                &["/colour"],
            ),
        ] {
            let found = match shared::body::parse::<NewWebhook>(body.to_string().as_bytes()) {
                Ok(_) => vec![],
                Err(faults) => faults.into_iter().map(|fault| fault.pointer).collect(),
            };
            assert_eq!(found, faults, "{body}");
        }
    }
}
