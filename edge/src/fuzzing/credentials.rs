//! What clients and the origin prove themselves by: tokens, API keys, assertions, notices.

use shared::api_key::{ApiKey, KeyHash};
use shared::assertion::AssertionKeys;

use super::NOW_SECONDS;
use crate::config::Issuer;
use crate::identity::records::{self, Kept};
use crate::identity::token;
use crate::limit::wire;
use crate::pool::Listed;

/// A list of one key, by which nothing that is made up is signed.
const KEYS: &str = "k:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

/// Reads bytes as each.
pub fn credentials(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    tokens(text);
    if let Ok(key) = text.parse::<ApiKey>() {
        assert_eq!(key.expose(), text);
        let hash = key.hash();
        assert_eq!(hash.to_string().parse::<KeyHash>(), Ok(hash));
    }
    let _ = text.parse::<KeyHash>();
    if let Ok(keys) = KEYS.parse::<AssertionKeys>() {
        assert!(keys.verify(text, "GET", "/", NOW_SECONDS).is_err());
        assert!(keys.verify_notice(text, bytes, NOW_SECONDS).is_err());
    }
    if let Ok(json) = serde_json::from_slice(bytes) {
        let _ = (Kept::key(&json), Kept::plan(&json), Kept::lists(&json));
        // A list that holds leads to somebody.
        if let Some(Kept::Pools(lists)) = Kept::pools(&json) {
            let leads = |list: &[Listed]| list.iter().any(|one| one.weight > 0);
            assert!(lists.iter().all(|(_, list)| leads(list)));
        }
    }
    if let Some((asked_ms, seen, document)) = records::read_located(text) {
        let again = records::located(asked_ms, seen, document);
        assert_eq!(
            records::read_located(&again),
            Some((asked_ms, seen, document))
        );
    }
    if let Some(book) = wire::read_book(text) {
        assert_eq!(wire::read_book(&wire::book(&book)), Some(book));
    }
}

/// Whatever is read as a token says what its bytes say: it is of the issuer, has not expired, and brings no
/// scope beyond its role.
fn tokens(text: &str) {
    let issuers = [Issuer {
        name: "ours".to_owned(),
        issuer: "headgate".to_owned(),
        audience: "headgate".to_owned(),
        jwks_url: "/jwks".to_owned(),
        algorithms: vec!["EdDSA".to_owned(), "ES256".to_owned()],
    }];
    let Ok(pending) = token::read(text, &issuers, NOW_SECONDS) else {
        return;
    };
    assert!(text.len() <= token::TOKEN_BYTES_MAX);
    assert!(text.as_bytes().starts_with(pending.message));
    let said = &pending.said;
    assert!(said.expires.saturating_add(token::LEEWAY_SECONDS) > NOW_SECONDS);
    assert!(!said.principal.subject.is_empty());
    let allowed = said.principal.role.scopes();
    let mut scopes = said.principal.scopes.iter();
    assert!(scopes.all(|scope| allowed.contains(&scope.as_str())));
}
