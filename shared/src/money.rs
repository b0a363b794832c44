//! Money: integer minor units and an ISO 4217 code, never a float.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Most minor units in one amount. It is far below 2^53, so that every JSON reader keeps it exact.
pub const AMOUNT_MAX: i64 = 1_000_000_000_000;

/// An ISO 4217 code: three upper-case letters.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// The US dollar.
    pub const USD: Self = Self(*b"USD");

    /// The code as text.
    pub fn as_str(&self) -> &str {
        // The bytes were checked to be ASCII letters; the fallback is unreachable.
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }
}

/// The text is not three upper-case letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a currency is three upper-case letters, such as USD")]
pub struct InvalidCurrency;

impl FromStr for Currency {
    type Err = InvalidCurrency;

    fn from_str(text: &str) -> Result<Self, InvalidCurrency> {
        let code: [u8; 3] = text.as_bytes().try_into().map_err(|_| InvalidCurrency)?;
        if code.iter().all(u8::is_ascii_uppercase) {
            Ok(Self(code))
        } else {
            Err(InvalidCurrency)
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for Currency {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .description(Some("ISO 4217 code"))
            .pattern(Some("^[A-Z]{3}$"))
            .examples([serde_json::json!("USD")])
            .into()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for Currency {}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// An amount in minor units: `{"amount":2999,"currency":"USD"}` is 29.99 dollars.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Money {
    /// Minor units.
    #[cfg_attr(
        feature = "openapi",
        schema(minimum = 0, maximum = 1_000_000_000_000_i64, example = 2999)
    )]
    pub amount: i64,
    /// Its currency.
    pub currency: Currency,
}

impl Money {
    /// This amount so many times; `None` past [`AMOUNT_MAX`].
    pub fn times(self, quantity: u32) -> Option<Self> {
        let amount = self.amount.checked_mul(i64::from(quantity))?;
        (amount <= AMOUNT_MAX).then_some(Self { amount, ..self })
    }

    /// The sum; `None` for two currencies or past [`AMOUNT_MAX`].
    pub fn plus(self, other: Self) -> Option<Self> {
        let amount = self.amount.checked_add(other.amount)?;
        (self.currency == other.currency && amount <= AMOUNT_MAX).then_some(Self { amount, ..self })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn usd(amount: i64) -> Money {
        Money {
            amount,
            currency: Currency::USD,
        }
    }

    #[test]
    fn sums_are_exact_or_none() {
        assert_eq!(usd(2_999).times(3), Some(usd(8_997)));
        assert_eq!(usd(1).plus(usd(2)), Some(usd(3)));
        assert_eq!(usd(AMOUNT_MAX).plus(usd(1)), None);
        assert_eq!(usd(i64::MAX).times(2), None);
        let euro = Money {
            amount: 1,
            currency: "EUR".parse().unwrap(),
        };
        assert_eq!(usd(1).plus(euro), None);
    }

    #[test]
    fn currencies_are_three_letters() {
        for bad in ["", "usd", "US", "USDX", "U$D", "€"] {
            assert_eq!(bad.parse::<Currency>(), Err(InvalidCurrency), "{bad}");
        }
        let money: Money = serde_json::from_str(r#"{"amount":5,"currency":"USD"}"#).unwrap();
        assert_eq!(money, usd(5));
        assert!(serde_json::from_str::<Money>(r#"{"amount":5.5,"currency":"USD"}"#).is_err());
        assert!(serde_json::from_str::<Money>(r#"{"amount":5,"currency":"USD","x":1}"#).is_err());
    }
}
