//! Where the edge sends requests, as an admin sets it at run time: the origins of its pools, in the place of
//! those that its deployment lists.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::{Deserialize, Deserializer, Serialize};

use crate::body::{Check, Checks, objects};

/// The pool of routes that name none.
pub const DEFAULT_POOL: &str = "default";
/// Most pools whose origins are set.
pub const POOLS_MAX: usize = 8;
/// Longest name of a pool, in characters.
pub const POOL_CHARS_MAX: usize = 64;
/// Most origins of a pool.
pub const ORIGINS_MAX: usize = 32;
/// Longest base URL, in characters.
pub const URL_CHARS_MAX: usize = 200;
/// Largest weight.
pub const WEIGHT_MAX: u32 = 1_000;

/// The lists by the names of their pools. The API's document wants the type itself.
pub type Pools = BTreeMap<String, Vec<Origin>>;

/// An origin of a pool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Origin {
    /// Scheme, host and perhaps a port: `https`, or `http` to what is reached without the Internet.
    #[cfg_attr(
        feature = "openapi",
        schema(
            max_length = 200,
            pattern = r"^https?://([a-z0-9.-]+|\[[0-9a-f:.]+\])(:[1-9][0-9]{0,4})?$",
            example = "https://b.example"
        )
    )]
    pub url: String,
    /// Its share of the pool's requests, by the sum of all weights. 0: it gets none, and is checked as before.
    #[serde(default = "one", deserialize_with = "crate::number::whole")]
    #[cfg_attr(
        feature = "openapi",
        schema(minimum = 0, maximum = 1_000, default = 1, example = 1)
    )]
    pub weight: u32,
}

const fn one() -> u32 {
    1
}

/// The body of PUT /admin/origins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewOrigins {
    /// Origins by the names of their pools. A pool that is left out has those that the deployment lists.
    #[serde(deserialize_with = "lists")]
    #[cfg_attr(
        feature = "openapi",
        schema(example = json!({"default": [{"url": "https://a.example", "weight": 3}, {"url": "https://b.example", "weight": 1}]}))
    )]
    pub pools: BTreeMap<String, Vec<Origin>>,
}

