//! What became of a message, as admins see it.

use serde::{Deserialize, Serialize};
use shared::id::{EventId, WebhookId};

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryStatus {
    /// It is yet to be sent, or to be sent again.
    Pending,
    /// The receiver has it.
    Delivered,
    /// It was given up.
    Dead,
}

impl DeliveryStatus {
    /// As it stands in its row.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text {
            "pending" => Some(Self::Pending),
            "delivered" => Some(Self::Delivered),
            "dead" => Some(Self::Dead),
            _ => None,
        }
    }
}

/// One try.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Attempt {
    /// Counted from 1.
    #[schema(minimum = 1, maximum = 1000)]
    pub number: i32,
    /// What the receiver answered, if it did.
    #[schema(minimum = 100, maximum = 999)]
    pub status_code: Option<i16>,
    /// Why it was no success.
    #[schema(max_length = 500, pattern = r"^[^\u0000]*$")]
    pub error: Option<String>,
    /// How long it took, in milliseconds.
    #[schema(minimum = 0)]
    pub took_ms: i32,
    /// RFC 3339, UTC.
    #[schema(format = DateTime)]
    pub began_at: String,
}

/// An event on its way to a webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Delivery {
    /// Always `webhook_delivery`.
    #[schema(pattern = "^webhook_delivery$")]
    pub object: &'static str,
    /// The event's id, which is the message's `webhook-id`.
    pub id: EventId,
    /// Which webhook.
    pub webhook_id: WebhookId,
    /// What happened.
    #[serde(rename = "type")]
    #[schema(max_length = 40, pattern = "^[a-z._]+$")]
    pub kind: String,
    /// Where it stands.
    pub status: DeliveryStatus,
    /// When it is sent again: no earlier than this.
    #[schema(format = DateTime)]
    pub next_try_at: Option<String>,
    /// What was tried, the first first.
    #[schema(max_items = 1000)]
    pub attempts: Vec<Attempt>,
    /// RFC 3339, UTC.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// When it was delivered or given up.
    #[schema(format = DateTime)]
    pub ended_at: Option<String>,
}
