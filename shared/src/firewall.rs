//! The firewall's lists as an admin sets them at run time, and what is to be thought of before they hold:
//! whoever sets them must be able to set them again.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::body::{Check, Checks};
use crate::network::{Block, Lists, block, is_country};

/// Most addresses and blocks in a list: each request is held against all of them.
pub const BLOCKS_MAX: usize = 500;
/// Most countries in a list.
pub const COUNTRIES_MAX: usize = 250;

/// The body of PUT /admin/firewall. A list that is left out is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewFirewall {
    /// Addresses and blocks of them that are out, whatever is allowed.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(max_items = 500, example = json!(["192.0.2.0/24"])))]
    pub deny: Vec<String>,
    /// Where there are some, all others are out.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(max_items = 500, example = json!([])))]
    pub allow: Vec<String>,
    /// Countries that are out, ISO 3166-1 alpha-2.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(max_items = 250, example = json!([])))]
    pub deny_countries: Vec<String>,
    /// Where there are some, all others are out, and so is an address of no known country.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(max_items = 250, example = json!([])))]
    pub allow_countries: Vec<String>,
    /// Whether the lists hold even if they leave out everybody, or whoever sends them.
    #[serde(default)]
    pub force: bool,
}

impl Check for NewFirewall {
    fn check(&self, checks: &mut Checks) {
        for (name, list) in [("deny", &self.deny), ("allow", &self.allow)] {
            checks.count(&format!("/{name}"), list.len(), 0, BLOCKS_MAX);
            for (place, text) in list.iter().enumerate().take(BLOCKS_MAX) {
                if block(text).is_none() {
                    checks.fault(
                        &format!("/{name}/{place}"),
                        "format",
                        "it is no address and no block of addresses".to_owned(),
                        "Send an address or a block, such as 192.0.2.0/24 or 2001:db8::/32."
                            .to_owned(),
                    );
                }
            }
        }
        for (name, list) in [
            ("deny_countries", &self.deny_countries),
            ("allow_countries", &self.allow_countries),
        ] {
            checks.count(&format!("/{name}"), list.len(), 0, COUNTRIES_MAX);
            for (place, text) in list.iter().enumerate().take(COUNTRIES_MAX) {
                if !is_country(text) {
                    checks.fault(
                        &format!("/{name}/{place}"),
                        "format",
                        "it is no country".to_owned(),
                        "Send two capital letters [ISO 3166-1 alpha-2], such as CH.".to_owned(),
                    );
                }
            }
        }
    }
}

/// The firewall's lists as they hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Firewall {
    /// Always `firewall`.
    pub object: String,
    /// Whether these lists hold. Until they are set, and when they are taken back, those of the edge's
    /// configuration do.
    pub in_force: bool,
    /// Addresses and blocks of them that are out, whatever is allowed.
    #[cfg_attr(feature = "openapi", schema(max_items = 500))]
    pub deny: Vec<String>,
    /// Where there are some, all others are out.
    #[cfg_attr(feature = "openapi", schema(max_items = 500))]
    pub allow: Vec<String>,
    /// Countries that are out.
    #[cfg_attr(feature = "openapi", schema(max_items = 250))]
    pub deny_countries: Vec<String>,
    /// Where there are some, all others are out, and so is an address of no known country.
    #[cfg_attr(feature = "openapi", schema(max_items = 250))]
    pub allow_countries: Vec<String>,
    /// Grows by one with every change.
    #[cfg_attr(feature = "openapi", schema(minimum = 0))]
    pub version: i64,
    /// When they were changed last, RFC 3339, UTC.
    pub updated_at: Option<String>,
    /// Who changed them last.
    pub updated_by: Option<String>,
}

impl NewFirewall {
    /// The lists, which were checked.
    pub fn lists(&self) -> Lists {
        Lists::of(
            &self.deny,
            &self.allow,
            &self.deny_countries,
            &self.allow_countries,
        )
    }
}

/// Whom lists leave out that should think twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Locked {
    /// All addresses of a kind, or all that are allowed.
    Everybody,
    /// Whoever sends the lists.
    Sender,
}

/// What is wrong with lists that are to hold from now on, as somebody at that address sends them.
/// A sender without an address is none that the edge could keep out.
pub fn locked(lists: &Lists, address: Option<IpAddr>, country: Option<&str>) -> Option<Locked> {
    if nobody(lists) {
        return Some(Locked::Everybody);
    }
    let address = address?.to_string();
    (!lists.admit(Some(&address), country)).then_some(Locked::Sender)
}

