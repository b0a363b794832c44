//! Access tokens: every check but the signature, as a function of the token's bytes and the time.
//!
//! 1. At most [`TOKEN_BYTES_MAX`]; three parts of base64url; a JSON header and JSON claims.
//! 2. `alg` is one that the issuer is allowed [RFC 8725 §3.1]; `typ` is an access token's
//!    [RFC 9068 §4]; `crit` is refused, since we know no extension; `jku`, `x5u`, `jwk` are ignored,
//!    whatever they are.
//! 3. `iss`, `aud`, `sub`, `exp` are required, and each claim is of its JSON type, which `null` is not;
//!    `nbf` is honoured. Subject and account are names ([`caller::is_name`]).
//!
//! [`Pending`] is what is left to do: the signature. The parts are read here, since jwt-compact refuses a
//! `jku` that is no text, and rounds dates.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use shared::caller::{self, Mode, Principal, Role};

use super::Algorithm;
use crate::config::Issuer;

/// Longest token that is looked at.
pub const TOKEN_BYTES_MAX: usize = 8 * 1024;
/// How far an issuer's clock may be from ours, in seconds.
pub const LEEWAY_SECONDS: i64 = 30;

/// Why a token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Too long, or no JWT, or a claim of the wrong type.
    #[error("it can't be read")]
    Malformed,
    /// `typ` is not an access token's.
    #[error("it is not an access token (`typ` must be `at+jwt`)")]
    Kind,
    /// No issuer of ours, or not with this algorithm.
    #[error("its issuer or algorithm is not accepted")]
    Issuer,
    /// It was made for somebody else.
    #[error("it was made for another audience")]
    Audience,
    /// `exp` has passed.
    #[error("it has expired")]
    Expired,
    /// `nbf` or `iat` lies ahead.
    #[error("it is not valid yet")]
    NotYet,
    /// The issuer has no such key, or the signature is wrong.
    #[error("its signature does not hold")]
    Signature,
    /// It was revoked, or all of its subject's were.
    #[error("it was revoked")]
    Revoked,
}

/// A token whose claims hold and whose signature is still to be checked.
#[derive(Debug)]
pub struct Pending<'a> {
    /// Who issued it.
    pub issuer: &'a Issuer,
    /// How it is signed.
    pub algorithm: Algorithm,
    /// With which of the issuer's keys.
    pub key_id: Option<String>,
    /// The signed bytes.
    pub message: &'a [u8],
    /// The signature.
    pub signature: Vec<u8>,
    /// What it says.
    pub said: Said,
}

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Who is calling.
    pub principal: Principal,
    /// Until when it holds, Unix seconds, without leeway.
    pub expires: i64,
    /// Its id, by which it may be revoked.
    pub id: Option<String>,
    /// When it was issued, Unix seconds.
    pub issued: Option<i64>,
    /// The session that it belongs to.
    pub session: Option<String>,
}

struct Claims {
    iss: String,
    aud: Value,
    sub: String,
    exp: Value,
    nbf: Option<Value>,
    iat: Option<Value>,
    scope: Option<String>,
    role: Option<Role>,
    account: Option<String>,
    mode: Mode,
    jti: Option<String>,
    sid: Option<String>,
}

impl Claims {
    /// Takes them from the token's JSON. Each that is there is of its type.
    fn of(mut json: Value) -> Result<Self, Refused> {
        let mut take = |name: &str| json.get_mut(name).map(Value::take);
        let role = text(take("role"))?;
        let mode = text(take("mode"))?;
        Ok(Self {
            iss: text(take("iss"))?.ok_or(Refused::Malformed)?,
            aud: take("aud").ok_or(Refused::Malformed)?,
            sub: text(take("sub"))?.ok_or(Refused::Malformed)?,
            exp: take("exp").ok_or(Refused::Malformed)?,
            nbf: take("nbf"),
            iat: take("iat"),
            scope: text(take("scope"))?,
            role: match role {
                Some(role) => Some(role.parse().map_err(|_| Refused::Malformed)?),
                None => None,
            },
            account: text(take("account"))?,
            jti: text(take("jti"))?,
            sid: text(take("sid"))?,
            mode: match mode.as_deref() {
                None | Some("live") => Mode::Live,
                Some("test") => Mode::Test,
                Some(_) => return Err(Refused::Malformed),
            },
        })
    }
}

/// A text, if it is there.
fn text(member: Option<Value>) -> Result<Option<String>, Refused> {
    match member {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Refused::Malformed),
    }
}

