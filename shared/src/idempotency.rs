//! Idempotency: reading the key, telling two requests apart, and what derives from a key.
//!
//! One definition for both halves: the edge compares fingerprints to replay a copy, the origin to
//! replay the committed row, and both derive the same order id.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::caller::Mode;
use crate::canonical;
use crate::id::{OrderId, WebhookId};

/// Most bytes in a key.
pub const KEY_BYTES_MAX: usize = 255;

/// A well-formed key, without quotes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key(String);

/// Why an `Idempotency-Key` field is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidKey {
    /// It stands more than once, or holds what only several lines give when they are joined.
    #[error("the Idempotency-Key field stands more than once")]
    Repeated,
    /// Nothing in it.
    #[error("the Idempotency-Key field is empty")]
    Empty,
    /// Over [`KEY_BYTES_MAX`].
    #[error("the Idempotency-Key is over 255 bytes")]
    TooLong,
    /// Something else than printable ASCII.
    #[error("the Idempotency-Key holds something else than printable ASCII characters")]
    NotPrintable,
}

impl Key {
    /// The key from the request's `Idempotency-Key` field lines, `None` if there is none. The
    /// draft's quoted form and the bare form that most clients send are one key. Some platforms join
    /// lines by a comma and a blank before anybody sees them, so a bare key holds no such pair.
    pub fn from_fields<'a>(
        mut fields: impl Iterator<Item = &'a [u8]>,
    ) -> Result<Option<Self>, InvalidKey> {
        let Some(field) = fields.next() else {
            return Ok(None);
        };
        if fields.next().is_some() {
            return Err(InvalidKey::Repeated);
        }
        let text = std::str::from_utf8(field).map_err(|_| InvalidKey::NotPrintable)?;
        Self::parse(text.trim_matches([' ', '\t'])).map(Some)
    }

    fn parse(text: &str) -> Result<Self, InvalidKey> {
        let quoted = text
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'));
        if quoted.map_or_else(|| text.contains(", "), ends_early) {
            return Err(InvalidKey::Repeated);
        }
        let key = match quoted {
            Some(inner) => inner.replace("\\\"", "\"").replace("\\\\", "\\"),
            None => text.to_owned(),
        };
        if key.is_empty() {
            return Err(InvalidKey::Empty);
        }
        if key.len() > KEY_BYTES_MAX {
            return Err(InvalidKey::TooLong);
        }
        if !key.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
            return Err(InvalidKey::NotPrintable);
        }
        Ok(Self(key))
    }

    /// A key as it was stored: without quotes, checked when it came.
    pub const fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether a quote within a quoted text is its end.
fn ends_early(inner: &str) -> bool {
    let mut escaped = false;
    inner.bytes().any(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    })
}

/// The parts of a request that a fingerprint covers, in their order.
const PARTS: [&str; 6] = [
    "method",
    "path",
    "query",
    "media type",
    "API version",
    "body",
];
/// Bytes kept of each part's own digest, only to name what differs.
const HINT_BYTES: usize = 4;

/// A request's fingerprint: SHA-256 over method, path, sorted query, media type, API version and
/// canonical JSON body [RFC 8785; the raw bytes if it is not JSON], and a short digest of each part
/// so that a refusal can name the part that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// The fingerprint of a request. `path` is without the version's prefix.
    pub fn of(
        method: &str,
        path: &str,
        query: Option<&str>,
        media_type: Option<&str>,
        version: &str,
        body: &[u8],
    ) -> Self {
        let mut pairs: Vec<&str> = query.unwrap_or_default().split('&').collect();
        pairs.sort_unstable();
        let media_type = media_type
            .unwrap_or_default()
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        let canonical = serde_json::from_slice::<serde_json::Value>(body)
            .ok()
            .and_then(|json| canonical::text(&json));
        let parts: [&[u8]; PARTS.len()] = [
            method.as_bytes(),
            path.as_bytes(),
            &pairs.join("&").into_bytes(),
            media_type.as_bytes(),
            version.as_bytes(),
            canonical.as_deref().map_or(body, str::as_bytes),
        ];
        let mut whole = Sha256::new();
        let mut hints: Vec<u8> = Vec::with_capacity(PARTS.len() * HINT_BYTES);
        for part in parts {
            let digest = Sha256::digest(part);
            whole.update(digest);
            hints.extend(digest.iter().take(HINT_BYTES));
        }
        let mut bytes = whole.finalize().to_vec();
        bytes.extend(hints);
        Self(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// A fingerprint as it was stored.
    pub const fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The form to store.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The parts that differ from another request's; empty only for the same request.
    pub fn differing(&self, other: &Self) -> Vec<&'static str> {
        if self == other {
            return Vec::new();
        }
        let hints = |text: &str| {
            let bytes = URL_SAFE_NO_PAD.decode(text).unwrap_or_default();
            bytes.get(32..).map(<[u8]>::to_vec).unwrap_or_default()
        };
        let (ours, theirs) = (hints(&self.0), hints(&other.0));
        let named: Vec<_> = PARTS
            .into_iter()
            .zip(ours.chunks(HINT_BYTES).zip(theirs.chunks(HINT_BYTES)))
            .filter(|(_, (ours, theirs))| ours != theirs)
            .map(|(part, _)| part)
            .collect();
        if named.is_empty() {
            vec!["request"]
        } else {
            named
        }
    }
}

