//! What Stripe tells by itself: the time and an HMAC over it and the body, `Stripe-Signature:
//! t=…,v1=…`. Several `v1` may stand there while the secret changes; other schemes are not looked at.

use hmac::{Hmac, Mac};
use http::HeaderMap;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use sha2::Sha256;

use super::intent::Intent;
use crate::payment::webhook::{Notice, Refused, derived, is_fresh, same};

/// The field.
const SIGNATURE: &str = "stripe-signature";

#[derive(Deserialize)]
struct Event {
    id: String,
    r#type: String,
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    object: serde_json::Value,
}

/// The notice, or `None` for an event of another kind, or of an intent that is not ours.
pub(in crate::payment) fn read(
    secret: &SecretString,
    fields: &HeaderMap,
    body: &[u8],
    now_seconds: i64,
) -> Result<Option<Notice>, Refused> {
    let field = fields.get(SIGNATURE).and_then(|field| field.to_str().ok());
    let parts: Vec<_> = field
        .ok_or(Refused::Unsigned)?
        .split(',')
        .filter_map(|part| part.trim().split_once('='))
        .collect();
    let time = parts.iter().find(|(name, _)| *name == "t");
    let time: i64 = time
        .and_then(|(_, time)| time.parse().ok())
        .ok_or(Refused::Unsigned)?;
    let ours = signature(secret.expose_secret(), time, body).ok_or(Refused::Unreadable)?;
    let holds = |(name, theirs): &(&str, &str)| *name == "v1" && same(theirs, &ours);
    if !parts.iter().any(holds) {
        return Err(Refused::Forged);
    }
    if !is_fresh(time, now_seconds) {
        return Err(Refused::Stale);
    }
    let event: Event = serde_json::from_slice(body).map_err(|_| Refused::Unreadable)?;
    if !matches!(
        event.r#type.as_str(),
        "payment_intent.succeeded" | "payment_intent.payment_failed" | "payment_intent.canceled"
    ) {
        return Ok(None);
    }
    let intent: Intent =
        serde_json::from_value(event.data.object).map_err(|_| Refused::Unreadable)?;
    Ok(intent.told().map(|(reference, amount, charged)| Notice {
        event: derived(&event.id),
        reference,
        charged,
        amount,
    }))
}

/// HMAC-SHA256 over time and body, in hexadecimal. `None` never: HMAC takes keys of any length.
fn signature(secret: &str, time: i64, body: &[u8]) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    mac.update(time.to_string().as_bytes());
    mac.update(b".");
    mac.update(body);
    let digest = mac.finalize().into_bytes();
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16);
    let digits = digest.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = r#"{"id":"evt_1","type":"payment_intent.succeeded","data":{"object":
        {"id":"pi_1","object":"payment_intent","status":"succeeded","created":1,"amount":5,
         "currency":"usd","metadata":{"reference":"ord-1"},"last_payment_error":null,
         "latest_charge":"ch_1"}}}"#;

    fn field(value: &str) -> HeaderMap {
        let mut fields = HeaderMap::new();
        fields.insert(SIGNATURE, value.parse().unwrap());
        fields
    }

    #[test]
    fn the_signature_is_an_hmac_in_hexadecimal() {
        // hmac.new(b"whsec_test", b"1000.{}", hashlib.sha256).hexdigest() in Python.
        let expected = "291d03e2e8ca99ce6b2dd4a86974b888822bbc53e44c7c5718da223c4c86d444";
        let found = signature("whsec_test", 1_000, b"{}").unwrap();
        assert_eq!(found, expected);
    }

    #[test]
    fn only_fresh_events_of_stripe_are_heard() {
        let secret: SecretString = "whsec_one".to_owned().into();
        let v1 = |secret: &str, body: &str| signature(secret, 1_000, body.as_bytes()).unwrap();
        let fine = format!("t=1000,v0=x,v1=00,v1={}", v1("whsec_one", BODY));
        let read = |field: &HeaderMap, body: &str, now| {
            let read = super::read(&secret, field, body.as_bytes(), now);
            read.map(|notice| notice.is_some())
        };
        let other = BODY.replace("payment_intent.succeeded", "charge.succeeded");
        let foreign = BODY.replace("reference", "other");
        for (value, body, now, expected) in [
            (fine.clone(), BODY, 1_300, Ok(true)),
            (fine.clone(), BODY, 700, Ok(true)),
            (fine.clone(), BODY, 1_301, Err(Refused::Stale)),
            (fine.clone(), BODY, 699, Err(Refused::Stale)),
            (fine, "{}", 1_000, Err(Refused::Forged)),
            (
                format!("t=1000,v1={}", v1("whsec_two", BODY)),
                BODY,
                1_000,
                Err(Refused::Forged),
            ),
            (
                format!("t=1000,v0={}", v1("whsec_one", BODY)),
                BODY,
                1_000,
                Err(Refused::Forged),
            ),
            ("v1=00".to_owned(), BODY, 1_000, Err(Refused::Unsigned)),
            (
                format!("t=1000,v1={}", v1("whsec_one", &other)),
                &other,
                1_000,
                Ok(false),
            ),
            (
                format!("t=1000,v1={}", v1("whsec_one", &foreign)),
                &foreign,
                1_000,
                Ok(false),
            ),
            (
                format!("t=1000,v1={}", v1("whsec_one", "{}")),
                "{}",
                1_000,
                Err(Refused::Unreadable),
            ),
        ] {
            assert_eq!(read(&field(&value), body, now), expected, "{value}");
        }
        let none = super::read(&secret, &HeaderMap::new(), b"{}", 1_000);
        assert_eq!(none, Err(Refused::Unsigned));
    }
}
