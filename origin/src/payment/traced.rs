//! A payment provider, each question to which is a span.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{Charge, Charged, NoAnswer, Page, PaymentGateway, Refund, Refunded};
use crate::trace;

/// The provider that is asked.
pub struct Traced(pub Arc<dyn PaymentGateway>);

#[async_trait]
impl PaymentGateway for Traced {
    async fn charge(&self, charge: &Charge<'_>) -> Result<Charged, NoAnswer> {
        let facts = [("headgate.payment_reference", charge.reference)];
        trace::part("provider charge", &facts, self.0.charge(charge)).await
    }

    async fn look_up(
        &self,
        reference: &str,
        since: DateTime<Utc>,
    ) -> Result<Option<Charged>, NoAnswer> {
        let facts = [("headgate.payment_reference", reference)];
        trace::part("provider look_up", &facts, self.0.look_up(reference, since)).await
    }

    async fn refund(&self, refund: &Refund<'_>) -> Result<Refunded, NoAnswer> {
        let facts = [("headgate.payment_reference", refund.reference)];
        trace::part("provider refund", &facts, self.0.refund(refund)).await
    }

    async fn book(&self, since: DateTime<Utc>, after: Option<&str>) -> Result<Page, NoAnswer> {
        trace::part("provider book", &[], self.0.book(since, after)).await
    }
}
