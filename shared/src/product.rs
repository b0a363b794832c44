//! The product as clients see it.

use serde::{Deserialize, Serialize};

use crate::id::ProductId;
use crate::money::Money;

/// Stock at or below this many units shows as [`Availability::Low`].
pub const LOW_STOCK_MAX: i64 = 10;

/// How available a product is: a class instead of a count, so that a shared cache need not hold
/// (or purge) counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Availability {
    /// More than [`LOW_STOCK_MAX`] units.
    InStock,
    /// 1 to [`LOW_STOCK_MAX`] units.
    Low,
    /// None.
    Out,
}

impl Availability {
    /// The class of a count of available units.
    pub const fn of(available: i64) -> Self {
        match available {
            ..=0 => Self::Out,
            1..=LOW_STOCK_MAX => Self::Low,
            _ => Self::InStock,
        }
    }
}

/// A product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// Always `product`.
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
    /// Picture, if any.
    pub image_url: Option<String>,
    /// Whether it can be ordered.
    pub active: bool,
    /// Grows by one with every change.
    pub version: i64,
    /// RFC 3339, UTC.
    pub created_at: String,
    /// RFC 3339, UTC.
    pub updated_at: String,
}

#[cfg(test)]
mod tests {
    use super::*;

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