/// Lists of objects: serde alone would take an array for one.
fn lists<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Pools, D::Error> {
    #[derive(Deserialize)]
    #[serde(transparent)]
    struct List(#[serde(deserialize_with = "objects")] Vec<Origin>);

    let pools = BTreeMap::<String, List>::deserialize(deserializer)?;
    let pools = pools.into_iter();
    Ok(pools.map(|(name, List(origins))| (name, origins)).collect())
}

impl Check for NewOrigins {
    fn check(&self, checks: &mut Checks) {
        checks.count("/pools", self.pools.len(), 1, POOLS_MAX);
        for (name, origins) in self.pools.iter().take(POOLS_MAX) {
            let pointer = format!("/pools/{}", name.replace('~', "~0").replace('/', "~1"));
            if !is_pool(name) {
                checks.fault(
                    &pointer,
                    "format",
                    "it is no name of a pool".to_owned(),
                    format!(
                        "Send 1 to {POOL_CHARS_MAX} letters, digits, `-`, `_` or `.`, such as {DEFAULT_POOL}."
                    ),
                );
            }
            pool(&pointer, origins, checks);
        }
    }
}

/// What is wrong with the origins of a pool.
fn pool(pointer: &str, origins: &[Origin], checks: &mut Checks) {
    checks.count(pointer, origins.len(), 1, ORIGINS_MAX);
    for (place, origin) in origins.iter().enumerate().take(ORIGINS_MAX) {
        let url = format!("{pointer}/{place}/url");
        if let Err(fault) = base_url(&origin.url) {
            checks.fault(&url, "format", fault.to_owned(), FIX.to_owned());
        }
        if origins.iter().take(place).any(|one| one.url == origin.url) {
            checks.fault(
                &url,
                "duplicate",
                "the pool has it already".to_owned(),
                "Send each origin once, with the weight that it shall have.".to_owned(),
            );
        }
        let weight = format!("{pointer}/{place}/weight");
        checks.range(&weight, origin.weight.into(), 0, WEIGHT_MAX.into());
    }
    if !origins.is_empty() && origins.iter().all(|origin| origin.weight == 0) {
        checks.fault(
            pointer,
            "range",
            "no origin has a weight above 0".to_owned(),
            "Give one of them a weight of at least 1, or leave the pool out.".to_owned(),
        );
    }
}

/// Whether it may be a pool's name.
fn is_pool(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    (1..=POOL_CHARS_MAX).contains(&name.len()) && name.bytes().all(fits)
}

const FIX: &str = "Send scheme, host and perhaps a port, such as https://b.example:8443: no user, path or query, `http` only to loopback, private addresses and names of a private network.";

/// What is wrong with a base URL. The edge signs the caller to whoever answers there, so what leaves a private
/// network is encrypted.
fn base_url(url: &str) -> Result<(), &'static str> {
    if url.len() > URL_CHARS_MAX {
        return Err("it is too long");
    }
    let (encrypted, authority) = match url.strip_prefix("https://") {
        Some(authority) => (true, authority),
        None => (
            false,
            url.strip_prefix("http://")
                .ok_or("the scheme is neither https nor http")?,
        ),
    };
    if authority.contains(['/', '?', '#', '@']) {
        return Err("it has more than scheme, host and port");
    }
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !authority.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    if port.is_some_and(|port| !is_port(port)) {
        return Err("its port is none");
    }
    let bare = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    let private = match bare.unwrap_or(host).parse() {
        // An IPv6 address stands in brackets, and nothing else does.
        Ok(address @ IpAddr::V6(_)) if bare.is_some() => is_private(address),
        Ok(address @ IpAddr::V4(_)) if bare.is_none() => is_private(address),
        Err(_) if bare.is_none() && is_name(host) => is_private_name(host),
        _ => return Err("its host is none"),
    };
    if encrypted || private {
        Ok(())
    } else {
        Err("it is http beyond a private network")
    }
}

fn is_port(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_digit() && first != '0')
        && text.parse::<u16>().is_ok()
}

/// Whether it is a name, in lower case. The last part of one begins with a letter: a number there would be an
/// address in another form.
fn is_name(host: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let mut parts = host.rsplit('.');
    let last = parts.next().unwrap_or_default();
    last.starts_with(|first: char| first.is_ascii_lowercase())
        && last.bytes().all(fits)
        && parts.all(|part| !part.is_empty() && part.bytes().all(fits))
}

/// Whether an address is this machine's or of a private network. Link-local ones are not: clouds serve their
/// machines' credentials there.
fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_loopback() || address.is_private(),
        IpAddr::V6(address) => address.is_loopback() || address.is_unique_local(),
    }
}

/// Whether a name leads nowhere on the Internet: one part, as containers have, or a domain that is kept for this.
fn is_private_name(host: &str) -> bool {
    let domain = host.rsplit_once('.').map(|(_, domain)| domain);
    domain.is_none_or(|domain| ["localhost", "internal", "local"].contains(&domain))
}

