//! What the provider tells by itself: signed events, by Standard Webhooks or by Stripe's own scheme
//! ([`super::stripe`]).
//!
//! 1. A signature must hold over id, time and bytes, 2. the time must be within five minutes of ours,
//! 3. the body must be an event. An event of a kind that we don't know is none of our business.

use std::fmt;

use http::HeaderMap;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use shared::money::{Currency, Money};
use standardwebhooks::Webhook;
use uuid::Uuid;

use super::{Charged, stripe};

/// How old an event may be, or how far ahead its clock.
const WINDOW_SECONDS: i64 = 5 * 60;

/// The secret, ready for use.
pub struct Verifier(Scheme);

/// How the provider signs.
enum Scheme {
    Standard(Webhook),
    Stripe(SecretString),
}

/// A charge that the provider has decided about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Derives from the event's id: an event that comes again is the same.
    pub event: Uuid,
    /// Our name for the charge.
    pub reference: String,
    /// What became of it.
    pub charged: Charged,
    /// How much.
    pub amount: Money,
}

/// Why an event is not heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// A field is missing or can't be read.
    #[error("the fields that sign it must all be there")]
    Unsigned,
    /// It is not the provider's, or was altered.
    #[error("the signature does not hold")]
    Forged,
    /// It may be a repetition of an old one.
    #[error("the signature's time is more than five minutes away from ours")]
    Stale,
    /// The body is no event.
    #[error("the body is no event")]
    Unreadable,
}

#[derive(Deserialize)]
struct Event {
    r#type: String,
    data: serde_json::Value,
}

#[derive(Deserialize)]
struct Charge {
    id: String,
    reference: String,
    decline_code: Option<String>,
    amount: i64,
    currency: Currency,
}

impl fmt::Debug for Verifier {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Verifier(…)")
    }
}

impl Verifier {
    /// Of a secret: `whsec_` and base64.
    pub fn new(secret: &SecretString) -> anyhow::Result<Self> {
        let webhook = Webhook::new(secret.expose_secret()).map_err(|_| {
            anyhow::anyhow!("PAYMENT_WEBHOOK_SECRET must be `whsec_` and base64 of the secret")
        })?;
        Ok(Self(Scheme::Standard(webhook)))
    }

    /// Of Stripe's secret for one endpoint, `whsec_…`, which is used as it stands.
    pub const fn stripe(secret: SecretString) -> Self {
        Self(Scheme::Stripe(secret))
    }

    /// The notice, or `None` for an event of another kind.
    pub fn read(
        &self,
        fields: &HeaderMap,
        body: &[u8],
        now_seconds: i64,
    ) -> Result<Option<Notice>, Refused> {
        let webhook = match &self.0 {
            Scheme::Standard(webhook) => webhook,
            Scheme::Stripe(secret) => {
                return stripe::signature::read(secret, fields, body, now_seconds);
            }
        };
        let field = |name: &str| fields.get(name)?.to_str().ok();
        let id = field(standardwebhooks::HEADER_WEBHOOK_ID).ok_or(Refused::Unsigned)?;
        let time = field(standardwebhooks::HEADER_WEBHOOK_TIMESTAMP).ok_or(Refused::Unsigned)?;
        let sent = field(standardwebhooks::HEADER_WEBHOOK_SIGNATURE).ok_or(Refused::Unsigned)?;
        let time: i64 = time.parse().map_err(|_| Refused::Unsigned)?;
        let ours = webhook
            .sign(id, time, body)
            .map_err(|_| Refused::Unreadable)?;
        // Several may stand there while the provider changes its secret.
        if !sent.split(' ').any(|signature| same(signature, &ours)) {
            return Err(Refused::Forged);
        }
        if !is_fresh(time, now_seconds) {
            return Err(Refused::Stale);
        }
        let event: Event = serde_json::from_slice(body).map_err(|_| Refused::Unreadable)?;
        if !matches!(
            event.r#type.as_str(),
            "charge.succeeded" | "charge.declined"
        ) {
            return Ok(None);
        }
        let charge: Charge = serde_json::from_value(event.data).map_err(|_| Refused::Unreadable)?;
        Ok(Some(Notice {
            event: derived(id),
            reference: charge.reference,
            charged: Charged {
                id: charge.id,
                decline_code: charge.decline_code,
            },
            amount: Money {
                amount: charge.amount,
                currency: charge.currency,
            },
        }))
    }
}

