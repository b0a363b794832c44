//! A mail to the customer when an order is confirmed.

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
        &[EventType::OrderConfirmed]
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
        self.mailer
            .send(&Letter {
                id: event.id.to_string(),
                to_name: to.name.clone(),
                to_email: to.email,
                subject: format!("Your order {} is confirmed", order.id),
                body: text(&to.name, &order),
                written_at: created_at.to_utc(),
            })
            .await
    }
}

/// The mail's text.
fn text(name: &str, order: &Order) -> String {
    let mut lines = String::new();
    for item in &order.items {
        let total = shown(item.line_total);
        // Writing into a text can't fail.
        let _ = writeln!(lines, "  {} × {}   {total}", item.quantity, item.name);
    }
    let address = &order.shipping_address;
    format!(
        "Dear {name},\n\nthank you for your order {id}. It is paid and will be sent to you.\n\n\
         {lines}\n  Total: {total}\n\nIt goes to:\n  {to}\n  {line1}\n  {postal_code} {city}, \
         {country}\n\nHeadgate\n",
        id = order.id,
        total = shown(order.total),
        to = address.name,
        line1 = address.line1,
        postal_code = address.postal_code,
        city = address.city,
        country = address.country,
    )
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
