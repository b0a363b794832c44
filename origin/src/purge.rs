//! Purges that are asked for, by an admin or by an operator: kept as an event, so that they survive an
//! edge that is down, and told by the consumer that tells of every change.

use serde::{Deserialize, Serialize};
use serde_json::json;
use shared::body::{Check, Checks};
use shared::event::EventType;
use shared::feed::TAG_BYTES_MAX;
use shared::id::PurgeId;
use shared::version::ApiVersion;
use sqlx::PgConnection;

use crate::platform::{Platform, rfc3339};
use crate::store::outbox::{self, NewEvent};

/// Most tags in one purge, and most URLs.
pub const NAMES_MAX: usize = 100;
/// Longest path and query.
pub const URL_BYTES_MAX: usize = 2000;

/// What is to be forgotten: at least one of tags, URLs and everything.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"tags": ["category:coffee"], "urls": ["/products?limit=20"]}))]
pub struct NewPurge {
    /// Copies with one of these surrogate tags: `product:{id}`, `category:{slug}`, or `products` for
    /// every list.
    #[serde(default)]
    #[schema(
        max_items = 100,
        min_length = 1,
        max_length = 256,
        pattern = r"^[\x21-\x7e]+$"
    )]
    pub tags: Option<Vec<String>>,
    /// Copies of these paths and queries, as clients of the latest version write them; a version
    /// before the path makes no difference.
    #[serde(default)]
    #[schema(
        max_items = 100,
        min_length = 1,
        max_length = 2000,
        pattern = r"^/[\x21\x22\x24-\x7e]*$"
    )]
    pub urls: Option<Vec<String>>,
    /// Every copy.
    #[serde(default)]
    pub everything: bool,
    /// Copies may answer while they are fetched anew.
    #[serde(default)]
    pub soft: bool,
}

impl Check for NewPurge {
    fn check(&self, checks: &mut Checks) {
        let tags = self.tags.as_deref().unwrap_or_default();
        let urls = self.urls.as_deref().unwrap_or_default();
        checks.count("/tags", tags.len(), 0, NAMES_MAX);
        checks.count("/urls", urls.len(), 0, NAMES_MAX);
        if tags.is_empty() && urls.is_empty() && !self.everything {
            checks.fault(
                "",
                "required",
                "the purge names nothing".to_owned(),
                "Send `tags`, `urls`, or `everything: true`.".to_owned(),
            );
        }
        for (place, tag) in tags.iter().enumerate().take(NAMES_MAX) {
            let fits = (1..=TAG_BYTES_MAX).contains(&tag.len());
            if !fits || !tag.bytes().all(|byte| byte.is_ascii_graphic()) {
                checks.fault(
                    &format!("/tags/{place}"),
                    "format",
                    "not a surrogate tag".to_owned(),
                    format!("Send 1 to {TAG_BYTES_MAX} printable ASCII characters, no spaces."),
                );
            }
        }
        for (place, url) in urls.iter().enumerate().take(NAMES_MAX) {
            let fits = url.starts_with('/') && url.len() <= URL_BYTES_MAX;
            if !fits
                || !url
                    .bytes()
                    .all(|byte| byte.is_ascii_graphic() && byte != b'#')
            {
                checks.fault(
                    &format!("/urls/{place}"),
                    "format",
                    "not a path and query".to_owned(),
                    format!(
                        "Send at most {URL_BYTES_MAX} characters from the path's `/` on, \
                         percent-encoded, without scheme, host and fragment."
                    ),
                );
            }
        }
    }
}

/// A purge that is on its way to every edge.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Purge {
    /// Always `cache_purge`.
    #[schema(pattern = "^cache_purge$")]
    object: &'static str,
    /// Its id.
    pub id: PurgeId,
    /// Copies with one of these tags.
    #[schema(max_items = 100, max_length = 256, pattern = r"^[\x21-\x7e]+$")]
    tags: Vec<String>,
    /// Copies of these paths and queries, without a version.
    #[schema(
        max_items = 100,
        max_length = 2000,
        pattern = r"^/[\x21\x22\x24-\x7e]*$"
    )]
    urls: Vec<String>,
    /// Every copy.
    everything: bool,
    /// Copies may answer while they are fetched anew.
    soft: bool,
    /// RFC 3339, UTC.
    #[schema(format = DateTime)]
    created_at: String,
}

/// Writes the purge's event into the caller's transaction.
pub async fn ask(
    connection: &mut PgConnection,
    platform: &Platform,
    new: NewPurge,
    traceparent: Option<&str>,
) -> sqlx::Result<Purge> {
    let now = platform.now();
    let urls = new.urls.unwrap_or_default();
    let purge = Purge {
        object: "cache_purge",
        id: platform.purge_id(),
        tags: new.tags.unwrap_or_default(),
        urls: urls.iter().map(|url| unversioned(url).to_owned()).collect(),
        everything: new.everything,
        soft: new.soft,
        created_at: rfc3339(now),
    };
    let event = NewEvent {
        id: platform.event_id(),
        kind: EventType::CachePurgeRequested,
        aggregate: purge.id.uuid(),
        payload: json!(purge),
        traceparent,
        now,
    };
    outbox::append(connection, &event).await?;
    Ok(purge)
}

/// The URL without a version before its path: one copy serves them all.
fn unversioned(url: &str) -> &str {
    for version in ApiVersion::ALL {
        let rest = url
            .strip_prefix('/')
            .and_then(|rest| rest.strip_prefix(version.as_str()));
        if let Some(rest) = rest.filter(|rest| rest.starts_with('/')) {
            return rest;
        }
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_makes_no_difference() {
        for (url, expected) in [
            ("/products", "/products"),
            ("/v2/products?limit=5", "/products?limit=5"),
            ("/v1/products", "/products"),
            ("/v2", "/v2"),
            ("/v2x/products", "/v2x/products"),
            ("/v3/products", "/v3/products"),
            ("/", "/"),
        ] {
            assert_eq!(unversioned(url), expected, "{url}");
        }
    }

    #[test]
    fn purges_are_checked() {
        let long = "x".repeat(URL_BYTES_MAX);
        let tag = "x".repeat(TAG_BYTES_MAX + 1);
        let many = vec!["a"; NAMES_MAX + 1];
        for (body, faults) in [
            (json!({}), &[""][..]),
            (json!({"soft": true}), &[""]),
            (json!({"everything": false, "tags": []}), &[""]),
            (json!({"everything": true}), &[]),
            (json!({"tags": ["product:1", "a"], "urls": null}), &[]),
            (
                json!({"tags": ["a b", "", "☕"]}),
                &["/tags/0", "/tags/1", "/tags/2"],
            ),
            (json!({"tags": [tag]}), &["/tags/0"]),
            (json!({"tags": many}), &["/tags"]),
            (json!({"urls": ["/v2/products?q=%20x", "/"]}), &[]),
            (
                json!({"urls": ["products", "https://x/y", "/a b", "/a#b", format!("/{long}")]}),
                &["/urls/0", "/urls/1", "/urls/2", "/urls/3", "/urls/4"],
            ),
            (json!({"everything": "yes"}), &["/everything"]),
            (json!({"everything": true, "colour": 1}), &["/colour"]),
        ] {
            let found = match shared::body::parse::<NewPurge>(body.to_string().as_bytes()) {
                Ok(_) => vec![],
                Err(faults) => faults.into_iter().map(|fault| fault.pointer).collect(),
            };
            assert_eq!(found, faults, "{body}");
        }
    }
}
