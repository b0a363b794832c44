//! When a delivery is tried again, and when no more.
//!
//! Decides, of one try's outcome:
//! 1. Any 2xx: delivered.
//! 2. 410: dead, and the webhook is switched off.
//! 3. An address that is not public: dead. No later try would be allowed.
//! 4. Anything else, redirects included, since what was signed for one place is for no other: again,
//!    after a pause of anything up to the try's ceiling (full jitter), but not before `Retry-After`.
//! 5. After ten tries: dead. The ceilings are such that ten tries take three days on average, and six
//!    at most. A ping is tried once.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::message::PING;

/// Tries of an event.
pub const TRIES_MAX: i32 = 10;
/// How long a receiver may take, from the look-up of its name to the fields of its answer.
pub const ANSWER_TIMEOUT: Duration = Duration::from_secs(15);
/// Longest `Retry-After` that is honoured.
const RETRY_AFTER_MAX: TimeDelta = TimeDelta::hours(48);
/// The longest pause after each try but the last.
const CEILINGS: [TimeDelta; 9] = [
    TimeDelta::seconds(10),
    TimeDelta::minutes(5),
    TimeDelta::minutes(30),
    TimeDelta::hours(2),
    TimeDelta::hours(8),
    TimeDelta::hours(16),
    TimeDelta::hours(30),
    TimeDelta::hours(40),
    TimeDelta::hours(48),
];

/// What came of one try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The receiver answered.
    Answered {
        /// Its status.
        status: u16,
        /// How long it wants to be left alone.
        retry_after: Option<TimeDelta>,
    },
    /// It did not, for this reason.
    NoAnswer(String),
    /// It was not called, for this reason, which no later try would mend.
    Refused(String),
}

