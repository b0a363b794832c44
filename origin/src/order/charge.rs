//! From a reserved order to its answer: charge, then T2.

use std::time::Duration;

use serde_json::json;
use shared::problem::{Code, Outcome, Problem};
use uuid::Uuid;

use super::Job;
use super::answer::Reply;
use super::ending::{Ended, Ending};
use crate::admission;
use crate::app::Shop;
use crate::payment::{Charge, Charged, NoAnswer};
use crate::platform::Failpoint;
use crate::refusal::Refusal;
use crate::store::order::key::{self, Answer, Call, Phase};
use crate::store::order::{self as store, Attempt, Settlement, StockTold, late, stray};
use crate::trace;

/// How long the provider may take to find a charge.
const LOOK_UP_TIMEOUT: Duration = Duration::from_secs(2);

/// Charges and settles. Without the provider's answer the key stays where it is, free to be taken
/// up by the next request with it.
pub(crate) async fn finish(shop: &Shop, call: &Call, job: Job) -> Result<Reply, Refusal> {
    // No connection is held meanwhile.
    let found = admission::outside(async {
        match job.phase {
            Phase::Charging => charge(shop, &job).await.map(Some),
            // Nothing is charged for stock that was given back: the provider is only asked what it did.
            Phase::Expired | Phase::Refunding | Phase::Changing => look_up(shop, &job).await,
        }
    });
    match found.await {
        Ok(charged) => settle(shop, call, job, charged.as_ref()).await,
        Err(error) => {
            tracing::warn!(%error, order = %job.order.id, "the charge's outcome is unknown");
            release(shop, call, &job).await;
            Err(Problem::new(
                Code::OperationUncertain,
                "The payment provider has not said whether it charged. Repeat with the same key.",
            )
            .with_retry_after(1)
            .with_outcome(Outcome::Unknown)
            .into())
        }
    }
}

async fn charge(shop: &Shop, job: &Job) -> Result<Charged, NoAnswer> {
    let reference = &job.attempt.reference;
    if job.resumed
        && let Some(charged) = look_up(shop, job).await?
    {
        return Ok(charged);
    }
    let charge = Charge {
        provider_key: &job.attempt.provider_key,
        reference,
        method: &job.order.payment.method,
        amount: job.order.total,
    };
    let timeout = shop.payments.charge_timeout;
    match tokio::time::timeout(timeout, shop.gateway.charge(&charge)).await {
        Ok(Ok(charged)) => Ok(charged),
        Ok(Err(error)) => look_up(shop, job).await?.ok_or(error),
        Err(_) => look_up(shop, job)
            .await?
            .ok_or_else(|| NoAnswer("it took too long".to_owned())),
    }
}

async fn look_up(shop: &Shop, job: &Job) -> Result<Option<Charged>, NoAnswer> {
    let Attempt {
        reference,
        created_at,
        ..
    } = &job.attempt;
    tokio::time::timeout(
        LOOK_UP_TIMEOUT,
        shop.gateway.look_up(reference, *created_at),
    )
    .await
    .unwrap_or_else(|_| Err(NoAnswer("the look-up took too long".to_owned())))
}

/// T2, with what the provider said; `None`: that it has not charged, and nobody will.
pub(crate) async fn settle(
    shop: &Shop,
    call: &Call,
    mut job: Job,
    charged: Option<&Charged>,
) -> Result<Reply, Refusal> {
    shop.platform.at(Failpoint::Charged);
    let mut paid_back = false;
    loop {
        let settled = match job.phase {
            _ if paid_back => returned(shop, call, &job).await,
            Phase::Charging => in_time(shop, call, &job, charged).await,
            Phase::Expired | Phase::Refunding | Phase::Changing => {
                too_late(shop, call, &job, charged).await
            }
        };
        match settled {
            Ok(Some(answer)) => {
                shop.platform.at(Failpoint::Settled);
                shop.wake.notify_one();
                return Ok(Reply::First(answer));
            }
            Ok(None) => {}
            Err(Refusal::Unavailable(_)) => {
                release(shop, call, &job).await;
                return Err(Refusal::Unavailable(Outcome::Unknown));
            }
            Err(refusal) => return Err(refusal),
        }
        // Another worker was faster: its answer is the one that stands. Or the sweeper was, which
        // gave the stock back and leaves the rest to us.
        let row = key::read(&shop.pool, &call.id).await?;
        let row = row.ok_or(Refusal::Internal)?;
        match row.answer {
            Some(answer) => {
                return Ok(Reply::Replay {
                    secret: false,
                    answer,
                    original_request_id: row.request_id,
                });
            }
            None if job.phase == Phase::Charging && row.phase == Phase::Expired => {
                job.phase = Phase::Expired;
            }
            None if is_stray(shop, charged).await? => {
                paid_back = true;
            }
            None => return Err(Refusal::Internal),
        }
    }
}

