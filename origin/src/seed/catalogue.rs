//! The demo catalogue: product number n is the same on every machine, its id included.

use chrono::{DateTime, TimeDelta, Utc};
use shared::id::ProductId;

use super::words::{CATEGORIES, FINISHES, MAKERS, PROMISES, QUALITIES};
use crate::platform::{Random, Seeded};

/// When the first product was added: 1 January 2025.
const FIRST_ADDED_SECONDS: i64 = 1_735_689_600;
/// Seconds between two products.
const APART_SECONDS: i64 = 300;
/// Cents between two price points.
const PRICE_STEP: u64 = 50;

/// A product of the demo catalogue, with its stock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its id: UUIDv7 of its time.
    pub id: ProductId,
    /// Its article number.
    pub sku: String,
    /// Its name.
    pub name: String,
    /// One category's slug.
    pub category: &'static str,
    /// What it is for.
    pub description: String,
    /// Cents.
    pub price: u64,
    /// When it was added.
    pub added: DateTime<Utc>,
    /// Units in stock.
    pub stock: u64,
}

/// Product number n, counted from zero.
pub fn entry(number: u32) -> Entry {
    let random = Seeded::new(0x6865_6164_6761_7465 ^ u64::from(number));
    let below = |most: usize| {
        let most = u64::try_from(most).unwrap_or(u64::MAX).max(1);
        usize::try_from(random.next() % most).unwrap_or_default()
    };
    let category = &CATEGORIES[below(CATEGORIES.len())];
    let noun = category.nouns[below(category.nouns.len())];
    let quality = QUALITIES[below(QUALITIES.len())];
    let finish = FINISHES[below(FINISHES.len())];
    let maker = MAKERS[below(MAKERS.len())];
    let promise = PROMISES[below(PROMISES.len())];
    let points = category.price_max / PRICE_STEP;
    // The product of two draws: many cheap things, few dear ones; prices end in 49 or 99.
    let point = (random.next() % points) * (random.next() % points) / points;
    let stock = match random.next() % 100 {
        0..3 => 0,
        3..10 => 1 + random.next() % 10,
        _ => 20 + random.next() % 500,
    };
    let added = DateTime::from_timestamp(FIRST_ADDED_SECONDS, 0).unwrap_or_default()
        + TimeDelta::seconds(APART_SECONDS * i64::from(number));
    let mut bytes = [0; 10];
    random.fill(&mut bytes);
    let added_ms = u64::try_from(added.timestamp_millis()).unwrap_or_default();
    Entry {
        id: ProductId::new(added_ms, bytes),
        sku: format!("HG-{:06}", number + 1),
        name: format!("{maker} {quality} {noun}, {finish}"),
        category: category.slug,
        description: format!(
            "{} {} in {} for {}. {promise}",
            quality,
            noun.to_lowercase(),
            finish.to_lowercase(),
            category.purpose,
        ),
        price: point * PRICE_STEP + PRICE_STEP * 4 - 1,
        added,
        stock,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn entries_are_fixed_and_distinct() {
        assert_eq!(entry(7), entry(7));
        let entries: Vec<_> = (0..5000).map(entry).collect();
        let ids: HashSet<_> = entries.iter().map(|entry| entry.id).collect();
        assert_eq!(ids.len(), entries.len());
        let categories: HashSet<_> = entries.iter().map(|entry| entry.category).collect();
        assert_eq!(categories.len(), CATEGORIES.len());
        let out = entries.iter().filter(|entry| entry.stock == 0).count();
        assert!((50..300).contains(&out), "{out}");
        assert!(entries.iter().all(|entry| entry.price >= 199));
        // COPY's text form needs no escapes.
        assert!(entries.iter().all(|entry| {
            !entry.name.contains(['\t', '\n', '\\']) && !entry.description.contains(['\t', '\\'])
        }));
    }
}
