//! Whole numbers in JSON. `2.0` is one as well as `2`: JSON has a single kind of number, and JSON
//! Schema, by which our document describes these members, takes both for an integer [JSON Schema
//! Validation §6.1.1].

use std::fmt;
use std::marker::PhantomData;

use serde::Deserializer;
use serde::de::{Error, Unexpected, Visitor};

/// Largest whole number that a double keeps exact.
pub const EXACT_MAX: i64 = (1 << 53) - 1;

/// Reads a whole number.
pub fn whole<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: TryFrom<i64>,
{
    deserializer.deserialize_any(Whole(PhantomData))
}

/// Reads a whole number or null.
pub fn whole_or_null<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: TryFrom<i64>,
{
    deserializer.deserialize_option(Nullable(PhantomData))
}

struct Whole<T>(PhantomData<T>);

impl<T: TryFrom<i64>> Visitor<'_> for Whole<T> {
    type Value = T;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a whole number")
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<T, E> {
        T::try_from(number)
            .map_err(|_| E::invalid_value(Unexpected::Signed(number), &"a number in its range"))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<T, E> {
        i64::try_from(number)
            .ok()
            .and_then(|number| T::try_from(number).ok())
            .ok_or_else(|| E::invalid_value(Unexpected::Unsigned(number), &"a number in its range"))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<T, E> {
        // A double beyond this bound may stand for another number than the one that was written.
        #[expect(clippy::cast_precision_loss, reason = "below 2^53 every one is exact")]
        let exact = number.fract() == 0.0 && number.abs() <= EXACT_MAX as f64;
        if !exact {
            return Err(E::invalid_type(Unexpected::Float(number), &self));
        }
        #[expect(clippy::cast_possible_truncation, reason = "it was just checked")]
        self.visit_i64(number as i64)
    }
}

struct Nullable<T>(PhantomData<T>);

impl<'de, T: TryFrom<i64>> Visitor<'de> for Nullable<T> {
    type Value = Option<T>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a whole number or null")
    }

    fn visit_none<E>(self) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_unit<E>(self) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<T>, D::Error> {
        whole(deserializer).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    struct Line {
        #[serde(deserialize_with = "whole")]
        count: u32,
        #[serde(default, deserialize_with = "whole_or_null")]
        version: Option<i64>,
    }

    #[test]
    fn whole_numbers_however_they_are_written() {
        for (body, expected) in [
            (r#"{"count":2}"#, Some((2, None))),
            (r#"{"count":2.0}"#, Some((2, None))),
            (r#"{"count":2e1}"#, Some((20, None))),
            (r#"{"count":2,"version":null}"#, Some((2, None))),
            (r#"{"count":2,"version":3.0}"#, Some((2, Some(3)))),
            (r#"{"count":2,"version":-3}"#, Some((2, Some(-3)))),
            (r#"{"count":2.5}"#, None),
            (r#"{"count":-1}"#, None),
            (r#"{"count":4294967296}"#, None),
            (r#"{"count":"2"}"#, None),
            (r#"{"count":null}"#, None),
            (r#"{"count":true}"#, None),
            (r#"{"count":2,"version":9007199254740992.0}"#, None),
            (r#"{"count":2,"version":18446744073709551615}"#, None),
            (r#"{"count":2,"version":1e300}"#, None),
        ] {
            let read = serde_json::from_str::<Line>(body).ok();
            assert_eq!(
                read.map(|line| (line.count, line.version)),
                expected,
                "{body}"
            );
        }
    }
}
