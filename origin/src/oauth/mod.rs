//! POST /oauth/token: what a client asks for, and how it is refused [RFC 6749].
//!
//! Decides, in this order:
//! 1. The body is a form, each parameter once [§3.2]; an empty parameter is as none.
//! 2. The client's name and secret, in the `Authorization` field or in the body, never in both [§2.3.1]:
//!    else `invalid_client`, 401.
//! 3. The grant is `client_credentials` [§4.4]: else `unsupported_grant_type`.
//! 4. Each scope is the client's: else `invalid_scope`. None asked for means all that it has.

mod request;

pub use request::{Credentials, Request, read};

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// The grant that is served.
pub const GRANT: &str = "client_credentials";

/// Why no token is given, by the names of RFC 6749 §5.2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// The request can't be read.
    Request(String),
    /// The client is unknown, or its secret wrong; whether it tried the `Authorization` field.
    Client {
        /// Then the answer names the scheme [§5.2].
        by_field: bool,
    },
    /// Another grant.
    Grant,
    /// A scope that the client does not have.
    Scope(String),
}

impl Refused {
    const fn name(&self) -> &'static str {
        match self {
            Self::Request(_) => "invalid_request",
            Self::Client { .. } => "invalid_client",
            Self::Grant => "unsupported_grant_type",
            Self::Scope(_) => "invalid_scope",
        }
    }

    fn description(&self) -> String {
        let text = match self {
            Self::Request(detail) => detail.clone(),
            Self::Client { .. } => "The client is unknown, or its secret is wrong.".to_owned(),
            Self::Grant => format!("The grant served here is {GRANT}."),
            Self::Scope(scope) => format!("The client does not have the scope {scope}."),
        };
        // What may stand in a description [§5.2].
        let allowed = |char: &char| matches!(char, ' '..='!' | '#'..='[' | ']'..='~');
        text.chars()
            .filter(allowed)
            .take(DESCRIPTION_CHARS_MAX)
            .collect()
    }
}

/// Longest description: some quote what the client sent.
const DESCRIPTION_CHARS_MAX: usize = 300;

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = match &self {
            Self::Client { .. } => StatusCode::UNAUTHORIZED,
            _ => StatusCode::BAD_REQUEST,
        };
        let body = json!({"error": self.name(), "error_description": self.description()});
        let mut response = (status, uncached(), Json(body)).into_response();
        // HTTP wants the field with every 401 [RFC 9110 §15.5.2]; the client's own scheme is named if it
        // used the field, and Basic is what could be used otherwise.
        if matches!(self, Self::Client { .. }) {
            response.headers_mut().insert(
                header::WWW_AUTHENTICATE,
                header::HeaderValue::from_static("Basic realm=\"headgate\", charset=\"UTF-8\""),
            );
        }
        response
    }
}

/// Nobody keeps a copy of tokens [§5.1].
pub fn uncached() -> [(header::HeaderName, &'static str); 2] {
    [
        (header::CACHE_CONTROL, "no-store"),
        (header::PRAGMA, "no-cache"),
    ]
}

/// The scopes that are asked for, if the client has them all.
pub fn scopes(asked: Option<&str>, held: &[String]) -> Result<Vec<String>, Refused> {
    let Some(asked) = asked else {
        return Ok(held.to_vec());
    };
    let mut scopes: Vec<String> = Vec::new();
    for scope in asked.split(' ').filter(|scope| !scope.is_empty()) {
        if !held.iter().any(|one| one == scope) {
            return Err(Refused::Scope(scope.to_owned()));
        }
        if !scopes.iter().any(|one| one == scope) {
            scopes.push(scope.to_owned());
        }
    }
    Ok(scopes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_gets_what_it_has() {
        let held = ["orders:read".to_owned(), "orders:write".to_owned()];
        for (asked, expected) in [
            (None, Ok(&["orders:read", "orders:write"][..])),
            (Some("orders:read"), Ok(&["orders:read"])),
            (Some("orders:read  orders:read"), Ok(&["orders:read"])),
            (Some("orders:read admin"), Err("admin")),
            (Some("ORDERS:READ"), Err("ORDERS:READ")),
        ] {
            let found = scopes(asked, &held);
            let expected = expected
                .map(|scopes| scopes.iter().map(|&scope| scope.to_owned()).collect())
                .map_err(|scope| Refused::Scope(scope.to_owned()));
            assert_eq!(found, expected, "{asked:?}");
        }
    }

    #[test]
    fn descriptions_hold_what_they_may() {
        let refused = Refused::Scope("a\"b\\c\u{e9}\n".repeat(100));
        let text = refused.description();
        assert!(text.len() <= DESCRIPTION_CHARS_MAX);
        assert!(!text.contains(['"', '\\', '\n']) && text.is_ascii());
    }
}
