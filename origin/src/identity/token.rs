//! Access tokens of our own: `EdDSA` or `ES256`, `typ` `at+jwt` [RFC 9068], ten minutes by default.
//!
//! Verifying decides in this order: length and shape, `typ`, key by `kid`, signature (the algorithm
//! is fixed by the key [RFC 8725 §3.1]), the names in it, `iss`, `aud`, times. The edge has its own verifier for any
//! issuer; this one serves callers who come without the edge.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::json;
use shared::caller::{Mode, Principal, Role, is_name};
use shared::id::SessionId;

use super::keys::{Key, KeySet};

/// How long a token lives unless asked otherwise.
pub const LIFETIME_SECONDS: i64 = 600;
/// Longest that an operator may have a token live: 30 days. Revocations are kept for as long.
pub const LIFETIME_SECONDS_MAX: i64 = 30 * 86_400;
/// Longest token that is looked at.
pub const TOKEN_BYTES_MAX: usize = 8 * 1024;
/// How far two clocks may be apart.
pub const LEEWAY_SECONDS: i64 = 30;

/// Why a token does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// No JWT of the documented shape.
    #[error("it can't be read as an access token")]
    Malformed,
    /// Unknown key or wrong signature.
    #[error("its signature does not hold")]
    Signature,
    /// Another issuer's, or for another audience.
    #[error("it was made by another issuer or for another audience")]
    Issuer,
    /// Not valid yet.
    #[error("it is not valid yet")]
    Early,
    /// No longer valid.
    #[error("it has expired")]
    Expired,
    /// Ended before its time.
    #[error("it was revoked")]
    Revoked,
}

#[derive(Deserialize)]
struct Header {
    typ: Option<String>,
    alg: String,
    kid: String,
    /// Whether it is there at all: none of what it may name is understood.
    #[serde(default, deserialize_with = "present")]
    crit: bool,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: Audience,
    sub: String,
    exp: i64,
    #[serde(default, deserialize_with = "given")]
    iat: Option<i64>,
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    nbf: Option<i64>,
    #[serde(default, deserialize_with = "given")]
    jti: Option<String>,
    #[serde(default, deserialize_with = "given")]
    scope: Option<String>,
    role: Role,
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    sid: Option<String>,
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    account: Option<String>,
    #[serde(default, skip_serializing_if = "is_live")]
    mode: Mode,
}

/// A claim that may be absent, and is of its type where it stands: null is no number and no text.
fn given<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}

/// That a member stands there, whatever it holds.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    IgnoredAny::deserialize(deserializer).map(|_| true)
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_live(mode: &Mode) -> bool {
    *mode == Mode::Live
}

/// What a token says beside the principal.
pub struct Grant<'a> {
    /// Our name as issuer.
    pub issuer: &'a str,
    /// For whom.
    pub audience: &'a str,
    /// The token's own id.
    pub token_id: &'a str,
    /// How long it lives.
    pub lifetime_seconds: i64,
}

/// What a token that holds says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Whom it stands for.
    pub principal: Principal,
    /// Its own id.
    pub token_id: Option<String>,
    /// The session that it belongs to.
    pub session: Option<String>,
    /// When it was issued, in Unix seconds.
    pub issued: Option<i64>,
}

/// Signs a token.
pub fn sign(key: &Key, grant: &Grant<'_>, principal: &Principal, now: DateTime<Utc>) -> String {
    sign_in_session(key, grant, principal, None, now)
}

/// Signs a token of a session.
pub fn sign_in_session(
    key: &Key,
    grant: &Grant<'_>,
    principal: &Principal,
    session: Option<SessionId>,
    now: DateTime<Utc>,
) -> String {
    let alg = key.pair.algorithm().as_str();
    let header = json!({"typ": "at+jwt", "alg": alg, "kid": key.kid});
    let issued = now.timestamp();
    let account = (principal.account != principal.subject).then(|| principal.account.clone());
    let claims = Claims {
        iss: grant.issuer.to_owned(),
        aud: Audience::One(grant.audience.to_owned()),
        sub: principal.subject.clone(),
        exp: issued.saturating_add(grant.lifetime_seconds),
        iat: Some(issued),
        nbf: None,
        jti: Some(grant.token_id.to_owned()),
        scope: Some(principal.scopes.join(" ")),
        role: principal.role,
        sid: session.map(|session| session.to_string()),
        account,
        mode: principal.mode,
    };
    let signed = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header.to_string()),
        URL_SAFE_NO_PAD.encode(json!(claims).to_string())
    );
    let signature = key.pair.sign(&signed);
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// Checks a token and says who it stands for.
pub fn verify(
    keys: &KeySet,
    issuer: &str,
    audience: &str,
    token: &str,
    now: DateTime<Utc>,
) -> Result<Verified, Refused> {
    if token.len() > TOKEN_BYTES_MAX {
        return Err(Refused::Malformed);
    }
    let (signed, signature) = token.rsplit_once('.').ok_or(Refused::Malformed)?;
    let (header, claims) = signed.split_once('.').ok_or(Refused::Malformed)?;
    let header: Header = part(header)?;
    let kind = header.typ.unwrap_or_default().to_ascii_lowercase();
    if kind != "at+jwt" && kind != "application/at+jwt" || header.crit {
        return Err(Refused::Malformed);
    }
    let key = keys.verifier(&header.kid, now).ok_or(Refused::Signature)?;
    let signature = URL_SAFE_NO_PAD
        .decode(signature)
        .map_err(|_| Refused::Signature)?;
    if header.alg != key.pair.algorithm().as_str() || !key.pair.holds(signed, &signature) {
        return Err(Refused::Signature);
    }
    let claims: Claims = part(claims)?;
    let names = [
        Some(&claims.sub),
        claims.account.as_ref(),
        claims.jti.as_ref(),
    ];
    if !names.into_iter().flatten().all(|name| is_name(name)) {
        return Err(Refused::Malformed);
    }
    let ours = match &claims.aud {
        Audience::One(one) => one == audience,
        Audience::Many(many) => many.iter().any(|one| one == audience),
    };
    if claims.iss != issuer || !ours {
        return Err(Refused::Issuer);
    }
    let now = now.timestamp();
    if claims.exp.saturating_add(LEEWAY_SECONDS) <= now {
        return Err(Refused::Expired);
    }
    if claims
        .nbf
        .is_some_and(|nbf| nbf > now.saturating_add(LEEWAY_SECONDS))
    {
        return Err(Refused::Early);
    }
    Ok(Verified {
        token_id: claims.jti.clone(),
        session: claims.sid.clone(),
        issued: claims.iat,
        principal: principal(claims),
    })
}

/// A token may carry fewer scopes than its role brings, never more.
fn principal(claims: Claims) -> Principal {
    let allowed = claims.role.scopes();
    let scopes = match claims.scope {
        Some(scope) => scope
            .split(' ')
            .filter(|scope| allowed.contains(scope))
            .map(str::to_owned)
            .collect(),
        None => allowed.iter().map(|&scope| scope.to_owned()).collect(),
    };
    Principal {
        account: claims.account.unwrap_or_else(|| claims.sub.clone()),
        subject: claims.sub,
        role: claims.role,
        scopes,
        mode: claims.mode,
    }
}

fn part<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Refused> {
    let bytes = URL_SAFE_NO_PAD
        .decode(text)
        .map_err(|_| Refused::Malformed)?;
    serde_json::from_slice(&bytes).map_err(|_| Refused::Malformed)
}

#[cfg(test)]
mod tests;
