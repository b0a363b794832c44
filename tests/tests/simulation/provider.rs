//! The sandbox provider's own book, in this process and on the world's clock. The network between is
//! what the methods make of it: a lost reply, a refusal.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use origin::payment::{Charge, Charged, NoAnswer, Page, PaymentGateway, Refund, Refunded};
use origin::platform::Platform;
use sandbox::book::{self, Book, NewCharge, NewRefund};
use sandbox::methods::{self, Fault};
use secrecy::SecretString;

/// Where the book of a world's provider is.
pub(crate) fn database(shop: &str) -> SecretString {
    xtask::sandbox::database_url(shop).into()
}

/// The provider.
pub(crate) struct Provider {
    book: Book,
    platform: Platform,
}

impl Provider {
    /// Over its book.
    pub(crate) const fn new(book: Book, platform: Platform) -> Self {
        Self { book, platform }
    }
}

fn no_answer(error: &impl ToString) -> NoAnswer {
    NoAnswer(error.to_string())
}

fn charged(charge: book::Charge) -> Charged {
    Charged {
        id: charge.id,
        decline_code: charge.decline_code,
    }
}

#[async_trait]
impl PaymentGateway for Provider {
    async fn charge(&self, charge: &Charge<'_>) -> Result<Charged, NoAnswer> {
        let fault = methods::fault(charge.method);
        if fault == Some(Fault::Unavailable) {
            return Err(NoAnswer("503".to_owned()));
        }
        let new = NewCharge {
            reference: charge.reference.to_owned(),
            method: charge.method.to_owned(),
            amount: charge.amount.amount,
            currency: charge.amount.currency.as_str().to_owned(),
        };
        let made = self
            .book
            .charge(charge.provider_key, &new, self.platform.now())
            .await
            .map_err(|error| no_answer(&error))?;
        match fault {
            Some(Fault::LostReply) => Err(NoAnswer("the connection was dropped".to_owned())),
            _ => Ok(charged(made)),
        }
    }

    async fn look_up(
        &self,
        reference: &str,
        _: DateTime<Utc>,
    ) -> Result<Option<Charged>, NoAnswer> {
        let found = self.book.look_up(reference).await;
        Ok(found.map_err(|error| no_answer(&error))?.map(charged))
    }

    async fn refund(&self, refund: &Refund<'_>) -> Result<Refunded, NoAnswer> {
        let new = NewRefund {
            reference: refund.reference.to_owned(),
            amount: refund.amount.amount,
            currency: refund.amount.currency.as_str().to_owned(),
        };
        let made = self
            .book
            .refund(refund.provider_key, &new, self.platform.now())
            .await
            .map_err(|error| no_answer(&error))?;
        Ok(Refunded { id: made.id })
    }

    async fn book(&self, _: DateTime<Utc>, _: Option<&str>) -> Result<Page, NoAnswer> {
        Err(NoAnswer("nobody reads it here".to_owned()))
    }
}
