//! Who shares a bucket.

use std::net::IpAddr;

use shared::caller::Caller;

/// The name of a caller's object.
pub(in crate::pipeline) fn bucket(caller: &Caller, address: Option<&str>) -> String {
    match caller {
        Caller::Known(principal) => {
            format!("account:{}:{}", principal.mode.as_str(), principal.account)
        }
        Caller::Anonymous => match address.and_then(|text| text.parse::<IpAddr>().ok()) {
            Some(IpAddr::V4(v4)) => format!("address:{v4}"),
            Some(IpAddr::V6(v6)) => match v6.to_ipv4_mapped() {
                Some(v4) => format!("address:{v4}"),
                None => {
                    let [a, b, c, d, ..] = v6.segments();
                    format!("address:{a:x}:{b:x}:{c:x}:{d:x}::/64")
                }
            },
            None => "address:unknown".to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_share_buckets_as_clients_hold_them() {
        for (address, expected) in [
            (Some("192.0.2.7"), "address:192.0.2.7"),
            (Some("::ffff:192.0.2.7"), "address:192.0.2.7"),
            (Some("2001:db8:0:1:aaaa::1"), "address:2001:db8:0:1::/64"),
            (Some("2001:db8::1:bbbb:0:0:2"), "address:2001:db8:0:1::/64"),
            (Some("nonsense"), "address:unknown"),
            (None, "address:unknown"),
        ] {
            assert_eq!(bucket(&Caller::Anonymous, address), expected, "{address:?}");
        }
    }
}
