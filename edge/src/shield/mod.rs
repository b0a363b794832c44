//! The shield: who of many asks the origin for one key, as functions of one shard's state and the time.
//!
//! 1. The first to join leads, for [`LEASE_MS`]; the others wait for its end. A leader that does not
//!    settle in time is followed by the first who joins again.
//! 2. An answer that may be stored is everybody's, and is kept as an upper tier ([`COPY_BYTES_MAX`],
//!    [`BYTES_MAX`]): who finds that it does not hold says so and joins beyond it.
//! 3. One that may not be stored is the leader's alone. The key stays marked for [`ALONE_MS`], so that
//!    nobody waits for what can't be shared.
//! 4. A failure is everybody's who waited, so that a failing origin is not asked by all of them in turn.
//! 5. Nobody is fetched for here: shards only elect. When one does not answer, straight to the origin.

pub mod wire;

use std::collections::HashMap;

use bytes::Bytes;

use crate::platform::FetchError;

/// Over how many objects the keys are spread.
pub const SHARDS: u32 = 64;
/// How long a leader leads.
pub const LEASE_MS: u64 = 5_000;
/// For how long a key is marked whose answers can't be shared.
pub const ALONE_MS: u64 = 10_000;
/// Largest body that is shared.
pub const COPY_BYTES_MAX: usize = 256 * 1024;
/// Most bytes of bodies in a shard; the oldest go first.
pub const BYTES_MAX: usize = 8 * 1024 * 1024;
/// Most keys in a shard before those that mean nothing any more are forgotten.
pub const KEYS_MAX: usize = 2_000;
/// Longest wait for an election, milliseconds. One that fails says so at once; one that is slow is slow in
/// a crowd, where everybody's going to the origin would be the worst that could happen.
pub const ELECT_MS: u32 = 2_000;

/// How a flight ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// With an answer for everybody.
    Copy(Shared),
    /// With one that was stored, and is too large to be handed on.
    Large,
    /// With one that is nobody else's.
    Alone,
    /// Without one.
    Failed(Failure),
}

/// An answer for everybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shared {
    /// Which requests it is for: the key of its variant.
    pub fits: String,
    /// As [`crate::cache::wire`] writes it.
    pub record: String,
    /// The body.
    pub body: Bytes,
}

/// Why there was no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// The origin gave none.
    Fetch(FetchError),
    /// It said that it failed.
    Status(u16),
}

/// What somebody who joins is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Turn {
    /// Ask the origin, and settle under this number.
    Lead(u64),
    /// The flight of this number is under way: join again, waiting for it.
    Wait(u64),
    /// The flight of this number ended so.
    End(u64, End),
}

/// A shard's keys.
#[derive(Debug, Default)]
pub struct Shard {
    keys: HashMap<String, Key>,
    last: u64,
}

#[derive(Debug, Default)]
struct Key {
    /// The flight under way, and until when it leads.
    lead: Option<(u64, u64)>,
    /// The last that ended, how, and when.
    ended: Option<(u64, End, u64)>,
}

impl Key {
    fn bytes(&self) -> usize {
        match &self.ended {
            Some((_, End::Copy(copy), _)) => copy.body.len() + copy.record.len(),
            _ => 0,
        }
    }
}

impl Shard {
    /// What somebody is to do who has no use for the end of flight `beyond` or an earlier one, and who
    /// perhaps waits for a flight.
    pub fn join(&mut self, key: &str, beyond: u64, waiting: Option<u64>, now_ms: u64) -> Turn {
        if self.keys.len() > KEYS_MAX {
            self.forget(now_ms);
        }
        let slot = self.keys.entry(key.to_owned()).or_default();
        if let Some((number, end, at_ms)) = &slot.ended
            && *number > beyond
        {
            let is_told = match end {
                End::Copy(_) => true,
                End::Alone => now_ms < at_ms.saturating_add(ALONE_MS),
                End::Large | End::Failed(_) => waiting.is_some_and(|flight| flight <= *number),
            };
            if is_told {
                return Turn::End(*number, end.clone());
            }
        }
        if let Some((number, until_ms)) = slot.lead
            && now_ms < until_ms
        {
            return Turn::Wait(number);
        }
        self.last = self.last.saturating_add(1);
        slot.lead = Some((self.last, now_ms.saturating_add(LEASE_MS)));
        Turn::Lead(self.last)
    }

    /// A leader's end. One who was followed may still bring an answer for everybody; anything else of it
    /// is nobody's. Whether those who wait are to be told.
    pub fn settle(&mut self, key: &str, number: u64, end: End, now_ms: u64) -> bool {
        let Some(slot) = self.keys.get_mut(key) else {
            return false;
        };
        let leads = slot.lead.is_some_and(|(leader, _)| leader == number);
        let newest = slot
            .ended
            .as_ref()
            .is_none_or(|(last, _, _)| *last < number);
        if !newest || !(leads || matches!(end, End::Copy(_))) {
            return false;
        }
        if leads {
            slot.lead = None;
        }
        slot.ended = Some((number, end, now_ms));
        self.shrink();
        true
    }

    /// Until when the flight under a key leads.
    pub fn until_ms(&self, key: &str) -> Option<u64> {
        Some(self.keys.get(key)?.lead?.1)
    }

    /// Lets the oldest bodies go.
    fn shrink(&mut self) {
        let mut bytes: usize = self.keys.values().map(Key::bytes).sum();
        while bytes > BYTES_MAX {
            let copies = self.keys.values_mut().filter(|key| key.bytes() > 0);
            let oldest = copies.min_by_key(|key| key.ended.as_ref().map(|(_, _, at_ms)| *at_ms));
            let Some(oldest) = oldest else {
                return;
            };
            bytes = bytes.saturating_sub(oldest.bytes());
            oldest.ended = None;
        }
    }

