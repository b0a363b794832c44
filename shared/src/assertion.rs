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
use chrono::{DateTime, Duration, Utc};
use jwt_compact::alg::{Hs256, Hs256Key};
use jwt_compact::prelude::*;
use jwt_compact::{Algorithm, AlgorithmSignature};
use serde::{Deserialize, Serialize};
use serde_json::Value;
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

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Body {
    htm: String,
    htu: String,
    ver: String,
    rid: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pre: String,
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

#[derive(Debug, Clone, Serialize, Deserialize)]
struct NoticeBody {
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
pub struct AssertionKeys(Vec<(String, Hs256Key)>);

impl std::fmt::Debug for AssertionKeys {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_list()
            .entries(self.0.iter().map(|(id, _)| id))
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
                Ok((id.to_owned(), Hs256Key::new(bytes)))
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
        let (id, key) = self.0.first()?;
        let issued = DateTime::from_timestamp(now_seconds, 0)?;
        let mut claims = Claims::new(Body {
            htm: method.to_owned(),
            htu: target.to_owned(),
            ver: asserted.api_version.clone(),
            rid: asserted.request_id.clone(),
            pre: asserted.prefix.clone(),
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
        });
        claims.issued_at = Some(issued);
        claims.expiration = issued.checked_add_signed(Duration::seconds(LIFETIME_SECONDS));
        let header = Header::empty()
            .with_key_id(id.as_str())
            .with_token_type(TOKEN_TYPE);
        Hs256.token(&header, &claims, key).ok()
    }

    /// Signs what the origin tells the edge. `None` as in [`Self::sign`].
    pub fn sign_notice(&self, notice: &[u8], now_seconds: i64) -> Option<String> {
        let (id, key) = self.0.first()?;
        let issued = DateTime::from_timestamp(now_seconds, 0)?;
        let mut claims = Claims::new(NoticeBody {
            dig: digest(notice),
        });
        claims.issued_at = Some(issued);
        claims.expiration = issued.checked_add_signed(Duration::seconds(LIFETIME_SECONDS));
        let header = Header::empty()
            .with_key_id(id.as_str())
            .with_token_type(NOTICE_TYPE);
        Hs256.token(&header, &claims, key).ok()
    }

    /// Checks a notice's signature against its bytes.
    pub fn verify_notice(
        &self,
        signature: &str,
        notice: &[u8],
        now_seconds: i64,
    ) -> Result<(), Refused> {
        let (token, key) = self.signer(signature, NOTICE_TYPE)?;
        let (message, _) = signature.rsplit_once('.').ok_or(Refused::Malformed)?;
        let signed = <Hs256 as Algorithm>::Signature::try_from_slice(token.signature_bytes());
        let signed = signed.map_err(|_| Refused::Signature)?;
        if !Hs256.verify_signature(&signed, key, message.as_bytes()) {
            return Err(Refused::Signature);
        }
        // Not by jwt-compact's claims, whose reader would be a second one in the edge.
        let (_, claims) = message.split_once('.').ok_or(Refused::Malformed)?;
        let claims = URL_SAFE_NO_PAD
            .decode(claims)
            .ok()
            .and_then(|json| serde_json::from_slice::<Value>(&json).ok())
            .ok_or(Refused::Malformed)?;
        let seconds = |name: &str| claims.get(name)?.as_i64();
        if !are_timely(seconds("iat"), seconds("exp"), now_seconds) {
            return Err(Refused::Time);
        }
        if claims.get("dig").and_then(Value::as_str) == Some(digest(notice).as_str()) {
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
        let body: Body = self.read(assertion, TOKEN_TYPE, now_seconds)?;
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
            api_version: body.ver,
            request_id: body.rid,
            prefix: body.pre,
            fingerprint: body.fpr.map(Fingerprint::from_stored),
            converter: body.cnv,
            position: body.pos,
        };
        Ok((asserted, provenance))
    }

    /// The claims of a token of this kind, if one of the keys signed it and it is timely.
    fn read<T: Clone + serde::de::DeserializeOwned>(
        &self,
        text: &str,
        kind: &str,
        now_seconds: i64,
    ) -> Result<T, Refused> {
        let (token, key) = self.signer(text, kind)?;
        let token = Hs256
            .validator::<T>(key)
            .validate(&token)
            .map_err(|_| Refused::Signature)?;
        if !timely(token.claims(), now_seconds) {
            return Err(Refused::Time);
        }
        Ok(token.claims().custom.clone())
    }

    /// A token of this kind, and the key that it says it was signed with.
    fn signer<'a>(
        &self,
        text: &'a str,
        kind: &str,
    ) -> Result<(UntrustedToken<'a>, &Hs256Key), Refused> {
        if text.len() > ASSERTION_BYTES_MAX {
            return Err(Refused::Malformed);
        }
        let token = UntrustedToken::new(text).map_err(|_| Refused::Malformed)?;
        if token.header().token_type.as_deref() != Some(kind) || token.algorithm() != "HS256" {
            return Err(Refused::Malformed);
        }
        let key_id = token
            .header()
            .key_id
            .as_deref()
            .map(Cow::Borrowed)
            .unwrap_or_default();
        let known = self.0.iter().find(|(id, _)| *id == key_id);
        let (_, key) = known.ok_or(Refused::Signature)?;
        Ok((token, key))
    }
}

