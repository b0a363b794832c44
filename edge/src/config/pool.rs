//! Pools of origins.

use serde::{Deserialize, Serialize};
pub use shared::origins::DEFAULT_POOL;

use super::TIMEOUT_MS_MAX;

/// The binding that lists its origins, where the file does not say.
const ORIGIN_URL: &str = "ORIGIN_URL";

/// Where requests go. The deployment lists the origins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pool {
    /// What routes call it; `default` is that of those which name none.
    pub name: String,
    /// The text binding that lists the origins: URLs with blanks between them, each perhaps with `*` and its
    /// weight behind it, as in `https://a.example https://b.example*3`.
    #[serde(default = "origin_url")]
    pub binding: String,
    /// Whether the origin has a record of the pools, whose list of this one then holds in the binding's place.
    #[serde(default)]
    pub at_run_time: bool,
    /// The path that says whether an origin is well: below 500 it is. Unset: nobody is checked, and no
    /// origin is ever out.
    #[serde(default)]
    pub health: Option<String>,
    /// Longest wait for one origin while there is another one, milliseconds; for methods that change nothing.
    #[serde(default = "try_timeout_ms")]
    pub try_timeout_ms: u32,
}

impl Default for Pool {
    fn default() -> Self {
        Self {
            name: DEFAULT_POOL.to_owned(),
            binding: origin_url(),
            at_run_time: false,
            health: None,
            try_timeout_ms: try_timeout_ms(),
        }
    }
}

fn origin_url() -> String {
    ORIGIN_URL.to_owned()
}

const fn try_timeout_ms() -> u32 {
    5_000
}

impl Pool {
    /// What is wrong with it.
    pub(super) fn check(&self, transparent: bool) -> Result<(), String> {
        let name = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
        if self.binding.is_empty() || !self.binding.bytes().all(name) {
            return Err("binding is written in capitals, as in ORIGIN_URL".into());
        }
        if self
            .health
            .as_ref()
            .is_some_and(|path| !path.starts_with('/'))
        {
            return Err("health must start with `/`".into());
        }
        if self.try_timeout_ms == 0 || self.try_timeout_ms > TIMEOUT_MS_MAX {
            return Err(format!("try_timeout_ms must be 1 to {TIMEOUT_MS_MAX}"));
        }
        if self.at_run_time && transparent {
            return Err("at_run_time needs the feed, which transparent = true has not".into());
        }
        Ok(())
    }
}
