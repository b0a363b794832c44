//! Pays back what nobody ordered, under a key that derives from the charge.

use std::time::Duration;

use chrono::TimeDelta;

use crate::app::Shop;
use crate::payment::Refund;
use crate::store::order::stray;

/// How long a charge may be looked for before it is paid back: an order that is just being placed
/// again, as after a lost primary, may come to own it.
pub const REFUND_AFTER_SECONDS: i64 = 60;
/// How long until a refund without an answer is asked for again.
const RETRY_SECONDS: i64 = 30;
/// How long the provider may take.
const REFUND_TIMEOUT: Duration = Duration::from_secs(8);
/// Refunds a step.
const BATCH_MAX: i64 = 10;
/// How often it looks.
const POLL: Duration = Duration::from_secs(5);

/// Pays strays back.
pub struct Strays {
    shop: Shop,
}

impl Strays {
    /// A worker of its own.
    pub const fn new(shop: Shop) -> Self {
        Self { shop }
    }

    /// Pays back what is due. How many were asked for.
    pub async fn step(&self) -> anyhow::Result<usize> {
        let shop = &self.shop;
        let now = shop.platform.now();
        let again_at = now + TimeDelta::seconds(RETRY_SECONDS);
        let owed = stray::owed(&shop.pool, now, again_at, BATCH_MAX).await?;
        for stray in &owed {
            let provider_key = shop.derivation_key.stray_refund_key(&stray.charge_id);
            let refund = Refund {
                provider_key: &provider_key,
                reference: &stray.reference,
                charge: Some(&stray.charge_id),
                amount: stray.amount,
            };
            let answer = tokio::time::timeout(REFUND_TIMEOUT, shop.gateway.refund(&refund)).await;
            match answer {
                Ok(Ok(refunded)) => {
                    let now = shop.platform.now();
                    stray::paid_back(&shop.pool, &stray.charge_id, &refunded.id, now).await?;
                }
                Ok(Err(error)) => {
                    tracing::warn!(%error, charge = stray.charge_id, "a stray is not paid back yet");
                }
                Err(_) => {
                    tracing::warn!(charge = stray.charge_id, "a stray's refund took too long");
                }
            }
        }
        Ok(owed.len())
    }

    /// Works until the process ends.
    pub async fn run(&self) {
        loop {
            if let Err(error) = self.step().await {
                tracing::warn!(%error, "paying strays back failed");
            }
            tokio::time::sleep(POLL).await;
        }
    }
}
