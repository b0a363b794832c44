//! An entry of the shared cache, as bytes: the label in twenty digits, and a product as JSON behind it. With no
//! product it is a mark: what was read before that place is no longer kept here.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use shared::feed::Position;
use shared::id::ProductId;
use shared::product::Product;

use crate::reads::choice::MEMORY_SECONDS_MAX;
use crate::reads::{Held, Representation};

/// The digits of a label; `put.lua` counts them too.
const LABEL_DIGITS: usize = 20;
/// What is known of entries that another release wrote: nothing, if this differs. Whoever changes how a product
/// or an entry is written raises it; a test holds the present bytes.
const SHAPE: u32 = 1;
/// The longest entry that is read, in bytes: twice what the longest product takes.
pub(super) const BYTES_MAX: usize = 64 * 1024;

/// What stands behind the label.
#[derive(Deserialize)]
struct Reading {
    read_at_us: i64,
    product: Product,
}

/// What the bytes of an entry are.
pub(super) enum Read {
    /// A product.
    Product(Held),
    /// A mark.
    Mark,
    /// No entry of this product's.
    Unreadable,
}

/// The key of a product of that database.
pub(super) fn key(system: &str, id: ProductId) -> String {
    format!("headgate:{SHAPE}:{system}:product:{id}")
}

/// The key that checks write to, whatever the database is.
pub(super) fn check_key() -> String {
    format!("headgate:{SHAPE}:check")
}

/// A mark of this place.
pub(super) fn mark(place: Position) -> Vec<u8> {
    format!("{:0LABEL_DIGITS$}", place.0).into_bytes()
}

/// The entry of a product; `None` if nobody knows how new it is.
pub(super) fn write(held: &Held) -> Option<Vec<u8>> {
    let mut entry = mark(held.label?);
    let read_at_us = held.read_at.timestamp_micros();
    entry.extend(format!("{{\"read_at_us\":{read_at_us},\"product\":").bytes());
    entry.extend(&held.shown.json);
    entry.push(b'}');
    Some(entry)
}

/// Reads what stands at the key of this product.
pub(super) fn read(entry: &[u8], id: ProductId) -> Read {
    let Some((label, product)) = entry.split_at_checked(LABEL_DIGITS) else {
        return Read::Unreadable;
    };
    let Some(label) = digits(label) else {
        return Read::Unreadable;
    };
    if product.is_empty() {
        return Read::Mark;
    }
    let reading: Option<Reading> = serde_json::from_slice(product).ok();
    let held = reading.and_then(|reading| {
        let read_at = DateTime::from_timestamp_micros(reading.read_at_us)?;
        (reading.product.id == id).then_some(())?;
        Some(Held {
            shown: Representation::of(&reading.product).ok()?,
            label: Some(label),
            read_at,
        })
    });
    held.map_or(Read::Unreadable, Read::Product)
}

/// For how long a product that was read then is kept: no older one answers. `None`: it is as old as that.
pub(super) fn keep(read_at: DateTime<Utc>, now: DateTime<Utc>) -> Option<Duration> {
    let left = TimeDelta::seconds(MEMORY_SECONDS_MAX) - (now - read_at);
    left.to_std().ok().filter(|left| !left.is_zero())
}

fn digits(text: &[u8]) -> Option<Position> {
    let text = std::str::from_utf8(text).ok()?;
    let number = text.bytes().all(|byte| byte.is_ascii_digit());
    number.then(|| text.parse().ok().map(Position)).flatten()
}

#[cfg(test)]
pub(super) mod tests {
    use shared::money::Money;
    use shared::product::Availability;
    use uuid::Uuid;

    use super::*;

    pub(in crate::reads::cache) fn product(number: u128) -> Product {
        Product {
            object: "product".into(),
            id: ProductId::from_uuid(Uuid::from_u128(number)),
            sku: "MUG-1".into(),
            name: "Mug".into(),
            description: "二重\nwalls".into(),
            category: "kitchen".into(),
            price: Money {
                amount: 2999,
                currency: "USD".parse().unwrap(),
            },
            availability: Availability::Low,
            image_url: None,
            active: true,
            version: 3,
            created_at: "2026-11-24T00:00:00.000Z".into(),
            updated_at: "2026-11-24T00:00:00.000Z".into(),
        }
    }

    pub(in crate::reads::cache) fn held(label: Option<u64>) -> Held {
        Held {
            shown: Representation::of(&product(1)).unwrap(),
            label: label.map(Position),
            read_at: DateTime::from_timestamp(1_800_000_000, 0).unwrap(),
        }
    }

