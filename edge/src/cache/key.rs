//! The cache key: version, path, sorted and allow-listed query.
//!
//! Parameters that the route does not list are dropped from the key and from what the origin sees,
//! so that a tracking parameter can neither split nor poison a copy.

use crate::config::CachePolicy;

/// The query as the origin gets it and the key holds it: allowed parameters, sorted; `None` if there
/// are none.
pub fn query(policy: &CachePolicy, query: Option<&str>) -> Option<String> {
    let mut kept: Vec<&str> = query?
        .split('&')
        .filter(|pair| {
            let name = pair.split('=').next().unwrap_or_default();
            policy.query.iter().any(|allowed| allowed == name)
        })
        .collect();
    // Stable by name alone, since the order of a parameter's own values may matter.
    kept.sort_by_key(|pair| pair.split('=').next().unwrap_or_default());
    (!kept.is_empty()).then(|| kept.join("&"))
}

/// The key of a resource.
pub fn key(version: &str, path: &str, query: Option<&str>) -> String {
    match query {
        Some(query) => format!("/{version}{path}?{query}"),
        None => format!("/{version}{path}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_sorted_and_allow_listed() {
        let policy = CachePolicy {
            query: vec!["a".into(), "b".into()],
        };
        for (given, expected) in [
            (None, None),
            (Some(""), None),
            (Some("utm_source=x"), None),
            (Some("b=2&a=1"), Some("a=1&b=2")),
            (Some("a=1&b=2"), Some("a=1&b=2")),
            (Some("b=2&x=3&a=1&"), Some("a=1&b=2")),
            (Some("a=2&a=1"), Some("a=2&a=1")),
            (Some("a"), Some("a")),
            (Some("A=1"), None),
        ] {
            assert_eq!(query(&policy, given).as_deref(), expected, "{given:?}");
        }
        assert_eq!(key("v2", "/products", Some("a=1")), "/v2/products?a=1");
        assert_eq!(key("v2", "/products", None), "/v2/products");
    }
}
