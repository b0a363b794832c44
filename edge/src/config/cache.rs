//! How a route's answers are cached.

use serde::{Deserialize, Serialize};

/// A route's policy. The default honours the origin's fields and changes nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CachePolicy {
    /// Query parameters that answers depend on, sorted into the key; `"all"`, the default, takes the
    /// query as it came.
    #[serde(default)]
    pub query: Query,
    /// What becomes of parameters that are not listed: `"drop"`, the default, from the key and from
    /// what the origin sees; `"keep"`; `"refuse"` is 400.
    #[serde(default)]
    pub unknown: Unknown,
    /// Request fields that answers depend on even where the origin's `Vary` does not say so.
    #[serde(default)]
    pub vary: Vec<String>,
    /// `Cache-Control` that clients get in place of the origin's, on successes that are for
    /// everybody.
    #[serde(default)]
    pub browser: Option<String>,
    /// What holds at the edge in place of the origin's fields, as in
    /// `"max-age=60, stale-while-revalidate=10"`; it goes out as `CDN-Cache-Control` [RFC 9213].
    #[serde(default)]
    pub edge: Option<String>,
    /// Whether answers with `Set-Cookie` and an explicit lifetime are shared. Never where a cookie
    /// means somebody.
    #[serde(default)]
    pub set_cookie: bool,
    /// Surrogate tags that its answers are known to carry before the first one came, with the path's
    /// parameters, as in `"product:{id}"`. The origin is then asked for nothing older than the last
    /// change of these, instead of the last change of anything.
    #[serde(default)]
    pub tags: Vec<String>,
    /// What a purge does to copies: `"hard"`, the default, `"soft"` or `"none"`.
    #[serde(default)]
    pub purge: Purge,
}

/// What a purge does to copies.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purge {
    /// They answer no more, unless the origin says that they still hold.
    #[default]
    Hard,
    /// They are stale from then on: within `stale-while-revalidate` they answer while they are fetched
    /// anew. A purge that says `soft` does this on every route.
    Soft,
    /// Nothing: they live to the end of their lifetimes, and the feed is not asked about them.
    None,
}

/// Parameters of a query.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "query is a list of parameters, or \"all\"")]
pub enum Query {
    /// Those of these names.
    Listed(Vec<String>),
    /// All, written `"all"`.
    #[default]
    #[serde(with = "all")]
    All,
}

/// What becomes of parameters that are not listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unknown {
    /// They are dropped.
    #[default]
    Drop,
    /// They are kept.
    Keep,
    /// They are 400.
    Refuse,
}

impl CachePolicy {
    pub(super) fn check(&self, path: &str) -> Result<(), String> {
        for tag in &self.tags {
            let mut parts = tag.split('{');
            let plain = parts.next().unwrap_or_default();
            let known = parts.all(|part| {
                part.split_once('}').is_some_and(|(name, _)| {
                    path.split('/').any(|one| one == format!("{{{name}}}"))
                })
            });
            if !known || tag.is_empty() || plain.contains(char::is_whitespace) {
                return Err(format!(
                    "cache: `{tag}` is no tag of this path; write it as in product:{{id}}"
                ));
            }
        }
        if self.query == Query::All && self.unknown != Unknown::Drop {
            return Err("cache: unknown goes with a list in query; \"all\" knows every one".into());
        }
        for name in &self.vary {
            let lower = *name == name.to_ascii_lowercase();
            if http::HeaderName::from_bytes(name.as_bytes()).is_err() || !lower {
                return Err(format!(
                    "cache: `{name}` is no field; write it in lower case, as in accept-language"
                ));
            }
        }
        for (member, text) in [("browser", &self.browser), ("edge", &self.edge)] {
            let Some(text) = text else { continue };
            let clean = |byte: u8| byte.is_ascii_alphanumeric() || b"-=, ".contains(&byte);
            if text.trim().is_empty() || !text.bytes().all(clean) {
                return Err(format!(
                    "cache: {member} must be directives, as in \"public, max-age=60\""
                ));
            }
        }
        Ok(())
    }
}

mod all {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("all")
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<(), D::Error> {
        match String::deserialize(deserializer)?.as_str() {
            "all" => Ok(()),
            _ => Err(D::Error::custom("query is a list, or \"all\"")),
        }
    }
}
