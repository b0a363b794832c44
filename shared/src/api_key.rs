//! API keys: `hg_live_` or `hg_test_`, 30 random characters, and 6 that check them.
//!
//! The check is the CRC-32 [IEEE 802.3] of all 38 characters before it, in base62, its first digit the
//! highest. So a mistyped, cut or made-up key is refused without a look-up, and a scanner for leaked
//! secrets can tell one of ours from noise. It guards nothing else: anybody can compute it.
//!
//! What is kept of a key is its [`KeyHash`]. 178 random bits need no slow hash.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

use crate::caller::Mode;

/// What base62 counts with.
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Characters of a prefix.
const PREFIX_CHARS: usize = 8;
/// Random characters.
const SECRET_CHARS: usize = 30;
/// Characters that check them.
const CHECK_CHARS: usize = 6;
/// Characters of a key.
pub const KEY_CHARS: usize = PREFIX_CHARS + SECRET_CHARS + CHECK_CHARS;
/// Characters of a key that may be shown, so that people tell keys apart: the prefix and four more.
const HINT_CHARS: usize = PREFIX_CHARS + 4;
/// Random bytes that a key is made of: more than its characters hold, so that none is likelier.
pub const RANDOM_BYTES: usize = 32;

/// The text is no API key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "not an API key: it must be `hg_live_` or `hg_test_` and 36 characters, as it was given out"
)]
pub struct InvalidKey;

/// An API key, whose check holds. Nothing shows it but [`ApiKey::expose`].
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey {
    text: String,
    mode: Mode,
}

impl ApiKey {
    /// A new key of these random bytes.
    pub fn new(mode: Mode, mut random: [u8; RANDOM_BYTES]) -> Self {
        let mut text = prefix(mode).to_owned();
        for _ in 0..SECRET_CHARS {
            text.push(digit(divide(&mut random)));
        }
        let check = check(&text);
        text.push_str(&check);
        Self { text, mode }
    }

    /// The key itself, for whom it is made.
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// Whether real money moves.
    pub const fn mode(&self) -> Mode {
        self.mode
    }

    /// What of it may be shown.
    pub fn hint(&self) -> &str {
        self.text.get(..HINT_CHARS).unwrap_or_default()
    }

    /// What is kept of it.
    pub fn hash(&self) -> KeyHash {
        KeyHash(Sha256::digest(&self.text).into())
    }
}

impl FromStr for ApiKey {
    type Err = InvalidKey;

    fn from_str(text: &str) -> Result<Self, InvalidKey> {
        if text.len() != KEY_CHARS {
            return Err(InvalidKey);
        }
        let mode = [Mode::Live, Mode::Test]
            .into_iter()
            .find(|mode| text.starts_with(prefix(*mode)))
            .ok_or(InvalidKey)?;
        let (guarded, checked) = text
            .split_at_checked(PREFIX_CHARS + SECRET_CHARS)
            .ok_or(InvalidKey)?;
        let secret = guarded.get(PREFIX_CHARS..).ok_or(InvalidKey)?;
        if !secret.bytes().all(|byte| byte.is_ascii_alphanumeric()) || check(guarded) != checked {
            return Err(InvalidKey);
        }
        Ok(Self {
            text: text.to_owned(),
            mode,
        })
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "ApiKey({}…)", self.hint())
    }
}

/// The SHA-256 of a key, as databases, caches and the feed name it: 64 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyHash(pub [u8; 32]);

impl fmt::Display for KeyHash {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(out, "{byte:02x}"))
    }
}

/// The text is no hash of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a key's hash is 64 hexadecimal digits in lower case")]
pub struct InvalidHash;

impl FromStr for KeyHash {
    type Err = InvalidHash;

    fn from_str(text: &str) -> Result<Self, InvalidHash> {
        let value = |byte: u8| match byte {
            b'0'..=b'9' => Some(byte - b'0'),
            b'a'..=b'f' => Some(byte - b'a' + 10),
            _ => None,
        };
        let mut hash = [0; 32];
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        if pairs.len() != hash.len() || !rest.is_empty() {
            return Err(InvalidHash);
        }
        for (byte, [high, low]) in hash.iter_mut().zip(pairs) {
            let (high, low) = (value(*high), value(*low));
            *byte = (high.ok_or(InvalidHash)? << 4) | low.ok_or(InvalidHash)?;
        }
        Ok(Self(hash))
    }
}

impl Serialize for KeyHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for KeyHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

const fn prefix(mode: Mode) -> &'static str {
    match mode {
        Mode::Live => "hg_live_",
        Mode::Test => "hg_test_",
    }
}

