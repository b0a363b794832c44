//! Paying back a payment, or a part of it.
//!
//! Decides, in this order:
//! 1. The key is known: as for [`super::place`].
//! 2. The body's faults.
//! 3. The rules: the payment has succeeded, and so much is left of it. Key and refund commit together.
//! 4. The provider is asked, outside any transaction, under a key that derives from the client's.
//! 5. Refund, answer and, if nothing is left, the order's end commit together with their event.
//!
//! A refund moves money alone. Whoever wants the stock back as well cancels the order.

use std::time::Duration;

use chrono::TimeDelta;
use serde_json::json;
use shared::event::EventType;
use shared::id::PaymentId;
use shared::idempotency::Fingerprint;
use shared::money::Money;
use shared::order::PaymentStatus;
use shared::payment::{NewRefund, RefundStatus};
use shared::problem::{Code, Outcome, Problem};
use uuid::Uuid;

use super::{LEASE_SECONDS, Reply, answer, known};
use crate::admission;
use crate::app::Shop;
use crate::payment::Refund as Asked;
use crate::platform::rfc3339;
use crate::refusal::Refusal;
use crate::store::order::key::{self, Call, Claim, Phase};
use crate::store::order::{self as store, pay, payment, refund};
use crate::store::outbox::{self, NewEvent};
use crate::store::pool;

/// How long the provider may take.
const REFUND_TIMEOUT: Duration = Duration::from_secs(10);

/// One request to pay back.
pub struct Ask {
    /// The request and its key.
    pub call: Call,
    /// What the key stands for.
    pub fingerprint: Fingerprint,
    /// Which payment, as the path names it.
    pub payment: String,
    /// How much, or what is wrong with the body.
    pub new: Result<NewRefund, Refusal>,
}

/// Pays back, or answers as it was answered before.
pub async fn pay_back(shop: &Shop, ask: Ask) -> Result<Reply, Refusal> {
    let lease_token = shop.platform.lease_token();
    if let Some(reply) = known(shop, &ask.call, &ask.fingerprint, lease_token).await? {
        return Ok(reply);
    }
    let new = ask.new?;
    let id: PaymentId = ask.payment.parse().map_err(|_| Refusal::NotFound)?;
    let (call, fingerprint) = (&ask.call, &ask.fingerprint);
    let refused = match write(shop, call, fingerprint, id, &new, lease_token).await {
        Ok(true) => return finish(shop, call, lease_token).await,
        Ok(false) => Refusal::Internal,
        Err(refusal) => refusal,
    };
    // The key's own request may have paid back in the meantime.
    known(shop, call, fingerprint, lease_token)
        .await?
        .ok_or(refused)
}

fn provider_key(shop: &Shop, call: &Call) -> String {
    let id = &call.id;
    shop.derivation_key
        .asked_refund_key(&id.account, id.mode, &id.key)
}

/// Key and refund in one transaction. False if the key is taken.
async fn write(
    shop: &Shop,
    call: &Call,
    fingerprint: &Fingerprint,
    id: PaymentId,
    new: &NewRefund,
    lease_token: Uuid,
) -> Result<bool, Refusal> {
    let now = shop.platform.now();
    let mut transaction = pool::begin(&shop.pool).await?;
    let order_id = pay::lock_order_of(&mut transaction, id)
        .await?
        .ok_or(Refusal::NotFound)?;
    let claim = Claim {
        fingerprint,
        phase: Phase::Refunding,
        order_id: Some(order_id),
        lease_token,
        lease_until: now + TimeDelta::seconds(LEASE_SECONDS),
        now,
    };
    if !key::claim(&mut transaction, call, &claim).await? {
        return Ok(false);
    }
    let (payment, _) = payment::read(&mut *transaction, id, call.id.mode)
        .await?
        .ok_or(Refusal::NotFound)?;
    if payment.status != PaymentStatus::Succeeded {
        return Err(Problem::new(
            Code::IllegalTransition,
            format!(
                "The payment is `{}`: it can't be paid back.",
                payment.status.as_str()
            ),
        )
        .with("current", json!(payment.status))
        .with("requested", json!(PaymentStatus::Refunded))
        .into());
    }
    let left = Money {
        amount: refund::left(&mut transaction, id).await?,
        currency: payment.amount.currency,
    };
    let amount = new.amount.unwrap_or(left);
    if amount.currency != left.currency || amount.amount > left.amount || left.amount == 0 {
        return Err(Problem::new(
            Code::RefundExceedsPayment,
            "So much is not left of the payment; `refundable` is.",
        )
        .with("refundable", json!(left))
        .into());
    }
    let refund_id = shop.platform.refund_id();
    let key = provider_key(shop, call);
    refund::insert(&mut transaction, refund_id, id, amount, &key, now).await?;
    transaction.commit().await?;
    Ok(true)
}

