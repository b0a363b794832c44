//! The payment provider, behind a trait. Nothing here runs inside a transaction of ours.

mod http;
pub mod sandbox;
pub mod stripe;
pub mod traced;
pub mod webhook;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use shared::money::Money;

/// One attempt to charge.
#[derive(Debug, Clone)]
pub struct Charge<'a> {
    /// The provider's idempotency key: however often it is sent, there is one charge.
    pub provider_key: &'a str,
    /// Our own name for it, to look it up by.
    pub reference: &'a str,
    /// With what.
    pub method: &'a str,
    /// How much.
    pub amount: Money,
}

/// What the provider has decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charged {
    /// Its name for the charge.
    pub id: String,
    /// Why it was declined, if it was.
    pub decline_code: Option<String>,
}

/// Paying back what was charged.
#[derive(Debug, Clone)]
pub struct Refund<'a> {
    /// The provider's idempotency key: however often it is sent, there is one refund.
    pub provider_key: &'a str,
    /// Our name for the charge.
    pub reference: &'a str,
    /// The provider's name for it, where it is known.
    pub charge: Option<&'a str>,
    /// How much of it.
    pub amount: Money,
}

/// The provider has paid back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refunded {
    /// Its name for the refund.
    pub id: String,
}

/// A charge, as the provider's book has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booked {
    /// The provider's name for it.
    pub id: String,
    /// Ours.
    pub reference: String,
    /// False if it was declined.
    pub succeeded: bool,
    /// How much.
    pub amount: Money,
    /// How much of that was paid back, in minor units.
    pub paid_back: i64,
    /// When.
    pub created_at: DateTime<Utc>,
}

/// A page of the provider's book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Charges.
    pub charges: Vec<Booked>,
    /// Behind what the next page begins; `None` if this is the last.
    pub next: Option<String>,
}

/// The provider did not say what it did: it may have charged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the payment provider gave no answer: {0}")]
pub struct NoAnswer(pub String);

/// A payment provider.
#[async_trait]
pub trait PaymentGateway: Send + Sync {
    /// Charges.
    async fn charge(&self, charge: &Charge<'_>) -> Result<Charged, NoAnswer>;
    /// What became of the charge of that reference, which was not asked for before that time;
    /// `Ok(None)` if the provider knows none.
    async fn look_up(
        &self,
        reference: &str,
        since: DateTime<Utc>,
    ) -> Result<Option<Charged>, NoAnswer>;
    /// Pays back. Asking again under the same key is safe, and the way to learn what became of it.
    async fn refund(&self, refund: &Refund<'_>) -> Result<Refunded, NoAnswer>;
    /// The charges since that time, in pages, in an order of the provider's own.
    async fn book(&self, since: DateTime<Utc>, after: Option<&str>) -> Result<Page, NoAnswer>;
}
