//! Sessions: how a user signs in, and the tokens that it gets.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::body::{Check, Checks};
use crate::user::{EMAIL_BYTES_MAX, PASSWORD_CHARS_MAX, Password};

/// Longest refresh token that is looked at, in characters.
pub const REFRESH_TOKEN_CHARS_MAX: usize = 100;

/// A refresh token as it came or goes out. It is never logged.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RefreshToken(pub String);

impl fmt::Debug for RefreshToken {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("RefreshToken(…)")
    }
}

/// The body of POST /sessions.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignIn {
    /// The user's email address, whatever its upper and lower case.
    #[cfg_attr(
        feature = "openapi",
        schema(
            min_length = 1,
            max_length = 254,
            pattern = r"^[\x21-\x7e]+$",
            example = "ada@example.com"
        )
    )]
    pub email: String,
    /// The user's password.
    #[cfg_attr(feature = "openapi", schema(value_type = String, write_only, format = "password",
        min_length = 1, max_length = 200, example = "correct horse battery"))]
    pub password: Password,
}

impl Check for SignIn {
    fn check(&self, checks: &mut Checks) {
        let printable = self.email.bytes().all(|byte| byte.is_ascii_graphic());
        if self.email.is_empty() || self.email.len() > EMAIL_BYTES_MAX || !printable {
            checks.fault(
                "/email",
                "format",
                "not an email address".to_owned(),
                format!("Send an address of at most {EMAIL_BYTES_MAX} characters."),
            );
        }
        let chars = self.password.expose().chars().count();
        // A password that is too short to be one is simply wrong; hashing a long one costs.
        if !(1..=PASSWORD_CHARS_MAX).contains(&chars) {
            checks.fault(
                "/password",
                "length",
                format!("{chars} characters are out of range"),
                format!("Send 1 to {PASSWORD_CHARS_MAX} characters."),
            );
        }
    }
}

/// The body of POST /sessions/refresh and, where there is one, of DELETE /sessions/current.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Refresh {
    /// As it was last given out.
    #[cfg_attr(feature = "openapi", schema(value_type = String, write_only, min_length = 1,
        max_length = 100, pattern = r"^[\x21-\x7e]+$",
        example = "hgr_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"))]
    pub refresh_token: RefreshToken,
}

impl Check for Refresh {
    fn check(&self, checks: &mut Checks) {
        let token = &self.refresh_token.0;
        let printable = token.bytes().all(|byte| byte.is_ascii_graphic());
        if token.is_empty() || token.len() > REFRESH_TOKEN_CHARS_MAX || !printable {
            checks.fault(
                "/refresh_token",
                "format",
                "not a refresh token".to_owned(),
                "Send the token as it was given out.".to_owned(),
            );
        }
    }
}

/// What a session's calls need.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Tokens {
    /// For `Authorization: Bearer …`.
    #[cfg_attr(
        feature = "openapi",
        schema(max_length = 8192, pattern = r"^[A-Za-z0-9_.-]+$")
    )]
    pub access_token: String,
    /// Always `Bearer` [RFC 6750].
    #[cfg_attr(feature = "openapi", schema(max_length = 6, pattern = "^Bearer$"))]
    pub token_type: String,
    /// Seconds for which the access token holds.
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 86400))]
    pub expires_in: i64,
    /// For POST /sessions/refresh, once.
    #[cfg_attr(feature = "openapi", schema(value_type = String, max_length = 100, pattern = "^hgr_[A-Za-z0-9_-]{43}$"))]
    pub refresh_token: RefreshToken,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::parse;

    #[test]
    fn bodies_are_bounded_and_secrets_unlogged() {
        let long = "x".repeat(255);
        for (body, fine) in [
            (r#"{"email":"a@b.example","password":"x"}"#.to_owned(), true),
            (r#"{"email":"nobody","password":"x"}"#.to_owned(), true),
            (r#"{"email":"","password":"x"}"#.to_owned(), false),
            (format!(r#"{{"email":"{long}","password":"x"}}"#), false),
            (format!(r#"{{"email":"a@b.c","password":"{long}"}}"#), false),
            (r#"{"email":"a\u0000","password":"x"}"#.to_owned(), false),
            (r#"{"email":"a@b.c","password":""}"#.to_owned(), false),
            (r#"{"email":"a@b.c"}"#.to_owned(), false),
            (
                r#"{"email":"a@b.c","password":"x","otp":"1"}"#.to_owned(),
                false,
            ),
        ] {
            assert_eq!(parse::<SignIn>(body.as_bytes()).is_ok(), fine, "{body}");
        }
        let refresh: Refresh = parse(br#"{"refresh_token":"hgr_secret"}"#).unwrap();
        assert!(!format!("{refresh:?}").contains("secret"));
        assert!(parse::<Refresh>(br#"{"refresh_token":""}"#).is_err());
    }
}
