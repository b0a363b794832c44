//! `[firewall]`: who is let in, and what every answer says to browsers.

use serde::{Deserialize, Serialize};
use shared::network::{block, is_country};

/// Who is let in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Firewall {
    /// Addresses and blocks of them that are out.
    #[serde(default)]
    pub deny: Vec<String>,
    /// Where there are some, all others are out.
    #[serde(default)]
    pub allow: Vec<String>,
    /// Countries that are out, ISO 3166-1 alpha-2.
    #[serde(default)]
    pub deny_countries: Vec<String>,
    /// Where there are some, all others are out, and so is an address of no known country.
    #[serde(default)]
    pub allow_countries: Vec<String>,
    /// Whether the origin has a record of these lists, which then holds in their place.
    #[serde(default)]
    pub at_run_time: bool,
    /// Whether answers carry the fields that keep browsers from guessing, framing and plain HTTP.
    #[serde(default)]
    pub security_fields: bool,
}

/// What a route does with a request that shows a managed pattern.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Patterns {
    /// It does not look.
    #[default]
    Off,
    /// The log says which.
    Log,
    /// It is 403.
    Block,
}

impl Firewall {
    /// Whether all of it can be read.
    pub(super) fn check(&self) -> Result<(), String> {
        for text in self.deny.iter().chain(&self.allow) {
            block(text).ok_or_else(|| {
                format!("`{text}` is no address and no block, such as 192.0.2.0/24")
            })?;
        }
        for country in self.deny_countries.iter().chain(&self.allow_countries) {
            if !is_country(country) {
                return Err(format!("`{country}` is no country, such as CH"));
            }
        }
        Ok(())
    }
}
