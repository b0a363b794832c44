//! A payment provider with a memory and with faults.

use std::collections::{HashMap, VecDeque};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use origin::payment::{Booked, Charge, Charged, NoAnswer, Page, PaymentGateway, Refund, Refunded};
use shared::money::Money;
use tokio::sync::Notify;

use crate::harness::BEGIN_MS;

/// What the next call meets.
pub(crate) enum Fault {
    /// The charge never arrives.
    RequestLost,
    /// It is charged; the reply never arrives.
    ReplyLost,
    /// The charge waits until it is let go.
    Held,
    /// The look-up gets no answer.
    LookUpLost,
    /// It is paid back; the reply never arrives.
    RefundReplyLost,
    /// The refund waits until it is let go.
    RefundHeld,
}

/// Which call a fault meets.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Call {
    Charge,
    LookUp,
    Refund,
}

/// A charge that it made.
#[derive(Clone)]
struct Made {
    reference: String,
    charged: Charged,
    amount: Money,
}

/// The provider.
#[derive(Default)]
pub(crate) struct Provider {
    charges: Mutex<HashMap<String, Made>>,
    /// By the provider's key: the reference and how much.
    refunds: Mutex<HashMap<String, (String, i64)>>,
    /// How often it was asked to pay back.
    asked: AtomicUsize,
    faults: Mutex<VecDeque<Fault>>,
    /// Lets a held call go.
    pub(crate) go: Notify,
    /// Tells that a call is held.
    pub(crate) held: Notify,
}

impl Provider {
    /// The next calls meet these.
    pub(crate) fn breaks(&self, faults: impl IntoIterator<Item = Fault>) {
        self.faults.lock().unwrap().extend(faults);
    }

    /// How many charges it made.
    pub(crate) fn charges(&self) -> usize {
        self.charges.lock().unwrap().len()
    }

    /// What it paid back: references and amounts.
    pub(crate) fn refunds(&self) -> Vec<(String, i64)> {
        self.refunds.lock().unwrap().values().cloned().collect()
    }

    /// How often it was asked to pay back.
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    fn next(&self, call: Call) -> Option<Fault> {
        let mut faults = self.faults.lock().unwrap();
        let of = match faults.front()? {
            Fault::LookUpLost => Call::LookUp,
            Fault::RefundReplyLost | Fault::RefundHeld => Call::Refund,
            _ => Call::Charge,
        };
        (of == call).then(|| faults.pop_front()).flatten()
    }
}

#[async_trait]
impl PaymentGateway for Provider {
    async fn charge(&self, charge: &Charge<'_>) -> Result<Charged, NoAnswer> {
        let fault = self.next(Call::Charge);
        match fault {
            Some(Fault::RequestLost) => return Err(NoAnswer("lost".into())),
            Some(Fault::Held) => {
                self.held.notify_one();
                self.go.notified().await;
            }
            _ => {}
        }
        let declined = (charge.method == "declines").then(|| "card_declined".to_owned());
        let charged = {
            let mut charges = self.charges.lock().unwrap();
            let id = format!("ch_{}", charges.len());
            let new = Made {
                reference: charge.reference.to_owned(),
                charged: Charged {
                    id,
                    decline_code: declined,
                },
                amount: charge.amount,
            };
            charges
                .entry(charge.provider_key.to_owned())
                .or_insert(new)
                .charged
                .clone()
        };
        match fault {
            Some(Fault::ReplyLost) => Err(NoAnswer("lost".into())),
            _ => Ok(charged),
        }
    }

    async fn look_up(
        &self,
        reference: &str,
        _: DateTime<Utc>,
    ) -> Result<Option<Charged>, NoAnswer> {
        if self.next(Call::LookUp).is_some() {
            return Err(NoAnswer("lost".into()));
        }
        let charges = self.charges.lock().unwrap();
        let found = charges.values().find(|made| made.reference == reference);
        Ok(found.map(|made| made.charged.clone()))
    }

    async fn refund(&self, refund: &Refund<'_>) -> Result<Refunded, NoAnswer> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let fault = self.next(Call::Refund);
        if matches!(fault, Some(Fault::RefundHeld)) {
            self.held.notify_one();
            self.go.notified().await;
        }
        let what = (refund.reference.to_owned(), refund.amount.amount);
        let mut refunds = self.refunds.lock().unwrap();
        refunds
            .entry(refund.provider_key.to_owned())
            .or_insert(what);
        match fault {
            Some(Fault::RefundReplyLost) => Err(NoAnswer("lost".into())),
            _ => Ok(Refunded {
                id: format!("re_{}", refund.reference),
            }),
        }
    }

    /// A page for each charge, all made when every test begins.
    async fn book(&self, _: DateTime<Utc>, after: Option<&str>) -> Result<Page, NoAnswer> {
        let charges = self.charges.lock().unwrap();
        let refunds = self.refunds.lock().unwrap();
        let mut made: Vec<_> = charges.values().collect();
        made.sort_unstable_by(|a, b| a.charged.id.cmp(&b.charged.id));
        let mut rest = made
            .iter()
            .filter(|made| after.is_none_or(|after| made.charged.id.as_str() > after));
        let first = rest.next();
        let booked = first.map(|made| Booked {
            id: made.charged.id.clone(),
            reference: made.reference.clone(),
            succeeded: made.charged.decline_code.is_none(),
            amount: made.amount,
            paid_back: refunds
                .values()
                .filter(|(reference, _)| *reference == made.reference)
                .map(|(_, amount)| amount)
                .sum(),
            created_at: DateTime::from_timestamp_millis(BEGIN_MS).unwrap(),
        });
        Ok(Page {
            charges: booked.into_iter().collect(),
            next: rest.next().and(first).map(|made| made.charged.id.clone()),
        })
    }
}
