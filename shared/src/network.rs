//! Addresses and countries, and the lists that say who is let in. The edge applies them, and the origin
//! looks at what it would do before it takes new ones ([`crate::firewall`]).

use std::net::IpAddr;

use serde_json::Value;

/// Longest text of a block: an IPv6 address that ends like an IPv4 one, and three digits of its bits.
pub const BLOCK_CHARS_MAX: usize = 49;

/// A block of addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    address: u128,
    /// Leading bits that count, of 128.
    bits: u32,
}

impl Block {
    /// Reads a block ([`block`]).
    pub fn read(text: &str) -> Option<Self> {
        let (address, bits) = block(text)?;
        Some(Self {
            address: number(address),
            bits: if address.is_ipv4() { 96 + bits } else { bits },
        })
    }

    /// Whether an address is in it.
    pub fn holds(self, address: IpAddr) -> bool {
        let differing = self.address ^ number(address);
        self.bits == 0 || differing.checked_shr(128 - self.bits).unwrap_or(0) == 0
    }
}

impl Block {
    /// Its first and its last address, as numbers of 128 bits.
    pub fn ends(self) -> (u128, u128) {
        let hosts = u128::MAX.checked_shr(self.bits).unwrap_or(0);
        (self.address & !hosts, self.address | hosts)
    }
}

/// Reads `192.0.2.0/24`, `2001:db8::/32`, or one address: the address, and how many leading bits count.
pub fn block(text: &str) -> Option<(IpAddr, u32)> {
    let (address, bits) = match text.split_once('/') {
        Some((address, bits)) => (address, Some(bits)),
        None => (text, None),
    };
    let address: IpAddr = address.parse().ok()?;
    let width = if address.is_ipv4() { 32 } else { 128 };
    let bits = match bits {
        None => width,
        Some(bits) if bits.bytes().all(|digit| digit.is_ascii_digit()) => bits.parse().ok()?,
        Some(_) => return None,
    };
    (bits <= width).then_some((address, bits))
}

/// Whether it is a country, such as `CH` (ISO 3166-1 alpha-2).
pub fn is_country(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// Of an IPv4 address that of its mapped one, as clients behind some networks have it.
fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().to_bits(),
        IpAddr::V6(v6) => v6.to_bits(),
    }
}

/// Who is let in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lists {
    /// Who is out, whatever is allowed.
    pub deny: Vec<Block>,
    /// Where there are some, all others are out.
    pub allow: Vec<Block>,
    /// Countries that are out.
    pub deny_countries: Vec<String>,
    /// Where there are some, all others are out, and so is an address of no known country.
    pub allow_countries: Vec<String>,
}

impl Lists {
    /// Those that were checked before, whose blocks can all be read.
    pub fn of(
        deny: &[String],
        allow: &[String],
        deny_countries: &[String],
        allow_countries: &[String],
    ) -> Self {
        let blocks = |texts: &[String]| texts.iter().filter_map(|text| Block::read(text)).collect();
        Self {
            deny: blocks(deny),
            allow: blocks(allow),
            deny_countries: deny_countries.to_vec(),
            allow_countries: allow_countries.to_vec(),
        }
    }

    /// Those of a record: the same names. One that can't be read is none, so that a mistake does not let
    /// everybody in who was out.
    pub fn of_record(json: &Value) -> Option<Self> {
        let texts = |member: &str| match json.get(member) {
            None | Some(Value::Null) => Some(Vec::new()),
            Some(list) => list
                .as_array()?
                .iter()
                .map(Value::as_str)
                .collect::<Option<Vec<_>>>(),
        };
        let blocks = |member: &str| {
            texts(member)?
                .into_iter()
                .map(Block::read)
                .collect::<Option<Vec<_>>>()
        };
        let countries =
            |member: &str| Some(texts(member)?.into_iter().map(str::to_owned).collect());
        Some(Self {
            deny: blocks("deny")?,
            allow: blocks("allow")?,
            deny_countries: countries("deny_countries")?,
            allow_countries: countries("allow_countries")?,
        })
    }

