//! What is sent, and its signatures [Standard Webhooks 1.0].
//!
//! Over `id.timestamp.body` there are two kinds: `v1`, HMAC-SHA256 under a secret that both sides
//! know, and `v1a`, Ed25519, for who would rather keep no secret. After a rotation the secrets of both
//! generations sign for a while, so that a receiver takes the new one up when it likes.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_compact::{KeyPair, Seed};
use serde_json::{Value, json};
use shared::id::WebhookId;
use shared::idempotency::DerivationKey;

/// The event that a test sends.
pub const PING: &str = "ping";

/// The text of a message: what happened, when, and the resource after it.
pub fn body(kind: &str, timestamp: &str, data: &Value) -> String {
    json!({"type": kind, "timestamp": timestamp, "data": data}).to_string()
}

/// The keys of one generation.
pub struct Keys {
    secret: [u8; 32],
    pair: KeyPair,
}

impl Keys {
    /// Those of a webhook.
    pub fn derive(key: &DerivationKey, webhook: WebhookId, generation: u32) -> Self {
        Self {
            secret: key.webhook_secret(webhook, generation),
            pair: KeyPair::from_seed(Seed::new(key.webhook_seed(webhook, generation))),
        }
    }

    /// The secret as the receiver keeps it.
    pub fn secret(&self) -> String {
        format!("whsec_{}", STANDARD.encode(self.secret))
    }

    /// The public key as the receiver keeps it.
    pub fn public_key(&self) -> String {
        format!("whpk_{}", STANDARD.encode(self.pair.pk.as_slice()))
    }

    fn signatures(&self, id: &str, timestamp: i64, body: &str) -> Option<[String; 2]> {
        let webhook = standardwebhooks::Webhook::from_bytes(self.secret.to_vec()).ok()?;
        let symmetric = webhook.sign(id, timestamp, body.as_bytes()).ok()?;
        let signed = self.pair.sk.sign(format!("{id}.{timestamp}.{body}"), None);
        let asymmetric = format!("v1a,{}", STANDARD.encode(signed.as_slice()));
        Some([symmetric, asymmetric])
    }
}

/// The field `webhook-signature`: both kinds by each of the generations, the newest first.
pub fn signature(keys: &[Keys], id: &str, timestamp: i64, body: &str) -> String {
    let all = keys
        .iter()
        .filter_map(|keys| keys.signatures(id, timestamp, body))
        .flatten();
    all.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use ed25519_compact::{PublicKey, Signature};

    use super::*;

    fn keys(generation: u32) -> Keys {
        let key = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE"
            .parse()
            .unwrap();
        Keys::derive(&key, WebhookId::new(1, [1; 10]), generation)
    }

    #[test]
    fn the_text_has_the_documented_members() {
        let text = body(
            "order.created",
            "2026-01-01T00:00:00.000Z",
            &json!({"id": 1}),
        );
        let read: Value = serde_json::from_str(&text).unwrap();
        let expected = json!({"type": "order.created", "timestamp": "2026-01-01T00:00:00.000Z",
            "data": {"id": 1}});
        assert_eq!(read, expected);
    }

    #[test]
    fn each_generation_signs_in_both_ways() {
        let (old, new) = (keys(1), keys(2));
        assert_ne!(old.secret(), new.secret());
        let (id, body) = ("evt_1", r#"{"type":"ping"}"#);
        let field = signature(&[keys(2), keys(1)], id, 5, body);
        let signatures: Vec<_> = field.split(' ').collect();
        assert_eq!(signatures.len(), 4, "{field}");
        for (place, keys) in [new, old].iter().enumerate() {
            // By the published library, from what the receiver keeps.
            let receiver = standardwebhooks::Webhook::new(&keys.secret()).unwrap();
            let expected = receiver.sign(id, 5, body.as_bytes()).unwrap();
            assert_eq!(signatures[place * 2], expected);
            let kept = keys.public_key();
            let public = STANDARD
                .decode(kept.strip_prefix("whpk_").unwrap())
                .unwrap();
            let public = PublicKey::from_slice(&public).unwrap();
            let sent = signatures[place * 2 + 1].strip_prefix("v1a,").unwrap();
            let sent = Signature::from_slice(&STANDARD.decode(sent).unwrap()).unwrap();
            assert!(public.verify(format!("{id}.5.{body}"), &sent).is_ok());
            assert!(public.verify(format!("{id}.6.{body}"), &sent).is_err());
        }
    }
}
