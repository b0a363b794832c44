//! Sessions: what becomes of a refresh token, and how often a sign-in may fail.
//!
//! A refresh token is 256 random bits; the database has its SHA-256. It is exchanged once, for its
//! successor, and the family of all that follow from one sign-in is a session [RFC 9700 §4.14.2].
//!
//! 1. An unused token of a living session is exchanged.
//! 2. A used one that comes again under the `Idempotency-Key` that it was exchanged under, within
//!    [`LOST_REPLY_SECONDS`] and while its successor is unused, gets the same successor: its answer was
//!    lost on the way. A copy of the token is not enough for that.
//! 3. Any other used one ends the session: somebody has a copy.
//! 4. A session ends after [`IDLE_DAYS`] without an exchange, after [`ABSOLUTE_DAYS`] in any case, by
//!    signing out, with another password, with its user.

pub mod attempts;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use shared::idempotency::Key;
use shared::session::RefreshToken;

use crate::platform::Platform;

/// Days without an exchange after which a refresh token no longer holds.
pub const IDLE_DAYS: i64 = 30;
/// Days after which a session ends, however busy it is.
pub const ABSOLUTE_DAYS: i64 = 90;
/// Seconds in which a used token gets its unused successor once more, under the same key.
pub const LOST_REPLY_SECONDS: i64 = 10;
/// Sessions that a user may have at once; those used least lately end.
pub const SESSIONS_MAX: i64 = 50;
/// Random bytes of a token.
const TOKEN_BYTES: usize = 32;
/// What a token begins with, so that a scanner for leaked secrets knows it.
const PREFIX: &str = "hgr_";

/// The random part of a refresh token.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret([u8; TOKEN_BYTES]);

impl Secret {
    /// A new one.
    pub fn new(platform: &Platform) -> Self {
        let mut bytes = [0; TOKEN_BYTES];
        platform.fill(&mut bytes);
        Self(bytes)
    }

    /// Of a token's text; `None` if it is none of ours.
    pub fn read(token: &RefreshToken) -> Option<Self> {
        let text = token.0.strip_prefix(PREFIX)?;
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        bytes.try_into().ok().map(Self)
    }

    /// As the client gets it.
    pub fn token(&self) -> RefreshToken {
        RefreshToken(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(self.0)))
    }

    /// As the database has it.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0).into()
    }

    /// Its successor, masked so that only the holder of this one and of the key can read it, or the
    /// reverse.
    fn mask(&self, key: &Key, bytes: &[u8; TOKEN_BYTES]) -> [u8; TOKEN_BYTES] {
        let mask = Sha256::new()
            .chain_update(b"successor of ")
            .chain_update(self.0)
            .chain_update(key.as_str())
            .finalize();
        let mut masked = *bytes;
        for (byte, mask) in masked.iter_mut().zip(mask) {
            *byte ^= mask;
        }
        masked
    }

    /// The successor's bytes under this one's mask.
    pub fn seal(&self, key: &Key, successor: &Self) -> [u8; TOKEN_BYTES] {
        self.mask(key, &successor.0)
    }

    /// The successor that was sealed under this one and this key, and has this hash.
    pub fn open(&self, key: &Key, sealed: &[u8], hash: &[u8]) -> Option<Self> {
        let sealed: &[u8; TOKEN_BYTES] = sealed.try_into().ok()?;
        Some(Self(self.mask(key, sealed))).filter(|found| found.hash() == hash)
    }
}

/// A token as it was found, with its session.
#[derive(Debug, Clone, Copy)]
pub struct Found {
    /// When the token was exchanged.
    pub used_at: Option<DateTime<Utc>>,
    /// Whether what it was exchanged for has been exchanged, too.
    pub successor_used: bool,
    /// Until when the token may be exchanged.
    pub expires_at: DateTime<Utc>,
    /// When the session ends.
    pub session_expires_at: DateTime<Utc>,
    /// Whether it has ended before.
    pub revoked: bool,
}

