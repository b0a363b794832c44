//! How one signing key follows another, so that no valid token is ever refused.
//!
//! 1. A new key is published at once and signs [`PUBLISHED_SECONDS`] later: by then every verifier has
//!    fetched the key set anew, and every process of ours has read the table.
//! 2. From then on it signs, and the one before it verifies.
//! 3. Retiring a key takes it from signing; it verifies until the last token that it may have signed has
//!    expired. It can only be done while another one signs.
//! 4. A key that was stolen is withdrawn at once, and its tokens with it.

use chrono::{DateTime, TimeDelta, Utc};

use super::token::{LEEWAY_SECONDS, LIFETIME_SECONDS};

/// How long a process may go on with the keys as it last read them.
pub const KEPT_SECONDS: i64 = 60;
/// How long verifiers may keep the key set; `max-age` of it says so.
pub const KEY_SET_SECONDS: i64 = 600;
/// How long a key is published before it signs: longer than anybody keeps an older set.
pub const PUBLISHED_SECONDS: i64 = KEY_SET_SECONDS + KEPT_SECONDS + 240;

/// When a key that is retired now verifies no more. `tokens_until` is when its longest-lived token
/// expires, if it signed one of more than the usual time.
pub fn retires_at(now: DateTime<Utc>, tokens_until: Option<DateTime<Utc>>) -> DateTime<Utc> {
    let leeway = TimeDelta::seconds(LEEWAY_SECONDS);
    // A process that has not read the table yet still signs by it.
    let usual = now + TimeDelta::seconds(KEPT_SECONDS + LIFETIME_SECONDS) + leeway;
    tokens_until.map_or(usual, |until| usual.max(until + leeway))
}

/// Where a key stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Published, and not signing yet.
    Next,
    /// Signing.
    Signs,
    /// A newer one signs; this one verifies.
    Verifies,
    /// Verifying until its tokens have expired.
    Retiring,
    /// Neither published nor used.
    Retired,
}

impl Stage {
    /// As an operator reads it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Signs => "signs",
            Self::Verifies => "verifies",
            Self::Retiring => "retiring",
            Self::Retired => "retired",
        }
    }
}

/// Where each key stands, of all keys with the newest first: from when on it is active, and when it
/// is retired.
pub fn stages(keys: &[(DateTime<Utc>, Option<DateTime<Utc>>)], now: DateTime<Utc>) -> Vec<Stage> {
    let mut signing = false;
    keys.iter()
        .map(|(active_from, retired_at)| match retired_at {
            Some(retired) if *retired <= now => Stage::Retired,
            Some(_) => Stage::Retiring,
            None if *active_from > now => Stage::Next,
            None if signing => Stage::Verifies,
            None => {
                signing = true;
                Stage::Signs
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    #[test]
    fn keys_go_through_their_stages() {
        use Stage::{Next, Retired, Retiring, Signs, Verifies};
        let keys = [
            (at(900), None),
            (at(100), None),
            (at(50), Some(at(1000))),
            (at(0), None),
        ];
        for (seconds, expected) in [
            (60, [Next, Next, Retiring, Signs]),
            (100, [Next, Signs, Retiring, Verifies]),
            (900, [Signs, Verifies, Retiring, Verifies]),
            (1000, [Signs, Verifies, Retired, Verifies]),
        ] {
            assert_eq!(stages(&keys, at(seconds)), expected, "{seconds}");
        }
    }

    #[test]
    fn a_retired_key_verifies_as_long_as_its_tokens_live() {
        assert_eq!(retires_at(at(0), None), at(690));
        assert_eq!(retires_at(at(0), Some(at(100))), at(690));
        assert_eq!(retires_at(at(0), Some(at(86_400))), at(86_430));
    }
}
