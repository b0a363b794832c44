//! Money: integer minor units and an ISO 4217 code, never a float. Version 1 of the API writes the
//! same amount as decimal text ([`Money::decimal`], [`minor_units`]), exactly.

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

    /// Digits behind the point in decimal text: the currency's ISO 4217 exponent.
    pub fn decimals(self) -> u32 {
        let of = |exponent: &[&[u8; 3]]| exponent.contains(&&self.0);
        if of(&WITHOUT_DECIMALS) {
            0
        } else if of(&WITH_THREE_DECIMALS) {
            3
        } else if of(&WITH_FOUR_DECIMALS) {
            4
        } else {
            DECIMALS_DEFAULT
        }
    }
}

/// What most currencies have behind the point.
pub const DECIMALS_DEFAULT: u32 = 2;
const WITHOUT_DECIMALS: [&[u8; 3]; 17] = [
    b"BIF", b"CLP", b"DJF", b"GNF", b"ISK", b"JPY", b"KMF", b"KRW", b"PYG", b"RWF", b"UGX", b"UYI",
    b"VND", b"VUV", b"XAF", b"XOF", b"XPF",
];
const WITH_THREE_DECIMALS: [&[u8; 3]; 7] = [b"BHD", b"IQD", b"JOD", b"KWD", b"LYD", b"OMR", b"TND"];
const WITH_FOUR_DECIMALS: [&[u8; 3]; 2] = [b"CLF", b"UYW"];

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
            .max_length(Some(3))
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
    #[serde(deserialize_with = "crate::number::whole")]
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

    /// The amount as decimal text in major units, with all of the currency's decimals: `29.99`.
    pub fn decimal(self) -> String {
        let sign = if self.amount < 0 { "-" } else { "" };
        let digits = self.amount.unsigned_abs().to_string();
        let decimals = usize::try_from(self.currency.decimals()).unwrap_or_default();
        if decimals == 0 {
            return format!("{sign}{digits}");
        }
        let padded = format!("{digits:0>width$}", width = decimals.saturating_add(1));
        let (major, minor) = padded
            .split_at_checked(padded.len().saturating_sub(decimals))
            .unwrap_or((&padded, ""));
        format!("{sign}{major}.{minor}")
    }
}

/// Why a text is no amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDecimal {
    /// Something else than digits and at most one point between them.
    #[error("not a decimal number")]
    NotDecimal,
    /// More digits behind the point than the currency has.
    #[error("more decimals than the currency has")]
    TooFine,
    /// Over [`AMOUNT_MAX`] minor units.
    #[error("too large an amount")]
    TooLarge,
}

/// Reads decimal text in major units, such as `29.99`, as minor units of a currency with so many
/// decimals. Fewer decimals than that are filled up with zeros; more are refused, since rounding
/// would change what somebody pays. An amount has no sign and no exponent.
pub fn minor_units(text: &str, decimals: u32) -> Result<i64, InvalidDecimal> {
    let (major, minor) = match text.split_once('.') {
        Some((_, "")) => return Err(InvalidDecimal::NotDecimal),
        Some(parts) => parts,
        None => (text, ""),
    };
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let leading_zero = major.len() > 1 && major.starts_with('0');
    if major.is_empty() || leading_zero || !digits(major) || !digits(minor) {
        return Err(InvalidDecimal::NotDecimal);
    }
    let decimals = usize::try_from(decimals).unwrap_or_default();
    if minor.len() > decimals {
        return Err(InvalidDecimal::TooFine);
    }
    format!("{major}{minor:0<decimals$}")
        .parse()
        .ok()
        .filter(|amount| *amount <= AMOUNT_MAX)
        .ok_or(InvalidDecimal::TooLarge)
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
    fn decimal_text_is_exact() {
        for (amount, currency, text) in [
            (2_999, "USD", "29.99"),
            (5, "USD", "0.05"),
            (0, "USD", "0.00"),
            (-5, "USD", "-0.05"),
            (100, "JPY", "100"),
            (1, "KWD", "0.001"),
            (1_234_567, "KWD", "1234.567"),
            (12_345, "CLF", "1.2345"),
            (AMOUNT_MAX, "USD", "10000000000.00"),
            (i64::MIN, "USD", "-92233720368547758.08"),
        ] {
            let currency: Currency = currency.parse().unwrap();
            assert_eq!(Money { amount, currency }.decimal(), text);
            if amount >= 0 {
                assert_eq!(minor_units(text, currency.decimals()), Ok(amount), "{text}");
            }
        }
    }

    #[test]
    fn other_texts_are_no_amounts() {
        use InvalidDecimal::{NotDecimal, TooFine, TooLarge};
        for (text, decimals, expected) in [
            ("30", 2, Ok(3_000)),
            ("29.9", 2, Ok(2_990)),
            ("29.999", 2, Err(TooFine)),
            ("29.990", 2, Err(TooFine)),
            ("1.0", 0, Err(TooFine)),
            ("", 2, Err(NotDecimal)),
            (".5", 2, Err(NotDecimal)),
            ("5.", 2, Err(NotDecimal)),
            ("-1.00", 2, Err(NotDecimal)),
            ("+1.00", 2, Err(NotDecimal)),
            ("1e3", 2, Err(NotDecimal)),
            ("1.0.0", 2, Err(NotDecimal)),
            ("1,00", 2, Err(NotDecimal)),
            (" 1.00", 2, Err(NotDecimal)),
            ("01.00", 2, Err(NotDecimal)),
            ("\u{661}.00", 2, Err(NotDecimal)),
            ("10000000000.01", 2, Err(TooLarge)),
            ("99999999999999999999999", 2, Err(TooLarge)),
        ] {
            assert_eq!(minor_units(text, decimals), expected, "{text}");
        }
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
