//! Orders: what a client sends, and what it gets.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use crate::address::Address;
use crate::body::{Check, Checks};
use crate::id::{OrderId, ProductId};
use crate::money::{AMOUNT_MAX, Money};
pub use crate::payment::{Payment, PaymentStatus, PaymentSummary};

/// Most lines in one order.
pub const ITEMS_MAX: usize = 50;
/// Most units in one line.
pub const QUANTITY_MAX: u32 = 99;
/// Most characters in a note.
pub const NOTE_CHARS_MAX: usize = 500;
/// Most characters in one field of an address, and in the name of a payment method.
pub const FIELD_CHARS_MAX: usize = 200;

/// One line of a new order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewItem {
    /// What.
    pub product_id: ProductId,
    /// How many.
    #[serde(deserialize_with = "crate::number::whole")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 99, example = 1))]
    pub quantity: u32,
}

/// The body of POST /orders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewOrder {
    /// What is ordered; repeated products are merged.
    #[serde(deserialize_with = "crate::body::objects")]
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 50))]
    pub items: Vec<NewItem>,
    /// A payment method of the provider, such as the sandbox's `pm_card_visa`.
    #[cfg_attr(
        feature = "openapi",
        schema(
            min_length = 1,
            max_length = 200,
            pattern = r"^[^\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]*[^\s\u0000-\u001F\u007F-\u009F][^\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]*$",
            example = "pm_card_visa"
        )
    )]
    pub payment_method: String,
    /// The total that the customer was shown; another one is 409 `price_changed`.
    // Required but in v1, whose clients never said what they saw: the route knows the version.
    #[serde(
        default,
        deserialize_with = "crate::body::object_if_there",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "openapi", schema(required = true, value_type = Money))]
    pub expected_total: Option<Money>,
    /// Where to send it.
    #[serde(deserialize_with = "crate::body::object")]
    pub shipping_address: Address,
    /// Free text.
    #[serde(default)]
    #[cfg_attr(
        feature = "openapi",
        schema(
            max_length = 500,
            pattern = r"^[^\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]*$",
            example = "Ring twice"
        )
    )]
    pub note: Option<String>,
}

impl NewOrder {
    /// Units a product, in the order of product ids: the order in which stock is locked, so that
    /// two orders can't wait for each other.
    pub fn quantities(&self) -> BTreeMap<ProductId, u32> {
        let mut quantities = BTreeMap::new();
        for item in &self.items {
            let units = quantities.entry(item.product_id).or_insert(0_u32);
            *units = units.saturating_add(item.quantity);
        }
        quantities
    }
}

impl Check for NewOrder {
    fn check(&self, checks: &mut Checks) {
        checks.count("/items", self.items.len(), 1, ITEMS_MAX);
        for (place, item) in self.items.iter().enumerate().take(ITEMS_MAX) {
            let at = format!("/items/{place}/quantity");
            checks.range(&at, item.quantity.into(), 1, QUANTITY_MAX.into());
        }
        checks.text("/payment_method", &self.payment_method, 1, FIELD_CHARS_MAX);
        if let Some(expected) = self.expected_total {
            checks.range("/expected_total/amount", expected.amount, 0, AMOUNT_MAX);
        }
        self.shipping_address.check("/shipping_address", checks);
        if let Some(note) = &self.note {
            checks.text("/note", note, 0, NOTE_CHARS_MAX);
        }
    }
}

/// The body of PATCH /orders/{id}, once the patch is applied: what a customer may still change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OrderChange {
    /// Where to send it.
    #[serde(deserialize_with = "crate::body::object")]
    pub shipping_address: Address,
    /// Free text; null removes it.
    #[serde(default)]
    #[cfg_attr(
        feature = "openapi",
        schema(
            max_length = 500,
            pattern = r"^[^\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]*$",
            example = "Ring twice"
        )
    )]
    pub note: Option<String>,
    /// The version that the change was made from; another than the current one is 409
    /// `version_conflict`.
    #[serde(default, deserialize_with = "crate::number::whole_or_null")]
    pub version: Option<i64>,
}

impl Check for OrderChange {
    fn check(&self, checks: &mut Checks) {
        self.shipping_address.check("/shipping_address", checks);
        if let Some(note) = &self.note {
            checks.text("/note", note, 0, NOTE_CHARS_MAX);
        }
    }
}

/// The body of PUT /orders/{id}/status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StatusChange {
    /// Where the order shall stand: `cancelled` for its owner, also `fulfilled` for an admin.
    pub status: OrderStatus,
    /// The version that the change was made from; another than the current one is 409
    /// `version_conflict`.
    #[serde(default, deserialize_with = "crate::number::whole_or_null")]
    pub version: Option<i64>,
}

impl Check for StatusChange {
    fn check(&self, _: &mut Checks) {}
}

/// Where an order stands: `pending → processing → confirmed → fulfilled → refunded`, or one of the
/// ends `payment_failed`, `rejected`, `cancelled`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum OrderStatus {
    /// Accepted by the edge, not yet known to the origin.
    Pending,
    /// Stock is reserved, the payment is under way.
    Processing,
    /// Paid.
    Confirmed,
    /// Sent.
    Fulfilled,
    /// Paid back.
    Refunded,
    /// The payment was declined.
    PaymentFailed,
    /// The rules refused it after it was accepted for later.
    Rejected,
    /// Called off.
    Cancelled,
}

