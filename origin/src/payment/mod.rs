//! The payment provider, behind a trait. Nothing here runs inside a transaction of ours.

mod http;
pub mod sandbox;
pub mod webhook;

use async_trait::async_trait;
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
    /// How much of it.
    pub amount: Money,
}

/// The provider has paid back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refunded {
    /// Its name for the refund.
    pub id: String,
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
    /// What became of the charge of that reference; `Ok(None)` if the provider knows none.
    async fn look_up(&self, reference: &str) -> Result<Option<Charged>, NoAnswer>;
    /// Pays back. Asking again under the same key is safe, and the way to learn what became of it.
    async fn refund(&self, refund: &Refund<'_>) -> Result<Refunded, NoAnswer>;
}
