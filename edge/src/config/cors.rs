//! Which web pages of other origins may call, and read what is answered [Fetch §3.2].

use serde::{Deserialize, Serialize};

/// A policy: the file's default, or a route's own in its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cors {
    /// Origins such as `https://shop.example`, or `*` alone for all of them.
    pub origins: Vec<String>,
    /// For how long a browser may keep the answer to a preflight, seconds.
    #[serde(default = "max_age_seconds")]
    pub max_age_seconds: u32,
    /// Whether pages may send cookies along; the API itself needs none.
    #[serde(default)]
    pub credentials: bool,
}

const fn max_age_seconds() -> u32 {
    7_200
}

/// Longest that a browser may keep it; Firefox caps it at a day, Chromium at two hours.
const MAX_AGE_SECONDS_LIMIT: u32 = 86_400;

impl Cors {
    /// Whether every origin is allowed.
    pub fn is_open(&self) -> bool {
        self.origins.iter().any(|origin| origin == "*")
    }

    /// Whether pages of this origin are allowed. Origins are compared byte for byte, as browsers
    /// write them.
    pub fn allows(&self, origin: &str) -> bool {
        self.origins
            .iter()
            .any(|known| known == "*" || known == origin)
    }

    pub(super) fn check(&self) -> Result<(), String> {
        if self.is_open() && self.origins.len() > 1 {
            return Err("cors: `*` stands alone, since it allows every origin".into());
        }
        if self.is_open() && self.credentials {
            return Err(
                "cors: credentials need origins by name; `*` would let any page act".into(),
            );
        }
        if let Some(origin) = self.origins.iter().find(|origin| !is_origin(origin)) {
            return Err(format!(
                "cors: `{origin}` is no origin; write scheme and host, as in https://shop.example"
            ));
        }
        if self.max_age_seconds > MAX_AGE_SECONDS_LIMIT {
            return Err(format!(
                "cors: max_age_seconds must be at most {MAX_AGE_SECONDS_LIMIT}"
            ));
        }
        Ok(())
    }
}

/// Scheme, host and perhaps a port, in lower case and without a path.
fn is_origin(text: &str) -> bool {
    let host = ["https://", "http://"]
        .iter()
        .find_map(|scheme| text.strip_prefix(scheme));
    let clean =
        |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b':' | b'[' | b']');
    text == "*" || host.is_some_and(|host| !host.is_empty() && host.bytes().all(clean))
}
