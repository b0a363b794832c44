//! Placing an order, once a key, whatever breaks in between.
//!
//! Decides, in this order:
//! 1. The key is known: another request is refused, a finished one is replayed, one under way is
//!    waited for, an abandoned one is taken over. This comes before the body's faults.
//! 2. The body's faults.
//! 3. The rules: products on sale, stock, price. T1 commits key, stock, order and event, or nothing.
//! 4. The charge, outside any transaction, under a key that derives from the client's.
//! 5. T2 commits the outcome together with the answer that the client gets.
//!
//! A crash before T1 leaves nothing; between T1 and T2 a row that says `charging`, from which the
//! next request with the key goes on, or the [`complete`]r: it asks the provider by our own reference
//! before it charges. Once the reservation is over, the [`sweep`]er gives the stock back.
//! Its store is Postgres: down means 503, closed.
//!
//! Leases are compared by the clocks of the origins. Two workers on one key, should clocks be far
//! apart, are harmless: the provider knows one charge a key, and T2 happens once.

mod answer;
mod charge;
pub mod complete;
mod ending;
pub mod moves;
pub mod notice;
pub mod pay;
pub mod refund;
pub mod stray;
pub mod sweep;
mod verdict;

pub use answer::{Reply, location};

use std::time::Duration;

use chrono::TimeDelta;
use serde_json::json;
use shared::id::OrderId;
use shared::idempotency::Fingerprint;
use shared::order::{NewOrder, Order, OrderStatus, PaymentStatus, PaymentSummary};
use shared::problem::{Code, Outcome, Problem};
use uuid::Uuid;

use crate::admission;
use crate::app::Shop;
use crate::platform::{Failpoint, rfc3339};
use crate::refusal::Refusal;
use crate::sealed::{self, Opened};
use crate::store::Fault;
use crate::store::order::key::{self, Call, Phase};
use crate::store::order::open::Open;
use crate::store::order::{self as store, Attempt, Placement, Verdict};
use crate::trace;

/// How long one worker may take: above charge and look-up together.
pub const LEASE_SECONDS: i64 = 20;
/// How long a second request waits for the first one's answer.
const WAIT_MAX: Duration = Duration::from_secs(2);
/// First pause between two looks at the row; it doubles.
const PAUSE_MIN: Duration = Duration::from_millis(10);
/// Longest pause.
const PAUSE_MAX: Duration = Duration::from_millis(200);
/// How often T1 is sent again over a lost connection: its key makes that safe.
const RESENDS_MAX: u32 = 2;

/// One request to order.
pub struct Ask {
    /// The request and its key.
    pub call: Call,
    /// What the key stands for.
    pub fingerprint: Fingerprint,
    /// What is ordered, or what is wrong with the body.
    pub order: Result<NewOrder, Refusal>,
}

/// An order whose stock is reserved, to be charged and settled.
pub(crate) struct Job {
    order: Order,
    attempt: Attempt,
    phase: Phase,
    lease_token: Uuid,
    resumed: bool,
}

impl Job {
    /// What was left over: the provider may have been asked.
    async fn resume(
        shop: &Shop,
        call: &Call,
        order: OrderId,
        phase: Phase,
        lease_token: Uuid,
    ) -> Result<Self, Refusal> {
        let found = store::read(&shop.pool, order, call.id.mode).await?;
        Ok(Self {
            order: found.ok_or(Refusal::Internal)?,
            attempt: store::attempt(&shop.pool, order).await?,
            phase,
            lease_token,
            resumed: true,
        })
    }

    /// The same, of a key that was taken up without its client.
    pub(crate) async fn of(shop: &Shop, open: &Open, lease_token: Uuid) -> Result<Self, Refusal> {
        Self::resume(shop, &open.call, open.order_id, open.phase, lease_token).await
    }
}

/// Places the order, or answers as it was answered before.
pub async fn place(shop: &Shop, ask: Ask) -> Result<Reply, Refusal> {
    let lease_token = shop.platform.lease_token();
    let Ok(new) = &ask.order else {
        return match known(shop, &ask.call, &ask.fingerprint, lease_token).await? {
            Some(reply) => Ok(reply),
            None => Err(ask.order.err().unwrap_or(Refusal::Internal)),
        };
    };
    let refused = match reserve(shop, &ask, new, lease_token).await? {
        Reserved::Ours(job) => {
            shop.wake.notify_one();
            shop.platform.at(Failpoint::Reserved);
            return charge::finish(shop, &ask.call, *job).await;
        }
        Reserved::Known => None,
        Reserved::Refused(problem) => Some(problem),
    };
    // Also behind a refusal: the key's own order may have taken the last unit in the meantime.
    let known = known(shop, &ask.call, &ask.fingerprint, lease_token).await?;
    match (known, refused) {
        (Some(reply), _) => Ok(reply),
        (None, Some(problem)) => Err(problem.into()),
        (None, None) => Err(Refusal::Internal),
    }
}

enum Reserved {
    Ours(Box<Job>),
    Known,
    Refused(Box<Problem>),
}

impl From<Box<Problem>> for Refusal {
    fn from(problem: Box<Problem>) -> Self {
        Self::Problem(problem)
    }
}

