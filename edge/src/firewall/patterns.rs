//! Managed patterns: what scanners and injections look like in path, query and two fields.
//!
//! They see what an honest client of a shop hardly ever writes, after one decoding and in lower case. They
//! guard nothing by themselves, since statements are prepared and pages escape: they make noise visible,
//! and keep it out where a route says so.

use http::header;
use http::request::Parts;

use super::oddities::decoded;

/// Longest text that is looked at, bytes; the rest passes.
const LOOKED_AT_BYTES_MAX: usize = 4 * 1024;

/// Each: its name in the log, and what any of must stand there.
const PATTERNS: [(&str, &[&str]); 6] = [
    (
        "sql",
        &[
            "' or '1'='1",
            "' or 1=1",
            "union select",
            "union all select",
            "; drop table",
            "sleep(",
            "pg_sleep",
            "information_schema",
            "xp_cmdshell",
        ],
    ),
    (
        "script",
        &[
            "<script",
            "javascript:",
            "onerror=",
            "onload=",
            "<iframe",
            "<svg",
        ],
    ),
    (
        "traversal",
        &["../", "..\\", "/etc/passwd", "/proc/self", "c:\\windows"],
    ),
    ("lookup", &["${jndi:", "${env:", "${lower:", "#{", "{{"]),
    (
        "scanner",
        &[
            "/.git/",
            "/.env",
            "/wp-admin",
            "/wp-login",
            "/phpmyadmin",
            "/cgi-bin/",
            ".php",
        ],
    ),
    ("wrapper", &["php://", "file://", "gopher://", "expect://"]),
];

/// The name of the first pattern that a request shows.
pub fn find(parts: &Parts) -> Option<&'static str> {
    let target = parts
        .uri
        .path_and_query()
        .map_or("", |target| target.as_str());
    let field = |name: header::HeaderName| {
        let value = parts.headers.get(name)?;
        value.to_str().ok()
    };
    let texts = [
        Some(target),
        field(header::USER_AGENT),
        field(header::REFERER),
    ];
    texts.into_iter().flatten().find_map(shown)
}

fn shown(text: &str) -> Option<&'static str> {
    let text = plain(text.as_bytes());
    let shows = |wanted: &&str| {
        text.windows(wanted.len())
            .any(|part| part == wanted.as_bytes())
    };
    let mut patterns = PATTERNS.iter();
    patterns
        .find(|(_, any)| any.iter().any(shows))
        .map(|(name, _)| *name)
}

/// In lower case, decoded once, with blanks that are one each.
fn plain(text: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(text.len().min(LOOKED_AT_BYTES_MAX));
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        if plain.len() >= LOOKED_AT_BYTES_MAX {
            break;
        }
        let pair = after.first_chunk::<2>().copied();
        let encoded = pair.filter(|_| *first == b'%').and_then(decoded);
        rest = match encoded {
            Some(_) => after.get(2..).unwrap_or_default(),
            None => after,
        };
        let byte = match encoded.unwrap_or(*first) {
            b'+' if encoded.is_none() => b' ',
            b'\t' | b'\n' | b'\r' => b' ',
            byte => byte.to_ascii_lowercase(),
        };
        if byte != b' ' || plain.last() != Some(&b' ') {
            plain.push(byte);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use http::Request;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_seen() {
        for (target, agent, expected) in [
            ("/v2/products?q=shoes+%26+socks", "curl/8", None),
            ("/v2/products?q=O%27Neill", "Mozilla/5.0 (X11)", None),
            ("/v2/products?q=select+a+union+suit", "", None),
            ("/v2/products?q=%27%20OR%20%271%27=%271", "", Some("sql")),
            ("/v2/products?q=1+UNION%0a++SELECT+2", "", Some("sql")),
            ("/v2/products?q=%3CScRiPt%3E", "", Some("script")),
            ("/v2/products?file=..%2f..%2fetc", "", Some("traversal")),
            ("/v2/products", "${jndi:ldap://x}", Some("lookup")),
            ("/.git/config", "", Some("scanner")),
            ("/v2/products?u=php://input", "", Some("wrapper")),
        ] {
            let request = Request::get(target).header("user-agent", agent);
            let (parts, ()) = request.body(()).unwrap().into_parts();
            assert_eq!(find(&parts), expected, "{target} {agent}");
        }
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(text: Vec<u8>) {
            prop_assert!(plain(&text).len() <= LOOKED_AT_BYTES_MAX);
            shown(&String::from_utf8_lossy(&text));
        }
    }
}
