//! What Stripe's documents say, as decisions of their members alone.

use std::fmt;

use chrono::DateTime;
use http::StatusCode;
use serde::Deserialize;
use shared::money::{Currency, Money};

use crate::payment::Booked;
use crate::payment::Charged;

/// Our name for a charge, among an intent's `metadata`.
pub(super) const REFERENCE: &str = "reference";
/// The same, in a form.
pub(super) const REFERENCE_FIELD: &str = "metadata[reference]";
/// A refund's key, in a form.
pub(super) const KEY_FIELD: &str = "metadata[key]";

/// What a client may be told of a declined card. All else is `card_declined`: Stripe advises against
/// saying that a card was reported as stolen, for one.
const DECLINE_CODES: [&str; 13] = [
    "authentication_required",
    "card_not_supported",
    "card_velocity_exceeded",
    "currency_not_supported",
    "expired_card",
    "incorrect_cvc",
    "incorrect_number",
    "incorrect_zip",
    "insufficient_funds",
    "invalid_account",
    "processing_error",
    "try_again_later",
    "withdrawal_count_limit_exceeded",
];
const DECLINED: &str = "card_declined";

/// What we wrote beside a charge or a refund.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Metadata {
    reference: Option<String>,
    pub(super) key: Option<String>,
}

/// A `PaymentIntent`, of which this is read.
#[derive(Debug, Deserialize)]
pub(super) struct Intent {
    pub(super) id: String,
    pub(super) status: String,
    pub(super) created: i64,
    amount: i64,
    currency: String,
    #[serde(default)]
    metadata: Metadata,
    last_payment_error: Option<Trouble>,
    latest_charge: Option<LatestCharge>,
}

/// The charge that an intent came to: its name, or all of it where that was asked for.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum LatestCharge {
    Whole {
        #[serde(default)]
        amount_refunded: i64,
    },
    Name(#[expect(dead_code, reason = "it only has to be read")] String),
}

/// What became of an intent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ruling {
    /// The money is ours.
    Paid,
    /// It is not, and this intent will not be tried again.
    Declined(&'static str),
    /// Its customer would have to do something.
    Waits,
    /// Stripe does not know yet.
    Open,
}

/// What went wrong, as errors and intents tell it.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Trouble {
    code: Option<String>,
    decline_code: Option<String>,
    message: Option<String>,
    param: Option<String>,
    charge: Option<String>,
    payment_intent: Option<Named>,
}

#[derive(Debug, Deserialize)]
struct Named {
    id: String,
}

/// The body of any answer that is no success.
#[derive(Debug, Deserialize)]
pub(super) struct Failure {
    pub(super) error: Trouble,
}

/// A charge that was refused for good.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// Stripe's name for it, if there is one.
    pub(super) charge: Option<String>,
    /// Why.
    pub(super) code: &'static str,
}

impl Intent {
    /// What became of it.
    pub(super) fn ruling(&self) -> Ruling {
        match self.status.as_str() {
            "succeeded" => Ruling::Paid,
            "requires_payment_method" => Ruling::Declined(
                self.last_payment_error
                    .as_ref()
                    .map_or(DECLINED, Trouble::decline_code),
            ),
            // Nobody but us ends an intent, and for this reason alone.
            "canceled" => Ruling::Declined("authentication_required"),
            "requires_action" | "requires_confirmation" | "requires_capture" => Ruling::Waits,
            _ => Ruling::Open,
        }
    }

    /// As a line of the book, if it is one of ours.
    pub(super) fn booked(self) -> Option<Booked> {
        Some(Booked {
            succeeded: self.ruling() == Ruling::Paid,
            amount: self.money()?,
            paid_back: match self.latest_charge {
                Some(LatestCharge::Whole { amount_refunded }) => amount_refunded,
                _ => 0,
            },
            created_at: DateTime::from_timestamp(self.created, 0)?,
            reference: self.metadata.reference?,
            id: self.id,
        })
    }

    /// Our name for it, how much, and what became of it, if it is one of ours and decided.
    pub(super) fn told(self) -> Option<(String, Money, Charged)> {
        let decline_code = match self.ruling() {
            Ruling::Paid => None,
            Ruling::Declined(code) => Some(code.to_owned()),
            Ruling::Waits | Ruling::Open => return None,
        };
        let money = self.money()?;
        let id = self.id;
        Some((
            self.metadata.reference?,
            money,
            Charged { id, decline_code },
        ))
    }

    fn money(&self) -> Option<Money> {
        Some(Money {
            amount: self.amount,
            currency: self
                .currency
                .to_ascii_uppercase()
                .parse::<Currency>()
                .ok()?,
        })
    }
}

/// The one of these that has that reference; one that was paid, if there is one.
pub(super) fn best(intents: Vec<Intent>, reference: &str) -> Option<Intent> {
    let mut ours: Vec<_> = intents
        .into_iter()
        .filter(|intent| intent.metadata.reference.as_deref() == Some(reference))
        .collect();
    let paid = ours
        .iter()
        .position(|intent| intent.ruling() == Ruling::Paid);
    (!ours.is_empty()).then(|| ours.swap_remove(paid.unwrap_or_default()))
}

