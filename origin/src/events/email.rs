//! A mail to the customer when an order is confirmed, not paid, sent, cancelled or paid back.
//!
//! Promise: at least once, under a Message-ID that derives from the event; the inbox row is written
//! behind the server's word, so a crash in between sends the same bytes again. In practice that is
//! once. A server that is down, or says "later" (4xx), is asked again for two days; one that refuses
//! the mail for good (5xx) makes it a dead letter.

use async_trait::async_trait;
use shared::event::EventType;
use shared::order::Order;
use sqlx::PgConnection;

use super::{Consumer, Failure};
use crate::mail::order::{Told, write};
use crate::mail::{Letter, Mailer, Unsent};
use crate::store::outbox::Delivery;
use crate::store::user;
use crate::trace;

/// How often a mail is tried: with pauses of ten minutes at most, for over two days.
const TRIES_MAX: u32 = 300;
/// Mails that are on their way at once: what a mail server takes of one client without a word.
const CONCURRENCY: usize = 12;

/// The consumer.
pub struct Email {
    mailer: Mailer,
}

impl Email {
    /// Sends through this mailer.
    pub const fn new(mailer: Mailer) -> Self {
        Self { mailer }
    }
}

#[async_trait]
impl Consumer for Email {
    fn name(&self) -> &'static str {
        "email"
    }

    fn kinds(&self) -> &'static [EventType] {
        &[
            EventType::OrderConfirmed,
            EventType::PaymentFailed,
            EventType::OrderFulfilled,
            EventType::OrderCancelled,
            EventType::OrderRefunded,
        ]
    }

    fn tries(&self) -> u32 {
        TRIES_MAX
    }

    fn concurrency(&self) -> usize {
        CONCURRENCY
    }

    async fn deliver(
        &self,
        delivery: &Delivery,
        connection: &mut PgConnection,
    ) -> anyhow::Result<()> {
        let event = &delivery.event;
        let Some(told) = Told::of(event.kind) else {
            return Ok(());
        };
        let order: Order =
            serde_json::from_value(event.data.clone()).map_err(Failure::permanent)?;
        let Some(to) = user::addressee(connection, &order.customer_id).await? else {
            tracing::info!(order = %order.id, "the account is no user of ours: no mail");
            return Ok(());
        };
        let created_at = chrono::DateTime::parse_from_rfc3339(&event.created_at);
        let letter = Letter {
            id: event.id.to_string(),
            written: write(told, &to.name, &order).map_err(Failure::permanent)?,
            to_name: to.name,
            to_email: to.email,
            written_at: created_at.map_err(Failure::permanent)?.to_utc(),
        };
        let facts = [
            ("messaging.message.id", letter.id.as_str()),
            ("headgate.order_id", event.aggregate_id.as_str()),
        ];
        trace::part("mail send", &facts, self.mailer.send(&letter))
            .await
            .map_err(|unsent| match unsent {
                Unsent::Refused(why) => Failure::permanent(why),
                Unsent::NotNow(why) => why,
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_told_is_written_to() {
        let email = Email::new(Mailer::nowhere());
        for kind in EventType::ALL {
            let hears = email.kinds().contains(&kind);
            assert_eq!(hears, Told::of(kind).is_some(), "{kind:?}");
        }
    }
}