    /// If this fails, raise `SHAPE`, and write the new bytes down here.
    #[test]
    fn entries_are_written_as_other_processes_of_this_shape_read_them() {
        let entry = String::from_utf8(write(&held(Some(97_526_184))).unwrap()).unwrap();
        let id = product(1).id;
        let expected = format!(
            "00000000000097526184{{\"read_at_us\":1800000000000000,\"product\":{{\
             \"object\":\"product\",\"id\":\"{id}\",\"sku\":\"MUG-1\",\"name\":\"Mug\",\
             \"description\":\"二重\\nwalls\",\"category\":\"kitchen\",\
             \"price\":{{\"amount\":2999,\"currency\":\"USD\"}},\"availability\":\"low\",\
             \"image_url\":null,\"active\":true,\"version\":3,\
             \"created_at\":\"2026-11-24T00:00:00.000Z\",\
             \"updated_at\":\"2026-11-24T00:00:00.000Z\"}}}}"
        );
        assert_eq!(entry, expected);
        assert_eq!(
            key("7-00000001-5", id),
            format!("headgate:1:7-00000001-5:product:{id}")
        );
    }

    #[test]
    fn what_is_written_is_read_and_nothing_else() {
        let whole = write(&held(Some(5))).unwrap();
        let Read::Product(read) = read(&whole, product(1).id) else {
            panic!("it can't be read")
        };
        assert_eq!(read.shown.json, held(None).shown.json);
        assert_eq!(read.shown.etag, "\"3-low\"");
        assert_eq!(
            (read.label, read.read_at),
            (Some(Position(5)), held(None).read_at)
        );
        assert!(write(&held(None)).is_none());

        let json = String::from_utf8(whole[LABEL_DIGITS..].to_vec()).unwrap();
        for (entry, expected) in [
            (String::from_utf8(mark(Position(u64::MAX))).unwrap(), "mark"),
            (String::new(), "unreadable"),
            ("rubbish".into(), "unreadable"),
            ("0".repeat(19), "unreadable"),
            // Above 64 bits, with a sign, with a space, with a letter of two bytes in the middle.
            ("9".repeat(20), "unreadable"),
            (format!("+{}", "0".repeat(19)), "unreadable"),
            (format!(" {}", "0".repeat(19)), "unreadable"),
            (format!("{}ä", "0".repeat(19)), "unreadable"),
            (
                format!("{:020}{}", 5, &json[..json.len() - 1]),
                "unreadable",
            ),
            (format!("{:020}{json}x", 5), "unreadable"),
            (format!("{:020}{{}}", 5), "unreadable"),
            (
                format!(
                    "{:020}{}",
                    5,
                    json.replace("1800000000000000", &i64::MAX.to_string())
                ),
                "unreadable",
            ),
            // Another product's.
            (
                format!(
                    "{:020}{}",
                    5,
                    json.replace(&product(1).id.to_string(), &product(2).id.to_string())
                ),
                "unreadable",
            ),
        ] {
            let found = match super::read(entry.as_bytes(), product(1).id) {
                Read::Product(_) => "product",
                Read::Mark => "mark",
                Read::Unreadable => "unreadable",
            };
            assert_eq!(found, expected, "{entry}");
        }
    }

    #[test]
    fn labels_sort_as_text_like_the_numbers_that_they_are() {
        for (one, other) in [(0, 1), (9, 10), (999, 1_000), (u64::MAX - 1, u64::MAX)] {
            assert!(mark(Position(one)) < mark(Position(other)), "{one} {other}");
        }
    }

    #[test]
    fn an_entry_is_kept_for_as_long_as_it_may_answer() {
        let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
        for (age, seconds) in [
            (0, Some(300)),
            (1, Some(299)),
            (299, Some(1)),
            (300, None),
            (1_000, None),
        ] {
            let expected = seconds.map(Duration::from_secs);
            assert_eq!(keep(at(0), at(age)), expected, "{age}");
        }
    }

    #[test]
    fn the_longest_product_is_read() {
        let longest = Product {
            name: "\u{1F680}".repeat(shared::product::NAME_CHARS_MAX),
            description: "\u{1F680}".repeat(shared::product::DESCRIPTION_CHARS_MAX),
            image_url: Some("\u{1F680}".repeat(shared::product::IMAGE_URL_CHARS_MAX)),
            ..product(1)
        };
        let held = Held {
            shown: Representation::of(&longest).unwrap(),
            ..held(Some(1))
        };
        let bytes = write(&held).unwrap().len();
        assert!(2 * bytes <= BYTES_MAX, "{bytes}");
    }
}