impl OrderStatus {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Pending,
        Self::Processing,
        Self::Confirmed,
        Self::Fulfilled,
        Self::Refunded,
        Self::PaymentFailed,
        Self::Rejected,
        Self::Cancelled,
    ];

    /// As it stands in the database and in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Processing => "processing",
            Self::Confirmed => "confirmed",
            Self::Fulfilled => "fulfilled",
            Self::Refunded => "refunded",
            Self::PaymentFailed => "payment_failed",
            Self::Rejected => "rejected",
            Self::Cancelled => "cancelled",
        }
    }

    /// The status of that name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

/// One line of an order, with name and price as they were sold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OrderItem {
    /// What.
    pub product_id: ProductId,
    /// Its article number then.
    pub sku: String,
    /// Its name then.
    pub name: String,
    /// How many.
    pub quantity: u32,
    /// Price of one.
    pub unit_price: Money,
    /// Price of all.
    pub line_total: Money,
}

/// An order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Order {
    /// Always `order`.
    pub object: String,
    /// Derived from (account, mode, idempotency key).
    pub id: OrderId,
    /// Where it stands.
    pub status: OrderStatus,
    /// Whose it is.
    pub customer_id: String,
    /// Its lines, by product id.
    pub items: Vec<OrderItem>,
    /// What it costs.
    pub total: Money,
    /// How it is paid.
    pub payment: PaymentSummary,
    /// Where it goes.
    pub shipping_address: Address,
    /// Free text.
    pub note: Option<String>,
    /// Grows by one with every change.
    pub version: i64,
    /// RFC 3339, UTC.
    pub created_at: String,
    /// RFC 3339, UTC.
    pub updated_at: String,
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::body;

    fn order(change: impl FnOnce(&mut Value)) -> Vec<u8> {
        let mut order = json!({
            "items": [{"product_id": "prd_00000000000000000000000001", "quantity": 2}],
            "payment_method": "pm_card_visa",
            "expected_total": {"amount": 200, "currency": "USD"},
            "shipping_address": {"name": "Ada 🦀", "line1": "1 Main St", "city": "Bern",
                "postal_code": "3000", "country": "CH"},
        });
        change(&mut order);
        serde_json::to_vec(&order).unwrap()
    }

    #[test]
    fn bodies_are_checked() {
        let line = json!({"product_id": "prd_00000000000000000000000001", "quantity": 1});
        let rows: Vec<(Vec<u8>, Vec<&str>)> = vec![
            (order(|_| ()), vec![]),
            (order(|o| o["note"] = json!("ring twice")), vec![]),
            (order(|o| o["note"] = Value::Null), vec![]),
            (order(|o| o["items"] = json!([])), vec!["/items"]),
            (
                order(|o| o["items"] = json!(vec![line.clone(); 51])),
                vec!["/items"],
            ),
            (
                order(|o| o["items"][0]["quantity"] = json!(0)),
                vec!["/items/0/quantity"],
            ),
            (
                order(|o| o["items"][0]["quantity"] = json!(100)),
                vec!["/items/0/quantity"],
            ),
            (
                order(|o| o["items"][0]["product_id"] = json!("x")),
                vec!["/items/0/product_id"],
            ),
            (
                order(|o| o["expected_total"]["amount"] = json!(-1)),
                vec!["/expected_total/amount"],
            ),
            (
                order(|o| {
                    o["shipping_address"]["country"] = json!("ch");
                    o["shipping_address"]["city"] = json!(" ");
                }),
                vec!["/shipping_address/city", "/shipping_address/country"],
            ),
            (order(|o| o["discount"] = json!(1)), vec!["/discount"]),
            (
                order(|o| drop(o.as_object_mut().unwrap().remove("expected_total"))),
                vec![],
            ),
        ];
        for (bytes, expected) in rows {
            let faults = body::parse::<NewOrder>(&bytes).err().unwrap_or_default();
            let found: Vec<_> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
            assert_eq!(found, expected, "{}", String::from_utf8_lossy(&bytes));
        }
    }

    #[test]
    fn names_read_back() {
        for status in OrderStatus::ALL {
            assert_eq!(OrderStatus::parse(status.as_str()), Some(status));
            assert_eq!(json!(status), status.as_str());
        }
    }

    #[test]
    fn changes_are_checked() {
        let address = json!({"name": "Ada", "line1": "1 Main St", "city": "Bern",
            "postal_code": "3000", "country": "CH"});
        let long = "n".repeat(NOTE_CHARS_MAX + 1);
        for (change, expected) in [
            (json!({"shipping_address": address}), vec![]),
            (
                json!({"shipping_address": address, "note": "🔔", "version": 2}),
                vec![],
            ),
            (json!({"note": "no address"}), vec!["/shipping_address"]),
            (
                json!({"shipping_address": {}}),
                vec!["/shipping_address/name"],
            ),
            (
                json!({"shipping_address": address, "note": long}),
                vec!["/note"],
            ),
            (
                json!({"shipping_address": address, "status": "fulfilled"}),
                vec!["/status"],
            ),
        ] {
            let faults = body::parse::<OrderChange>(change.to_string().as_bytes()).err();
            let faults = faults.unwrap_or_default();
            let found: Vec<_> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
            assert_eq!(found, expected, "{change}");
        }
    }

    #[test]
    fn repeated_products_are_merged_in_id_order() {
        let id = |n: u8| format!("prd_0000000000000000000000000{n}");
        let bytes = order(|o| {
            o["items"] = json!([
                {"product_id": id(2), "quantity": 1},
                {"product_id": id(1), "quantity": 5},
                {"product_id": id(2), "quantity": 3},
            ]);
        });
        let order: NewOrder = body::parse(&bytes).unwrap();
        let quantities: Vec<_> = order.quantities().into_iter().collect();
        assert_eq!(
            quantities,
            [(id(1).parse().unwrap(), 5), (id(2).parse().unwrap(), 4)]
        );
    }
}
