//! Where a webhook may lead.
//!
//! Decides:
//! 1. A URL is `https` (or, where the operator allows private addresses, `http`), has a host, and
//!    neither user nor fragment.
//! 2. An address is public: nothing that IANA's registries of special-purpose addresses [RFC 6890]
//!    keep for a host, a link, a site, a carrier, documentation, benchmarks or groups, and none that
//!    carries such an IPv4 address within it (mapped, translated, tunnelled). Clouds serve their
//!    machines' credentials at link-local addresses, so this is what keeps a webhook from reading
//!    them.
//!
//! A name is nobody's word: it is looked up when a connection is made, and what it leads to then is
//! what counts ([`super::connect`]).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use http::Uri;

use super::URL_BYTES_MAX;

/// Why a URL can't be a webhook's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It is too long or not printable.
    #[error("the URL is too long, or holds something else than printable ASCII characters")]
    Characters,
    /// It can't be read, or names no host.
    #[error("not a URL with a host")]
    Form,
    /// It is of another scheme.
    #[error("the scheme is neither https nor http")]
    Scheme,
    /// It names a user.
    #[error("the URL names a user")]
    User,
    /// It has a fragment, which no server would see.
    #[error("the URL has a fragment")]
    Fragment,
}

/// A URL that may be a webhook's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The URL.
    pub uri: Uri,
    /// The address, if the URL names one instead of a name.
    pub address: Option<IpAddr>,
}

impl Target {
    /// Reads a URL.
    pub fn parse(url: &str) -> Result<Self, Fault> {
        if url.len() > URL_BYTES_MAX || !url.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Fault::Characters);
        }
        if url.contains('#') {
            return Err(Fault::Fragment);
        }
        let uri: Uri = url.parse().map_err(|_| Fault::Form)?;
        if !matches!(uri.scheme_str(), Some("https" | "http")) {
            return Err(Fault::Scheme);
        }
        let authority = uri.authority().ok_or(Fault::Form)?;
        if authority.as_str().contains('@') {
            return Err(Fault::User);
        }
        if authority.host().is_empty() {
            return Err(Fault::Form);
        }
        let address = literal(authority.host());
        Ok(Self { uri, address })
    }

    /// Whether it is encrypted.
    pub fn is_https(&self) -> bool {
        self.uri.scheme_str() == Some("https")
    }
}

/// The address that a URL's host is, if it is one.
pub fn literal(host: &str) -> Option<IpAddr> {
    let bare = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    bare.unwrap_or(host).parse().ok()
}

/// Whether everybody may be called at this address.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !matches!(
        (a, b, c),
        // This network, private, loopback, groups and reserved.
        (0 | 10 | 127 | 224.., ..)
            // Shared by carriers.
            | (100, 64..=127, _)
            // Link-local, where clouds serve credentials.
            | (169, 254, _)
            // Private.
            | (172, 16..=31, _)
            | (192, 168, _)
            // Protocol assignments, documentation, 6to4 relays, benchmarks.
            | (192, 0, 0 | 2)
            | (192, 88, 99)
            | (198, 18 | 19, _)
            | (198, 51, 100)
            | (203, 0, 113)
    )
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let inner = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match address.segments() {
        // Mapped, and translated [RFC 6052].
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            inner(high, low)
        }
        // 6to4 [RFC 3056].
        [0x2002, high, low, ..] => inner(high, low),
        // Protocol assignments with Teredo and ORCHID (2001::/23), documentation.
        [0x2001, ..0x200 | 0xdb8, ..] | [0x3fff, ..0x1000, ..] => false,
        // Beyond global unicast lie loopback, link-local, unique local, site-local and groups.
        [0x2000..=0x3fff, ..] => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls() {
        let long = format!("https://shop.example/{}", "x".repeat(URL_BYTES_MAX));
        for (url, expected) in [
            ("https://shop.example", Ok(None)),
            ("https://shop.example:8443/hooks?from=us", Ok(None)),
            ("http://shop.example/", Ok(None)),
            ("https://192.0.2.1/", Ok(Some("192.0.2.1"))),
            ("https://[2001:db8::1]:8443/", Ok(Some("2001:db8::1"))),
            // Names, however a resolver may read them: what they lead to is looked at then.
            ("https://2130706433/", Ok(None)),
            ("https://0x7f.1/", Ok(None)),
            (&long, Err(Fault::Characters)),
            ("https://shop.example/ü", Err(Fault::Characters)),
            ("https://shop.example/a b", Err(Fault::Characters)),
            ("https://shop.example/#a", Err(Fault::Fragment)),
            ("ftp://shop.example/", Err(Fault::Scheme)),
            ("shop.example", Err(Fault::Scheme)),
            ("/hooks", Err(Fault::Scheme)),
            ("https:///hooks", Err(Fault::Form)),
            ("https://", Err(Fault::Form)),
            ("", Err(Fault::Form)),
            ("https://ada@shop.example/", Err(Fault::User)),
            ("https://a:b@shop.example/", Err(Fault::User)),
        ] {
            let found = Target::parse(url).map(|target| target.address);
            let expected = expected.map(|address| address.map(|text| text.parse().unwrap()));
            assert_eq!(found, expected, "{url}");
        }
    }

    #[test]
    fn only_public_addresses_are_public() {
        for (public, addresses) in [
            (
                true,
                &[
                    "1.1.1.1",
                    "9.255.255.255",
                    "11.0.0.0",
                    "100.63.255.255",
                    "100.128.0.0",
                    "172.15.255.255",
                    "172.32.0.0",
                    "192.0.1.1",
                    "192.167.1.1",
                    "198.17.1.1",
                    "223.255.255.255",
                    "2606:4700::1111",
                    "2001:4860:4860::8888",
                    "::ffff:1.1.1.1",
                    "64:ff9b::1.1.1.1",
                    "2002:101:101::1",
                ][..],
            ),
            (
                false,
                &[
                    "0.0.0.0",
                    "10.0.0.1",
                    "100.64.0.1",
                    "100.127.255.255",
                    "127.0.0.1",
                    "127.255.255.254",
                    "169.254.169.254",
                    "172.16.0.1",
                    "172.31.255.255",
                    "192.0.0.1",
                    "192.0.2.1",
                    "192.88.99.1",
                    "192.168.1.1",
                    "198.18.0.1",
                    "198.19.255.255",
                    "198.51.100.1",
                    "203.0.113.1",
                    "224.0.0.1",
                    "240.0.0.1",
                    "255.255.255.255",
                    "::",
                    "::1",
                    "::127.0.0.1",
                    "::ffff:127.0.0.1",
                    "::ffff:10.0.0.1",
                    "::ffff:169.254.169.254",
                    "64:ff9b::10.0.0.1",
                    "64:ff9b:1::1",
                    "100::1",
                    "2001::1",
                    "2001:10::1",
                    "2001:db8::1",
                    "2002:7f00:1::1",
                    "2002:a00:1::1",
                    "3fff::1",
                    "fc00::1",
                    "fd00:ec2::254",
                    "fe80::1",
                    "fec0::1",
                    "ff02::1",
                    "5f00::1",
                ],
            ),
        ] {
            for address in addresses {
                assert_eq!(is_public(address.parse().unwrap()), public, "{address}");
            }
        }
    }
}
