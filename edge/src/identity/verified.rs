//! Tokens whose signature was checked, kept so that it is not checked again.
//!
//! Bounded, and never beyond a token's expiry. A token is found by all of its text, so a changed
//! one is never taken for a known one.

use std::collections::HashMap;

use shared::caller::Principal;

/// Most tokens an isolate remembers.
pub const TOKENS_MAX: usize = 2_000;

/// The tokens that this isolate has verified.
#[derive(Debug, Default)]
pub struct VerifiedTokens(HashMap<String, (Principal, i64)>);

impl VerifiedTokens {
    /// Who calls with this token, if it was verified and has not expired.
    pub fn find(&self, token: &str, now_seconds: i64) -> Option<Principal> {
        self.0
            .get(token)
            .filter(|(_, expires)| now_seconds < *expires)
            .map(|(principal, _)| principal.clone())
    }

    /// Remembers a verified token until `expires`. When there is no room, the expired ones go, and
    /// if none has, all go: verifying again is cheap beside keeping an order of use.
    pub fn keep(&mut self, token: &str, principal: Principal, expires: i64, now_seconds: i64) {
        if self.0.len() >= TOKENS_MAX {
            self.0.retain(|_, (_, expires)| now_seconds < *expires);
            if self.0.len() >= TOKENS_MAX {
                self.0.clear();
            }
        }
        self.0.insert(token.to_owned(), (principal, expires));
    }
}

#[cfg(test)]
mod tests {
    use shared::caller::{Mode, Role};

    use super::*;

    fn principal() -> Principal {
        Principal {
            subject: "usr_1".into(),
            account: "usr_1".into(),
            role: Role::Customer,
            scopes: vec![],
            mode: Mode::Live,
        }
    }

    #[test]
    fn a_token_is_known_until_it_expires() {
        let mut tokens = VerifiedTokens::default();
        tokens.keep("a.b.c", principal(), 100, 50);
        assert_eq!(tokens.find("a.b.c", 99), Some(principal()));
        assert_eq!(tokens.find("a.b.c", 100), None);
        assert_eq!(tokens.find("a.b.d", 99), None);
    }

    #[test]
    fn it_is_bounded() {
        let mut tokens = VerifiedTokens::default();
        for number in 0..TOKENS_MAX {
            tokens.keep(
                &number.to_string(),
                principal(),
                if number == 7 { 200 } else { 100 },
                0,
            );
        }
        tokens.keep("new", principal(), 200, 150);
        assert_eq!(tokens.0.len(), 2);
        assert!(tokens.find("7", 150).is_some());
        for number in 0..10 * TOKENS_MAX {
            tokens.keep(&number.to_string(), principal(), 200, 150);
            assert!(tokens.0.len() <= TOKENS_MAX);
        }
    }
}
