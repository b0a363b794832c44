//! Key pairs of both algorithms that our tokens are signed with: `EdDSA` over Ed25519 [RFC 8037] and
//! `ES256` over P-256 [RFC 7518 §3.4].

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_compact::{KeyPair as EdKeyPair, Seed, Signature};
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _,
    UnparsedPublicKey,
};
use serde_json::{Value, json};

use crate::platform::Platform;

/// Bytes of a P-256 coordinate.
const COORDINATE_BYTES: usize = 32;

/// What a key signs by. A token's `alg` must name its key's [RFC 8725 §3.1].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// Ed25519.
    EdDsa,
    /// ECDSA over P-256 with SHA-256.
    Es256,
}

impl Algorithm {
    /// Both.
    pub const ALL: [Self; 2] = [Self::EdDsa, Self::Es256];

    /// As `alg` names it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EdDsa => "EdDSA",
            Self::Es256 => "ES256",
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// The text names no algorithm that we sign by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an algorithm is EdDSA or ES256")]
pub struct UnknownAlgorithm;

impl FromStr for Algorithm {
    type Err = UnknownAlgorithm;

    fn from_str(text: &str) -> Result<Self, UnknownAlgorithm> {
        Self::ALL
            .into_iter()
            .find(|algorithm| algorithm.as_str().eq_ignore_ascii_case(text))
            .ok_or(UnknownAlgorithm)
    }
}

/// Both halves of a key; it has no `Debug`.
pub enum Pair {
    /// Wipes itself when dropped.
    EdDsa(EdKeyPair),
    /// `ring` draws what each signature needs by itself.
    Es256(EcdsaKeyPair),
}

/// A pair's bytes, as the table has them.
pub struct Bytes {
    /// Seed, or PKCS #8.
    pub secret: Vec<u8>,
    /// Public half.
    pub public: Vec<u8>,
}

/// A new pair's bytes; `None` if the system has no randomness.
pub fn generate(algorithm: Algorithm, platform: &Platform) -> Option<Bytes> {
    match algorithm {
        Algorithm::EdDsa => {
            let mut seed = [0; 32];
            platform.fill(&mut seed);
            let public = EdKeyPair::from_seed(Seed::new(seed)).pk;
            Some(Bytes {
                secret: seed.to_vec(),
                public: public.to_vec(),
            })
        }
        // `ring` takes its own randomness and no other: the one place beside the platform.
        Algorithm::Es256 => {
            let random = SystemRandom::new();
            let pkcs8 =
                EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).ok()?;
            let pair = es256(pkcs8.as_ref())?;
            Some(Bytes {
                secret: pkcs8.as_ref().to_vec(),
                public: pair.public_key().as_ref().to_vec(),
            })
        }
    }
}

fn es256(pkcs8: &[u8]) -> Option<EcdsaKeyPair> {
    let random = SystemRandom::new();
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8, &random).ok()
}

impl Pair {
    /// Of the stored secret; `None` if it can't be read.
    pub fn read(algorithm: Algorithm, secret: &[u8]) -> Option<Self> {
        match algorithm {
            Algorithm::EdDsa => {
                let seed = Seed::from_slice(secret).ok()?;
                Some(Self::EdDsa(EdKeyPair::from_seed(seed)))
            }
            Algorithm::Es256 => es256(secret).map(Self::Es256),
        }
    }

    /// What it signs by.
    pub const fn algorithm(&self) -> Algorithm {
        match self {
            Self::EdDsa(_) => Algorithm::EdDsa,
            Self::Es256(_) => Algorithm::Es256,
        }
    }

    /// The signature of a text, as a JWS holds it.
    pub fn sign(&self, text: &str) -> Vec<u8> {
        match self {
            Self::EdDsa(pair) => pair.sk.sign(text, None).to_vec(),
            Self::Es256(pair) => pair
                .sign(&SystemRandom::new(), text.as_bytes())
                .expect("the system has randomness, or nothing here is safe")
                .as_ref()
                .to_vec(),
        }
    }

    /// Whether the signature is the text's.
    pub fn holds(&self, text: &str, signature: &[u8]) -> bool {
        match self {
            Self::EdDsa(pair) => Signature::from_slice(signature)
                .is_ok_and(|signature| pair.pk.verify(text, &signature).is_ok()),
            Self::Es256(pair) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, pair.public_key().as_ref())
                    .verify(text.as_bytes(), signature)
                    .is_ok()
            }
        }
    }

    /// The public half as a point, of a key that has one: 0x04, x, y.
    pub fn point(&self) -> Option<&[u8]> {
        match self {
            Self::EdDsa(_) => None,
            Self::Es256(pair) => Some(pair.public_key().as_ref()),
        }
    }

    /// The public half [RFC 7517; OKP as in RFC 8037, EC as in RFC 7518 §6.2].
    pub fn jwk(&self, kid: &str) -> Value {
        let mut jwk = match self {
            Self::EdDsa(pair) => json!({
                "kty": "OKP",
                "crv": "Ed25519",
                "x": URL_SAFE_NO_PAD.encode(pair.pk.as_slice()),
            }),
            Self::Es256(pair) => {
                // 0x04, x, y.
                let point = pair.public_key().as_ref();
                let (x, y) = point
                    .get(1..)
                    .unwrap_or_default()
                    .split_at_checked(COORDINATE_BYTES)
                    .unwrap_or_default();
                json!({
                    "kty": "EC",
                    "crv": "P-256",
                    "x": URL_SAFE_NO_PAD.encode(x),
                    "y": URL_SAFE_NO_PAD.encode(y),
                })
            }
        };
        jwk["use"] = json!("sig");
        jwk["alg"] = json!(self.algorithm().as_str());
        jwk["kid"] = json!(kid);
        jwk
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_algorithm_signs_and_tells_its_public_half() {
        let platform = Platform::system();
        let mut pairs = Vec::new();
        for (algorithm, kind, length) in
            [(Algorithm::EdDsa, "OKP", 32), (Algorithm::Es256, "EC", 65)]
        {
            let bytes = generate(algorithm, &platform).unwrap();
            assert_eq!(bytes.public.len(), length);
            let pair = Pair::read(algorithm, &bytes.secret).unwrap();
            let signature = pair.sign("text");
            assert_eq!(signature.len(), 64);
            assert!(pair.holds("text", &signature) && !pair.holds("texts", &signature));
            assert!(!pair.holds("text", &signature[1..]) && !pair.holds("text", &[0; 64]));
            let jwk = pair.jwk("k");
            assert_eq!(
                (&jwk["kty"], &jwk["alg"]),
                (&json!(kind), &json!(algorithm.as_str()))
            );
            assert_eq!(jwk["x"].as_str().unwrap().len(), 43);
            assert_eq!(jwk.get("d"), None, "the private half stays here");
            pairs.push((pair, signature));
        }
        assert!(!pairs[0].0.holds("text", &pairs[1].1) && !pairs[1].0.holds("text", &pairs[0].1));
        assert!(Pair::read(Algorithm::Es256, &[1; 32]).is_none());
        assert!(Pair::read(Algorithm::EdDsa, &[1; 31]).is_none());
        assert_eq!("es256".parse(), Ok(Algorithm::Es256));
        assert_eq!("none".parse::<Algorithm>(), Err(UnknownAlgorithm));
    }
}
