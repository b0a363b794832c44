//! The product as clients see it.

use serde::{Deserialize, Serialize};

use crate::body::{Check, Checks};
use crate::id::ProductId;
use crate::money::{AMOUNT_MAX, Money};

/// Longest article number.
pub const SKU_CHARS_MAX: usize = 64;
/// Longest name.
pub const NAME_CHARS_MAX: usize = 200;
/// Longest description.
pub const DESCRIPTION_CHARS_MAX: usize = 5000;
/// Longest slug of a category.
pub const CATEGORY_CHARS_MAX: usize = 100;
/// Longest address of a picture.
pub const IMAGE_URL_CHARS_MAX: usize = 2000;
/// Most units in stock.
pub const STOCK_MAX: i64 = 1_000_000_000;

/// Most characters in a search.
pub const SEARCH_CHARS_MAX: usize = 200;
/// Stock at or below this many units shows as [`Availability::Low`].
pub const LOW_STOCK_MAX: i64 = 10;

/// How available a product is: a class instead of a count, so that a shared cache need not hold
/// (or purge) counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Availability {
    /// More than [`LOW_STOCK_MAX`] units.
    InStock,
    /// 1 to [`LOW_STOCK_MAX`] units.
    Low,
    /// None.
    Out,
}

impl Availability {
    /// The class of a count of available units. The database has the same bounds (`stock_class`).
    pub const fn of(available: i64) -> Self {
        match available {
            ..=0 => Self::Out,
            1..=LOW_STOCK_MAX => Self::Low,
            _ => Self::InStock,
        }
    }
}

impl Availability {
    /// As it stands in JSON and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InStock => "in_stock",
            Self::Low => "low",
            Self::Out => "out",
        }
    }

    /// Whether less is left than in the other class.
    pub const fn is_scarcer_than(self, other: Self) -> bool {
        self.rank() < other.rank()
    }

    const fn rank(self) -> u8 {
        match self {
            Self::Out => 0,
            Self::Low => 1,
            Self::InStock => 2,
        }
    }
}

/// What `inventory.low` tells: a product has fallen into a scarcer class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LowStock {
    /// Always `inventory`.
    pub object: String,
    /// The product.
    pub id: ProductId,
    /// The shop's own article number.
    pub sku: String,
    /// Display name.
    pub name: String,
    /// The class that it fell into.
    pub availability: Availability,
    /// Units that are left.
    pub available: i64,
}

impl LowStock {
    /// Of a product that has so many units.
    pub fn of(product: &Product, available: i64) -> Self {
        Self {
            object: "inventory".to_owned(),
            id: product.id,
            sku: product.sku.clone(),
            name: product.name.clone(),
            availability: product.availability,
            available,
        }
    }
}

