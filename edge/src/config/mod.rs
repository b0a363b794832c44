//! `gateway.toml`: what the edge does, as data. It knows nothing of orders; the shop is one
//! configuration of it.
//!
//! `build.rs` reads, checks and compiles the file in, so that a mistake is a build error with a line
//! number and a Worker parses no TOML. This module is compiled into both, so it names no other one
//! of this crate.

mod cache;
mod check;
mod compiled;
mod cors;
mod firewall;
mod lifecycle;
mod pool;
mod seen;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use shared::versions::Resource;

pub use cache::{CachePolicy, Purge, Query, Unknown};
pub use check::{Invalid, Syntax, parse};
pub use cors::Cors;
pub use firewall::{Firewall, Patterns};
pub use lifecycle::{Brownout, Lifecycle, Moment};
pub use pool::{DEFAULT_POOL, Pool};
pub use seen::{AccessLog, Share, Traces};

#[cfg(test)]
pub mod tests;

/// The whole file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gateway {
    /// Who may issue access tokens.
    #[serde(default)]
    pub issuers: Vec<Issuer>,
    /// Which plan holds for whom.
    #[serde(default)]
    pub limits: Option<Limits>,
    /// Rate limits, by name.
    #[serde(default)]
    pub plans: BTreeMap<String, Plan>,
    /// When older versions of the API end, by name.
    #[serde(default)]
    pub versions: BTreeMap<String, Lifecycle>,
    /// The edge is a cache and nothing else [RFC 9111]: paths name no version of an API, nobody is
    /// asked who they are, fields pass as they came, answers are not encoded, and the edge has no
    /// pages of its own. Routes say what is cached how.
    #[serde(default)]
    pub transparent: bool,
    /// Which web pages may call, on routes that have no policy of their own; none without it.
    #[serde(default)]
    pub cors: Option<Cors>,
    /// How the feed of what is no longer true is relied on.
    #[serde(default)]
    pub feed: Feed,
    /// Who is let in.
    #[serde(default)]
    pub firewall: Firewall,
    /// What becomes of the access log's lines.
    #[serde(default)]
    pub access_log: AccessLog,
    /// What becomes of traces.
    #[serde(default)]
    pub traces: Traces,
    /// Where requests go; `default` is there without being written.
    #[serde(default)]
    pub pools: Vec<Pool>,
    /// The API's OpenAPI document, from the repository's root: what bodies look like.
    #[serde(default)]
    pub openapi: Option<String>,
    /// The routes, each path and method once.
    pub routes: Vec<Route>,
}

/// How the feed is relied on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Feed {
    /// After so many seconds without an answer of the feed, methods that change something are refused
    /// (503), since what was revoked may not be known.
    pub refuse_after_seconds: u32,
}

impl Default for Feed {
    fn default() -> Self {
        Self {
            refuse_after_seconds: 60,
        }
    }
}

/// An issuer of access tokens.
#[allow(
    clippy::struct_field_names,
    reason = "`issuer` is the claim's name, as the file has it"
)]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Issuer {
    /// For logs.
    pub name: String,
    /// The `iss` claim, compared byte for byte.
    pub issuer: String,
    /// What the `aud` claim must hold.
    pub audience: String,
    /// Where its keys are: an https URL, an http URL on loopback, or a path at the origin.
    pub jwks_url: String,
    /// Which algorithms it may sign with; no other is looked at.
    pub algorithms: Vec<String>,
}

/// Which plan holds for whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// For callers with a token: one bucket an account.
    pub known: String,
    /// For callers without: one bucket an address.
    pub anonymous: String,
}

/// A rate limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Name of the policy in `RateLimit-Policy`.
    pub policy: String,
    /// Tokens a window (`q`), all of which may be taken at once.
    pub rate: u32,
    /// The window's seconds (`w`).
    pub per_seconds: u32,
}

/// Whether a route asks who is calling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Auth {
    /// It does not look.
    None,
    /// A token is checked when there is one.
    Optional,
    /// No token is 401.
    Required,
    /// It does not look, and the origin does: a client's credentials by Basic reach it [RFC 6749 §2.3.1].
    Origin,
}

/// Whether a route takes idempotency keys.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Idempotency {
    /// The field passes through.
    #[default]
    Ignored,
    /// A key is honoured.
    Optional,
    /// No key is 400.
    Required,
}

