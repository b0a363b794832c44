//! Who is calling: access tokens and the keys they are checked with, API keys and their records.

pub mod keys;
pub mod records;
pub mod token;
pub mod verified;

use serde::{Deserialize, Serialize};

/// Algorithms that an issuer may sign with. There is no `none` and no HMAC to confuse a public key
/// with [RFC 8725 §2.1].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Algorithm {
    /// Ed25519 [RFC 8037].
    #[serde(rename = "EdDSA")]
    EdDsa,
    /// P-256 with SHA-256.
    ES256,
    /// RSA PKCS #1 v1.5 with SHA-256.
    RS256,
    /// RSA PSS with SHA-256.
    PS256,
}

impl Algorithm {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::EdDsa, Self::ES256, Self::RS256, Self::PS256];

    /// As it stands in a token's `alg`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EdDsa => "EdDSA",
            Self::ES256 => "ES256",
            Self::RS256 => "RS256",
            Self::PS256 => "PS256",
        }
    }
}
