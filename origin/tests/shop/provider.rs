//! A payment provider with a memory and with faults.

use std::collections::{HashMap, VecDeque};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use origin::payment::{Charge, Charged, NoAnswer, Page, PaymentGateway, Refund, Refunded};
use tokio::sync::Notify;

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

/// The provider.
#[derive(Default)]
pub(crate) struct Provider {
    charges: Mutex<HashMap<String, (String, Charged)>>,
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
            let new = (
                charge.reference.to_owned(),
                Charged {
                    id,
                    decline_code: declined,
                },
            );
            charges
                .entry(charge.provider_key.to_owned())
                .or_insert(new)
                .1
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
        let found = charges.values().find(|(known, _)| known == reference);
        Ok(found.map(|(_, charged)| charged.clone()))
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

    /// Its book is read where its lines matter: of the sandbox provider, and of Stripe.
    async fn book(&self, _: DateTime<Utc>, _: Option<&str>) -> Result<Page, NoAnswer> {
        Err(NoAnswer("it shows no book".into()))
    }
}