/// Divides a number of so many bytes, the highest first, by 62; gives the rest.
fn divide(number: &mut [u8]) -> u32 {
    let mut rest = 0;
    for byte in number {
        let value = (rest << 8) | u32::from(*byte);
        // Below 62 * 256 / 62.
        *byte = u8::try_from(value / 62).unwrap_or_default();
        rest = value % 62;
    }
    rest
}

fn digit(value: u32) -> char {
    let place = usize::try_from(value).unwrap_or_default();
    DIGITS.get(place).copied().map_or('0', char::from)
}

fn check(guarded: &str) -> String {
    let mut sum = crc32(guarded.as_bytes()).to_be_bytes();
    let digits: Vec<_> = (0..CHECK_CHARS).map(|_| digit(divide(&mut sum))).collect();
    digits.into_iter().rev().collect()
}

/// Bit by bit, without a table: keys are short, and each is checked once.
fn crc32(bytes: &[u8]) -> u32 {
    let mut sum = !0_u32;
    for byte in bytes {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            let low = sum & 1;
            sum >>= 1;
            if low == 1 {
                sum ^= 0xEDB8_8320;
            }
        }
    }
    !sum
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_check_is_the_one_that_everybody_knows() {
        // The check value of CRC-32/ISO-HDLC in the catalogue of parametrised CRC algorithms.
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        // A fixed key, so that no change of ours makes keys that are out there invalid.
        let key = ApiKey::new(Mode::Live, [0; RANDOM_BYTES]);
        let zeros = format!("hg_live_{}", "0".repeat(SECRET_CHARS));
        assert_eq!(key.expose(), format!("{zeros}{}", check(&zeros)));
        assert_eq!(key.expose().len(), 44);
        let max = ApiKey::new(Mode::Test, [0xff; RANDOM_BYTES]);
        assert_eq!(max.expose().parse(), Ok(max.clone()));
        assert_eq!(max.hint().len(), HINT_CHARS);
        assert!(!format!("{max:?}").contains(&max.expose()[HINT_CHARS..]));
    }

    #[test]
    fn other_texts_are_refused() {
        let good = ApiKey::new(Mode::Test, [7; RANDOM_BYTES])
            .expose()
            .to_owned();
        let other = good.replace("hg_test_", "hg_live_");
        for text in [
            "",
            "hg_test_",
            &good[1..],
            &good[..KEY_CHARS - 1],
            &format!("{good}0"),
            &format!(" {good}"),
            &good.to_uppercase(),
            &other,
            &format!("hg_none_{}", &good[8..]),
            &format!("hg_test_{}", "é".repeat(18)),
            &format!("hg_test_{}", "-".repeat(36)),
        ] {
            assert_eq!(text.parse::<ApiKey>(), Err(InvalidKey), "{text}");
        }
    }

    #[test]
    fn hashes_read_back() {
        let hash = ApiKey::new(Mode::Live, [1; RANDOM_BYTES]).hash();
        let text = hash.to_string();
        assert_eq!(text.len(), 64);
        assert_eq!(text.parse(), Ok(hash));
        for bad in ["", "00", &text[1..], &text.to_uppercase(), &"g".repeat(64)] {
            if bad != text {
                assert_eq!(bad.parse::<KeyHash>(), Err(InvalidHash), "{bad}");
            }
        }
    }

    proptest! {
        #[test]
        fn every_key_is_read_as_it_was_made(random: [u8; RANDOM_BYTES], live: bool) {
            let mode = if live { Mode::Live } else { Mode::Test };
            let key = ApiKey::new(mode, random);
            let read: ApiKey = key.expose().parse().unwrap();
            prop_assert_eq!(read.mode(), mode);
            prop_assert_eq!(&read, &key);
        }

        // CRC-32 finds every change within one character, and every swap of two neighbours.
        #[test]
        fn no_mistyped_key_is_one(random: [u8; RANDOM_BYTES], at in 0..KEY_CHARS, other in 0..62_usize) {
            let key = ApiKey::new(Mode::Live, random);
            let mut bytes = key.expose().as_bytes().to_vec();
            let before = bytes.clone();
            bytes[at] = DIGITS[other];
            let mistyped = String::from_utf8(bytes.clone()).unwrap();
            prop_assert_eq!(mistyped.parse::<ApiKey>().is_ok(), bytes == before);
            let mut swapped = before.clone();
            swapped.swap(at, (at + 1) % KEY_CHARS);
            if at + 1 < KEY_CHARS && swapped != before {
                let swapped = String::from_utf8(swapped).unwrap();
                prop_assert!(swapped.parse::<ApiKey>().is_err());
            }
        }

        #[test]
        fn nothing_makes_the_parser_panic(text in "\\PC*") {
            let _ = text.parse::<ApiKey>();
            let _ = text.parse::<KeyHash>();
        }
    }
}
