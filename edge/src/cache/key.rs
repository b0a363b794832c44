//! The cache key: version, path, query.
//!
//! A route may list the parameters that its answers depend on. They are sorted, so that their order
//! splits no copies; what is not listed is dropped, from the key and from what the origin sees, kept,
//! or refused, so that a tracking parameter can neither split nor poison a copy.

use crate::config::{CachePolicy, Query, Unknown};

/// The query holds parameters that the route does not take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownParameters(pub Vec<String>);

/// The query as the origin gets it and the key holds it; `None` if there is none.
pub fn query(
    policy: &CachePolicy,
    query: Option<&str>,
) -> Result<Option<String>, UnknownParameters> {
    let Some(query) = query else {
        return Ok(None);
    };
    let Query::Listed(listed) = &policy.query else {
        return Ok(Some(query.to_owned()));
    };
    let is_listed = |pair: &&str| listed.iter().any(|allowed| allowed == name(pair));
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let mut kept: Vec<&str> = match policy.unknown {
        Unknown::Keep => pairs.collect(),
        Unknown::Drop => pairs.filter(is_listed).collect(),
        Unknown::Refuse => {
            let (known, unknown): (Vec<&str>, Vec<&str>) = pairs.partition(is_listed);
            if !unknown.is_empty() {
                let names = unknown.into_iter().map(|pair| name(pair).to_owned());
                return Err(UnknownParameters(names.collect()));
            }
            known
        }
    };
    // Stable by name alone, since the order of a parameter's own values may matter.
    kept.sort_by_key(|pair| name(pair));
    Ok((!kept.is_empty()).then(|| kept.join("&")))
}

fn name(pair: &str) -> &str {
    pair.split('=').next().unwrap_or_default()
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
        let listed = |unknown| CachePolicy {
            query: Query::Listed(vec!["a".into(), "b".into()]),
            unknown,
            ..CachePolicy::default()
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
            let found = query(&listed(Unknown::Drop), given).unwrap();
            assert_eq!(found.as_deref(), expected, "{given:?}");
        }
        let kept = query(&listed(Unknown::Keep), Some("b=2&x=3&a=1")).unwrap();
        assert_eq!(kept.as_deref(), Some("a=1&b=2&x=3"));
        let refused = query(&listed(Unknown::Refuse), Some("b=2&x=3&a=1"));
        assert_eq!(refused, Err(UnknownParameters(vec!["x".into()])));
        let all = query(&CachePolicy::default(), Some("b=2&x=3&a=1&"));
        assert_eq!(all.unwrap().as_deref(), Some("b=2&x=3&a=1&"));
    }

    #[test]
    fn keys() {
        assert_eq!(key("v2", "/products", Some("a=1")), "/v2/products?a=1");
        assert_eq!(key("v2", "/products", None), "/v2/products");
    }
}