/// What becomes of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is exchanged.
    Exchange,
    /// Its successor is given out once more.
    Repeat,
    /// Its session ends: it came again.
    Reused,
    /// Nothing: its session has ended, or the token has expired.
    Ended,
}

/// Judges a token. `retried`: it came under the key that it was exchanged under.
pub fn judge(found: &Found, retried: bool, now: DateTime<Utc>) -> Verdict {
    if found.revoked || now >= found.session_expires_at {
        return Verdict::Ended;
    }
    match found.used_at {
        Some(used) if retried && !found.successor_used && now - used <= lost_reply() => {
            Verdict::Repeat
        }
        Some(_) => Verdict::Reused,
        None if now >= found.expires_at => Verdict::Ended,
        None => Verdict::Exchange,
    }
}

const fn lost_reply() -> TimeDelta {
    TimeDelta::seconds(LOST_REPLY_SECONDS)
}

/// When a session that begins now ends at the latest.
pub fn session_ends(now: DateTime<Utc>) -> DateTime<Utc> {
    now + TimeDelta::days(ABSOLUTE_DAYS)
}

/// When a token that is given out now ends, unless it is used.
pub fn token_ends(now: DateTime<Utc>, session_ends: DateTime<Utc>) -> DateTime<Utc> {
    session_ends.min(now + TimeDelta::days(IDLE_DAYS))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    #[test]
    fn tokens_are_judged() {
        use Verdict::{Ended, Exchange, Repeat, Reused};
        let fresh = Found {
            used_at: None,
            successor_used: false,
            expires_at: at(1000),
            session_expires_at: at(2000),
            revoked: false,
        };
        let used = Found {
            used_at: Some(at(100)),
            ..fresh
        };
        for (found, seconds, verdict) in [
            (fresh, 0, Exchange),
            (fresh, 999, Exchange),
            (fresh, 1000, Ended),
            (used, 100, Repeat),
            (used, 110, Repeat),
            (used, 111, Reused),
            (
                Found {
                    successor_used: true,
                    ..used
                },
                101,
                Reused,
            ),
            // One that was stolen long ago gives itself away as long as the session lives.
            (used, 1500, Reused),
            (used, 2000, Ended),
            (
                Found {
                    revoked: true,
                    ..used
                },
                200,
                Ended,
            ),
            (
                Found {
                    revoked: true,
                    ..fresh
                },
                0,
                Ended,
            ),
        ] {
            assert_eq!(
                judge(&found, true, at(seconds)),
                verdict,
                "{found:?} {seconds}"
            );
            // Without the key that it was exchanged under, nobody lost an answer.
            let alone = if verdict == Repeat { Reused } else { verdict };
            assert_eq!(
                judge(&found, false, at(seconds)),
                alone,
                "{found:?} {seconds}"
            );
        }
    }

    #[test]
    fn a_token_is_read_as_it_was_given_out() {
        let secret = Secret([7; 32]);
        let token = secret.token();
        assert_eq!(token.0.len(), 47);
        assert!(Secret::read(&token) == Some(secret.clone()));
        for bad in [
            "",
            "hgr_",
            &token.0[1..],
            &token.0[..46],
            &format!("{}A", token.0),
        ] {
            assert!(Secret::read(&RefreshToken(bad.to_owned())).is_none());
        }
        let successor = Secret([9; 32]);
        let key = |text: &str| Key::from_stored(text.to_owned());
        let sealed = secret.seal(&key("k"), &successor);
        assert_ne!(sealed, [9; 32]);
        let hash = successor.hash();
        assert!(secret.open(&key("k"), &sealed, &hash) == Some(successor));
        assert!(secret.open(&key("l"), &sealed, &hash).is_none());
        assert!(Secret([8; 32]).open(&key("k"), &sealed, &hash).is_none());
        assert!(secret.open(&key("k"), &sealed[1..], &hash).is_none());
    }

    #[test]
    fn no_token_outlives_its_session() {
        let ends = session_ends(at(0));
        assert_eq!(token_ends(at(0), ends), at(IDLE_DAYS * 86_400));
        assert_eq!(token_ends(at(80 * 86_400), ends), ends);
    }
}
