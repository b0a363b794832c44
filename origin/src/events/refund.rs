//! Pays back what was charged for a cancelled order.
//!
//! The provider is asked under a key that derives from the order, so that it pays back once however
//! often the event is delivered; what it answered commits with the inbox row. No row is locked while
//! it is asked. It is down: the event is put off, and the payment stays `refund_pending`.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use async_trait::async_trait;
use serde_json::json;
use shared::event::EventType;
use shared::id::OrderId;
use shared::idempotency::DerivationKey;
use sqlx::PgConnection;

use super::Consumer;
use crate::payment::{PaymentGateway, Refund};
use crate::platform::{Failpoint, Platform};
use crate::store::order::{self, payment};
use crate::store::outbox::{self, Delivery, NewEvent};

/// How long the provider may take: below the relay's own limit on a delivery.
const REFUND_TIMEOUT: Duration = Duration::from_secs(8);

/// How often a refund is tried: for two days, since it is somebody's money.
const TRIES: u32 = 300;
/// Refunds that the provider is asked for at once.
const CONCURRENCY: usize = 4;

/// The consumer.
pub struct Refunds {
    gateway: Arc<dyn PaymentGateway>,
    derivation_key: DerivationKey,
    platform: Platform,
}

impl Refunds {
    /// Asks this provider, under keys that derive from this secret.
    pub fn new(
        gateway: Arc<dyn PaymentGateway>,
        derivation_key: DerivationKey,
        platform: Platform,
    ) -> Self {
        Self {
            gateway,
            derivation_key,
            platform,
        }
    }
}

#[async_trait]
impl Consumer for Refunds {
    fn name(&self) -> &'static str {
        "refund"
    }

    fn kinds(&self) -> &'static [EventType] {
        &[EventType::OrderCancelled]
    }

    fn tries(&self) -> u32 {
        TRIES
    }

    fn concurrency(&self) -> usize {
        CONCURRENCY
    }

    async fn deliver(
        &self,
        delivery: &Delivery,
        connection: &mut PgConnection,
    ) -> anyhow::Result<()> {
        let id = OrderId::from_uuid(delivery.aggregate);
        let Some(owed) = payment::owed(connection, id).await? else {
            tracing::info!(order = %id, "nothing is left to pay back");
            return Ok(());
        };
        let provider_key = self.derivation_key.refund_key(id);
        let refund = Refund {
            provider_key: &provider_key,
            reference: &owed.reference,
            charge: owed.charge_id.as_deref(),
            amount: owed.amount,
        };
        // Refunds of their own may have paid back, or be paying back, all of it.
        let refund_id = if owed.amount.amount == 0 {
            None
        } else {
            let refunded = tokio::time::timeout(REFUND_TIMEOUT, self.gateway.refund(&refund))
                .await
                .context("the payment provider took too long to pay back")??;
            self.platform.at(Failpoint::PaidBack);
            Some(refunded.id)
        };
        let now = self.platform.now();
        if !payment::paid_back(connection, id, owed.id, refund_id.as_deref(), now).await? {
            // Another worker was faster; its inbox row stands, and this transaction is undone.
            return Ok(());
        }
        let order = order::read(&mut *connection, id, owed.mode)
            .await?
            .with_context(|| format!("the order {id} is gone"))?;
        let event = NewEvent {
            id: self.platform.event_id(),
            kind: EventType::OrderRefunded,
            aggregate: delivery.aggregate,
            payload: json!(order),
            traceparent: delivery.traceparent.as_deref(),
            now,
        };
        outbox::append(connection, &event).await?;
        Ok(())
    }
}
