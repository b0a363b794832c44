//! Payments: inside an order, and on their own.

use serde::{Deserialize, Serialize};

use crate::body::{Check, Checks};
use crate::id::{OrderId, PaymentId, RefundId};
use crate::money::{AMOUNT_MAX, Money};

/// Most characters in the name of a payment method.
const METHOD_CHARS_MAX: usize = 200;

/// Where a payment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum PaymentStatus {
    /// Asked for; the provider has not answered.
    Processing,
    /// Charged.
    Succeeded,
    /// Declined.
    Declined,
    /// Charged, and on its way back: the order was cancelled.
    RefundPending,
    /// Paid back.
    Refunded,
}

impl PaymentStatus {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Processing,
        Self::Succeeded,
        Self::Declined,
        Self::RefundPending,
        Self::Refunded,
    ];

    /// As it stands in the database and in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Processing => "processing",
            Self::Succeeded => "succeeded",
            Self::Declined => "declined",
            Self::RefundPending => "refund_pending",
            Self::Refunded => "refunded",
        }
    }

    /// The status of that name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

/// The payment inside an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PaymentSummary {
    /// Its id.
    pub id: PaymentId,
    /// Where it stands.
    pub status: PaymentStatus,
    /// With what.
    pub method: String,
    /// Why it was declined, if it was.
    pub decline_code: Option<String>,
}

/// A payment, on its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Payment {
    /// Always `payment`.
    pub object: String,
    /// Its id.
    pub id: PaymentId,
    /// What it pays for.
    pub order_id: OrderId,
    /// Where it stands.
    pub status: PaymentStatus,
    /// With what.
    pub method: String,
    /// How much.
    pub amount: Money,
    /// Why it was declined, if it was.
    pub decline_code: Option<String>,
    /// RFC 3339, UTC.
    pub created_at: String,
    /// RFC 3339, UTC.
    pub updated_at: String,
}

/// The body of POST /orders/{id}/payments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewPayment {
    /// A payment method of the provider, such as the sandbox's `pm_card_visa`.
    #[cfg_attr(
        feature = "openapi",
        schema(
            min_length = 1,
            max_length = 200,
            pattern = r"^[^\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]*[^\s\u0000-\u001F\u007F-\u009F][^\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]*$",
            example = "pm_card_visa"
        )
    )]
    pub payment_method: String,
}

impl Check for NewPayment {
    fn check(&self, checks: &mut Checks) {
        checks.text("/payment_method", &self.payment_method, 1, METHOD_CHARS_MAX);
    }
}

/// The body of POST /payments/{id}/refunds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewRefund {
    /// How much of the payment; without it all that is left.
    #[serde(
        default,
        deserialize_with = "crate::body::object_if_there",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(
        feature = "openapi",
        schema(value_type = Option<RefundAmount>, nullable = false)
    )]
    pub amount: Option<Money>,
}

/// An amount to pay back, in minor units: `{"amount":2999,"currency":"USD"}` is 29.99 dollars.
#[cfg(feature = "openapi")]
#[derive(utoipa::ToSchema, serde::Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "the document's form of what `Money` reads, and `Check` bounds"
)]
struct RefundAmount {
    /// Minor units, at least one.
    #[schema(minimum = 1, maximum = 1_000_000_000_000_i64, example = 2999)]
    amount: i64,
    /// The payment's currency.
    currency: crate::money::Currency,
}

impl Check for NewRefund {
    fn check(&self, checks: &mut Checks) {
        if let Some(amount) = self.amount {
            checks.range("/amount/amount", amount.amount, 1, AMOUNT_MAX);
        }
    }
}

/// Where a refund stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum RefundStatus {
    /// Asked for; the provider has not answered.
    Pending,
    /// Paid back.
    Succeeded,
}

/// A part of a payment, or all of it, on its way back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Refund {
    /// Always `refund`.
    pub object: String,
    /// Its id.
    pub id: RefundId,
    /// What it pays back.
    pub payment_id: PaymentId,
    /// What had been paid for.
    pub order_id: OrderId,
    /// Where it stands.
    pub status: RefundStatus,
    /// How much.
    pub amount: Money,
    /// RFC 3339, UTC.
    pub created_at: String,
    /// RFC 3339, UTC.
    pub updated_at: String,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_read_back() {
        for status in PaymentStatus::ALL {
            assert_eq!(PaymentStatus::parse(status.as_str()), Some(status));
            assert_eq!(json!(status), status.as_str());
        }
        assert_eq!(PaymentStatus::parse("lost"), None);
    }
}
