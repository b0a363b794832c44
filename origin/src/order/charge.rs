//! From a reserved order to its answer: charge, then T2.

use std::time::Duration;

use serde_json::json;
use shared::event::EventType;
use shared::order::{Order, OrderStatus, PaymentStatus};
use shared::problem::{Code, Outcome, Problem};

use super::answer::{self, Reply};
use super::{Ask, Job};
use crate::app::Shop;
use crate::payment::{Charge, Charged, NoAnswer};
use crate::platform::{Failpoint, rfc3339};
use crate::refusal::Refusal;
use crate::store::order::{self as store, Settlement, key};

/// How long the provider may take to charge.
const CHARGE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long it may take to find a charge.
const LOOK_UP_TIMEOUT: Duration = Duration::from_secs(2);

/// Charges and settles. Without the provider's answer the key stays where it is, free to be taken
/// up by the next request with it.
pub(super) async fn finish(shop: &Shop, ask: &Ask, job: Job) -> Result<Reply, Refusal> {
    let charged = match charge(shop, &job).await {
        Ok(charged) => charged,
        Err(error) => {
            tracing::warn!(%error, order = %job.order.id, "the charge's outcome is unknown");
            release(shop, ask, &job).await;
            return Err(Problem::new(
                Code::OperationUncertain,
                "The payment provider has not said whether it charged. Repeat with the same key.",
            )
            .with_retry_after(1)
            .with_outcome(Outcome::Unknown)
            .into());
        }
    };
    shop.platform.at(Failpoint::Charged);
    settle(shop, ask, &job, &charged).await
}

async fn charge(shop: &Shop, job: &Job) -> Result<Charged, NoAnswer> {
    let reference = &job.attempt.reference;
    if job.resumed
        && let Some(charged) = look_up(shop, reference).await?
    {
        return Ok(charged);
    }
    let charge = Charge {
        provider_key: &job.attempt.provider_key,
        reference,
        method: &job.order.payment.method,
        amount: job.order.total,
    };
    match tokio::time::timeout(CHARGE_TIMEOUT, shop.gateway.charge(&charge)).await {
        Ok(Ok(charged)) => Ok(charged),
        Ok(Err(error)) => look_up(shop, reference).await?.ok_or(error),
        Err(_) => look_up(shop, reference)
            .await?
            .ok_or_else(|| NoAnswer("it took too long".to_owned())),
    }
}

async fn look_up(shop: &Shop, reference: &str) -> Result<Option<Charged>, NoAnswer> {
    tokio::time::timeout(LOOK_UP_TIMEOUT, shop.gateway.look_up(reference))
        .await
        .unwrap_or_else(|_| Err(NoAnswer("the look-up took too long".to_owned())))
}

async fn settle(shop: &Shop, ask: &Ask, job: &Job, charged: &Charged) -> Result<Reply, Refusal> {
    let now = shop.platform.now();
    let declined = charged.decline_code.as_deref();
    let (payment, status, event_type) = match declined {
        None => (
            PaymentStatus::Succeeded,
            OrderStatus::Confirmed,
            EventType::OrderConfirmed,
        ),
        Some(_) => (
            PaymentStatus::Declined,
            OrderStatus::PaymentFailed,
            EventType::PaymentFailed,
        ),
    };
    let mut order = Order {
        status,
        version: job.order.version.saturating_add(1),
        updated_at: rfc3339(now),
        ..job.order.clone()
    };
    order.payment.status = payment;
    order.payment.decline_code.clone_from(&charged.decline_code);
    let answer = match declined {
        None => answer::confirmed(&order)?,
        Some(code) => answer::declined(shop, ask, &order, &charged.id, code),
    };
    let settlement = Settlement {
        principal: &ask.principal,
        key: &ask.key,
        payment,
        decline_code: declined,
        charge_id: &charged.id,
        order: status,
        answer: &answer,
        event_id: shop.platform.event_id(),
        event_type,
        payload: &json!(order),
        traceparent: ask.traceparent.as_deref(),
        now,
    };
    match store::settle(&shop.pool, &settlement).await {
        Ok(true) => {
            shop.platform.at(Failpoint::Settled);
            shop.wake.notify_one();
            Ok(Reply::First(answer))
        }
        // Another worker was faster; its answer is the one that stands.
        Ok(false) => {
            let row = key::read(&shop.pool, &ask.principal, &ask.key).await?;
            let row = row.ok_or(Refusal::Internal)?;
            Ok(Reply::Replay {
                answer: row.answer.ok_or(Refusal::Internal)?,
                original_request_id: row.request_id,
            })
        }
        Err(error) => {
            tracing::warn!(%error, order = %order.id, "the charge is not settled yet");
            release(shop, ask, job).await;
            Err(Refusal::Unavailable(Outcome::Unknown))
        }
    }
}

/// Lets the next request with the key go on at once; if that fails, the lease's end does.
async fn release(shop: &Shop, ask: &Ask, job: &Job) {
    let now = shop.platform.now();
    let released = key::release(&shop.pool, &ask.principal, &ask.key, job.lease_token, now).await;
    if let Err(error) = released {
        tracing::warn!(%error, order = %job.order.id, "the lease runs out by itself");
    }
}