macro_rules! documents {
    ($($(#[$attribute:meta])* $member:ident: $type:ty,)*) => {
        /// A product as POST takes it: all that a client may write.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub struct NewProduct {
            $($(#[$attribute])* pub $member: $type,)*
        }

        /// A product as PUT replaces it and PATCH edits it: the same, and the version that the
        /// client has seen.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub struct ProductDocument {
            $($(#[$attribute])* pub $member: $type,)*
            /// The version that the client has seen; another one than the current is refused.
            #[serde(default, deserialize_with = "crate::number::whole_or_null")]
            pub version: Option<i64>,
        }

        impl ProductDocument {
            /// The product with its version.
            pub fn of(product: NewProduct, version: i64) -> Self {
                Self { $($member: product.$member,)* version: Some(version) }
            }

            /// What is written, and the version that it was seen at.
            pub fn parts(self) -> (NewProduct, Option<i64>) {
                (NewProduct { $($member: self.$member,)* }, self.version)
            }
        }
    };
}

documents! {
    /// The shop's own article number. No two products share one.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 64,
        pattern = r"^[^\s\u0000-\u001F\u007F-\u009F]([^\u0000-\u001F\u007F-\u009F\u2028\u2029]*[^\s\u0000-\u001F\u007F-\u009F])?$",
        example = "MUG-0001"))]
    sku: String,
    /// Display name.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 200,
        pattern = r"^[^\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]*[^\s\u0000-\u001F\u007F-\u009F][^\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]*$",
        example = "Stoneware mug, blue"))]
    name: String,
    /// Plain text; may be empty.
    #[cfg_attr(feature = "openapi", schema(max_length = 5000,
        pattern = r"^[^\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]*$",
        example = "Holds 350 ml. Dishwasher-safe."))]
    description: String,
    /// One category's slug.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 100,
        pattern = "^[a-z0-9-]+$", example = "kitchen"))]
    category: String,
    /// Price of one unit.
    #[serde(deserialize_with = "crate::body::object")]
    price: Money,
    /// Address of a picture, if there is one.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(max_length = 2000,
        pattern = r"^https?://[^\s\u0000-\u001F\u007F-\u009F]+$",
        example = "https://img.example/mug.jpg"))]
    image_url: Option<String>,
    /// Whether it is listed and can be ordered.
    #[cfg_attr(feature = "openapi", schema(example = true))]
    active: bool,
    /// Units that are free to be ordered.
    #[serde(deserialize_with = "crate::number::whole")]
    #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 1_000_000_000, example = 40))]
    stock: i64,
}

impl Check for ProductDocument {
    fn check(&self, checks: &mut Checks) {
        self.clone().parts().0.check(checks);
    }
}

impl Check for NewProduct {
    fn check(&self, checks: &mut Checks) {
        checks.text("/sku", &self.sku, 1, SKU_CHARS_MAX);
        let breaks = |char| matches!(char, '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}');
        if self.sku.trim() != self.sku || self.sku.contains(breaks) {
            checks.fault(
                "/sku",
                "format",
                "the article number starts or ends with white space, or holds a line break"
                    .to_owned(),
                "Remove it.".to_owned(),
            );
        }
        checks.text("/name", &self.name, 1, NAME_CHARS_MAX);
        checks.text("/description", &self.description, 0, DESCRIPTION_CHARS_MAX);
        if !is_category(&self.category) {
            checks.fault(
                "/category",
                "format",
                "not a category's slug".to_owned(),
                format!("Send 1 to {CATEGORY_CHARS_MAX} lower-case letters, digits and hyphens."),
            );
        }
        checks.range("/price/amount", self.price.amount, 0, AMOUNT_MAX);
        if let Some(url) = &self.image_url {
            checks.text("/image_url", url, 1, IMAGE_URL_CHARS_MAX);
            if !is_web_address(url) {
                checks.fault(
                    "/image_url",
                    "format",
                    "not the address of a picture".to_owned(),
                    "Send an absolute https:// or http:// address without white space.".to_owned(),
                );
            }
        }
        checks.range("/stock", self.stock, 0, STOCK_MAX);
    }
}

/// Whether the text may be a category's slug.
pub fn is_category(text: &str) -> bool {
    (1..=CATEGORY_CHARS_MAX).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// Whether a browser may load it as it stands: other schemes, such as `javascript:`, must not reach
/// a page.
fn is_web_address(text: &str) -> bool {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.contains(char::is_whitespace))
}

/// A product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Product {
    /// Always `product`.
    #[cfg_attr(feature = "openapi", schema(pattern = "^product$"))]
    pub object: String,
    /// Its id.
    pub id: ProductId,
    /// The shop's own article number.
    pub sku: String,
    /// Display name.
    pub name: String,
    /// Plain text.
    pub description: String,
    /// One category.
    pub category: String,
    /// Price of one unit.
    pub price: Money,
    /// Class of the stock.
    pub availability: Availability,
    /// Address of a picture, or null.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub image_url: Option<String>,
    /// Whether it can be ordered.
    pub active: bool,
    /// Grows by one with every change.
    pub version: i64,
    /// RFC 3339, UTC.
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    pub created_at: String,
    /// RFC 3339, UTC.
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    pub updated_at: String,
}

