//! Issuers' key documents [RFC 7517], and when to fetch them again.
//!
//! 1. A document is fresh for [`FRESH_MS`].
//! 2. An unknown key id asks for the document again, but not within [`COOLDOWN_MS`] of the last try,
//!    so that made-up key ids can't make us hammer an issuer.
//! 3. An RSA key below 2048 bits is none.
//! 4. While the issuer is down, known keys go on for [`STALE_MS`].

use std::collections::BTreeMap;

use serde_json::Value;

use super::Algorithm;

/// How long a document is taken as it is.
pub const FRESH_MS: u64 = 10 * 60 * 1000;
/// Shortest time between two fetches of one document.
pub const COOLDOWN_MS: u64 = 30 * 1000;
/// How long a document serves while the issuer is down.
pub const STALE_MS: u64 = 60 * 60 * 1000;
/// Largest document.
pub const DOCUMENT_BYTES_MAX: usize = 64 * 1024;
/// Longest wait for a document.
pub const FETCH_TIMEOUT_MS: u32 = 3_000;

/// Shortest modulus of an RSA key: 2048 bits [RFC 7518 §3.3], in base64url.
const MODULUS_CHARS_MIN: usize = 342;

/// The documents that this isolate holds, by URL.
#[derive(Debug, Default)]
pub struct KeyDocuments(BTreeMap<String, Document>);

#[derive(Debug, Default)]
struct Document {
    keys: Vec<Value>,
    fetched_ms: Option<u64>,
    tried_ms: Option<u64>,
}

/// What to do for a key.
#[derive(Debug, Clone, PartialEq)]
pub enum Lookup {
    /// Check the signature with this one.
    Key(Value),
    /// Fetch the document, [`KeyDocuments::fetched`] or [`KeyDocuments::failed`], look again.
    Fetch,
    /// There is none.
    Unknown,
}

impl KeyDocuments {
    /// Looks for a key of an issuer.
    pub fn find(&self, url: &str, id: Option<&str>, algorithm: Algorithm, now_ms: u64) -> Lookup {
        let Some(document) = self.0.get(url) else {
            return Lookup::Fetch;
        };
        let within = |since: Option<u64>, ms: u64| {
            since.is_some_and(|since| now_ms.saturating_sub(since) < ms)
        };
        let cooling = within(document.tried_ms, COOLDOWN_MS);
        if !within(document.fetched_ms, FRESH_MS) && !cooling {
            return Lookup::Fetch;
        }
        let found = document.keys.iter().find(|key| fits(key, id, algorithm));
        match found {
            Some(key) if within(document.fetched_ms, STALE_MS) => Lookup::Key(key.clone()),
            None if !cooling => Lookup::Fetch,
            _ => Lookup::Unknown,
        }
    }

    /// Takes the keys of a fetched document.
    pub fn fetched(&mut self, url: &str, keys: Vec<Value>, now_ms: u64) {
        let document = Document {
            keys,
            fetched_ms: Some(now_ms),
            tried_ms: Some(now_ms),
        };
        self.0.insert(url.to_owned(), document);
    }

    /// Notes that the issuer did not answer, or with something else.
    pub fn failed(&mut self, url: &str, now_ms: u64) {
        self.0.entry(url.to_owned()).or_default().tried_ms = Some(now_ms);
    }
}

/// The keys of a document.
pub fn read(bytes: &[u8]) -> Option<Vec<Value>> {
    let document: Value = serde_json::from_slice(bytes).ok()?;
    document.get("keys")?.as_array().cloned()
}

