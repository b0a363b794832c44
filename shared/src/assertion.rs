//! The hand-over: who the edge says is calling, signed, for one request to the origin.
//!
//! A compact JWS (HS256) in the `Headgate-Assertion` field. It is minted for each try, lives
//! [`LIFETIME_SECONDS`], and is bound to method, path and query, account, mode and API version
//! (claims `htm` and `htu` as in RFC 9449), so that a captured one can't be used for anything else.
//! A keyed request's fingerprint goes along: the edge may carry a body up to the latest version, and
//! what the key stands for is what the client sent. So does the revision of the converters that will
//! carry the answer down, since a replay has to come out the same.
//! So does what the edge took off the client's path, since a problem document names the path that
//! the client sent. Several keys may verify while one rolls over; the first one signs.
//!
//! The same keys sign what the origin tells the edge ([`crate::feed`]), as a token of another kind
//! that is bound to the told bytes.

use std::borrow::Cow;
use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::caller::{Caller, Principal};
use crate::feed::Position;
use crate::idempotency::Fingerprint;

/// How long an assertion lives.
pub const LIFETIME_SECONDS: i64 = 60;
/// How far the clocks of edge and origin may be apart.
pub const LEEWAY_SECONDS: i64 = 30;
/// Longest assertion that is looked at: the longest target that the edge takes (8 KiB) grows by a third
/// in base64.
pub const ASSERTION_BYTES_MAX: usize = 16 * 1024;
/// The one algorithm.
const ALGORITHM: &str = "HS256";
/// Marks the token's kind, so that no other JWT under the same key passes for one [RFC 8725 §3.11].
const TOKEN_TYPE: &str = "handover+jwt";
/// Marks a notice of the origin.
const NOTICE_TYPE: &str = "notice+jwt";

/// What the edge says about one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asserted {
    /// Who is calling.
    pub caller: Caller,
    /// The version the client speaks; the origin's own answers are always of the latest.
    pub api_version: String,
    /// What stood before the path that the origin sees, such as `/v2`; may be empty.
    pub prefix: String,
    /// Our id of the request.
    pub request_id: String,
    /// The fingerprint of what the client sent, if it sent an idempotency key.
    pub fingerprint: Option<Fingerprint>,
    /// Which revision of the converters will carry the answer down, if it is kept with a key and the
    /// client speaks an older version.
    pub converter: Option<u16>,
    /// The answer must hold all that the database's log holds up to here. Unset: the edge does not
    /// know, so nothing but the newest will do.
    pub position: Option<Position>,
}

/// From where the request came, as far as the edge knows. What it does not know stays unsaid.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Provenance {
    /// The client's address.
    pub address: Option<IpAddr>,
    /// The session that the access token belongs to (its claim `sid`).
    pub session: Option<String>,
    /// The client's country, ISO 3166-1 alpha-2.
    pub country: Option<String>,
}

/// The header of a token [RFC 7515 §4].
#[derive(Serialize, Deserialize)]
struct Head<'a> {
    #[serde(borrow)]
    alg: Cow<'a, str>,
    #[serde(borrow)]
    typ: Cow<'a, str>,
    #[serde(borrow)]
    kid: Cow<'a, str>,
}

#[derive(Serialize, Deserialize)]
struct Body<'a> {
    iat: i64,
    exp: i64,
    #[serde(borrow)]
    htm: Cow<'a, str>,
    #[serde(borrow)]
    htu: Cow<'a, str>,
    #[serde(borrow)]
    ver: Cow<'a, str>,
    #[serde(borrow)]
    rid: Cow<'a, str>,
    #[serde(borrow, default, skip_serializing_if = "str::is_empty")]
    pre: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fpr: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cnv: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pos: Option<Position>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    who: Option<Principal>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    adr: Option<IpAddr>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sid: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cty: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct NoticeBody {
    iat: i64,
    exp: i64,
    /// SHA-256 of the notice, in base64url.
    dig: String,
}

/// Why an assertion does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It can't be read, or is of another kind.
    #[error("the assertion can't be read")]
    Malformed,
    /// Its key is unknown or its signature wrong.
    #[error("the assertion's signature does not hold")]
    Signature,
    /// It has expired, was minted in the future, or for too long.
    #[error("the assertion is not valid at this time")]
    Time,
    /// It was minted for another method, path or query.
    #[error("the assertion was made for another request")]
    OtherRequest,
}

