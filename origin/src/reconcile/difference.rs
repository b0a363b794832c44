//! What one charge in the provider's book and one payment in ours say of each other.

use serde::Serialize;
use shared::money::Money;
use shared::order::PaymentStatus;

use crate::payment::Booked;
use crate::store::order::book::Entry;

/// How the two books differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Charged, and no payment of ours.
    Unordered,
    /// Charged, and our payment was given up.
    GivenUp,
    /// Decided, and our payment is still under way.
    Unheard,
    /// Declined, and our payment succeeded.
    Unpaid,
    /// Our payment succeeded, and there is no such charge.
    Missing,
    /// Charged with another amount.
    Amount,
    /// Not as much was paid back as we say, or more.
    PaidBack,
}

impl Kind {
    /// What to do about it.
    pub const fn suggestion(self) -> &'static str {
        match self {
            Self::Unordered | Self::GivenUp => {
                "Pay it back: `origin payments reconcile --refund` keeps it as a stray, which the \
                 worker pays back a minute later unless its order comes after all."
            }
            Self::Unheard => {
                "Wait for the completer, which asks the provider; if it stays, look for errors of \
                 this order in the log of `origin work`, and that webhooks arrive."
            }
            Self::Unpaid => {
                "Nobody paid for this order: stop it from being sent, and cancel it. See in the \
                 provider's dashboard who changed the charge."
            }
            Self::Missing => {
                "Check that the configured account and mode are the ones that charged; else stop \
                 the order from being sent, and ask the provider."
            }
            Self::Amount => "Compare with the order's total; pay back what was charged in excess.",
            Self::PaidBack => {
                "See in the provider's dashboard who paid back. What is owed is paid back by POST \
                 /payments/{id}/refunds."
            }
        }
    }

    /// Whether keeping the charge as a stray settles it.
    pub const fn is_nobodys(self) -> bool {
        matches!(self, Self::Unordered | Self::GivenUp)
    }
}

/// How a charge differs from what we know of it, if it does. `stray`: it is kept as one, and whether it
/// was paid back.
pub(super) fn of_charge(
    theirs: &Booked,
    ours: Option<&Entry>,
    stray: Option<bool>,
) -> Option<Kind> {
    if let Some(is_back) = stray {
        let short = is_back && theirs.paid_back < theirs.amount.amount;
        return short.then_some(Kind::PaidBack);
    }
    let is_nobodys = theirs.succeeded && theirs.paid_back < theirs.amount.amount;
    let Some(ours) = ours else {
        return is_nobodys.then_some(Kind::Unordered);
    };
    match ours.status {
        PaymentStatus::Processing => Some(Kind::Unheard),
        PaymentStatus::Declined => is_nobodys.then_some(Kind::GivenUp),
        _ if !theirs.succeeded => Some(Kind::Unpaid),
        _ if theirs.amount != ours.amount => Some(Kind::Amount),
        _ if theirs.paid_back != ours.paid_back && !ours.is_paying_back => Some(Kind::PaidBack),
        _ => None,
    }
}

/// Whether a payment that the provider's book does not have should be in it.
pub(super) const fn is_missing(ours: &Entry) -> bool {
    !matches!(
        ours.status,
        PaymentStatus::Processing | PaymentStatus::Declined
    )
}

/// An amount, as an operator reads it.
pub(super) fn shown(money: Money) -> String {
    format!("{} {}", money.decimal(), money.currency.as_str())
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use shared::id::OrderId;
    use shared::money::Currency;

    use super::*;

    const fn dollars(amount: i64) -> Money {
        Money {
            amount,
            currency: Currency::USD,
        }
    }

    fn theirs(succeeded: bool, amount: i64, paid_back: i64) -> Booked {
        Booked {
            id: "ch_1".to_owned(),
            reference: "r".to_owned(),
            succeeded,
            amount: dollars(amount),
            paid_back,
            created_at: DateTime::UNIX_EPOCH,
        }
    }

    fn ours(status: PaymentStatus, amount: i64, paid_back: i64) -> Entry {
        Entry {
            reference: "r".to_owned(),
            order: OrderId::from_uuid(uuid::Uuid::nil()),
            status,
            amount: dollars(amount),
            paid_back,
            is_paying_back: status == PaymentStatus::RefundPending,
        }
    }

    #[test]
    fn charges_and_payments_are_held_against_each_other() {
        use PaymentStatus::{Declined, Processing, RefundPending, Refunded, Succeeded};
        for (theirs, ours, stray, expected) in [
            (theirs(true, 5, 0), Some(ours(Succeeded, 5, 0)), None, None),
            (theirs(false, 5, 0), Some(ours(Declined, 5, 0)), None, None),
            (theirs(true, 5, 5), Some(ours(Refunded, 5, 5)), None, None),
            (theirs(true, 5, 2), Some(ours(Succeeded, 5, 2)), None, None),
            (
                theirs(true, 5, 5),
                Some(ours(RefundPending, 5, 0)),
                None,
                None,
            ),
            (theirs(true, 5, 0), None, None, Some(Kind::Unordered)),
            (theirs(false, 5, 0), None, None, None),
            (theirs(true, 5, 5), None, None, None),
            (theirs(true, 5, 0), None, Some(false), None),
            (theirs(true, 5, 5), None, Some(true), None),
            (theirs(true, 5, 0), None, Some(true), Some(Kind::PaidBack)),
            (
                theirs(true, 5, 0),
                Some(ours(Declined, 5, 0)),
                None,
                Some(Kind::GivenUp),
            ),
            (theirs(true, 5, 5), Some(ours(Declined, 5, 0)), None, None),
            (
                theirs(true, 5, 0),
                Some(ours(Processing, 5, 0)),
                None,
                Some(Kind::Unheard),
            ),
            (
                theirs(false, 5, 0),
                Some(ours(Succeeded, 5, 0)),
                None,
                Some(Kind::Unpaid),
            ),
            (
                theirs(true, 6, 0),
                Some(ours(Succeeded, 5, 0)),
                None,
                Some(Kind::Amount),
            ),
            (
                theirs(true, 5, 1),
                Some(ours(Succeeded, 5, 0)),
                None,
                Some(Kind::PaidBack),
            ),
            (
                theirs(true, 5, 0),
                Some(ours(Refunded, 5, 5)),
                None,
                Some(Kind::PaidBack),
            ),
        ] {
            let found = of_charge(&theirs, ours.as_ref(), stray);
            assert_eq!(found, expected, "{theirs:?} {ours:?} {stray:?}");
        }
        assert!(is_missing(&ours(Succeeded, 5, 0)));
        assert!(!is_missing(&ours(Declined, 5, 0)));
    }
}
