//! What is written to a customer about an order: a subject, and the same in plain text and HTML
//! (`origin/templates/mail`, checked when they are compiled).

use askama::Template;
use shared::event::EventType;
use shared::order::Order;

/// What it tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// It is paid.
    Confirmed,
    /// It was sent.
    Fulfilled,
    /// It was called off.
    Cancelled,
    /// It was paid back.
    Refunded,
    /// It was not paid.
    Failed,
}

impl Told {
    /// What an event tells; `None` for those that nobody is written of.
    pub const fn of(kind: EventType) -> Option<Self> {
        match kind {
            EventType::OrderConfirmed => Some(Self::Confirmed),
            EventType::OrderFulfilled => Some(Self::Fulfilled),
            EventType::OrderCancelled => Some(Self::Cancelled),
            EventType::OrderRefunded => Some(Self::Refunded),
            EventType::PaymentFailed => Some(Self::Failed),
            _ => None,
        }
    }

    const fn is_sent(self) -> bool {
        matches!(self, Self::Confirmed | Self::Fulfilled)
    }

    fn subject(self, order: &Order) -> String {
        let id = order.id;
        match self {
            Self::Confirmed => format!("Your order {id} is confirmed"),
            Self::Fulfilled => format!("Your order {id} is on its way"),
            Self::Cancelled => format!("Your order {id} is cancelled"),
            Self::Refunded => format!("Your order {id} has been paid back"),
            Self::Failed => format!("Your order {id} is not paid"),
        }
    }
}

#[derive(Template)]
#[template(path = "mail/order.txt")]
struct Text<'a> {
    told: Told,
    name: &'a str,
    order: &'a Order,
}

#[derive(Template)]
#[template(path = "mail/order.html")]
struct Html<'a> {
    told: Told,
    subject: &'a str,
    name: &'a str,
    order: &'a Order,
}

impl Text<'_> {
    fn address(&self) -> Vec<String> {
        address(self.order)
    }
}

impl Html<'_> {
    fn address(&self) -> Vec<String> {
        address(self.order)
    }
}

fn address(order: &Order) -> Vec<String> {
    let to = &order.shipping_address;
    let mut lines = vec![to.name.clone(), to.line1.clone()];
    lines.extend(to.line2.clone());
    let state = to.state.as_deref().unwrap_or_default();
    let place = format!("{} {} {state}", to.postal_code, to.city);
    lines.push(format!("{}, {}", place.trim_end(), to.country));
    lines
}

#[expect(
    unreachable_pub,
    clippy::inline_always,
    clippy::unused_self,
    clippy::unnecessary_wraps,
    reason = "the macro wants it so, or writes it so"
)]
mod filters {
    use shared::money::Money;

    /// `29.99 USD`, by the places that the currency has.
    #[askama::filter_fn]
    pub(super) fn money(money: &Money, _: &dyn askama::Values) -> askama::Result<String> {
        Ok(format!("{} {}", money.decimal(), money.currency))
    }
}

/// Subject, text and HTML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Subject.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// HTML.
    pub html: String,
}

/// Writes of an order to somebody of that name.
pub fn write(told: Told, name: &str, order: &Order) -> askama::Result<Written> {
    let subject = told.subject(order);
    let text = Text { told, name, order }.render()?;
    let html = Html {
        told,
        subject: &subject,
        name,
        order,
    }
    .render()?;
    Ok(Written {
        subject,
        text,
        html,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn order() -> Order {
        let id = "prd_01h455vb4pex5vsknk084sn02q";
        let usd = |amount: i64| json!({"amount": amount, "currency": "USD"});
        serde_json::from_value(json!({
            "object": "order", "id": "ord_01h455vb4pex5vsknk084sn02q", "status": "confirmed",
            "customer_id": "usr_1",
            "items": [
                {"product_id": id, "sku": "A", "name": "Mug <b>& saucer</b>", "quantity": 2,
                 "unit_price": usd(5), "line_total": usd(10)},
                {"product_id": id, "sku": "B", "name": "Kettle", "quantity": 1,
                 "unit_price": usd(123_456), "line_total": usd(123_456)},
            ],
            "total": usd(123_466),
            "payment": {"id": "pay_01h455vb4pex5vsknk084sn02q", "status": "succeeded",
                "method": "pm_card_visa", "decline_code": null},
            "shipping_address": {"name": "Ada", "line1": "1 Main St", "line2": "c/o Bea",
                "city": "Bern", "state": "BE", "postal_code": "3000", "country": "CH"},
            "note": null, "version": 1, "created_at": "", "updated_at": "",
        }))
        .unwrap()
    }

    #[test]
    fn the_text_reads_well() {
        let written = write(Told::Confirmed, "Ada", &order()).unwrap();
        assert_eq!(
            written.text,
            "Dear Ada,\n\n\
             thank you for your order ord_01h455vb4pex5vsknk084sn02q. It is paid and will be sent to \
             you.\n\n\
             \x20 2 × Mug <b>& saucer</b>   0.10 USD\n\
             \x20 1 × Kettle   1234.56 USD\n\
             \x20 Total: 1234.66 USD\n\n\
             It goes to:\n\
             \x20 Ada\n\
             \x20 1 Main St\n\
             \x20 c/o Bea\n\
             \x20 3000 Bern BE, CH\n\n\
             Headgate"
        );
    }

    #[test]
    fn html_says_the_same_and_nothing_of_a_customer_is_markup() {
        let written = write(Told::Confirmed, "<script>", &order()).unwrap();
        for part in [
            "Dear &#60;script&#62;",
            "Mug &#60;b&#62;&#38; saucer",
            "1234.66 USD",
            "c/o Bea",
        ] {
            assert!(written.html.contains(part), "{part}: {}", written.html);
        }
        assert!(!written.html.contains("<script>"));
    }

    #[test]
    fn each_event_has_words_of_its_own() {
        let mut told: Vec<_> = EventType::ALL.into_iter().filter_map(Told::of).collect();
        assert_eq!(told.len(), 5);
        told.dedup();
        for told in told {
            let written = write(told, "Ada", &order()).unwrap();
            let words = match told {
                Told::Confirmed => "It is paid",
                Told::Fulfilled => "on its way",
                Told::Cancelled => "is cancelled",
                Told::Refunded => "has been paid back",
                Told::Failed => "nothing was charged",
            };
            assert!(
                written.text.contains(words) && written.html.contains(words),
                "{told:?}"
            );
            assert!(written.subject.contains("ord_01h455vb4pex5vsknk084sn02q"));
            assert_eq!(
                written.text.contains("It goes to"),
                told.is_sent(),
                "{told:?}"
            );
            assert_eq!(
                written.html.contains("It goes to"),
                told.is_sent(),
                "{told:?}"
            );
        }
    }
}