/// T1.
async fn reserve(
    shop: &Shop,
    ask: &Ask,
    new: &NewOrder,
    lease_token: Uuid,
) -> Result<Reserved, Refusal> {
    let key::KeyId { account, mode, key } = &ask.call.id;
    let now = shop.platform.now();
    let order_id = shop.derivation_key.order_id(account, *mode, key);
    let payment_id = shop.platform.payment_id();
    let attempt = Attempt {
        reference: format!("{order_id}-1"),
        provider_key: shop.derivation_key.provider_key(account, *mode, key, 1),
        created_at: now,
    };
    let stock_event_ids = shop.platform.stock_event_ids(new.quantities().len());
    let placement = Placement {
        call: &ask.call,
        fingerprint: &ask.fingerprint,
        order: new,
        order_id,
        payment_id,
        provider_key: &attempt.provider_key,
        reference: &attempt.reference,
        event_id: shop.platform.event_id(),
        stock_event_ids: &stock_event_ids,
        lease_token,
        lease_until: now + TimeDelta::seconds(LEASE_SECONDS),
        reserved_until: now + shop.payments.reservation,
        now,
    };
    let mut resends = 0;
    let verdict = loop {
        match trace::database("place", store::place(&shop.pool, &placement)).await {
            Err(error) if resends < RESENDS_MAX && Fault::of(&error) == Fault::ConnectionLost => {
                resends += 1;
            }
            // A name under which we keep a bound is the client's to mend.
            Err(sqlx::Error::Database(error)) if error.is_check_violation() => {
                return Ok(Reserved::Refused(Box::new(verdict::violation(
                    error.constraint(),
                ))));
            }
            other => break other?,
        }
    };
    Ok(match verdict {
        Verdict::Known => Reserved::Known,
        Verdict::Accepted { lines, total } => {
            let order = Order {
                object: "order".to_owned(),
                id: order_id,
                status: OrderStatus::Processing,
                customer_id: account.clone(),
                items: lines.into_iter().map(|line| line.item).collect(),
                total,
                payment: PaymentSummary {
                    id: payment_id,
                    status: PaymentStatus::Processing,
                    method: new.payment_method.clone(),
                    decline_code: None,
                },
                shipping_address: new.shipping_address.clone(),
                note: new.note.clone(),
                version: 1,
                created_at: rfc3339(now),
                updated_at: rfc3339(now),
            };
            Reserved::Ours(Box::new(Job {
                order,
                attempt,
                phase: Phase::Charging,
                lease_token,
                resumed: false,
            }))
        }
        refused => Reserved::Refused(Box::new(verdict::problem(new, refused))),
    })
}

/// Goes on with what was left over, under a lease.
async fn go_on(
    shop: &Shop,
    call: &Call,
    order: OrderId,
    phase: Phase,
    lease_token: Uuid,
) -> Result<Reply, Refusal> {
    if phase == Phase::Refunding {
        return refund::finish(shop, call, lease_token).await;
    }
    let job = Job::resume(shop, call, order, phase, lease_token).await?;
    charge::finish(shop, call, job).await
}

/// Answers from the key's row, if there is one: replays, waits, takes over.
pub(crate) async fn known(
    shop: &Shop,
    call: &Call,
    fingerprint: &Fingerprint,
    lease_token: Uuid,
) -> Result<Option<Reply>, Refusal> {
    let mut waited = Duration::ZERO;
    let mut pause = PAUSE_MIN;
    loop {
        let Some(row) = key::read(&shop.pool, &call.id).await? else {
            return Ok(None);
        };
        let differing = row.fingerprint.differing(fingerprint);
        if !differing.is_empty() {
            return Err(Problem::new(
                Code::IdempotencyKeyReused,
                format!("The key came before with another {}.", differing.join(", ")),
            )
            .with("differing", json!(differing))
            .into());
        }
        if let Some(answer) = row.answer {
            let (answer, secret) = match sealed::open(&shop.derivation_key, &call.id, answer) {
                Opened::Plain(answer) => (answer, false),
                Opened::Secret(answer) => (answer, true),
                Opened::Lost => {
                    tracing::error!("a kept answer was sealed under another derivation key");
                    return Err(Refusal::Internal);
                }
            };
            return Ok(Some(Reply::Replay {
                answer,
                secret,
                original_request_id: row.request_id,
            }));
        }
        let now = shop.platform.now();
        let until = now + TimeDelta::seconds(LEASE_SECONDS);
        // Our own token stands there if T1 committed and its reply was lost.
        let ours = row.lease_token == lease_token
            || row.lease_until <= now
                && key::take_over(&shop.pool, &call.id, lease_token, now, until).await?;
        if ours {
            let order = row.order_id.ok_or(Refusal::Internal)?;
            let reply = go_on(shop, call, order, row.phase, lease_token).await?;
            return Ok(Some(reply));
        }
        if waited >= WAIT_MAX {
            return Err(Problem::new(
                Code::IdempotencyInProgress,
                "The first request with this key is still in progress. Repeat this one shortly.",
            )
            .with_retry_after(1)
            .with_outcome(Outcome::Unknown)
            .into());
        }
        admission::outside(shop.platform.pause(pause)).await;
        waited += pause;
        pause = (pause * 2).min(PAUSE_MAX);
    }
}
