//! What goes on longest while there is too much to do.

use http::Method;

/// In the order in which they are refused last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    /// Whether the process lives and serves: never refused, or it would be taken for dead.
    Probe,
    /// Changes under a key, whose clients would come again; and what others need to go on: keys of
    /// tokens, records of callers, the payment provider's word.
    Keyed,
    /// One resource, and changes without a key.
    Read,
    /// Pages, searches, sums: dear, and the first that can wait.
    List,
}

impl Priority {
    /// Of a request to a route, which is named by its template, such as `/orders/{id}`.
    pub fn of(method: &Method, template: Option<&str>, keyed: bool) -> Self {
        let template = template.unwrap_or_default();
        let template = template.strip_prefix("/v2").unwrap_or(template);
        match template {
            "/healthz" | "/readyz" | "/metrics" => return Self::Probe,
            "/.well-known/jwks.json" | "/webhooks/payments" => return Self::Keyed,
            "/products/search" | "/analytics/views" => return Self::List,
            "/openapi.json" | "/users/{id}/profile" => return Self::Read,
            _ if template.starts_with("/records/") => return Self::Keyed,
            _ => {}
        }
        if !matches!(*method, Method::GET | Method::HEAD) {
            return if keyed { Self::Keyed } else { Self::Read };
        }
        if template.is_empty() || template.ends_with('}') {
            Self::Read
        } else {
            Self::List
        }
    }

    /// How many of all places it leaves to those above it.
    pub(super) const fn leaves(self, places_max: usize) -> usize {
        match self {
            Self::Probe | Self::Keyed => 0,
            Self::Read => places_max / 5,
            Self::List => places_max / 2,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_have_priorities() {
        for (method, template, keyed, expected) in [
            (Method::GET, "/readyz", false, Priority::Probe),
            (Method::GET, "/v2/healthz", true, Priority::Probe),
            (Method::POST, "/orders", true, Priority::Keyed),
            (
                Method::POST,
                "/v2/orders/{id}/payments",
                true,
                Priority::Keyed,
            ),
            (Method::PATCH, "/products/{id}", true, Priority::Keyed),
            (Method::PATCH, "/products/{id}", false, Priority::Read),
            (Method::POST, "/webhooks/payments", false, Priority::Keyed),
            (Method::GET, "/records/keys/{hash}", false, Priority::Keyed),
            (
                Method::GET,
                "/.well-known/jwks.json",
                false,
                Priority::Keyed,
            ),
            (Method::GET, "/v2/products/{id}", false, Priority::Read),
            (Method::HEAD, "/orders/{id}", true, Priority::Read),
            (Method::POST, "/sessions", false, Priority::Read),
            (Method::GET, "/v2/products", false, Priority::List),
            (Method::GET, "/users/{id}/orders", false, Priority::List),
            (Method::POST, "/products/search", false, Priority::List),
            (Method::GET, "/users/{id}/profile", false, Priority::Read),
            (Method::GET, "", false, Priority::Read),
        ] {
            let template = Some(template).filter(|text| !text.is_empty());
            let found = Priority::of(&method, template, keyed);
            assert_eq!(found, expected, "{method} {template:?} {keyed}");
        }
    }

    #[test]
    fn each_leaves_more_than_those_above_it() {
        for (places, keyed, read, list) in [(1, 0, 0, 0), (5, 0, 1, 2), (128, 0, 25, 64)] {
            assert_eq!(Priority::Keyed.leaves(places), keyed);
            assert_eq!(Priority::Read.leaves(places), read);
            assert_eq!(Priority::List.leaves(places), list);
        }
    }
}