/// The origins as they hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Origins {
    /// Always `origins`.
    pub object: String,
    /// Whether these lists hold. Until they are set, and when they are taken back, those of the edge's
    /// deployment do.
    pub in_force: bool,
    /// Origins by the names of their pools.
    pub pools: BTreeMap<String, Vec<Origin>>,
    /// Grows by one with every change.
    #[cfg_attr(feature = "openapi", schema(minimum = 0))]
    pub version: i64,
    /// When they were changed last, RFC 3339, UTC.
    pub updated_at: Option<String>,
    /// Who changed them last.
    pub updated_by: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::parse;

    #[test]
    fn base_urls() {
        let long = format!("https://{}.example", "x".repeat(URL_CHARS_MAX));
        for (fine, urls) in [
            (
                true,
                &[
                    "https://a.example",
                    "https://a.example:8443",
                    "https://192.0.2.1",
                    "https://[2001:db8::1]:8443",
                    "http://localhost:8080",
                    "http://127.0.0.1:8080",
                    "http://[::1]:8080",
                    "http://10.0.0.7",
                    "http://172.31.0.1",
                    "http://192.168.0.1:80",
                    "http://[fd00::7]",
                    "http://origin:8080",
                    "http://a.internal",
                    "http://a.b.local:65535",
                ][..],
            ),
            (
                false,
                &[
                    "",
                    "a.example",
                    "ftp://a.example",
                    "HTTPS://a.example",
                    "https://",
                    "https://A.example",
                    "https://a.example/",
                    "https://a.example/v2",
                    "https://a.example?x",
                    "https://a.example#x",
                    "https://ada@a.example",
                    "https://ada:lovelace@a.example",
                    "https://a..example",
                    "https://.example",
                    "https://a.example.",
                    "https://a.example:",
                    "https://a.example:0",
                    "https://a.example:+1",
                    "https://a.example:65536",
                    "https://[::1",
                    "https://::1",
                    "https://[a.example]",
                    "https://[192.0.2.1]",
                    "https://a b.example",
                    "https://1.2.3.256",
                    "https://0x7f.1",
                    "http://2130706433",
                    "http://a.example",
                    "http://192.0.2.1",
                    "http://172.32.0.1",
                    "http://169.254.169.254",
                    "http://[2001:db8::1]",
                    "http://[fe80::1]",
                    "http://internal.example",
                    &long,
                ],
            ),
        ] {
            for url in urls {
                assert_eq!(base_url(url).is_ok(), fine, "{url}");
            }
        }
    }

    #[test]
    fn lists_are_checked_all_at_once() {
        let repeated = |form: &str, count: usize| {
            let all = (0..count).map(|number| form.replace('#', &number.to_string()));
            all.collect::<Vec<_>>().join(",")
        };
        let many = repeated(r#"{"url":"https://a#.example"}"#, ORIGINS_MAX + 1);
        let many = format!(r#"{{"pools":{{"default":[{many}]}}}}"#);
        let pools = repeated(r#""p#":[{"url":"https://a.example"}]"#, POOLS_MAX + 1);
        let pools = format!(r#"{{"pools":{{{pools}}}}}"#);
        for (body, pointers) in [
            (
                r#"{"pools":{"default":[{"url":"https://a.example"}]}}"#,
                &[][..],
            ),
            (
                r#"{"pools":{"default":[{"url":"https://a.example","weight":0},
                    {"url":"http://10.0.0.1:8080","weight":1000}],"b_2":[{"url":"https://a.example"}]}}"#,
                &[],
            ),
            (
                r#"{"pools":{"default":[{"url":"https://a.example/x"},{"url":"http://a.example","weight":1001},
                    {"url":"https://b.example"},{"url":"https://b.example"}],"a/b":[],
                    "idle":[{"url":"https://c.example","weight":0}]}}"#,
                &[
                    "/pools/a~1b",
                    "/pools/a~1b",
                    "/pools/default/0/url",
                    "/pools/default/1/url",
                    "/pools/default/1/weight",
                    "/pools/default/3/url",
                    "/pools/idle",
                ],
            ),
            (&many, &["/pools/default"]),
            (&pools, &["/pools"]),
            ("{}", &["/pools"]),
            (r#"{"pools":{}}"#, &["/pools"]),
            (r#"{"pools":[]}"#, &["/pools"]),
            (r#"{"pools":{"default":{}}}"#, &["/pools/default"]),
            (
                r#"{"pools":{"default":["https://a.example"]}}"#,
                &["/pools/default/0"],
            ),
            (
                r#"{"pools":{"default":[["https://a.example",1]]}}"#,
                &["/pools/default/0"],
            ),
            (
                r#"{"pools":{"default":[{"url":"https://a.example","weight":-1}]}}"#,
                &["/pools/default/0/weight"],
            ),
            (
                r#"{"pools":{"default":[{"url":"https://a.example","share":1}]}}"#,
                &["/pools/default/0/share"],
            ),
        ] {
            let faults = parse::<NewOrigins>(body.as_bytes())
                .err()
                .unwrap_or_default();
            let found: Vec<_> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
            assert_eq!(found, pointers, "{body}");
        }
    }
}