/// What the route does while the limiter is unreachable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhenDown {
    /// Lets requests through.
    Open,
    /// Answers 503.
    Closed,
}

/// What the edge answers by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// What of the deprecated versions the caller's account used.
    Deprecations,
    /// How the caller stands with its limits.
    RateLimit,
}

/// How a route asks for the caller's tokens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitMode {
    /// Each time.
    #[default]
    Exact,
    /// A few at once, for a second.
    Leased,
}

/// One row of the route table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// For logs.
    pub name: String,
    /// Path without a version, as in `/orders/{id}`.
    pub path: String,
    /// Methods; GET brings HEAD. `*` is any, in a transparent configuration.
    pub methods: Vec<String>,
    /// Whether it asks who is calling.
    pub auth: Auth,
    /// The scope that a known caller must hold.
    #[serde(default)]
    pub scope: Option<String>,
    /// Whether the caller's bucket pays for it.
    #[serde(default = "yes")]
    pub limited: bool,
    /// Whether each request asks for its tokens, or a few are leased for a second.
    #[serde(default)]
    pub limit: LimitMode,
    /// Open or closed while the limiter is unreachable; unset: open for safe methods.
    #[serde(default)]
    pub limiter_down: Option<WhenDown>,
    /// Idempotency keys.
    #[serde(default)]
    pub idempotency: Idempotency,
    /// How it is cached. Without it, as the origin's fields say, where the route needs no caller.
    #[serde(default)]
    pub cache: Option<CachePolicy>,
    /// Which converter carries its bodies between versions; without it all versions are alike.
    #[serde(default)]
    pub convert: Option<Resource>,
    /// Media types that it answers with, one of which Accept must allow (406); none: not checked.
    #[serde(default = "json")]
    pub produces: Vec<String>,
    /// Media types that its bodies may have (415); none: not checked. Unset: JSON for POST and PUT,
    /// merge patch and JSON Patch for PATCH.
    #[serde(default)]
    pub consumes: Option<Vec<String>>,
    /// What becomes of a request that shows a managed pattern.
    #[serde(default)]
    pub patterns: Patterns,
    /// Which web pages may call it, in place of the file's `[cors]`.
    #[serde(default)]
    pub cors: Option<Cors>,
    /// The edge answers by itself, without the origin.
    #[serde(default)]
    pub answer: Option<Answer>,
    /// Where the origin is told how often this was read, about once a minute; unset: nowhere.
    #[serde(default)]
    pub views: Option<String>,
    /// JSON bodies of POST and PUT are held against the OpenAPI document before the origin gets them.
    #[serde(default)]
    pub shape: bool,
    /// Most bytes in a request's body, decoded.
    #[serde(default = "body_bytes_max")]
    pub body_bytes_max: usize,
    /// Which pool of origins it goes to; unset: `default`.
    #[serde(default)]
    pub pool: Option<String>,
    /// It goes to the deployment's own origins first, and to those of a list that was set at run time where none
    /// of them answers: what mends such a list must not depend on it.
    #[serde(default)]
    pub own_origins: bool,
    /// Longest wait for the origin's answer, all tries together, milliseconds.
    #[serde(default = "timeout_ms")]
    pub timeout_ms: u32,
}

impl Route {
    /// Media types that a body of this method may have; empty: any.
    pub fn consumes(&self, method: &str) -> Vec<&str> {
        match (&self.consumes, method) {
            (Some(listed), _) => listed.iter().map(String::as_str).collect(),
            (None, "POST" | "PUT") => vec![JSON],
            (None, "PATCH") => vec![MERGE_PATCH, JSON_PATCH],
            (None, _) => Vec::new(),
        }
    }
}

/// What most bodies are.
pub const JSON: &str = "application/json";
/// RFC 7396.
pub const MERGE_PATCH: &str = "application/merge-patch+json";
/// RFC 6902; no version 1 of anything takes it.
pub const JSON_PATCH: &str = "application/json-patch+json";

const fn yes() -> bool {
    true
}

fn json() -> Vec<String> {
    vec![JSON.to_owned()]
}

const fn body_bytes_max() -> usize {
    64 * 1024
}

const fn timeout_ms() -> u32 {
    15_000
}

/// Longest that a route may wait for its origin.
pub const TIMEOUT_MS_MAX: u32 = 29_000;
/// Largest body that a route may take.
pub const BODY_BYTES_LIMIT: usize = 10 * 1024 * 1024;
