//! Revocations: access tokens that end before their time.

use serde::{Deserialize, Serialize};

use crate::body::{Check, Checks};
use crate::caller::{NAME_BYTES_MAX, is_name};
use crate::id::RevocationId;

/// The body of POST /admin/revocations: a token, a subject, or both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewRevocation {
    /// The token's id (`jti`).
    #[serde(default)]
    #[cfg_attr(
        feature = "openapi",
        schema(
            min_length = 1,
            max_length = 256,
            pattern = r"^[\x20-\x7e]+$",
            example = "tok_01h455vb4pex5vsknk084sn02q"
        )
    )]
    pub token_id: Option<String>,
    /// A subject (`sub`): all tokens that were issued to it until now.
    #[serde(default)]
    #[cfg_attr(
        feature = "openapi",
        schema(
            min_length = 1,
            max_length = 256,
            pattern = r"^[\x20-\x7e]+$",
            example = "usr_01h455vb4pex5vsknk084sn02q"
        )
    )]
    pub subject: Option<String>,
}

impl Check for NewRevocation {
    fn check(&self, checks: &mut Checks) {
        if self.token_id.is_none() && self.subject.is_none() {
            checks.fault(
                "",
                "required",
                "neither a token nor a subject is named".to_owned(),
                "Send `token_id`, `subject` or both.".to_owned(),
            );
        }
        for (pointer, text) in [("/token_id", &self.token_id), ("/subject", &self.subject)] {
            let Some(text) = text else { continue };
            if !is_name(text) {
                checks.fault(
                    pointer,
                    "format",
                    "not what a token's claim may hold here".to_owned(),
                    format!("Send 1 to {NAME_BYTES_MAX} printable ASCII characters."),
                );
            }
        }
    }
}

/// A revocation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Revocation {
    /// Always `revocation`.
    pub object: String,
    /// Its id.
    pub id: RevocationId,
    /// The token's id.
    #[cfg_attr(
        feature = "openapi",
        schema(max_length = 256, pattern = r"^[\x20-\x7e]+$")
    )]
    pub token_id: Option<String>,
    /// The subject.
    #[cfg_attr(
        feature = "openapi",
        schema(max_length = 256, pattern = r"^[\x20-\x7e]+$")
    )]
    pub subject: Option<String>,
    /// Of the subject's tokens those that were issued before this, RFC 3339, UTC.
    #[cfg_attr(feature = "openapi", schema(max_length = 24, format = "date-time"))]
    pub issued_before: Option<String>,
    /// RFC 3339, UTC.
    pub created_at: String,
    /// When it may be forgotten, since what it is about has expired, RFC 3339, UTC.
    pub expires_at: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::parse;

    #[test]
    fn something_is_named() {
        let long = "x".repeat(NAME_BYTES_MAX + 1);
        for (body, fine) in [
            (r#"{"token_id":"tok_1"}"#.to_owned(), true),
            (r#"{"subject":"auth0|1 2"}"#.to_owned(), true),
            (r#"{"token_id":"tok_1","subject":"usr_1"}"#.to_owned(), true),
            ("{}".to_owned(), false),
            (r#"{"token_id":null}"#.to_owned(), false),
            (r#"{"token_id":""}"#.to_owned(), false),
            (r#"{"subject":"a\nb"}"#.to_owned(), false),
            (format!(r#"{{"subject":"{long}"}}"#), false),
            (r#"{"subject":"a","key":"b"}"#.to_owned(), false),
        ] {
            assert_eq!(
                parse::<NewRevocation>(body.as_bytes()).is_ok(),
                fine,
                "{body}"
            );
        }
    }
}
