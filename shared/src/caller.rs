//! Who is calling, and what it may do.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::feed::TAG_BYTES_MAX;

/// What a principal is to the shop. A role brings its scopes; a token may carry fewer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Role {
    /// Buys, and sees what is its own.
    Customer,
    /// Orders by API for its own customers.
    Partner,
    /// A program of ours: reads everything, and writes the catalogue.
    Service,
    /// Reads everything, changes nothing.
    Support,
    /// Everything.
    Admin,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Customer,
        Self::Partner,
        Self::Service,
        Self::Support,
        Self::Admin,
    ];

    /// As it stands in a token.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Partner => "partner",
            Self::Service => "service",
            Self::Support => "support",
            Self::Admin => "admin",
        }
    }

    /// The scopes that the role brings.
    pub const fn scopes(self) -> &'static [&'static str] {
        match self {
            Self::Customer | Self::Partner => {
                &["orders:read", "orders:write", "users:read", "users:write"]
            }
            Self::Service => &[
                "orders:read",
                "orders:read:any",
                "users:read",
                "users:read:any",
                "products:write",
            ],
            Self::Support => &[
                "orders:read",
                "orders:read:any",
                "users:read",
                "users:read:any",
            ],
            Self::Admin => &[
                "orders:read",
                "orders:write",
                "orders:read:any",
                "users:read",
                "users:write",
                "users:read:any",
                "users:write:any",
                "products:write",
                "cache:purge",
                "admin",
            ],
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// The text is no role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a role is customer, partner, service, support or admin")]
pub struct UnknownRole;

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        Self::ALL
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or(UnknownRole)
    }
}

/// Whether real money moves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Mode {
    /// It does.
    #[default]
    Live,
    /// It does not; nothing is shared with live mode.
    Test,
}

impl Mode {
    /// As it stands in keys and rows.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Test => "test",
        }
    }
}

/// The text is no mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a mode is live or test")]
pub struct UnknownMode;

impl FromStr for Mode {
    type Err = UnknownMode;

    fn from_str(text: &str) -> Result<Self, UnknownMode> {
        match text {
            "live" => Ok(Self::Live),
            "test" => Ok(Self::Test),
            _ => Err(UnknownMode),
        }
    }
}

/// Longest name of a subject, an account or a token, in bytes.
pub const NAME_BYTES_MAX: usize = TAG_BYTES_MAX;

/// Whether a subject, an account or a token may be called that: 1 to 256 printable ASCII characters, which
/// is what tables keep and a revocation can name.
pub fn is_name(text: &str) -> bool {
    let printable = text.bytes().all(|byte| matches!(byte, 0x20..=0x7e));
    (1..=NAME_BYTES_MAX).contains(&text.len()) && printable
}

/// An authenticated caller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Principal {
    /// Who: a user's id, or whatever an external issuer calls its subjects.
    pub subject: String,
    /// Whose: what limits, idempotency keys and orders belong to. A customer is its own account.
    pub account: String,
    /// Its role.
    pub role: Role,
    /// What this token allows.
    pub scopes: Vec<String>,
    /// Live or test.
    pub mode: Mode,
}

impl Principal {
    /// Whether it carries the scope.
    pub fn may(&self, scope: &str) -> bool {
        self.scopes.iter().any(|held| held == scope)
    }
}

/// The caller of one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// Nobody in particular.
    Anonymous,
    /// Somebody, proven.
    Known(Principal),
}

impl Caller {
    /// The principal, if there is one.
    pub const fn principal(&self) -> Option<&Principal> {
        match self {
            Self::Anonymous => None,
            Self::Known(principal) => Some(principal),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_printable_and_not_too_long() {
        let (long, too_long) = ("x".repeat(256), "x".repeat(257));
        for (name, expected) in [
            ("usr_1", true),
            ("auth0|1 2", true),
            (long.as_str(), true),
            (too_long.as_str(), false),
            ("", false),
            ("a\0b", false),
            ("a\nb", false),
            ("a\u{7f}", false),
            ("\u{e9}", false),
        ] {
            assert_eq!(is_name(name), expected, "{name:?}");
        }
    }
}