/// The text is no list of keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("assertion keys are written `id:secret[,id:secret]`, each secret 32 bytes in base64url")]
pub struct InvalidKeys;

/// The shared keys. The first signs, all verify.
pub struct AssertionKeys(Vec<Key>);

/// A key, with what is the same of all its tokens.
struct Key {
    id: String,
    /// As HMAC begins with it.
    mac: Hmac<Sha256>,
    /// The header of its assertions, as it stands in them.
    head: String,
}

impl std::fmt::Debug for AssertionKeys {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_list()
            .entries(self.0.iter().map(|key| &key.id))
            .finish()
    }
}

impl std::str::FromStr for AssertionKeys {
    type Err = InvalidKeys;

    fn from_str(text: &str) -> Result<Self, InvalidKeys> {
        let keys: Vec<_> = text
            .split(',')
            .map(|entry| {
                let (id, secret) = entry.trim().split_once(':').ok_or(InvalidKeys)?;
                let bytes = URL_SAFE_NO_PAD.decode(secret).map_err(|_| InvalidKeys)?;
                if id.is_empty() || bytes.len() < 32 {
                    return Err(InvalidKeys);
                }
                Ok(Key {
                    mac: Hmac::new_from_slice(&bytes).map_err(|_| InvalidKeys)?,
                    head: head(id, TOKEN_TYPE).ok_or(InvalidKeys)?,
                    id: id.to_owned(),
                })
            })
            .collect::<Result<_, _>>()?;
        Ok(Self(keys))
    }
}

impl AssertionKeys {
    /// Signs an assertion for one request. `target` is path and query as the origin will see them.
    /// `None` only if serialisation fails, which no value of these types can cause.
    pub fn sign(
        &self,
        asserted: &Asserted,
        method: &str,
        target: &str,
        now_seconds: i64,
    ) -> Option<String> {
        self.sign_with(
            asserted,
            &Provenance::default(),
            method,
            target,
            now_seconds,
        )
    }

    /// The same, saying from where the request came.
    pub fn sign_with(
        &self,
        asserted: &Asserted,
        provenance: &Provenance,
        method: &str,
        target: &str,
        now_seconds: i64,
    ) -> Option<String> {
        let body = Body {
            iat: now_seconds,
            exp: now_seconds.checked_add(LIFETIME_SECONDS)?,
            htm: method.into(),
            htu: target.into(),
            ver: asserted.api_version.as_str().into(),
            rid: asserted.request_id.as_str().into(),
            pre: asserted.prefix.as_str().into(),
            fpr: asserted
                .fingerprint
                .as_ref()
                .map(|print| print.as_str().to_owned()),
            cnv: asserted.converter,
            pos: asserted.position,
            who: asserted.caller.principal().cloned(),
            adr: provenance.address,
            sid: provenance.session.clone(),
            cty: provenance.country.clone(),
        };
        let key = self.0.first()?;
        token(key, &key.head, &body)
    }

    /// Signs what the origin tells the edge. `None` as in [`Self::sign`].
    pub fn sign_notice(&self, notice: &[u8], now_seconds: i64) -> Option<String> {
        let body = NoticeBody {
            iat: now_seconds,
            exp: now_seconds.checked_add(LIFETIME_SECONDS)?,
            dig: digest(notice),
        };
        let key = self.0.first()?;
        token(key, &head(&key.id, NOTICE_TYPE)?, &body)
    }

    /// Checks a notice's signature against its bytes.
    pub fn verify_notice(
        &self,
        signature: &str,
        notice: &[u8],
        now_seconds: i64,
    ) -> Result<(), Refused> {
        let claims = self.claims(signature, NOTICE_TYPE)?;
        let body: NoticeBody = read(&claims)?;
        if !are_timely(body.iat, body.exp, now_seconds) {
            return Err(Refused::Time);
        }
        if body.dig == digest(notice) {
            Ok(())
        } else {
            Err(Refused::OtherRequest)
        }
    }

    /// Checks an assertion against the request that carries it.
    pub fn verify(
        &self,
        assertion: &str,
        method: &str,
        target: &str,
        now_seconds: i64,
    ) -> Result<Asserted, Refused> {
        self.verify_with(assertion, method, target, now_seconds)
            .map(|(asserted, _)| asserted)
    }

