//! Replay: what an account's store of answers decides, as functions of one slot and the time.
//!
//! 1. A key with a committed answer replays it, for [`KEEP_MS`], to the same request only.
//! 2. A key that a request leads makes duplicates wait for it, for [`WAIT_MS`] at most.
//! 3. A leader that never settles loses its lead after [`LEASE_MS`]; the next one leads.
//! 4. Postgres alone says that work happened: losing all of this costs a trip to the origin.
//!
//! When the store is down the pipeline goes straight to the origin.

pub mod wire;

use serde::{Deserialize, Serialize};
use shared::idempotency::Fingerprint;

use crate::limit::book::Word;

/// How long a duplicate waits for the first request's answer.
pub const WAIT_MS: u64 = 2_000;
/// How long a leader leads; it outlives every timeout of a try at the origin.
pub const LEASE_MS: u64 = 35_000;
/// How long an answer is kept: a day.
pub const KEEP_MS: u64 = 24 * 60 * 60 * 1000;
/// Largest body that is kept; a larger answer is replayed by the origin.
pub const BODY_BYTES_MAX: usize = 256 * 1024;
/// The fields of an answer that a replay repeats as they were first sent.
pub const FIELDS: [&str; 7] = [
    "content-type",
    "location",
    "etag",
    "last-modified",
    "link",
    shared::header::ERROR_CODE,
    shared::header::POSITION,
];

/// A committed answer, as it is kept and replayed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Status.
    pub status: u16,
    /// Those of [`FIELDS`] that it had.
    pub fields: Vec<(String, String)>,
    /// The very bytes.
    pub body: Vec<u8>,
    /// Id of the request that did the work.
    pub request_id: String,
}

/// What is known of a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Slot {
    /// A request leads.
    Led {
        /// Its fingerprint.
        fingerprint: String,
        /// Until when, Unix milliseconds.
        until_ms: u64,
    },
    /// It was answered.
    Answered {
        /// Fingerprint of the request.
        fingerprint: String,
        /// The answer.
        answer: Answer,
        /// Until when it is kept, Unix milliseconds.
        until_ms: u64,
    },
}

impl Slot {
    /// Until when the slot means anything.
    pub const fn until_ms(&self) -> u64 {
        match self {
            Self::Led { until_ms, .. } | Self::Answered { until_ms, .. } => *until_ms,
        }
    }
}

/// What a request with a key is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Claim {
    /// Go to the origin, then settle.
    Lead,
    /// Another one leads; ask again when it settles, or give up.
    Wait,
    /// Here is the answer.
    Replay(Answer),
    /// The key belongs to another request; these parts differ.
    Differs(Vec<String>),
}

/// What its caller's object tells a request with a key: one trip for its limit and its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The book's word, if it was asked.
    pub word: Option<Word>,
    /// Who leads. None where the book refuses, or the answers can't be had.
    pub claim: Option<Claim>,
}

/// Whether a request asks on for its key: not if its book refused it. If that was for its quota alone, it
/// asks for what is [`kept`], and its book again ([`crate::limit::book::ask_freely`]).
pub fn asks_on(word: Option<&Word>) -> bool {
    word.is_none_or(|word| word.verdict.admitted)
}

/// What to tell a request with this fingerprint; [`Claim::Lead`] is to be stored by [`lead`].
pub fn claim(slot: Option<&Slot>, fingerprint: &str, now_ms: u64) -> Claim {
    let Some(slot) = slot.filter(|slot| now_ms < slot.until_ms()) else {
        return Claim::Lead;
    };
    let (Slot::Led {
        fingerprint: first, ..
    }
    | Slot::Answered {
        fingerprint: first, ..
    }) = slot;
    let first = Fingerprint::from_stored(first.clone());
    let differing = first.differing(&Fingerprint::from_stored(fingerprint.to_owned()));
    if !differing.is_empty() {
        return Claim::Differs(differing.into_iter().map(str::to_owned).collect());
    }
    match slot {
        Slot::Led { .. } => Claim::Wait,
        Slot::Answered { answer, .. } => Claim::Replay(answer.clone()),
    }
}