    /// Lets keys go that are not led and hold nothing; when all mean something, all but the led ones.
    fn forget(&mut self, now_ms: u64) {
        let led = |key: &Key| key.lead.is_some_and(|(_, until_ms)| now_ms < until_ms);
        let recent = |at_ms: u64| now_ms < at_ms.saturating_add(ALONE_MS);
        self.keys.retain(|_, key| {
            let means = match &key.ended {
                Some((_, End::Copy(_), _)) => true,
                Some((_, _, at_ms)) => recent(*at_ms),
                None => false,
            };
            led(key) || means
        });
        if self.keys.len() > KEYS_MAX {
            self.keys.retain(|_, key| led(key));
        }
    }
}

/// The shard of a key: FNV-1a.
pub fn shard(key: &str) -> u32 {
    key.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    }) % SHARDS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copy(bytes: usize) -> End {
        End::Copy(Shared {
            fits: String::new(),
            record: String::new(),
            body: Bytes::from(vec![7; bytes]),
        })
    }

    const FAILED: End = End::Failed(Failure::Status(503));

    #[test]
    fn one_leads_and_the_others_wait_for_its_end() {
        for (end, waiter, later) in [
            (copy(1), Turn::End(1, copy(1)), Turn::End(1, copy(1))),
            (
                End::Alone,
                Turn::End(1, End::Alone),
                Turn::End(1, End::Alone),
            ),
            (End::Large, Turn::End(1, End::Large), Turn::Lead(2)),
            (FAILED, Turn::End(1, FAILED), Turn::Lead(2)),
        ] {
            let mut shard = Shard::default();
            assert_eq!(shard.join("a", 0, None, 0), Turn::Lead(1));
            assert_eq!(shard.join("a", 0, None, 0), Turn::Wait(1));
            assert_eq!(shard.join("a", 0, Some(1), 1), Turn::Wait(1));
            assert!(shard.settle("a", 1, end, 2));
            assert_eq!(shard.join("a", 0, Some(1), 3), waiter);
            assert_eq!(shard.join("a", 0, None, 3), later);
        }
    }

    #[test]
    fn a_leader_that_does_not_settle_is_followed() {
        let mut shard = Shard::default();
        assert_eq!(shard.join("a", 0, None, 0), Turn::Lead(1));
        assert_eq!(shard.join("a", 0, Some(1), LEASE_MS - 1), Turn::Wait(1));
        assert_eq!(shard.join("a", 0, Some(1), LEASE_MS), Turn::Lead(2));
        assert_eq!(shard.join("a", 0, Some(1), LEASE_MS), Turn::Wait(2));
        // The first one comes after all: its failure is nobody's, its answer is everybody's.
        assert!(!shard.settle("a", 1, FAILED, LEASE_MS));
        assert!(!shard.settle("a", 1, End::Alone, LEASE_MS));
        assert!(shard.settle("a", 1, copy(1), LEASE_MS));
        assert_eq!(shard.join("a", 0, Some(2), LEASE_MS), Turn::End(1, copy(1)));
        assert!(shard.settle("a", 2, copy(2), LEASE_MS));
        assert!(!shard.settle("a", 1, copy(3), LEASE_MS));
        assert_eq!(shard.join("a", 0, None, LEASE_MS), Turn::End(2, copy(2)));
    }

    #[test]
    fn who_has_no_use_for_a_copy_joins_beyond_it() {
        let mut shard = Shard::default();
        shard.join("a", 0, None, 0);
        shard.settle("a", 1, copy(1), 0);
        assert_eq!(shard.join("a", 1, None, 1), Turn::Lead(2));
        // Others may use it meanwhile.
        assert_eq!(shard.join("a", 0, None, 1), Turn::End(1, copy(1)));
        assert_eq!(shard.join("a", 1, None, 1), Turn::Wait(2));
    }

    #[test]
    fn what_can_not_be_shared_is_marked_for_a_while() {
        let mut shard = Shard::default();
        shard.join("a", 0, None, 0);
        shard.settle("a", 1, End::Alone, 0);
        assert_eq!(
            shard.join("a", 0, None, ALONE_MS - 1),
            Turn::End(1, End::Alone)
        );
        assert_eq!(shard.join("a", 0, None, ALONE_MS), Turn::Lead(2));
    }

    #[test]
    fn a_shard_is_bounded() {
        let mut shard = Shard::default();
        for number in 1..=100 {
            let key = number.to_string();
            assert_eq!(shard.join(&key, 0, None, number), Turn::Lead(number));
            shard.settle(&key, number, copy(COPY_BYTES_MAX), number);
        }
        let kept = |shard: &Shard| shard.keys.values().filter(|key| key.bytes() > 0).count();
        assert_eq!(kept(&shard), BYTES_MAX / COPY_BYTES_MAX);
        assert!(shard.keys["100"].bytes() > 0 && shard.keys["1"].bytes() == 0);
        for number in 0..3 * KEYS_MAX as u64 {
            shard.join(&format!("led {number}"), 0, None, number * LEASE_MS);
            assert!(shard.keys.len() <= KEYS_MAX + 1);
        }
        let names = (0..1_000).map(|name| super::shard(&format!("/v2/products/{name}")));
        assert_eq!(names.collect::<std::collections::BTreeSet<_>>().len(), 64);
    }
}
