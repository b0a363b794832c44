//! A mail to the customer when an order is confirmed, and when it is cancelled.

use std::fmt::Write;

use async_trait::async_trait;
use shared::event::EventType;
use shared::money::Money;
use shared::order::Order;
use sqlx::PgConnection;

use super::Consumer;
use crate::mail::{Letter, Mailer};
use crate::store::outbox::Delivery;
use crate::store::user;

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
        &[EventType::OrderConfirmed, EventType::OrderCancelled]
    }

    async fn deliver(
        &self,
        delivery: &Delivery,
        connection: &mut PgConnection,
    ) -> anyhow::Result<()> {
        let event = &delivery.event;
        let order: Order = serde_json::from_value(event.data.clone())?;
        let Some(to) = user::addressee(connection, &order.customer_id).await? else {
            tracing::info!(order = %order.id, "the account is no user of ours: no mail");
            return Ok(());
        };
        let created_at = chrono::DateTime::parse_from_rfc3339(&event.created_at)?;
        let (subject, body) = match event.kind {
            EventType::OrderCancelled => cancelled(&to.name, &order),
            _ => confirmed(&to.name, &order),
        };
        self.mailer
            .send(&Letter {
                id: event.id.to_string(),
                to_name: to.name,
                to_email: to.email,
                subject,
                body,
                written_at: created_at.to_utc(),
            })
            .await
    }
}

/// Subject and text once it is paid.
fn confirmed(name: &str, order: &Order) -> (String, String) {
    let address = &order.shipping_address;
    let text = format!(
        "Dear {name},\n\nthank you for your order {id}. It is paid and will be sent to you.\n\n\
         {lines}\n  Total: {total}\n\nIt goes to:\n  {to}\n  {line1}\n  {postal_code} {city}, \
         {country}\n\nHeadgate\n",
        id = order.id,
        lines = lines(order),
        total = shown(order.total),
        to = address.name,
        line1 = address.line1,
        postal_code = address.postal_code,
        city = address.city,
        country = address.country,
    );
    (format!("Your order {} is confirmed", order.id), text)
}

/// Subject and text once it is called off.
fn cancelled(name: &str, order: &Order) -> (String, String) {
    let text = format!(
        "Dear {name},\n\nyour order {id} is cancelled.\n\n{lines}\n  Total: {total}\n\nWhat you \
         paid goes back the way it came.\n\nHeadgate\n",
        id = order.id,
        lines = lines(order),
        total = shown(order.total),
    );
    (format!("Your order {} is cancelled", order.id), text)
}

fn lines(order: &Order) -> String {
    let mut lines = String::new();
    for item in &order.items {
        let total = shown(item.line_total);
        // Writing into a text can't fail.
        let _ = writeln!(lines, "  {} × {}   {total}", item.quantity, item.name);
    }
    lines
}

/// An amount of a currency with two decimal places.
fn shown(money: Money) -> String {
    format!(
        "{}.{:02} {}",
        money.amount / 100,
        money.amount % 100,
        money.currency
    )
}

#[cfg(test)]
mod tests {
    use shared::money::Currency;

    use super::*;

    #[test]
    fn amounts_have_two_places() {
        for (amount, expected) in [(0, "0.00 USD"), (5, "0.05 USD"), (123_456, "1234.56 USD")] {
            let currency = Currency::USD;
            assert_eq!(shown(Money { amount, currency }), expected);
        }
    }
}