    /// The same, with where the request came from.
    pub fn verify_with(
        &self,
        assertion: &str,
        method: &str,
        target: &str,
        now_seconds: i64,
    ) -> Result<(Asserted, Provenance), Refused> {
        let claims = self.claims(assertion, TOKEN_TYPE)?;
        let body: Body<'_> = read(&claims)?;
        if !are_timely(body.iat, body.exp, now_seconds) {
            return Err(Refused::Time);
        }
        if body.htm != method || body.htu != target {
            return Err(Refused::OtherRequest);
        }
        let provenance = Provenance {
            address: body.adr,
            session: body.sid,
            country: body.cty,
        };
        let asserted = Asserted {
            caller: body.who.map_or(Caller::Anonymous, Caller::Known),
            api_version: body.ver.into_owned(),
            request_id: body.rid.into_owned(),
            prefix: body.pre.into_owned(),
            fingerprint: body.fpr.map(Fingerprint::from_stored),
            converter: body.cnv,
            position: body.pos,
        };
        Ok((asserted, provenance))
    }

    /// The claims of a token of this kind, if one of the keys signed it.
    ///
    /// Read and written here, and not by a library for JWTs: these are asked for with every request, on both sides,
    /// and one algorithm, three members of a header and two claims are all that there is to them.
    fn claims(&self, token: &str, kind: &str) -> Result<Vec<u8>, Refused> {
        if token.len() > ASSERTION_BYTES_MAX {
            return Err(Refused::Malformed);
        }
        let (message, signature) = token.rsplit_once('.').ok_or(Refused::Malformed)?;
        let (head, claims) = message.split_once('.').ok_or(Refused::Malformed)?;
        let key = self.key_of(head, kind)?;
        let signature = URL_SAFE_NO_PAD.decode(signature);
        let signature = signature.map_err(|_| Refused::Malformed)?;
        // In constant time.
        let checked = key.mac.clone().chain_update(message);
        let checked = checked.verify_slice(&signature);
        checked.map_err(|_| Refused::Signature)?;
        decoded(claims)
    }

    /// The key that a token of this kind names in its header.
    fn key_of(&self, head: &str, kind: &str) -> Result<&Key, Refused> {
        if kind == TOKEN_TYPE
            && let Some(key) = self.0.iter().find(|key| key.head == head)
        {
            return Ok(key);
        }
        let json = decoded(head)?;
        let head: Head<'_> = read(&json)?;
        if head.typ != kind || head.alg != ALGORITHM {
            return Err(Refused::Malformed);
        }
        let known = self.0.iter().find(|key| key.id == head.kid);
        known.ok_or(Refused::Signature)
    }
}

/// The header of a key's tokens of this kind.
fn head(id: &str, kind: &str) -> Option<String> {
    let head = Head {
        alg: ALGORITHM.into(),
        typ: kind.into(),
        kid: id.into(),
    };
    Some(URL_SAFE_NO_PAD.encode(serde_json::to_vec(&head).ok()?))
}

/// A token of this header, signed.
fn token(key: &Key, head: &str, claims: &impl Serialize) -> Option<String> {
    let mut text = format!("{head}.");
    URL_SAFE_NO_PAD.encode_string(serde_json::to_vec(claims).ok()?, &mut text);
    let signature = key.mac.clone().chain_update(&text).finalize().into_bytes();
    text.push('.');
    URL_SAFE_NO_PAD.encode_string(signature, &mut text);
    Some(text)
}

/// The JSON of a part.
fn read<'a, T: Deserialize<'a>>(json: &'a [u8]) -> Result<T, Refused> {
    serde_json::from_slice(json).map_err(|_| Refused::Malformed)
}

fn decoded(part: &str) -> Result<Vec<u8>, Refused> {
    let json = URL_SAFE_NO_PAD.decode(part);
    json.map_err(|_| Refused::Malformed)
}

fn digest(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(bytes))
}

fn are_timely(issued: i64, expires: i64, now_seconds: i64) -> bool {
    expires.saturating_sub(issued) <= LIFETIME_SECONDS
        && issued <= now_seconds.saturating_add(LEEWAY_SECONDS)
        && now_seconds < expires.saturating_add(LEEWAY_SECONDS)
}

#[cfg(test)]
mod tests;
