//! What each payment method does.
//!
//! `pm_card_visa` succeeds; `pm_card_insufficient_funds`, `pm_card_declined` and `pm_card_expired`
//! decline; `pm_card_slow` takes three seconds; `pm_card_lost_reply` charges and then drops the
//! connection; `pm_card_unavailable` answers 503 and charges nothing. Any other method is declined
//! as unknown.

use std::time::Duration;

/// How long `pm_card_slow` takes.
pub const SLOW: Duration = Duration::from_secs(3);

/// What goes wrong on the way, whatever the book says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The answer takes [`SLOW`].
    Slow,
    /// The charge is made, and the connection drops without an answer.
    LostReply,
    /// Nothing is done: 503.
    Unavailable,
}

/// The method's fault, if it has one.
pub fn fault(method: &str) -> Option<Fault> {
    match method {
        "pm_card_slow" => Some(Fault::Slow),
        "pm_card_lost_reply" => Some(Fault::LostReply),
        "pm_card_unavailable" => Some(Fault::Unavailable),
        _ => None,
    }
}

/// Why the method is declined, if it is.
pub fn decline_code(method: &str) -> Option<&'static str> {
    match method {
        "pm_card_visa" | "pm_card_slow" | "pm_card_lost_reply" => None,
        "pm_card_insufficient_funds" => Some("insufficient_funds"),
        "pm_card_declined" => Some("card_declined"),
        "pm_card_expired" => Some("expired_card"),
        _ => Some("payment_method_unknown"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_decline_and_fail_by_name() {
        for (method, code, trouble) in [
            ("pm_card_visa", None, None),
            ("pm_card_slow", None, Some(Fault::Slow)),
            ("pm_card_lost_reply", None, Some(Fault::LostReply)),
            (
                "pm_card_insufficient_funds",
                Some("insufficient_funds"),
                None,
            ),
            ("pm_card_declined", Some("card_declined"), None),
            ("pm_card_expired", Some("expired_card"), None),
            ("pm_nothing", Some("payment_method_unknown"), None),
        ] {
            assert_eq!(decline_code(method), code, "{method}");
            assert_eq!(fault(method), trouble, "{method}");
        }
        assert_eq!(fault("pm_card_unavailable"), Some(Fault::Unavailable));
    }
}