impl Trouble {
    /// Why the card was declined, as our clients are told.
    fn decline_code(&self) -> &'static str {
        [&self.decline_code, &self.code]
            .into_iter()
            .flatten()
            .find_map(|told| DECLINE_CODES.into_iter().find(|known| known == told))
            .unwrap_or(DECLINED)
    }

    /// The refusal that an error of this status is. `None`: it says nothing of the charge.
    pub(super) fn refusal(&self, status: StatusCode) -> Option<Refusal> {
        let code = match status {
            StatusCode::PAYMENT_REQUIRED => self.decline_code(),
            // Nothing was begun: the request was refused before any card was asked.
            _ if self.param.as_deref() == Some("payment_method") => "payment_method_unknown",
            _ => match self.code.as_deref() {
                Some("amount_too_small") => "amount_too_small",
                Some("amount_too_large") => "amount_too_large",
                _ => return None,
            },
        };
        let intent = self.payment_intent.as_ref().map(|intent| intent.id.clone());
        Some(Refusal {
            charge: intent.or_else(|| self.charge.clone()),
            code,
        })
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let message = self.message.as_deref().unwrap_or("no message");
        write!(out, "{message} ({})", self.code.as_deref().unwrap_or("-"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn intent(more: &Value) -> Intent {
        let mut document = json!({"id": "pi_1", "status": "succeeded", "created": 1_800_000_000,
            "amount": 5, "currency": "usd", "metadata": {"reference": "ord-1"},
            "last_payment_error": null, "latest_charge": "ch_1"});
        for (name, value) in more.as_object().unwrap() {
            document[name] = value.clone();
        }
        serde_json::from_value(document).unwrap()
    }

    #[test]
    fn intents_are_paid_declined_or_neither() {
        let error = |code: &str, decline_code: Option<&str>| {
            json!({"status": "requires_payment_method",
                "last_payment_error": {"code": code, "decline_code": decline_code}})
        };
        for (more, expected) in [
            (json!({}), Ruling::Paid),
            (
                error("card_declined", Some("insufficient_funds")),
                Ruling::Declined("insufficient_funds"),
            ),
            (
                error("card_declined", Some("stolen_card")),
                Ruling::Declined("card_declined"),
            ),
            (
                error("expired_card", None),
                Ruling::Declined("expired_card"),
            ),
            (
                json!({"status": "requires_payment_method"}),
                Ruling::Declined("card_declined"),
            ),
            (
                json!({"status": "canceled"}),
                Ruling::Declined("authentication_required"),
            ),
            (json!({"status": "requires_action"}), Ruling::Waits),
            (json!({"status": "processing"}), Ruling::Open),
            (json!({"status": "something_new"}), Ruling::Open),
        ] {
            assert_eq!(intent(&more).ruling(), expected, "{more}");
        }
    }

    #[test]
    fn errors_are_refusals_or_say_nothing() {
        let declined = json!({"code": "card_declined", "decline_code": "lost_card", "charge": "ch_1",
            "payment_intent": {"id": "pi_1"}});
        let bare = json!({"code": "card_declined", "charge": "ch_1"});
        let unknown = json!({"code": "resource_missing", "param": "payment_method"});
        let small = json!({"code": "amount_too_small", "param": "amount"});
        let ours = json!({"code": "parameter_unknown", "param": "confirm"});
        for (status, error, expected) in [
            (402, declined, Some((Some("pi_1"), "card_declined"))),
            (402, bare, Some((Some("ch_1"), "card_declined"))),
            (400, unknown, Some((None, "payment_method_unknown"))),
            (400, small, Some((None, "amount_too_small"))),
            (400, ours, None),
            (404, json!({"message": "Not Found"}), None),
        ] {
            let trouble: Trouble = serde_json::from_value(error.clone()).unwrap();
            let found = trouble.refusal(StatusCode::from_u16(status).unwrap());
            let expected = expected.map(|(charge, code)| Refusal {
                charge: charge.map(str::to_owned),
                code,
            });
            assert_eq!(found, expected, "{error}");
        }
    }

    #[test]
    fn of_two_the_paid_one_is_taken() {
        let declined = || intent(&json!({"id": "pi_0", "status": "requires_payment_method"}));
        let other = || intent(&json!({"metadata": {}}));
        let id = |intents| best(intents, "ord-1").map(|intent: Intent| intent.id);
        assert_eq!(id(vec![other()]), None);
        assert_eq!(id(vec![other(), declined()]).as_deref(), Some("pi_0"));
        let both = vec![declined(), intent(&json!({}))];
        assert_eq!(id(both).as_deref(), Some("pi_1"));
    }

    #[test]
    fn a_line_of_the_book_knows_what_went_back() {
        let whole = intent(&json!({"latest_charge": {"id": "ch_1", "amount_refunded": 3}}));
        let booked = whole.booked().unwrap();
        assert_eq!((booked.succeeded, booked.paid_back), (true, 3));
        assert_eq!(booked.amount.currency, Currency::USD);
        assert!(intent(&json!({"metadata": {}})).booked().is_none());
    }
}