/// Whether an event of that time is neither old nor ahead.
pub(super) const fn is_fresh(time: i64, now_seconds: i64) -> bool {
    time.abs_diff(now_seconds) <= WINDOW_SECONDS.unsigned_abs()
}

/// Compares all of it, wherever the first difference is, so that its place can't be timed.
pub(super) fn same(one: &str, other: &str) -> bool {
    one.len() == other.len()
        && one
            .bytes()
            .zip(other.bytes())
            .fold(0, |differences, (a, b)| differences | (a ^ b))
            == 0
}

/// The inbox knows events by UUID.
pub(super) fn derived(id: &str) -> Uuid {
    let digest = Sha256::digest(id);
    let mut bytes = [0; 16];
    for (to, from) in bytes.iter_mut().zip(digest) {
        *to = from;
    }
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
    const BODY: &str = r#"{"id":"evt_1","type":"charge.succeeded","created":1,"data":
        {"id":"ch_1","reference":"ord-1","status":"succeeded","decline_code":null,
         "method":"pm_card_visa","amount":5,"currency":"USD","created":1}}"#;

    fn signed(secret: &str, time: i64, body: &str) -> HeaderMap {
        let signature = Webhook::new(secret).unwrap();
        let signature = signature.sign("evt_1", time, body.as_bytes()).unwrap();
        let mut fields = HeaderMap::new();
        for (name, value) in [
            ("webhook-id", "evt_1".to_owned()),
            ("webhook-timestamp", time.to_string()),
            ("webhook-signature", format!("v1,bm90aGluZw== {signature}")),
        ] {
            fields.insert(name, value.parse().unwrap());
        }
        fields
    }

    #[test]
    fn only_fresh_events_of_the_provider_are_heard() {
        let other = "whsec_AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=";
        let verifier = Verifier::new(&SECRET.to_owned().into()).unwrap();
        let read = |fields: &HeaderMap, body: &str| {
            let read = verifier.read(fields, body.as_bytes(), 1_000);
            read.map(|notice| notice.is_some())
        };
        let unknown = BODY.replace("charge.succeeded", "payout.paid");
        for (fields, body, expected) in [
            (signed(SECRET, 1_000, BODY), BODY, Ok(true)),
            (signed(SECRET, 700, BODY), BODY, Ok(true)),
            (signed(SECRET, 1_300, BODY), BODY, Ok(true)),
            (signed(SECRET, 699, BODY), BODY, Err(Refused::Stale)),
            (signed(SECRET, 1_301, BODY), BODY, Err(Refused::Stale)),
            (signed(other, 1_000, BODY), BODY, Err(Refused::Forged)),
            (signed(SECRET, 1_000, BODY), &unknown, Err(Refused::Forged)),
            (signed(SECRET, 1_000, &unknown), &unknown, Ok(false)),
            (signed(SECRET, 1_000, "{}"), "{}", Err(Refused::Unreadable)),
            (HeaderMap::new(), BODY, Err(Refused::Unsigned)),
        ] {
            assert_eq!(read(&fields, body), expected, "{fields:?}");
        }
    }

    #[test]
    fn a_notice_says_what_was_charged() {
        let verifier = Verifier::new(&SECRET.to_owned().into()).unwrap();
        let fields = signed(SECRET, 1_000, BODY);
        let notice = verifier.read(&fields, BODY.as_bytes(), 1_000);
        let notice = notice.unwrap().unwrap();
        assert_eq!(
            (notice.reference.as_str(), notice.amount.amount),
            ("ord-1", 5)
        );
        assert_eq!(notice.charged.id, "ch_1");
        assert_eq!(notice.event, derived("evt_1"));
        assert_ne!(notice.event, derived("evt_2"));
    }
}