    /// Whether a client is let in.
    pub fn admit(&self, address: Option<&str>, country: Option<&str>) -> bool {
        let address = address.and_then(|text| text.parse::<IpAddr>().ok());
        let within = |blocks: &[Block]| {
            address.is_some_and(|address| blocks.iter().any(|block| block.holds(address)))
        };
        let among = |countries: &[String]| {
            country.is_some_and(|country| {
                let mut names = countries.iter();
                names.any(|name| name.eq_ignore_ascii_case(country))
            })
        };
        if within(&self.deny) || among(&self.deny_countries) {
            return false;
        }
        (self.allow.is_empty() || within(&self.allow))
            && (self.allow_countries.is_empty() || among(&self.allow_countries))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn blocks() {
        for (block, address, expected) in [
            ("192.0.2.0/24", "192.0.2.255", true),
            ("192.0.2.0/24", "192.0.3.0", false),
            ("192.0.2.0/24", "::ffff:192.0.2.7", true),
            ("192.0.2.7", "192.0.2.7", true),
            ("192.0.2.7", "192.0.2.6", false),
            ("0.0.0.0/0", "8.8.8.8", true),
            ("0.0.0.0/0", "2001:db8::1", false),
            ("::/0", "2001:db8::1", true),
            ("2001:db8::/32", "2001:db8:ffff::1", true),
            ("2001:db8::/32", "2001:db9::1", false),
            ("2001:db8::1", "2001:db8::1", true),
        ] {
            let found = Block::read(block).unwrap().holds(address.parse().unwrap());
            assert_eq!(found, expected, "{block} {address}");
        }
        for bad in [
            "",
            "x",
            "192.0.2.0/33",
            "::/129",
            "192.0.2.0/",
            "192.0.2.0/+8",
            "192.0.2/24",
        ] {
            assert_eq!(Block::read(bad), None, "{bad}");
        }
    }

    #[test]
    fn who_is_let_in() {
        let lists = Lists::of_record(&json!({"deny": ["192.0.2.0/24"], "allow": ["192.0.0.0/16"],
            "deny_countries": ["XX"], "allow_countries": ["CH", "DE"]}))
        .unwrap();
        for (address, country, expected) in [
            (Some("192.0.3.1"), Some("ch"), true),
            (Some("192.0.2.1"), Some("CH"), false),
            (Some("198.51.100.1"), Some("CH"), false),
            (Some("192.0.3.1"), Some("XX"), false),
            (Some("192.0.3.1"), Some("FR"), false),
            (Some("192.0.3.1"), None, false),
            (None, Some("CH"), false),
        ] {
            assert_eq!(
                lists.admit(address, country),
                expected,
                "{address:?} {country:?}"
            );
        }
        assert!(Lists::default().admit(None, None));
        for bad in [
            json!({"deny": ["x"]}),
            json!({"allow": "192.0.2.1"}),
            json!({"deny_countries": [1]}),
        ] {
            assert_eq!(Lists::of_record(&bad), None, "{bad}");
        }
    }

    #[test]
    fn ends() {
        for (block, first, last) in [
            ("192.0.2.7/24", "::ffff:192.0.2.0", "::ffff:192.0.2.255"),
            ("192.0.2.7", "::ffff:192.0.2.7", "::ffff:192.0.2.7"),
            ("2001:db8::/127", "2001:db8::", "2001:db8::1"),
            ("::/0", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ] {
            let number = |text: &str| text.parse::<std::net::Ipv6Addr>().unwrap().to_bits();
            let expected = (number(first), number(last));
            assert_eq!(Block::read(block).unwrap().ends(), expected, "{block}");
        }
    }

    proptest! {
        #[test]
        fn a_block_holds_what_shares_its_bits(address: u32, other: u32, bits in 0..=32_u32) {
            let text = format!("{}/{bits}", std::net::Ipv4Addr::from(address));
            let block = Block::read(&text).unwrap();
            let shares = (address ^ other).leading_zeros() >= bits;
            prop_assert_eq!(block.holds(std::net::Ipv4Addr::from(other).into()), shares);
        }
    }
}