/// Whether a key may check a token: its id if the token names one, its type always, and its own
/// `use` and `alg` where it has them [RFC 8725 §3.5].
fn fits(key: &Value, id: Option<&str>, algorithm: Algorithm) -> bool {
    let member = |name: &str| key.get(name).and_then(Value::as_str);
    let (kind, curve) = match algorithm {
        Algorithm::EdDsa => ("OKP", Some("Ed25519")),
        Algorithm::ES256 => ("EC", Some("P-256")),
        Algorithm::RS256 | Algorithm::PS256 => ("RSA", None),
    };
    id.is_none_or(|id| member("kid") == Some(id))
        && member("kty") == Some(kind)
        && curve.is_none_or(|curve| member("crv") == Some(curve))
        && member("use").is_none_or(|used| used == "sig")
        && member("alg").is_none_or(|alg| alg == algorithm.as_str())
        && (kind != "RSA" || member("n").is_some_and(|modulus| modulus.len() >= MODULUS_CHARS_MIN))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: u64 = 1_800_000_000_000;
    const URL: &str = "/jwks";

    fn documents(at: u64) -> KeyDocuments {
        let mut documents = KeyDocuments::default();
        let keys = json!({"keys": [
            {"kty": "OKP", "crv": "Ed25519", "kid": "a", "x": "AA"},
            {"kty": "EC", "crv": "P-256", "kid": "b", "alg": "ES256", "use": "enc"},
            {"kty": "RSA", "kid": "c", "alg": "PS256", "n": "x".repeat(MODULUS_CHARS_MIN)},
            {"kty": "RSA", "kid": "d", "n": "x".repeat(MODULUS_CHARS_MIN - 1)},
        ]});
        documents.fetched(URL, read(keys.to_string().as_bytes()).unwrap(), at);
        documents
    }

    fn kind(lookup: &Lookup) -> &'static str {
        match lookup {
            Lookup::Key(_) => "key",
            Lookup::Fetch => "fetch",
            Lookup::Unknown => "unknown",
        }
    }

    #[test]
    fn keys_are_found_by_id_and_type() {
        for (id, algorithm, expected) in [
            (Some("a"), Algorithm::EdDsa, "key"),
            (None, Algorithm::EdDsa, "key"),
            (Some("a"), Algorithm::ES256, "unknown"),
            (Some("b"), Algorithm::ES256, "unknown"),
            (Some("c"), Algorithm::PS256, "key"),
            (Some("c"), Algorithm::RS256, "unknown"),
            (Some("d"), Algorithm::PS256, "unknown"),
            (Some("z"), Algorithm::EdDsa, "unknown"),
        ] {
            let found = documents(NOW).find(URL, id, algorithm, NOW);
            assert_eq!(kind(&found), expected, "{id:?} {algorithm:?}");
        }
    }

    #[test]
    fn documents_age() {
        let find = |documents: &KeyDocuments, id, now| {
            kind(&documents.find(URL, Some(id), Algorithm::EdDsa, now))
        };
        let fresh = documents(NOW);
        assert_eq!(find(&KeyDocuments::default(), "a", NOW), "fetch");
        assert_eq!(find(&fresh, "a", NOW + FRESH_MS - 1), "key");
        assert_eq!(find(&fresh, "a", NOW + FRESH_MS), "fetch");
        assert_eq!(find(&fresh, "z", NOW + COOLDOWN_MS - 1), "unknown");
        assert_eq!(find(&fresh, "z", NOW + COOLDOWN_MS), "fetch");

        let mut down = documents(NOW);
        down.failed(URL, NOW + FRESH_MS);
        assert_eq!(find(&down, "a", NOW + FRESH_MS + 1), "key");
        down.failed(URL, NOW + STALE_MS);
        assert_eq!(find(&down, "a", NOW + STALE_MS), "unknown");
    }

    #[test]
    fn what_is_no_document_has_no_keys() {
        for (text, count) in [
            (r#"{"keys":[]}"#, Some(0)),
            (r#"{"keys":[{"kid":"a"}]}"#, Some(1)),
            (r#"{"keys":{}}"#, None),
            ("{}", None),
            ("not json", None),
        ] {
            let found = read(text.as_bytes()).map(|keys| keys.len());
            assert_eq!(found, count, "{text}");
        }
    }
}
