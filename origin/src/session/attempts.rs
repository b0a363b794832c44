//! How often a sign-in may fail: by account, and by address.
//!
//! 1. The first failures cost nothing: people mistype. Each further one closes the door for twice as
//!    long as the one before, up to [`CLOSED_SECONDS_MAX`].
//! 2. An attempt counts as a failure from when it begins, under its row's lock: a thousand at once are
//!    not a thousand guesses. One that succeeds is taken back.
//! 3. [`FORGOTTEN_SECONDS`] after the last failure all are forgotten.
//! 4. Its store, the database, is down: nobody signs in (closed), since passwords are there, too.
//!
//! Somebody's enemy can thus keep it from signing in for minutes, and not from its open sessions.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};

/// Failures that cost an account nothing.
pub const ACCOUNT_FREE: i32 = 5;
/// Failures that cost an address nothing: a household or an office shares it.
pub const ADDRESS_FREE: i32 = 20;
/// Longest that the door is closed, in seconds.
pub const CLOSED_SECONDS_MAX: i64 = 300;
/// Seconds after the last failure at which all are forgotten.
pub const FORGOTTEN_SECONDS: i64 = 3600;

/// Whose failures are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subject {
    /// Its name in the table.
    pub digest: [u8; 32],
    /// How many cost it nothing.
    pub free: i32,
}

impl Subject {
    fn of(kind: &str, name: &str, free: i32) -> Self {
        let digest = Sha256::new()
            .chain_update(kind)
            .chain_update([0])
            .chain_update(name)
            .finalize();
        Self {
            digest: digest.into(),
            free,
        }
    }

    /// An account, whether or not there is one.
    pub fn account(email: &str) -> Self {
        Self::of("account", &email.to_lowercase(), ACCOUNT_FREE)
    }

    /// An address; of IPv6 the network that a customer gets.
    pub fn address(address: IpAddr) -> Self {
        let name = match address.to_canonical() {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
        };
        Self::of("address", &name, ADDRESS_FREE)
    }
}

/// What is known of a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// Failures in a row.
    pub failures: i32,
    /// No attempt before this.
    pub closed_until: DateTime<Utc>,
    /// The last failure.
    pub last_at: DateTime<Utc>,
}

/// Lets an attempt begin and counts it, or says for how many seconds the door is closed.
pub fn begin(known: Option<Tally>, free: i32, now: DateTime<Utc>) -> Result<Tally, u64> {
    let known = known.filter(|tally| now - tally.last_at < TimeDelta::seconds(FORGOTTEN_SECONDS));
    if let Some(tally) = known
        && tally.closed_until > now
    {
        let left = (tally.closed_until - now).num_milliseconds();
        return Err(u64::try_from(left).unwrap_or_default().div_ceil(1000));
    }
    let failures = known.map_or(0, |tally| tally.failures).saturating_add(1);
    Ok(Tally {
        failures,
        closed_until: now + TimeDelta::seconds(closed_seconds(failures, free)),
        last_at: now,
    })
}

/// For how long a failure closes the door: not at all, then 1, 2, 4, … seconds.
fn closed_seconds(failures: i32, free: i32) -> i64 {
    let beyond = failures.saturating_sub(free);
    if beyond < 1 {
        return 0;
    }
    let shift = u32::try_from(beyond - 1).unwrap_or(u32::MAX);
    1_i64
        .checked_shl(shift)
        .filter(|seconds| *seconds > 0)
        .map_or(CLOSED_SECONDS_MAX, |seconds| {
            seconds.min(CLOSED_SECONDS_MAX)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    #[test]
    fn waits_grow_and_are_true() {
        let (mut now, mut tally, mut waits) = (0, None, Vec::new());
        for _ in 0..20 {
            let counted = match begin(tally, 5, at(now)) {
                Ok(counted) => counted,
                Err(wait) => {
                    waits.push(wait);
                    let wait = i64::try_from(wait).unwrap();
                    assert!(begin(tally, 5, at(now + wait - 1)).is_err());
                    now += wait;
                    begin(tally, 5, at(now)).expect("it is open after the wait")
                }
            };
            tally = Some(counted);
        }
        assert_eq!(
            waits,
            [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300, 300, 300]
        );
        let later = begin(tally, 5, at(now + FORGOTTEN_SECONDS)).unwrap();
        assert_eq!(later.failures, 1);
        assert_eq!(closed_seconds(i32::MAX, 5), CLOSED_SECONDS_MAX);
    }

    #[test]
    fn spellings_and_networks_are_one_subject() {
        assert_eq!(Subject::account("Ada@x.y"), Subject::account("ada@X.Y"));
        let of = |text: &str| Subject::address(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
        assert_ne!(Subject::account("x").digest, of("192.0.2.1").digest);
    }
}
