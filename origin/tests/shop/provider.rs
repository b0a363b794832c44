//! A payment provider with a memory and with faults.

use std::collections::{HashMap, VecDeque};
use std::sync::Mutex;

use async_trait::async_trait;
use origin::payment::{Charge, Charged, NoAnswer, PaymentGateway};
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
}

/// The provider.
#[derive(Default)]
pub(crate) struct Provider {
    charges: Mutex<HashMap<String, (String, Charged)>>,
    faults: Mutex<VecDeque<Fault>>,
    /// Lets a held charge go.
    pub(crate) go: Notify,
    /// Tells that a charge is held.
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

    fn next(&self, look_up: bool) -> Option<Fault> {
        let mut faults = self.faults.lock().unwrap();
        let of_look_up = matches!(faults.front()?, Fault::LookUpLost);
        (of_look_up == look_up)
            .then(|| faults.pop_front())
            .flatten()
    }
}

#[async_trait]
impl PaymentGateway for Provider {
    async fn charge(&self, charge: &Charge<'_>) -> Result<Charged, NoAnswer> {
        let fault = self.next(false);
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

    async fn look_up(&self, reference: &str) -> Result<Option<Charged>, NoAnswer> {
        if self.next(true).is_some() {
            return Err(NoAnswer("lost".into()));
        }
        let charges = self.charges.lock().unwrap();
        let found = charges.values().find(|(known, _)| known == reference);
        Ok(found.map(|(_, charged)| charged.clone()))
    }
}