impl Product {
    /// A product's first version.
    pub fn created(id: ProductId, new: NewProduct, now: String) -> Self {
        Self {
            object: "product".to_owned(),
            id,
            sku: new.sku,
            name: new.name,
            description: new.description,
            category: new.category,
            price: new.price,
            availability: Availability::of(new.stock),
            image_url: new.image_url,
            active: new.active,
            version: 1,
            created_at: now.clone(),
            updated_at: now,
        }
    }

    /// The product after a change: one version on, its stock's class as it is now.
    #[must_use]
    pub fn changed(&self, new: NewProduct, now: String) -> Self {
        Self {
            version: self.version.saturating_add(1),
            created_at: self.created_at.clone(),
            ..Self::created(self.id, new, now)
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn products_are_checked() {
        let long = |chars| "x".repeat(chars);
        for (member, value, faults) in [
            ("sku", json!("MUG 1"), &[][..]),
            ("sku", json!("Tasse-№1 ☕"), &[]),
            ("sku", json!(long(SKU_CHARS_MAX)), &[]),
            ("sku", json!(long(SKU_CHARS_MAX + 1)), &["/sku"]),
            ("sku", json!(""), &["/sku"]),
            ("sku", json!(" MUG"), &["/sku"]),
            ("sku", json!("A\nB"), &["/sku"]),
            ("name", json!("👩‍🚀 Zoë — 日本"), &[]),
            ("name", json!(" "), &["/name"]),
            ("name", json!(long(NAME_CHARS_MAX + 1)), &["/name"]),
            ("description", json!(""), &[]),
            (
                "description",
                json!(long(DESCRIPTION_CHARS_MAX + 1)),
                &["/description"],
            ),
            ("description", json!("\u{0}"), &["/description"]),
            ("category", json!(""), &["/category"]),
            ("category", json!("Tea"), &["/category"]),
            (
                "category",
                json!(long(CATEGORY_CHARS_MAX + 1)),
                &["/category"],
            ),
            (
                "price",
                json!({"amount": -1, "currency": "USD"}),
                &["/price/amount"],
            ),
            (
                "price",
                json!({"amount": 1, "currency": "usd"}),
                &["/price/currency"],
            ),
            ("image_url", json!(null), &[]),
            ("image_url", json!("http://x"), &[]),
            ("image_url", json!("javascript:alert(1)"), &["/image_url"]),
            ("image_url", json!("https://"), &["/image_url"]),
            (
                "image_url",
                json!(format!("https://{}", long(IMAGE_URL_CHARS_MAX))),
                &["/image_url"],
            ),
            ("stock", json!(STOCK_MAX), &[]),
            ("stock", json!(STOCK_MAX + 1), &["/stock"]),
            ("stock", json!(-1), &["/stock"]),
            ("version", json!(1), &["/version"]),
        ] {
            let mut body = json!({"sku": "MUG-1", "name": "Mug", "description": "",
                "category": "kitchen", "price": {"amount": 1, "currency": "USD"},
                "active": true, "stock": 1});
            body[member] = value.clone();
            let found = match crate::body::parse::<NewProduct>(body.to_string().as_bytes()) {
                Ok(_) => vec![],
                Err(faults) => faults.into_iter().map(|fault| fault.pointer).collect(),
            };
            assert_eq!(found, faults, "{member} {value}");
        }
    }

    #[test]
    fn classes_of_stock() {
        for (available, class) in [
            (-1, Availability::Out),
            (0, Availability::Out),
            (1, Availability::Low),
            (LOW_STOCK_MAX, Availability::Low),
            (LOW_STOCK_MAX + 1, Availability::InStock),
        ] {
            assert_eq!(Availability::of(available), class, "{available}");
        }
    }
}
