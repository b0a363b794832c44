//! How a payment ends, and what order, event and answer follow from it: decisions alone.

use chrono::{DateTime, Utc};
use serde_json::json;
use shared::event::EventType;
use shared::order::{Order, OrderStatus, Payment, PaymentStatus};
use shared::problem::{Code, Outcome, Problem};

use super::{Job, answer};
use crate::app::Shop;
use crate::payment::Charged;
use crate::platform::rfc3339;
use crate::refusal::Refusal;
use crate::store::order::key::{Answer, Call, Kind};

/// The decline code of an order whose reservation ended before the provider was reached.
pub(super) const RESERVATION_EXPIRED: &str = "reservation_expired";

/// The decline code of an order whose charge was taken for one that nobody ordered.
pub(super) const CHARGE_RETURNED: &str = "charge_returned";

/// How a payment ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ending {
    /// Paid, and the stock is the order's.
    Confirmed {
        /// The provider's name for the charge.
        charge: String,
    },
    /// The provider declined.
    Declined {
        /// The provider's name for the charge.
        charge: String,
        /// Why.
        code: String,
    },
    /// Paid after the stock was given back and sold to others.
    SoldOut {
        /// The provider's name for the charge.
        charge: String,
    },
    /// The provider has not charged, and nobody will ask it to any more.
    NeverCharged,
    /// It was charged before, for an order that was lost, and goes back.
    Returned,
}

/// What T2 writes.
pub(super) struct Ended {
    /// The order after it.
    pub(super) order: Order,
    /// The provider's name for the charge.
    pub(super) charge_id: Option<String>,
    /// What happened.
    pub(super) event: EventType,
    /// What the client gets.
    pub(super) answer: Answer,
    /// When.
    pub(super) at: DateTime<Utc>,
}

impl Ending {
    /// From what the provider said, and whether the order has its stock.
    pub(super) fn of(charged: Option<&Charged>, has_stock: bool) -> Self {
        let Some(charged) = charged else {
            return Self::NeverCharged;
        };
        let charge = charged.id.clone();
        match charged.decline_code.clone() {
            Some(code) => Self::Declined { charge, code },
            None if has_stock => Self::Confirmed { charge },
            None => Self::SoldOut { charge },
        }
    }

    /// Where payment and order stand then, and what is told.
    const fn statuses(&self) -> (PaymentStatus, OrderStatus, EventType) {
        match self {
            Self::Confirmed { .. } => (
                PaymentStatus::Succeeded,
                OrderStatus::Confirmed,
                EventType::OrderConfirmed,
            ),
            Self::Declined { .. } | Self::NeverCharged | Self::Returned => (
                PaymentStatus::Declined,
                OrderStatus::PaymentFailed,
                EventType::PaymentFailed,
            ),
            // As any cancellation: who pays back listens to its event.
            Self::SoldOut { .. } => (
                PaymentStatus::RefundPending,
                OrderStatus::Cancelled,
                EventType::OrderCancelled,
            ),
        }
    }

    fn decline_code(&self) -> Option<&str> {
        match self {
            Self::Declined { code, .. } => Some(code),
            Self::NeverCharged => Some(RESERVATION_EXPIRED),
            Self::Returned => Some(CHARGE_RETURNED),
            Self::Confirmed { .. } | Self::SoldOut { .. } => None,
        }
    }

    fn charge(&self) -> Option<&str> {
        match self {
            Self::Confirmed { charge }
            | Self::Declined { charge, .. }
            | Self::SoldOut { charge } => Some(charge),
            Self::NeverCharged | Self::Returned => None,
        }
    }

    /// The order after it, its event, and the answer.
    pub(super) fn write(self, shop: &Shop, call: &Call, job: &Job) -> Result<Ended, Refusal> {
        let at = shop.platform.now();
        let (payment, status, event) = self.statuses();
        let mut order = Order {
            status,
            version: job.order.version.saturating_add(1),
            updated_at: rfc3339(at),
            ..job.order.clone()
        };
        order.payment.status = payment;
        order.payment.decline_code = self.decline_code().map(str::to_owned);
        let answer = match (&self, call.kind) {
            (Self::Confirmed { .. }, Kind::Payment) => answer::paid(&payment_of(&order, job))?,
            (Self::Confirmed { .. }, _) => answer::confirmed(&order)?,
            _ => answer::refused(shop, call, &self.problem(&order)),
        }
        .carried_down_by(call.converter);
        Ok(Ended {
            charge_id: self.charge().map(str::to_owned),
            order,
            event,
            answer,
            at,
        })
    }

    /// What a client is told that has not got what it asked for. It is final.
    fn problem(&self, order: &Order) -> Problem {
        let (code, detail) = match self {
            Self::Declined { code, .. } => (
                Code::PaymentDeclined,
                format!("The card was declined: {code}. Pay with another method and a new key."),
            ),
            Self::SoldOut { .. } => (
                Code::OutOfStock,
                "The payment became known only after the stock had been given back, and it is \
                 sold by now. The order is cancelled, and what was charged goes back."
                    .to_owned(),
            ),
            Self::Returned => (
                Code::PaymentDeclined,
                "What was charged for this order goes back, since the order had been lost. Pay \
                 again with a new key."
                    .to_owned(),
            ),
            Self::NeverCharged | Self::Confirmed { .. } => (
                Code::PaymentDeclined,
                "The payment provider could not be reached in time. Nothing was charged, and \
                 nothing will be; pay again with a new key."
                    .to_owned(),
            ),
        };
        let mut problem = Problem::new(code, detail)
            .with_outcome(Outcome::Applied)
            .with("order", json!(order.id));
        if let Some(charge) = self.charge() {
            problem = problem.with("charge", json!(charge));
        }
        problem.decline_code = self.decline_code().map(str::to_owned);
        problem
    }
}

/// The order's latest payment, on its own.
fn payment_of(order: &Order, job: &Job) -> Payment {
    Payment {
        object: "payment".to_owned(),
        id: order.payment.id,
        order_id: order.id,
        status: order.payment.status,
        method: order.payment.method.clone(),
        amount: order.total,
        decline_code: order.payment.decline_code.clone(),
        created_at: rfc3339(job.attempt.created_at),
        updated_at: order.updated_at.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_follow_from_charge_and_stock() {
        let charge = || "ch_1".to_owned();
        let charged = |decline: Option<&str>| Charged {
            id: charge(),
            decline_code: decline.map(str::to_owned),
        };
        let confirmed = Ending::Confirmed { charge: charge() };
        let sold_out = Ending::SoldOut { charge: charge() };
        let declined = Ending::Declined {
            charge: charge(),
            code: "card_declined".to_owned(),
        };
        for (found, has_stock, expected, status) in [
            (None, true, Ending::NeverCharged, OrderStatus::PaymentFailed),
            (
                None,
                false,
                Ending::NeverCharged,
                OrderStatus::PaymentFailed,
            ),
            (Some(charged(None)), true, confirmed, OrderStatus::Confirmed),
            (Some(charged(None)), false, sold_out, OrderStatus::Cancelled),
            (
                Some(charged(Some("card_declined"))),
                true,
                declined.clone(),
                OrderStatus::PaymentFailed,
            ),
            (
                Some(charged(Some("card_declined"))),
                false,
                declined,
                OrderStatus::PaymentFailed,
            ),
        ] {
            let ending = Ending::of(found.as_ref(), has_stock);
            assert_eq!(ending, expected);
            assert_eq!(ending.statuses().1, status);
        }
    }
}