/// All of IPv4, and of IPv6 what is given out.
const FAMILIES: [&str; 2] = ["0.0.0.0/0", "2000::/3"];

fn nobody(lists: &Lists) -> bool {
    let denied = |country: &String| lists.deny_countries.contains(country);
    if !lists.allow_countries.is_empty() && lists.allow_countries.iter().all(denied) {
        return true;
    }
    let mut out: Vec<_> = lists.deny.iter().map(|block| block.ends()).collect();
    out.sort_unstable();
    if lists.allow.is_empty() {
        let mut families = FAMILIES.into_iter().filter_map(Block::read);
        return families.any(|family| covered(family.ends(), &out));
    }
    lists.allow.iter().all(|block| covered(block.ends(), &out))
}

/// Whether a range lies within these together, which are in the order of their firsts.
fn covered((first, last): (u128, u128), ranges: &[(u128, u128)]) -> bool {
    let mut next = first;
    for &(from, upto) in ranges {
        if from > next {
            return false;
        }
        if upto >= last {
            return true;
        }
        if upto >= next {
            next = upto + 1;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::parse;

    #[test]
    fn lists_are_checked_all_at_once() {
        let many = format!(r#"{{"deny":[{}"::1"]}}"#, r#""::1","#.repeat(BLOCKS_MAX));
        for (body, pointers) in [
            ("{}", &[][..]),
            (
                r#"{"deny":["192.0.2.0/24","2001:db8::1"],"allow":["0.0.0.0/0"],
                    "deny_countries":["XX"],"allow_countries":["CH"],"force":true}"#,
                &[],
            ),
            (
                r#"{"deny":["192.0.2.0/24","x"],"allow":["192.0.2.0/33"],"deny_countries":["ch"],
                    "allow_countries":["CH","CHE"]}"#,
                &[
                    "/allow/0",
                    "/allow_countries/1",
                    "/deny/1",
                    "/deny_countries/0",
                ],
            ),
            (&many, &["/deny"]),
            (r#"{"deny":"192.0.2.1"}"#, &["/deny"]),
            (r#"{"deny":[1]}"#, &["/deny/0"]),
            (r#"{"denied":[]}"#, &["/denied"]),
        ] {
            let faults = parse::<NewFirewall>(body.as_bytes())
                .err()
                .unwrap_or_default();
            let found: Vec<_> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
            assert_eq!(found, pointers, "{body}");
        }
    }

    #[test]
    fn whoever_is_locked_out_is_named() {
        let (everybody, sender) = (Some(Locked::Everybody), Some(Locked::Sender));
        for (body, expected) in [
            ("{}", None),
            (r#"{"deny":["198.51.100.0/24"]}"#, None),
            (r#"{"deny":["192.0.2.0/24"]}"#, sender),
            (r#"{"allow":["198.51.100.0/24"]}"#, sender),
            (r#"{"allow":["192.0.2.0/30"]}"#, None),
            (r#"{"deny_countries":["CH"]}"#, sender),
            (r#"{"allow_countries":["DE"]}"#, sender),
            (r#"{"allow_countries":["DE","CH"]}"#, None),
            (r#"{"deny":["0.0.0.0/0"]}"#, everybody),
            (r#"{"deny":["128.0.0.0/1","0.0.0.0/1"]}"#, everybody),
            (r#"{"deny":["128.0.0.0/1","0.0.0.0/2"]}"#, sender),
            (r#"{"deny":["::/0"]}"#, everybody),
            (r#"{"deny":["2000::/3"]}"#, everybody),
            (r#"{"deny":["2000::/4"]}"#, None),
            (
                r#"{"deny":["198.51.100.0/24"],"allow":["198.51.100.7","198.51.100.128/25"]}"#,
                everybody,
            ),
            (
                r#"{"deny":["198.51.100.0/24"],"allow":["198.51.100.7","192.0.2.1"]}"#,
                None,
            ),
            (
                r#"{"deny_countries":["CH","DE"],"allow_countries":["CH"]}"#,
                everybody,
            ),
        ] {
            let lists = parse::<NewFirewall>(body.as_bytes()).unwrap().lists();
            let address = "192.0.2.1".parse().ok();
            assert_eq!(locked(&lists, address, Some("CH")), expected, "{body}");
            let unseen = expected.filter(|locked| *locked == Locked::Everybody);
            assert_eq!(locked(&lists, None, None), unseen, "{body}");
        }
    }
}
