//! Paying an order again, after its payment was declined.
//!
//! Decides, in this order:
//! 1. The key is known: as for [`super::place`].
//! 2. The body's faults.
//! 3. Whose it is: what the caller may not see is 404, another's is 403.
//! 4. The rules: the order's payment has failed (409), its stock is there (409), and it was not tried
//!    too often (409). Key, stock and attempt commit together, or nothing does.
//! 5. Charge and T2, as for any order, at the price at which it was ordered.

use chrono::TimeDelta;
use serde_json::json;
use shared::caller::Principal;
use shared::id::OrderId;
use shared::idempotency::Fingerprint;
use shared::order::OrderStatus;
use shared::payment::NewPayment;
use shared::problem::{Code, Problem};
use uuid::Uuid;

use super::{Job, LEASE_SECONDS, Reply, charge, known, moves};
use crate::app::Shop;
use crate::refusal::Refusal;
use crate::store::order::key::{self, Call, Claim, Phase};
use crate::store::order::pay::{self, NewAttempt, Short};
use crate::store::order::{self as store, Attempt, StockTold, Viewer};
use crate::store::pool;

/// Most attempts to pay one order.
const ATTEMPTS_MAX: i32 = 20;

/// One request to pay.
pub struct Ask {
    /// The request and its key.
    pub call: Call,
    /// What the key stands for.
    pub fingerprint: Fingerprint,
    /// What is paid, as the path names it.
    pub order: String,
    /// With what, or what is wrong with the body.
    pub new: Result<NewPayment, Refusal>,
}

/// Pays, or answers as it was answered before.
pub async fn pay(shop: &Shop, principal: &Principal, ask: Ask) -> Result<Reply, Refusal> {
    let lease_token = shop.platform.lease_token();
    if let Some(reply) = known(shop, &ask.call, &ask.fingerprint, lease_token).await? {
        return Ok(reply);
    }
    let new = ask.new?;
    let order: OrderId = ask.order.parse().map_err(|_| Refusal::NotFound)?;
    let (call, fingerprint) = (&ask.call, &ask.fingerprint);
    let reserved = reserve(shop, principal, call, fingerprint, order, &new, lease_token).await;
    let refused = match reserved {
        Ok(Some(job)) => return charge::finish(shop, call, job).await,
        Ok(None) => Refusal::Internal,
        Err(refusal) => refusal,
    };
    // The key's own request may have paid in the meantime.
    known(shop, call, fingerprint, lease_token)
        .await?
        .ok_or(refused)
}

/// Key, stock and attempt in one transaction. `None` if the key is taken.
async fn reserve(
    shop: &Shop,
    principal: &Principal,
    call: &Call,
    fingerprint: &Fingerprint,
    id: OrderId,
    new: &NewPayment,
    lease_token: Uuid,
) -> Result<Option<Job>, Refusal> {
    let now = shop.platform.now();
    let mut transaction = pool::begin(&shop.pool).await?;
    let claim = Claim {
        fingerprint,
        phase: Phase::Charging,
        order_id: Some(id),
        lease_token,
        lease_until: now + TimeDelta::seconds(LEASE_SECONDS),
        now,
    };
    if !key::claim(&mut transaction, call, &claim).await? {
        return Ok(None);
    }
    let order = store::lock(&mut transaction, id, Viewer::of(principal))
        .await?
        .ok_or(Refusal::NotFound)?;
    if order.customer_id != principal.account {
        return Err(Problem::new(
            Code::Forbidden,
            "The order is another's: its customer alone may pay it.",
        )
        .into());
    }
    if order.status != OrderStatus::PaymentFailed {
        return Err(moves::illegal(order.status, "processing", "be paid"));
    }
    let number = pay::attempts(&mut transaction, id).await?.saturating_add(1);
    if number > ATTEMPTS_MAX {
        let detail = format!("An order may be tried to pay {ATTEMPTS_MAX} times. Order anew.");
        return Err(Problem::new(Code::LimitReached, detail).into());
    }
    let until = now + shop.payments.reservation;
    let event_ids = shop.platform.stock_event_ids(order.items.len());
    let told = StockTold {
        event_ids: &event_ids,
        traceparent: call.traceparent.as_deref(),
        now,
    };
    let short = pay::reserve(&mut transaction, id, until, &told).await?;
    if !short.is_empty() {
        return Err(out_of_stock(&short).into());
    }
    let mode = call.id.mode;
    let provider_number = u32::try_from(number).unwrap_or_default();
    let attempt = Attempt {
        reference: format!("{id}-{number}"),
        provider_key: shop.derivation_key.provider_key(
            &call.id.account,
            mode,
            &call.id.key,
            provider_number,
        ),
        created_at: now,
    };
    let new = NewAttempt {
        id: shop.platform.payment_id(),
        order: id,
        number,
        method: &new.payment_method,
        attempt: &attempt,
    };
    pay::begin(&mut transaction, &new).await?;
    let order = store::read(&mut *transaction, id, mode)
        .await?
        .ok_or(Refusal::Internal)?;
    transaction.commit().await?;
    Ok(Some(Job {
        order,
        attempt,
        phase: Phase::Charging,
        lease_token,
        resumed: false,
    }))
}

fn out_of_stock(short: &[Short]) -> Problem {
    let lines: Vec<_> = short
        .iter()
        .map(
            |line| json!({"sku": line.sku, "quantity": line.quantity, "available": line.available}),
        )
        .collect();
    let detail = "At least one of the order's products has too few units by now; nothing was \
                  reserved or charged. `short` names them.";
    Problem::new(Code::OutOfStock, detail).with("short", json!(lines))
}