/// Asks the provider and settles, under a lease.
pub(super) async fn finish(shop: &Shop, call: &Call, lease_token: Uuid) -> Result<Reply, Refusal> {
    let key = provider_key(shop, call);
    let owed = refund::by_key(&shop.pool, &key)
        .await?
        .ok_or(Refusal::Internal)?;
    let asked = Asked {
        provider_key: &key,
        reference: &owed.reference,
        charge: owed.charge_id.as_deref(),
        amount: owed.refund.amount,
    };
    let asking = tokio::time::timeout(REFUND_TIMEOUT, shop.gateway.refund(&asked));
    let error = match admission::outside(asking).await {
        Ok(Ok(refunded)) => return settle(shop, call, owed.refund, &refunded.id).await,
        Ok(Err(error)) => error.to_string(),
        Err(_) => "it took too long".to_owned(),
    };
    tracing::warn!(error, refund = %owed.refund.id, "the refund's outcome is unknown");
    let now = shop.platform.now();
    if let Err(error) = key::release(&shop.pool, &call.id, lease_token, now).await {
        tracing::warn!(%error, refund = %owed.refund.id, "the lease runs out by itself");
    }
    Err(Problem::new(
        Code::OperationUncertain,
        "The payment provider has not said whether it paid back. Repeat with the same key.",
    )
    .with_retry_after(1)
    .with_outcome(Outcome::Unknown)
    .into())
}

async fn settle(
    shop: &Shop,
    call: &Call,
    mut refund: shared::payment::Refund,
    refund_id: &str,
) -> Result<Reply, Refusal> {
    let now = shop.platform.now();
    refund.status = RefundStatus::Succeeded;
    refund.updated_at = rfc3339(now);
    let answer = answer::paid_back(&refund)?.carried_down_by(call.converter);
    let mut transaction = shop.pool.begin().await?;
    pay::lock_order_of(&mut transaction, refund.payment_id).await?;
    if !key::finish(&mut transaction, &call.id, Phase::Refunding, &answer, now).await? {
        // Another worker was faster; its answer is the one that stands.
        transaction.rollback().await?;
        let row = key::read(&shop.pool, &call.id).await?;
        let row = row.ok_or(Refusal::Internal)?;
        return Ok(Reply::Replay {
            secret: false,
            answer: row.answer.ok_or(Refusal::Internal)?,
            original_request_id: row.request_id,
        });
    }
    let whole = refund::paid_back(&mut transaction, &refund, refund_id, now).await?;
    if whole {
        let order = store::read(&mut *transaction, refund.order_id, call.id.mode)
            .await?
            .ok_or(Refusal::Internal)?;
        let event = NewEvent {
            id: shop.platform.event_id(),
            kind: EventType::OrderRefunded,
            aggregate: refund.order_id.uuid(),
            payload: json!(order),
            traceparent: call.traceparent.as_deref(),
            now,
        };
        outbox::append(&mut transaction, &event).await?;
    }
    transaction.commit().await?;
    if whole {
        shop.wake.notify_one();
    }
    Ok(Reply::First(answer))
}