/// The secret that ids and the provider's keys derive from. Edge and origin hold the same one.
#[derive(Clone)]
pub struct DerivationKey([u8; 32]);

/// The text is not 32 bytes in base64url.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a derivation key is 32 bytes in base64url without padding")]
pub struct InvalidDerivationKey;

impl std::str::FromStr for DerivationKey {
    type Err = InvalidDerivationKey;

    fn from_str(text: &str) -> Result<Self, InvalidDerivationKey> {
        let bytes = URL_SAFE_NO_PAD
            .decode(text)
            .map_err(|_| InvalidDerivationKey)?;
        bytes.try_into().map(Self).map_err(|_| InvalidDerivationKey)
    }
}

impl std::fmt::Debug for DerivationKey {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("DerivationKey(…)")
    }
}

impl DerivationKey {
    /// HMAC-SHA256 over the parts, each behind its length so that no two lists of parts collide.
    fn derive(&self, parts: &[&str]) -> [u8; 32] {
        // HMAC takes keys of any length; the error is unreachable and would give a fixed digest.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else {
            return [0; 32];
        };
        for part in parts {
            mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            mac.update(part.as_bytes());
        }
        mac.finalize().into_bytes().into()
    }

    /// The order that this key creates, whoever asks and however often: UUIDv8 of the first 16
    /// bytes. The edge can name it before the origin knows it.
    pub fn order_id(&self, account: &str, mode: Mode, key: &Key) -> OrderId {
        let digest = self.derive(&["order", account, mode.as_str(), key.as_str()]);
        let mut bytes = [0; 16];
        bytes
            .iter_mut()
            .zip(digest)
            .for_each(|(to, from)| *to = from);
        OrderId::from_uuid(uuid::Builder::from_custom_bytes(bytes).into_uuid())
    }

    /// What an answer that holds a secret is sealed under while it is kept with its key.
    pub fn answer_key(&self, account: &str, mode: Mode, key: &Key) -> [u8; 32] {
        self.derive(&["answer", account, mode.as_str(), key.as_str()])
    }

    /// The key that goes to the payment provider with the `attempt`th charge: it outlives even the
    /// loss of our row, so that a charge can't be doubled.
    pub fn provider_key(&self, account: &str, mode: Mode, key: &Key, attempt: u32) -> String {
        let attempt = attempt.to_string();
        let digest = self.derive(&["charge", account, mode.as_str(), key.as_str(), &attempt]);
        URL_SAFE_NO_PAD.encode(digest)
    }

    /// The key that goes to the payment provider with the refund of a cancelled order: an order is
    /// cancelled once, so however often the refund is asked for, it is one.
    pub fn refund_key(&self, order: OrderId) -> String {
        URL_SAFE_NO_PAD.encode(self.derive(&["refund", &order.to_string()]))
    }

    /// The key that goes to the payment provider with a refund that was asked for under this key.
    pub fn asked_refund_key(&self, account: &str, mode: Mode, key: &Key) -> String {
        let digest = self.derive(&["asked refund", account, mode.as_str(), key.as_str()]);
        URL_SAFE_NO_PAD.encode(digest)
    }

    /// The key that goes to the payment provider with the refund of a charge that nobody ordered.
    pub fn stray_refund_key(&self, charge: &str) -> String {
        URL_SAFE_NO_PAD.encode(self.derive(&["stray", charge]))
    }

    /// What a webhook's messages are signed with (HMAC-SHA256), in this generation of its secrets: none
    /// of them is stored.
    pub fn webhook_secret(&self, webhook: WebhookId, generation: u32) -> [u8; 32] {
        self.derive(&["webhook", &webhook.to_string(), &generation.to_string()])
    }

    /// The seed of the pair of keys that a webhook's messages are signed with (Ed25519), likewise.
    pub fn webhook_seed(&self, webhook: WebhookId, generation: u32) -> [u8; 32] {
        let generation = generation.to_string();
        self.derive(&["webhook key pair", &webhook.to_string(), &generation])
    }

    /// The tag that proves a list's cursor to be ours: over its position and the list's scope
    /// (filters, order and, on private lists, whose list it is).
    pub fn cursor_tag(&self, scope: &str, position: &str) -> String {
        URL_SAFE_NO_PAD.encode(self.derive(&["cursor", scope, position]))
    }
}

