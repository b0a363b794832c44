//! Payments: inside an order, and on their own.

use serde::{Deserialize, Serialize};

use crate::id::{OrderId, PaymentId};
use crate::money::Money;

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
