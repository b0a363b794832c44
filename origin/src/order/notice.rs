//! What the provider tells by itself feeds the same transition as the completer.
//!
//! Decides, by our reference and in this order:
//! 1. The event was heard before: nothing.
//! 2. The payment is open: T2, unless somebody works on it; then the provider is asked to tell it
//!    again.
//! 3. The payment was given up, or is none of ours, and the charge succeeded: nobody ordered it. It is
//!    kept as a stray, told as an error, and paid back.
//! 4. The payment is settled: nothing.
//!
//! The database is down: 503, and the provider tells it again.

use chrono::TimeDelta;
use shared::id::OrderId;
use shared::order::PaymentStatus;
use shared::problem::Outcome;

use super::stray::REFUND_AFTER_SECONDS;
use super::{Job, LEASE_SECONDS, charge};
use crate::app::Shop;
use crate::payment::webhook::Notice;
use crate::refusal::Refusal;
use crate::store::order::{open, stray};
use crate::store::outbox;

/// The name of this listener in the inbox.
const CONSUMER: &str = "payment_webhook";

/// Hears a notice, once.
pub async fn hear(shop: &Shop, notice: &Notice) -> Result<(), Refusal> {
    let payment = {
        let mut connection = shop.pool.acquire().await?;
        if outbox::is_done(&mut connection, CONSUMER, notice.event).await? {
            return Ok(());
        }
        stray::payment_of(&mut connection, &notice.reference).await?
    };
    let succeeded = notice.charged.decline_code.is_none();
    let nobodys = match payment {
        Some((order, PaymentStatus::Processing)) => {
            settle(shop, OrderId::from_uuid(order), notice).await?;
            false
        }
        Some((_, PaymentStatus::Declined)) | None => succeeded,
        Some(_) => false,
    };
    let now = shop.platform.now();
    let mut transaction = shop.pool.begin().await?;
    let kept = nobodys
        && stray::keep(
            &mut transaction,
            notice,
            now,
            now + TimeDelta::seconds(REFUND_AFTER_SECONDS),
        )
        .await?;
    outbox::done(&mut transaction, CONSUMER, notice.event, now).await?;
    transaction.commit().await?;
    if kept {
        let (reference, charge) = (&notice.reference, &notice.charged.id);
        tracing::error!(
            reference,
            charge,
            "a payment that nobody ordered is paid back"
        );
    }
    Ok(())
}

async fn settle(shop: &Shop, order: OrderId, notice: &Notice) -> Result<(), Refusal> {
    let token = shop.platform.lease_token();
    let now = shop.platform.now();
    let until = now + TimeDelta::seconds(LEASE_SECONDS);
    let open = open::take_up_of(&shop.pool, order, token, now, until).await?;
    let Some(open) = open else {
        return Err(Refusal::Unavailable(Outcome::NotApplied));
    };
    let job = Job::of(shop, &open, token).await?;
    // The order may have gone on to another payment in between.
    if job.attempt.reference == notice.reference {
        charge::settle(shop, &open.call, job, Some(&notice.charged)).await?;
        tracing::info!(%order, "settled by what the provider told");
    }
    Ok(())
}