async fn is_stray(shop: &Shop, charged: Option<&Charged>) -> Result<bool, Refusal> {
    match charged {
        Some(charged) => Ok(stray::is_one(&shop.pool, &charged.id).await?),
        None => Ok(false),
    }
}

/// The charge was taken for one that nobody ordered, and goes back: the order is not paid.
async fn returned(shop: &Shop, call: &Call, job: &Job) -> Result<Option<Answer>, Refusal> {
    let ended = Ending::Returned.write(shop, call, job)?;
    let payload = json!(ended.order);
    let stock_event_ids = shop.platform.stock_event_ids(job.order.items.len());
    let settlement = settlement(shop, call, &ended, &payload, &stock_event_ids);
    if job.phase == Phase::Charging {
        let settled = trace::database("settle", store::settle(&shop.pool, &settlement)).await?;
        return Ok(settled.then_some(ended.answer));
    }
    let mut connection = shop.pool.acquire().await?;
    let settled = late::close(&mut connection, &settlement).await?;
    Ok(settled.then_some(ended.answer))
}

/// While the stock is held. `None` if it was settled before, or the stock was given back.
async fn in_time(
    shop: &Shop,
    call: &Call,
    job: &Job,
    charged: Option<&Charged>,
) -> Result<Option<Answer>, Refusal> {
    let ended = Ending::of(charged, true).write(shop, call, job)?;
    let payload = json!(ended.order);
    let stock_event_ids = shop.platform.stock_event_ids(job.order.items.len());
    let settlement = settlement(shop, call, &ended, &payload, &stock_event_ids);
    let settled = trace::database("settle", store::settle(&shop.pool, &settlement)).await?;
    Ok(settled.then_some(ended.answer))
}

/// Once the stock was given back: what is paid takes it anew, or goes back.
async fn too_late(
    shop: &Shop,
    call: &Call,
    job: &Job,
    charged: Option<&Charged>,
) -> Result<Option<Answer>, Refusal> {
    let Some(mut transaction) = late::begin(&shop.pool, &call.id).await? else {
        return Ok(None);
    };
    let is_paid = charged.is_some_and(|charged| charged.decline_code.is_none());
    let stock_event_ids = shop.platform.stock_event_ids(job.order.items.len());
    let told = StockTold {
        event_ids: &stock_event_ids,
        traceparent: call.traceparent.as_deref(),
        now: shop.platform.now(),
    };
    let has_stock = is_paid && late::reclaim(&mut transaction, job.order.id, &told).await?;
    let ended = Ending::of(charged, has_stock).write(shop, call, job)?;
    let payload = json!(ended.order);
    let settlement = settlement(shop, call, &ended, &payload, &stock_event_ids);
    if !late::close(&mut transaction, &settlement).await? {
        // The stock that was taken anew must not stay.
        transaction.rollback().await?;
        return Ok(None);
    }
    transaction.commit().await?;
    Ok(Some(ended.answer))
}

fn settlement<'a>(
    shop: &Shop,
    call: &'a Call,
    ended: &'a Ended,
    payload: &'a serde_json::Value,
    stock_event_ids: &'a [Uuid],
) -> Settlement<'a> {
    Settlement {
        call,
        payment: ended.order.payment.status,
        decline_code: ended.order.payment.decline_code.as_deref(),
        charge_id: ended.charge_id.as_deref(),
        order: ended.order.status,
        answer: &ended.answer,
        event_id: shop.platform.event_id(),
        event_type: ended.event,
        payload,
        stock_event_ids,
        now: ended.at,
    }
}

/// Lets the next request with the key go on at once; if that fails, the lease's end does.
async fn release(shop: &Shop, call: &Call, job: &Job) {
    let now = shop.platform.now();
    if let Err(error) = key::release(&shop.pool, &call.id, job.lease_token, now).await {
        tracing::warn!(%error, order = %job.order.id, "the lease runs out by itself");
    }
}