fn digest(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(bytes))
}

fn timely<T>(claims: &Claims<T>, now_seconds: i64) -> bool {
    let seconds = |time: Option<DateTime<Utc>>| time.map(|time| time.timestamp());
    let (issued, expires) = (seconds(claims.issued_at), seconds(claims.expiration));
    are_timely(issued, expires, now_seconds)
}

fn are_timely(issued: Option<i64>, expires: Option<i64>, now_seconds: i64) -> bool {
    match (issued, expires) {
        (Some(issued), Some(expires)) => {
            expires.saturating_sub(issued) <= LIFETIME_SECONDS
                && issued <= now_seconds.saturating_add(LEEWAY_SECONDS)
                && now_seconds < expires.saturating_add(LEEWAY_SECONDS)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::caller::{Mode, Role};

    const NOW: i64 = 1_800_000_000;

    fn keys(text: &str) -> AssertionKeys {
        text.parse().unwrap()
    }

    fn secret(byte: u8) -> String {
        URL_SAFE_NO_PAD.encode([byte; 32])
    }

    fn asserted(caller: Caller) -> Asserted {
        Asserted {
            caller,
            api_version: "v2".into(),
            request_id: "req_1".into(),
            prefix: "/v2".into(),
            fingerprint: None,
            converter: None,
            position: None,
        }
    }

    fn known() -> Caller {
        Caller::Known(Principal {
            subject: "usr_1".into(),
            account: "usr_1".into(),
            role: Role::Customer,
            scopes: vec!["orders:read".into()],
            mode: Mode::Live,
        })
    }

    #[test]
    fn what_is_signed_is_what_is_read() {
        let keys = keys(&format!("a:{}", secret(1)));
        let print = Fingerprint::of("GET", "/x", None, None, "v2", b"");
        for caller in [Caller::Anonymous, known()] {
            for fingerprint in [None, Some(print.clone())] {
                let said = Asserted {
                    converter: fingerprint.is_some().then_some(3),
                    fingerprint,
                    position: Some(Position(7)),
                    ..asserted(caller.clone())
                };
                let token = keys.sign(&said, "GET", "/x?y=1", NOW).unwrap();
                assert_eq!(keys.verify(&token, "GET", "/x?y=1", NOW), Ok(said));
            }
        }
    }

    #[test]
    fn the_longest_target_fits() {
        let keys = keys(&format!("a:{}", secret(1)));
        let target = format!("/orders?cursor={}", "x".repeat(8 * 1024));
        let token = keys.sign(&asserted(known()), "GET", &target, NOW).unwrap();
        assert!(keys.verify(&token, "GET", &target, NOW).is_ok());
    }

    #[test]
    fn it_holds_for_one_request_and_one_minute() {
        let keys = keys(&format!("a:{}", secret(1)));
        let token = keys.sign(&asserted(known()), "GET", "/x?y=1", NOW).unwrap();
        let end = NOW + LIFETIME_SECONDS + LEEWAY_SECONDS;
        for (method, target, now, expected) in [
            ("GET", "/x?y=1", end - 1, None),
            ("GET", "/x?y=1", NOW - LEEWAY_SECONDS, None),
            ("GET", "/x?y=1", end, Some(Refused::Time)),
            (
                "GET",
                "/x?y=1",
                NOW - LEEWAY_SECONDS - 1,
                Some(Refused::Time),
            ),
            ("POST", "/x?y=1", NOW, Some(Refused::OtherRequest)),
            ("GET", "/x?y=2", NOW, Some(Refused::OtherRequest)),
            ("GET", "/x", NOW, Some(Refused::OtherRequest)),
        ] {
            assert_eq!(
                keys.verify(&token, method, target, now).err(),
                expected,
                "{method} {target} {now}"
            );
        }
    }

    #[test]
    fn keys_roll_over() {
        let old = keys(&format!("a:{}", secret(1)));
        let both = keys(&format!("b:{},a:{}", secret(2), secret(1)));
        let new = keys(&format!("b:{}", secret(2)));
        let sign = |keys: &AssertionKeys| keys.sign(&asserted(known()), "GET", "/", NOW).unwrap();
        assert!(both.verify(&sign(&old), "GET", "/", NOW).is_ok());
        assert!(new.verify(&sign(&both), "GET", "/", NOW).is_ok());
        assert_eq!(
            new.verify(&sign(&old), "GET", "/", NOW),
            Err(Refused::Signature)
        );
    }

    #[test]
    fn forgeries_are_refused() {
        let keys = keys(&format!("a:{}", secret(1)));
        let token = keys.sign(&asserted(known()), "GET", "/", NOW).unwrap();
        let other = format!("a:{}", secret(2)).parse::<AssertionKeys>().unwrap();
        let forged = other.sign(&asserted(known()), "GET", "/", NOW).unwrap();
        assert_eq!(
            keys.verify(&forged, "GET", "/", NOW),
            Err(Refused::Signature)
        );
        let unsigned = format!(
            "{}.{}.",
            URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"handover+jwt","kid":"a"}"#),
            token.split('.').nth(1).unwrap()
        );
        for bad in [
            "",
            "a.b",
            "a.b.c",
            &unsigned,
            &"x".repeat(ASSERTION_BYTES_MAX + 1),
        ] {
            assert!(keys.verify(bad, "GET", "/", NOW).is_err(), "{bad}");
        }
        let plain = Hs256
            .token(
                &Header::empty().with_key_id("a"),
                &Claims::new(serde_json::json!({})),
                &keys.0[0].1,
            )
            .unwrap();
        assert_eq!(
            keys.verify(&plain, "GET", "/", NOW),
            Err(Refused::Malformed)
        );
    }

    #[test]
    fn a_notice_holds_for_its_bytes_and_is_no_assertion() {
        let keys = keys(&format!("a:{}", secret(1)));
        let signature = keys.sign_notice(b"{}", NOW).unwrap();
        let end = NOW + LIFETIME_SECONDS + LEEWAY_SECONDS;
        assert_eq!(keys.verify_notice(&signature, b"{}", end - 1), Ok(()));
        for (told, now, expected) in [
            (&b"{ }"[..], NOW, Refused::OtherRequest),
            (b"{}", end, Refused::Time),
        ] {
            assert_eq!(keys.verify_notice(&signature, told, now), Err(expected));
        }
        let other = format!("a:{}", secret(2)).parse::<AssertionKeys>().unwrap();
        assert_eq!(
            other.verify_notice(&signature, b"{}", NOW),
            Err(Refused::Signature)
        );
        let assertion = keys.sign(&asserted(known()), "GET", "/", NOW).unwrap();
        assert_eq!(
            keys.verify_notice(&assertion, b"{}", NOW),
            Err(Refused::Malformed)
        );
        assert_eq!(
            keys.verify(&signature, "GET", "/", NOW),
            Err(Refused::Malformed)
        );
    }

    #[test]
    fn lists_of_keys() {
        for bad in ["", "a", "a:", ":x", "a:short", "a:!!!"] {
            assert!(bad.parse::<AssertionKeys>().is_err(), "{bad}");
        }
    }
}