/// What to tell a request whose calendar quota is used up: an answer that is kept costs none of it.
pub fn kept(slot: Option<&Slot>, fingerprint: &str, now_ms: u64) -> Option<Claim> {
    Some(claim(slot, fingerprint, now_ms)).filter(|told| matches!(told, Claim::Replay(_)))
}

/// The slot of a request that was told to lead.
pub fn lead(fingerprint: &str, now_ms: u64) -> Slot {
    Slot::Led {
        fingerprint: fingerprint.to_owned(),
        until_ms: now_ms.saturating_add(LEASE_MS),
    }
}

/// The slot after a leader's end: the answer if one was committed, else free. An answer is never
/// taken away by a later end, since a committed one is final.
pub fn settle(
    slot: Option<Slot>,
    fingerprint: &str,
    answer: Option<Answer>,
    now_ms: u64,
) -> Option<Slot> {
    match &slot {
        Some(Slot::Answered { until_ms, .. }) if now_ms < *until_ms => return slot,
        // The key was freed and another request leads now: a late end must not take its lead.
        Some(Slot::Led {
            fingerprint: leader,
            ..
        }) if answer.is_none() && leader != fingerprint => {
            return slot;
        }
        _ => {}
    }
    answer
        .filter(|answer| answer.body.len() <= BODY_BYTES_MAX)
        .map(|answer| Slot::Answered {
            fingerprint: fingerprint.to_owned(),
            answer,
            until_ms: now_ms.saturating_add(KEEP_MS),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_800_000_000_000;

    fn print(body: &str) -> String {
        Fingerprint::of("POST", "/orders", None, None, "v2", body.as_bytes())
            .as_str()
            .to_owned()
    }

    fn answer(body: &str) -> Answer {
        Answer {
            status: 201,
            fields: vec![("location".into(), "/orders/1".into())],
            body: body.into(),
            request_id: "req_1".into(),
        }
    }

    #[test]
    fn one_leads_the_others_wait_then_replay() {
        let print = print("{}");
        assert_eq!(claim(None, &print, NOW), Claim::Lead);
        let led = lead(&print, NOW);
        assert_eq!(claim(Some(&led), &print, NOW + LEASE_MS - 1), Claim::Wait);
        let answered = settle(Some(led), &print, Some(answer("a")), NOW).unwrap();
        assert_eq!(
            claim(Some(&answered), &print, NOW + KEEP_MS - 1),
            Claim::Replay(answer("a"))
        );
        assert_eq!(claim(Some(&answered), &print, NOW + KEEP_MS), Claim::Lead);
    }

    #[test]
    fn another_request_is_told_what_differs() {
        let led = lead(&print("1"), NOW);
        let answered = settle(Some(led.clone()), &print("1"), Some(answer("a")), NOW).unwrap();
        for slot in [led, answered] {
            assert_eq!(
                claim(Some(&slot), &print("2"), NOW),
                Claim::Differs(vec!["body".into()])
            );
        }
    }

    #[test]
    fn a_leader_that_never_settles_is_followed() {
        let led = lead(&print("{}"), NOW);
        assert_eq!(claim(Some(&led), &print("{}"), NOW + LEASE_MS), Claim::Lead);
    }

    #[test]
    fn an_end_without_commit_frees_the_key() {
        let led = lead(&print("1"), NOW);
        assert_eq!(settle(Some(led), &print("1"), None, NOW), None);
    }

    #[test]
    fn a_late_end_does_not_take_the_lead_of_another_request() {
        let led = Some(lead(&print("2"), NOW));
        assert_eq!(settle(led.clone(), &print("1"), None, NOW), led);
    }

    #[test]
    fn a_committed_answer_is_final() {
        let answered = settle(None, &print("1"), Some(answer("a")), NOW);
        assert_eq!(
            settle(answered.clone(), &print("1"), None, NOW + 1),
            answered
        );
        assert_eq!(
            settle(answered.clone(), &print("1"), Some(answer("b")), NOW + 1),
            answered
        );
    }

    #[test]
    fn a_large_answer_is_left_to_the_origin() {
        let large = answer(&"x".repeat(BODY_BYTES_MAX + 1));
        assert_eq!(settle(None, &print("1"), Some(large), NOW), None);
    }
}
