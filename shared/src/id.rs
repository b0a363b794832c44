//! Identifiers: TypeIDs, a prefix and 26 characters of a UUID [github.com/jetify-com/typeid].
//!
//! Ids that we mint are UUIDv7, so that they sort by time. An order's is derived from the caller's
//! idempotency key instead (UUIDv8, see [`crate::idempotency`]). The codec is ours because the
//! published crates draw the clock and randomness themselves, which nothing here may do.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// Crockford's base32 in lower case, as TypeID fixes it.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// Characters of the UUID's part: 130 bits, of which the first two are zero.
const SUFFIX_CHARS: usize = 26;

/// Why a text is not the id that was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidId {
    /// The prefix is another kind's, or missing.
    #[error("the id must start with `{0}_`")]
    Prefix(&'static str),
    /// The part behind the prefix is not 26 characters of base32 below 2^128.
    #[error("the id must end in 26 characters of base32 (0-9, a-z without i, l, o, u)")]
    Suffix,
}

fn encode(uuid: Uuid) -> String {
    let bits = uuid.as_u128();
    (0..SUFFIX_CHARS)
        .rev()
        .filter_map(|place| {
            let digit = (bits >> (place * 5)) & 31;
            let digit = ALPHABET.get(usize::try_from(digit).ok()?)?;
            Some(char::from(*digit))
        })
        .collect()
}

fn decode(suffix: &str) -> Option<Uuid> {
    if suffix.len() != SUFFIX_CHARS || !suffix.starts_with(|first| ('0'..='7').contains(&first)) {
        return None;
    }
    suffix
        .bytes()
        .try_fold(0_u128, |bits, byte| {
            let digit = match byte {
                b'0'..=b'9' => byte - b'0',
                b'a'..=b'h' => byte - b'a' + 10,
                b'j' | b'k' => byte - b'j' + 18,
                b'm' | b'n' => byte - b'm' + 20,
                b'p'..=b't' => byte - b'p' + 22,
                b'v'..=b'z' => byte - b'v' + 27,
                _ => return None,
            };
            Some((bits << 5) | u128::from(digit))
        })
        .map(Uuid::from_u128)
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// What the text form starts with, without the underscore.
            pub const PREFIX: &'static str = $prefix;

            /// The id over a UUID that is already known, as Postgres stores it.
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// A new id: UUIDv7 of the time (Unix milliseconds) and ten random bytes.
            pub const fn new(now_ms: u64, random: [u8; 10]) -> Self {
                Self(uuid::Builder::from_unix_timestamp_millis(now_ms, &random).into_uuid())
            }

            /// The UUID alone.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(out, "{}_{}", Self::PREFIX, encode(self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, out)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let suffix = text
                    .strip_prefix($prefix)
                    .and_then(|rest| rest.strip_prefix('_'))
                    .ok_or(InvalidId::Prefix($prefix))?;
                decode(suffix).map(Self).ok_or(InvalidId::Suffix)
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .max_length(Some($prefix.len() + 1 + SUFFIX_CHARS))
                    .pattern(Some(concat!("^", $prefix, "_[0-7][0-9a-hjkmnp-tv-z]{25}$")))
                    .examples([serde_json::json!(concat!($prefix, "_01h455vb4pex5vsknk084sn02q"))])
                    .into()
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::ToSchema for $name {}

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

ids! {
    /// A product.
    ProductId = "prd";
    /// An order.
    OrderId = "ord";
    /// A user: customer, support or admin.
    UserId = "usr";
    /// A payment.
    PaymentId = "pay";
    /// A refund.
    RefundId = "re";
    /// A payment method that a user has put by.
    PaymentMethodId = "pmt";
    /// A browser that hears of its user's orders.
    PushSubscriptionId = "psb";
    /// A purge that was asked for.
    PurgeId = "prg";
    /// A webhook.
    WebhookId = "we";
    /// One request, as the edge (or an origin that runs alone) named it.
    RequestId = "req";
    /// An event of the outbox.
    EventId = "evt";
    /// A session: a family of refresh tokens.
    SessionId = "ses";
    /// A client of POST /oauth/token.
    ClientId = "cli";
    /// A plan: how much a caller may.
    PlanId = "pln";
    /// An API key, which is not the key itself.
    ApiKeyId = "key";
    /// A revocation.
    RevocationId = "rev";
    /// One access token, as its `jti` says.
    TokenId = "tok";
    /// An event that a consumer gave up.
    DeadLetterId = "dlt";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_uuid_are_one_id() {
        // The valid vectors of the TypeID specification.
        for (suffix, uuid) in [
            (
                "00000000000000000000000000",
                "00000000-0000-0000-0000-000000000000",
            ),
            (
                "00000000000000000000000001",
                "00000000-0000-0000-0000-000000000001",
            ),
            (
                "0000000000000000000000000a",
                "00000000-0000-0000-0000-00000000000a",
            ),
            (
                "0000000000000000000000000g",
                "00000000-0000-0000-0000-000000000010",
            ),
            (
                "00000000000000000000000010",
                "00000000-0000-0000-0000-000000000020",
            ),
            (
                "7zzzzzzzzzzzzzzzzzzzzzzzzz",
                "ffffffff-ffff-ffff-ffff-ffffffffffff",
            ),
            (
                "0123456789abcdefghjkmnpqrs",
                "0110c853-1d09-52d8-d73e-1194e95b5f19",
            ),
            (
                "01h455vb4pex5vsknk084sn02q",
                "01890a5d-ac96-774b-bcce-b302099a8057",
            ),
        ] {
            let id: OrderId = format!("ord_{suffix}").parse().unwrap();
            assert_eq!(id.uuid(), uuid.parse::<Uuid>().unwrap());
            assert_eq!(id.to_string(), format!("ord_{suffix}"));
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for (text, error) in [
            ("", InvalidId::Prefix("ord")),
            ("prd_00000000000000000000000000", InvalidId::Prefix("ord")),
            ("ord00000000000000000000000000", InvalidId::Prefix("ord")),
            ("ord_0000000000000000000000000", InvalidId::Suffix),
            ("ord_000000000000000000000000000", InvalidId::Suffix),
            ("ord_8zzzzzzzzzzzzzzzzzzzzzzzzz", InvalidId::Suffix),
            ("ord_0000000000000000000000000A", InvalidId::Suffix),
            ("ord_0000000000000000000000000l", InvalidId::Suffix),
            ("ord_0000000000000000000000000é", InvalidId::Suffix),
        ] {
            assert_eq!(text.parse::<OrderId>(), Err(error), "{text}");
        }
    }

    #[test]
    fn new_ids_sort_by_time() {
        let early = EventId::new(1_000, [255; 10]);
        let late = EventId::new(1_001, [0; 10]);
        assert!(early < late && early.to_string() < late.to_string());
        assert_eq!(early.uuid().get_version_num(), 7);
    }
}