/// The version of an order's UUID, for tests and checks.
pub fn is_derived(uuid: Uuid) -> bool {
    uuid.get_version_num() == 8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Key {
        Key::parse(text).unwrap()
    }

    type Row<'a> = (Vec<&'a [u8]>, Result<Option<&'a str>, InvalidKey>);

    #[test]
    fn keys() {
        let long = "k".repeat(KEY_BYTES_MAX);
        let longer = "k".repeat(KEY_BYTES_MAX + 1);
        let rows: Vec<Row<'_>> = vec![
            (vec![], Ok(None)),
            (vec![b"abc"], Ok(Some("abc"))),
            (vec![b" abc\t"], Ok(Some("abc"))),
            (vec![b"\"abc\""], Ok(Some("abc"))),
            (vec![b"\"a\\\"b\\\\\""], Ok(Some("a\"b\\"))),
            (vec![b"a b"], Ok(Some("a b"))),
            (vec![b"\"abc"], Ok(Some("\"abc"))),
            (vec![long.as_bytes()], Ok(Some(&long))),
            (vec![b""], Err(InvalidKey::Empty)),
            (vec![b"\"\""], Err(InvalidKey::Empty)),
            (vec![longer.as_bytes()], Err(InvalidKey::TooLong)),
            (vec![b"a\x7f"], Err(InvalidKey::NotPrintable)),
            (vec!["é".as_bytes()], Err(InvalidKey::NotPrintable)),
            (vec![b"\xff"], Err(InvalidKey::NotPrintable)),
            (vec![b"a", b"a"], Err(InvalidKey::Repeated)),
            (vec![b"a,b"], Ok(Some("a,b"))),
            (vec![b"\"a, b\""], Ok(Some("a, b"))),
            (vec![b"\"a\\\", \\\"b\""], Ok(Some("a\", \"b"))),
            (vec![b"a, b"], Err(InvalidKey::Repeated)),
            (vec![b"a, a"], Err(InvalidKey::Repeated)),
            (vec![b"\"a\", \"b\""], Err(InvalidKey::Repeated)),
            (vec![b"\"a\\\\\", \"b\""], Err(InvalidKey::Repeated)),
            (vec![b"\"a\", b"], Err(InvalidKey::Repeated)),
            (vec![b"a, \"b\""], Err(InvalidKey::Repeated)),
        ];
        for (fields, expected) in rows {
            let found = Key::from_fields(fields.iter().copied());
            let expected = expected.map(|text| text.map(|text| Key(text.to_owned())));
            assert_eq!(found, expected, "{fields:?}");
        }
    }

    fn print(path: &str, query: Option<&str>, media: &str, body: &str) -> Fingerprint {
        Fingerprint::of("POST", path, query, Some(media), "v2", body.as_bytes())
    }

    #[test]
    fn the_same_request_in_other_clothes() {
        let first = print(
            "/orders",
            Some("b=2&a=1"),
            "application/json",
            r#"{"a":1.0,"b":"é"}"#,
        );
        for other in [
            print(
                "/orders",
                Some("a=1&b=2"),
                "application/json",
                r#"{"a":1.0,"b":"é"}"#,
            ),
            print(
                "/orders",
                Some("b=2&a=1"),
                "Application/JSON; charset=utf-8",
                r#"{"a":1.0,"b":"é"}"#,
            ),
            print(
                "/orders",
                Some("b=2&a=1"),
                "application/json",
                "{ \"b\":\"\\u00e9\", \"a\":1 }",
            ),
        ] {
            assert_eq!(first.differing(&other), Vec::<&str>::new());
        }
    }

    #[test]
    fn what_differs_is_named() {
        let first = print("/orders", None, "application/json", "{}");
        for (other, parts) in [
            (
                print("/payments", None, "application/json", "{}"),
                vec!["path"],
            ),
            (
                print("/orders", Some("a"), "application/json", "{}"),
                vec!["query"],
            ),
            (
                print("/orders", None, "text/json", "{}"),
                vec!["media type"],
            ),
            (
                print("/orders", None, "text/json", "[]"),
                vec!["media type", "body"],
            ),
            (
                print("/orders", None, "application/json", "{"),
                vec!["body"],
            ),
        ] {
            assert_eq!(first.differing(&other), parts);
            assert_eq!(Fingerprint::from_stored(other.as_str().to_owned()), other);
        }
        assert_eq!(
            first.differing(&Fingerprint::from_stored(String::new())),
            ["request"]
        );
    }

    #[test]
    fn ids_derive_from_account_mode_and_key() {
        let secret = DerivationKey([7; 32]);
        let first = secret.order_id("usr_1", Mode::Live, &key("k"));
        assert_eq!(first, secret.order_id("usr_1", Mode::Live, &key("\"k\"")));
        assert!(is_derived(first.uuid()));
        for other in [
            secret.order_id("usr_2", Mode::Live, &key("k")),
            secret.order_id("usr_1", Mode::Test, &key("k")),
            secret.order_id("usr_1", Mode::Live, &key("k2")),
            DerivationKey([8; 32]).order_id("usr_1", Mode::Live, &key("k")),
        ] {
            assert_ne!(first, other);
        }
        let charge = |attempt| secret.provider_key("usr_1", Mode::Live, &key("k"), attempt);
        assert_ne!(charge(1), charge(2));
        let other = secret.order_id("usr_2", Mode::Live, &key("k"));
        assert_eq!(secret.refund_key(first), secret.refund_key(first));
        assert_ne!(secret.refund_key(first), secret.refund_key(other));
        assert_ne!(secret.derive(&["ab", "c"]), secret.derive(&["a", "bc"]));
    }
}