impl Outcome {
    /// The status, if there was an answer.
    pub const fn status(&self) -> Option<u16> {
        match self {
            Self::Answered { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// Why it is no success.
    pub fn error(&self) -> Option<String> {
        match self {
            Self::Answered { status, .. } if (200..300).contains(status) => None,
            Self::Answered { status: 410, .. } => {
                Some("410: the receiver is gone, and the webhook is switched off".to_owned())
            }
            Self::Answered { status, .. } if (300..400).contains(status) => {
                Some(format!("{status}: redirects are not followed"))
            }
            Self::Answered { status, .. } => Some(format!("answered {status}")),
            Self::NoAnswer(why) | Self::Refused(why) => Some(why.clone()),
        }
    }
}

/// What follows from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The receiver has it.
    Delivered,
    /// Try again at this time.
    Again(DateTime<Utc>),
    /// Give it up.
    Dead,
    /// Give it up, and switch the webhook off.
    Gone,
}

/// How often something of this type is tried.
pub fn tries_max(kind: &str) -> i32 {
    if kind == PING { 1 } else { TRIES_MAX }
}

/// Decides about the next step after so many tries; `random` is any number.
pub fn verdict(
    outcome: &Outcome,
    kind: &str,
    tries: i32,
    now: DateTime<Utc>,
    random: u64,
) -> Verdict {
    match outcome {
        Outcome::Answered { status, .. } if (200..300).contains(status) => Verdict::Delivered,
        Outcome::Answered { status: 410, .. } => Verdict::Gone,
        Outcome::Refused(_) => Verdict::Dead,
        _ if tries >= tries_max(kind) => Verdict::Dead,
        Outcome::Answered { retry_after, .. } => {
            let asked = retry_after.unwrap_or_default().min(RETRY_AFTER_MAX);
            Verdict::Again(now + pause(tries, random).max(asked))
        }
        Outcome::NoAnswer(_) => Verdict::Again(now + pause(tries, random)),
    }
}

/// Anything from nothing up to the ceiling.
fn pause(tries: i32, random: u64) -> TimeDelta {
    let place = usize::try_from(tries.saturating_sub(1)).unwrap_or_default();
    let ceiling = CEILINGS.get(place).or(CEILINGS.last());
    let ceiling = ceiling.map_or(0, TimeDelta::num_milliseconds);
    let span = u64::try_from(ceiling).unwrap_or_default() + 1;
    TimeDelta::milliseconds(i64::try_from(random % span).unwrap_or(ceiling))
}

/// `Retry-After` in its two forms [RFC 9110 §10.2.3].
pub fn retry_after(field: &str, now: DateTime<Utc>) -> Option<TimeDelta> {
    let field = field.trim();
    if let Ok(seconds) = field.parse::<u32>() {
        return TimeDelta::try_seconds(seconds.into());
    }
    let at = DateTime::parse_from_rfc2822(field).ok()?.to_utc();
    Some((at - now).max(TimeDelta::zero()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }

    fn answered(status: u16, seconds: Option<i64>) -> Outcome {
        Outcome::Answered {
            status,
            retry_after: seconds.map(TimeDelta::seconds),
        }
    }

    #[test]
    fn verdicts() {
        let again = |seconds| Verdict::Again(now() + TimeDelta::seconds(seconds));
        let silent = Outcome::NoAnswer("reset".to_owned());
        let refused = Outcome::Refused("private".to_owned());
        for (outcome, kind, tries, expected) in [
            (answered(200, None), "order.created", 1, Verdict::Delivered),
            (answered(204, None), "order.created", 10, Verdict::Delivered),
            (answered(410, None), "order.created", 1, Verdict::Gone),
            (answered(302, None), "order.created", 1, again(0)),
            (answered(404, None), "order.created", 1, again(0)),
            (answered(500, None), "order.created", 9, again(0)),
            (answered(500, None), "order.created", 10, Verdict::Dead),
            (answered(503, Some(120)), "order.created", 1, again(120)),
            (answered(429, Some(5)), "order.created", 10, Verdict::Dead),
            // Nobody may put it off for ever.
            (
                answered(503, Some(1 << 31)),
                "order.created",
                1,
                again(48 * 3600),
            ),
            (silent.clone(), "order.created", 1, again(0)),
            (silent, "order.created", 10, Verdict::Dead),
            (refused, "order.created", 1, Verdict::Dead),
            (answered(500, None), PING, 1, Verdict::Dead),
        ] {
            let found = verdict(&outcome, kind, tries, now(), 0);
            assert_eq!(found, expected, "{outcome:?} {kind} {tries}");
        }
    }

    #[test]
    fn pauses_fill_their_whole_range_and_ten_tries_take_three_days_on_average() {
        let mut longest = TimeDelta::zero();
        for tries in 1..TRIES_MAX {
            let ceiling = CEILINGS[usize::try_from(tries - 1).unwrap()];
            let ms = u64::try_from(ceiling.num_milliseconds()).unwrap();
            assert_eq!(pause(tries, 0), TimeDelta::zero());
            assert_eq!(pause(tries, ms), ceiling);
            assert_eq!(pause(tries, ms + 1), TimeDelta::zero());
            assert!(pause(tries, u64::MAX) <= ceiling);
            longest += ceiling;
        }
        let average_hours = longest.num_hours() / 2;
        assert!((71..=73).contains(&average_hours), "{average_hours}");
    }

    #[test]
    fn both_forms_of_retry_after_are_read() {
        for (field, seconds) in [
            ("120", Some(120)),
            (" 0 ", Some(0)),
            ("-1", None),
            ("soon", None),
            ("", None),
            // 1,800,000,060
            ("Fri, 15 Jan 2027 08:01:00 GMT", Some(60)),
            ("Fri, 15 Jan 2027 07:00:00 GMT", Some(0)),
        ] {
            let found = retry_after(field, now());
            assert_eq!(found, seconds.map(TimeDelta::seconds), "{field}");
        }
    }

    #[test]
    fn what_went_wrong_is_said() {
        for (outcome, expected) in [
            (answered(200, None), None),
            (answered(301, None), Some("301: redirects are not followed")),
            (answered(500, None), Some("answered 500")),
            (Outcome::NoAnswer("reset".to_owned()), Some("reset")),
        ] {
            assert_eq!(outcome.error().as_deref(), expected);
        }
    }
}
