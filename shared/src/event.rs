//! Events: what happened, as the outbox keeps it and consumers get it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::id::EventId;

/// Kinds of events, as clients' webhooks and the outbox's `type` column name them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum EventType {
    /// An order was accepted; its stock is reserved and its payment under way.
    #[serde(rename = "order.created")]
    OrderCreated,
    /// Its payment succeeded.
    #[serde(rename = "order.confirmed")]
    OrderConfirmed,
    /// Its payment was declined.
    #[serde(rename = "payment.failed")]
    PaymentFailed,
    /// It was called off; its stock is free again and what was paid is on its way back.
    #[serde(rename = "order.cancelled")]
    OrderCancelled,
    /// It was sent.
    #[serde(rename = "order.fulfilled")]
    OrderFulfilled,
    /// What was paid for it was paid back.
    #[serde(rename = "order.refunded")]
    OrderRefunded,
    /// The rules refused it after it was accepted for later.
    #[serde(rename = "order.rejected")]
    OrderRejected,
    /// A product was created.
    #[serde(rename = "product.created")]
    ProductCreated,
    /// A product was changed.
    #[serde(rename = "product.updated")]
    ProductUpdated,
    /// A product was deleted.
    #[serde(rename = "product.deleted")]
    ProductDeleted,
    /// A product has fallen into a scarcer class of stock: few units are left, or none.
    #[serde(rename = "inventory.low")]
    InventoryLow,
    /// An admin wants the edge to forget copies. Nobody outside hears of it.
    #[serde(rename = "cache.purge_requested")]
    CachePurgeRequested,
    /// A plan was changed. This and what follows is for the platform itself.
    #[serde(rename = "plan.updated")]
    PlanUpdated,
    /// A plan was deleted.
    #[serde(rename = "plan.deleted")]
    PlanDeleted,
    /// An API key got an end.
    #[serde(rename = "api_key.updated")]
    ApiKeyUpdated,
    /// An API key was revoked.
    #[serde(rename = "api_key.revoked")]
    ApiKeyRevoked,
    /// Access tokens were revoked.
    #[serde(rename = "token.revoked")]
    TokenRevoked,
    /// Who is let in was changed.
    #[serde(rename = "firewall.updated")]
    FirewallUpdated,
    /// Where the edge sends requests was changed.
    #[serde(rename = "origins.updated")]
    OriginsUpdated,
}

impl EventType {
    /// All of them.
    pub const ALL: [Self; 19] = [
        Self::OrderCreated,
        Self::OrderConfirmed,
        Self::PaymentFailed,
        Self::OrderCancelled,
        Self::OrderFulfilled,
        Self::OrderRefunded,
        Self::OrderRejected,
        Self::ProductCreated,
        Self::ProductUpdated,
        Self::ProductDeleted,
        Self::InventoryLow,
        Self::CachePurgeRequested,
        Self::PlanUpdated,
        Self::PlanDeleted,
        Self::ApiKeyUpdated,
        Self::ApiKeyRevoked,
        Self::TokenRevoked,
        Self::FirewallUpdated,
        Self::OriginsUpdated,
    ];

    /// As it stands in the outbox.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OrderCreated => "order.created",
            Self::OrderConfirmed => "order.confirmed",
            Self::PaymentFailed => "payment.failed",
            Self::OrderCancelled => "order.cancelled",
            Self::OrderFulfilled => "order.fulfilled",
            Self::OrderRefunded => "order.refunded",
            Self::OrderRejected => "order.rejected",
            Self::ProductCreated => "product.created",
            Self::ProductUpdated => "product.updated",
            Self::ProductDeleted => "product.deleted",
            Self::InventoryLow => "inventory.low",
            Self::CachePurgeRequested => "cache.purge_requested",
            Self::PlanUpdated => "plan.updated",
            Self::PlanDeleted => "plan.deleted",
            Self::ApiKeyUpdated => "api_key.updated",
            Self::ApiKeyRevoked => "api_key.revoked",
            Self::TokenRevoked => "token.revoked",
            Self::FirewallUpdated => "firewall.updated",
            Self::OriginsUpdated => "origins.updated",
        }
    }

    /// The newest version of its data that this release writes and reads. Versions count from 1; one
    /// that only adds members is no new version.
    pub const fn schema_version(self) -> i16 {
        match self {
            Self::OrderCreated
            | Self::OrderConfirmed
            | Self::PaymentFailed
            | Self::OrderCancelled
            | Self::OrderFulfilled
            | Self::OrderRefunded
            | Self::OrderRejected
            | Self::ProductCreated
            | Self::ProductUpdated
            | Self::ProductDeleted
            | Self::InventoryLow
            | Self::CachePurgeRequested
            | Self::PlanUpdated
            | Self::PlanDeleted
            | Self::ApiKeyUpdated
            | Self::ApiKeyRevoked
            | Self::TokenRevoked
            | Self::FirewallUpdated
            | Self::OriginsUpdated => 1,
        }
    }

    /// Whether this release reads that version of its data.
    pub const fn reads(self, version: i16) -> bool {
        version >= 1 && version <= self.schema_version()
    }

    /// What is to be said of a type or version that this release does not know.
    pub fn unknown(name: &str, version: i16) -> String {
        format!("version {version} of `{name}` is not known to this release")
    }

    /// Whether it is for the platform itself: no webhook gets it, and none can ask for it.
    pub const fn is_internal(self) -> bool {
        matches!(
            self,
            Self::CachePurgeRequested
                | Self::PlanUpdated
                | Self::PlanDeleted
                | Self::ApiKeyUpdated
                | Self::ApiKeyRevoked
                | Self::TokenRevoked
                | Self::FirewallUpdated
                | Self::OriginsUpdated
        )
    }

    /// The type of that name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// One event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Its id, stable over every delivery.
    pub id: EventId,
    /// What happened.
    #[serde(rename = "type")]
    pub kind: EventType,
    /// Which version of the type's data it holds.
    pub schema_version: i16,
    /// To what: an order's or a product's id. Events of one aggregate keep their order.
    pub aggregate_id: String,
    /// The resource as it was right after the change.
    pub data: Value,
    /// When, RFC 3339 UTC.
    pub created_at: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for kind in EventType::ALL {
            assert_eq!(EventType::parse(kind.as_str()), Some(kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
        assert_eq!(EventType::parse("order.exploded"), None);
    }
}