/// Reads a token and checks all but its signature.
pub fn read<'a>(
    token: &'a str,
    issuers: &'a [Issuer],
    now_seconds: i64,
) -> Result<Pending<'a>, Refused> {
    if token.len() > TOKEN_BYTES_MAX {
        return Err(Refused::Malformed);
    }
    let (message, signature) = token.rsplit_once('.').ok_or(Refused::Malformed)?;
    let (header, claims) = message.split_once('.').ok_or(Refused::Malformed)?;
    let (mut header, signature) = (json(header)?, bytes(signature)?);
    let mut take = |name: &str| header.get_mut(name).map(Value::take);
    let name = text(take("alg"))?.ok_or(Refused::Malformed)?;
    let (kind, key_id) = (text(take("typ"))?, text(take("kid"))?);
    if take("crit").is_some() {
        return Err(Refused::Malformed);
    }
    let kind = kind.unwrap_or_default().to_ascii_lowercase();
    if kind.strip_prefix("application/").unwrap_or(&kind) != "at+jwt" {
        return Err(Refused::Kind);
    }
    let mut claims = Claims::of(json(claims)?)?;

    let algorithm = Algorithm::ALL
        .into_iter()
        .find(|known| known.as_str() == name)
        .ok_or(Refused::Issuer)?;
    let issuer = issuers
        .iter()
        .find(|issuer| {
            issuer.issuer == claims.iss
                && issuer
                    .algorithms
                    .iter()
                    .any(|allowed| allowed == algorithm.as_str())
        })
        .ok_or(Refused::Issuer)?;
    if !audience_holds(&claims.aud, &issuer.audience)? {
        return Err(Refused::Audience);
    }
    let expires = seconds(&claims.exp)?;
    if now_seconds >= expires.saturating_add(LEEWAY_SECONDS) {
        return Err(Refused::Expired);
    }
    let date = |claim: &Option<Value>| claim.as_ref().map(seconds).transpose();
    let (since, begins) = (date(&claims.iat)?, date(&claims.nbf)?);
    for starts in [begins, since].into_iter().flatten() {
        if starts > now_seconds.saturating_add(LEEWAY_SECONDS) {
            return Err(Refused::NotYet);
        }
    }
    let account = claims.account.as_ref().unwrap_or(&claims.sub);
    if !caller::is_name(&claims.sub) || !caller::is_name(account) {
        return Err(Refused::Malformed);
    }
    Ok(Pending {
        issuer,
        algorithm,
        key_id,
        message: message.as_bytes(),
        signature,
        said: Said {
            expires,
            issued: since,
            id: claims.jti.take(),
            session: claims.sid.take(),
            principal: principal(claims),
        },
    })
}

fn principal(claims: Claims) -> Principal {
    let role = claims.role.unwrap_or(Role::Customer);
    let allowed = role.scopes();
    let scopes = match claims.scope {
        // A token may carry fewer scopes than its role, never more.
        Some(scope) => scope
            .split(' ')
            .filter(|asked| allowed.contains(asked))
            .map(str::to_owned)
            .collect(),
        None => allowed.iter().map(|&scope| scope.to_owned()).collect(),
    };
    Principal {
        account: claims.account.unwrap_or_else(|| claims.sub.clone()),
        subject: claims.sub,
        role,
        scopes,
        mode: claims.mode,
    }
}

/// A part of the token that is JSON.
fn json(part: &str) -> Result<Value, Refused> {
    serde_json::from_slice(&bytes(part)?).map_err(|_| Refused::Malformed)
}

fn bytes(part: &str) -> Result<Vec<u8>, Refused> {
    let decoded = URL_SAFE_NO_PAD.decode(part);
    decoded.map_err(|_| Refused::Malformed)
}

/// `aud` is a text or a list of texts [RFC 7519 §4.1.3].
fn audience_holds(aud: &Value, ours: &str) -> Result<bool, Refused> {
    match aud {
        Value::String(one) => Ok(one == ours),
        Value::Array(many) if many.iter().all(Value::is_string) => {
            Ok(many.iter().any(|one| one == ours))
        }
        _ => Err(Refused::Malformed),
    }
}

/// A `NumericDate`: a number, of which fractions are dropped [RFC 7519 §2].
fn seconds(date: &Value) -> Result<i64, Refused> {
    if let Some(whole) = date.as_i64() {
        return Ok(whole);
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the cast saturates, as is wanted"
    )]
    date.as_f64()
        .map(|fraction| fraction as i64)
        .ok_or(Refused::Malformed)
}

#[cfg(test)]
mod tests;
