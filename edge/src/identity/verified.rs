//! Tokens whose signature was checked, kept so that it is not checked again.
//!
//! Bounded, and never beyond a token's expiry; whether it was revoked meanwhile is asked of the feed's
//! view each time. A token is found by all of its text, so a changed
//! one is never taken for a known one.

use std::collections::HashMap;

use super::token::Said;

/// Most tokens an isolate remembers.
pub const TOKENS_MAX: usize = 2_000;

/// The tokens that this isolate has verified.
#[derive(Debug, Default)]
pub struct VerifiedTokens(HashMap<String, Said>);

impl VerifiedTokens {
    /// What this token says, if it was verified and has not expired.
    pub fn find(&self, token: &str, now_seconds: i64) -> Option<&Said> {
        self.0.get(token).filter(|said| now_seconds < said.expires)
    }

    /// Remembers a verified token until it expires. When there is no room, the expired ones go, and
    /// if none has, all go: verifying again is cheap beside keeping an order of use.
    pub fn keep(&mut self, token: &str, said: Said, now_seconds: i64) {
        if self.0.len() >= TOKENS_MAX {
            self.0.retain(|_, said| now_seconds < said.expires);
            if self.0.len() >= TOKENS_MAX {
                self.0.clear();
            }
        }
        self.0.insert(token.to_owned(), said);
    }
}

#[cfg(test)]
mod tests {
    use shared::caller::{Mode, Principal, Role};

    use super::*;

    fn until(expires: i64) -> Said {
        Said {
            principal: Principal {
                subject: "usr_1".into(),
                account: "usr_1".into(),
                role: Role::Customer,
                scopes: vec![],
                mode: Mode::Live,
            },
            expires,
            id: None,
            issued: None,
            session: None,
        }
    }

    #[test]
    fn a_token_is_known_until_it_expires() {
        let mut tokens = VerifiedTokens::default();
        tokens.keep("a.b.c", until(100), 50);
        assert_eq!(tokens.find("a.b.c", 99), Some(&until(100)));
        assert_eq!(tokens.find("a.b.c", 100), None);
        assert_eq!(tokens.find("a.b.d", 99), None);
    }

    #[test]
    fn it_is_bounded() {
        let mut tokens = VerifiedTokens::default();
        for number in 0..TOKENS_MAX {
            let expires = if number == 7 { 200 } else { 100 };
            tokens.keep(&number.to_string(), until(expires), 0);
        }
        tokens.keep("new", until(200), 150);
        assert_eq!(tokens.0.len(), 2);
        assert!(tokens.find("7", 150).is_some());
        for number in 0..10 * TOKENS_MAX {
            tokens.keep(&number.to_string(), until(200), 150);
            assert!(tokens.0.len() <= TOKENS_MAX);
        }
    }
}
