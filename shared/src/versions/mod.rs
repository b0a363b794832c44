//! Converters between versions of the API: a request is carried up to the latest version, an answer
//! down to the client's. The origin speaks the latest only; the edge converts around it.
//!
//! 1. Converters are pure functions of JSON values and keep the order of members.
//! 2. Carrying a resource up and down again gives the same resource.
//! 3. Upwards every fault is named in the client's own version, by pointer, code and fix. Downwards
//!    nothing fails: a member of another shape than expected stays as it is.
//! 4. What was carried down once comes out the same again: see [`REVISION`].
//! 5. Which converter a route needs is data (`convert` in `gateway.toml`): a name of [`Resource`].

mod page;
mod revision;
mod v1;

pub use page::page;
pub use revision::REVISION;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::problem::FieldError;
use crate::version::ApiVersion;

/// What a route's bodies are, which says how they are converted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resource {
    /// Products, alone or in a list.
    Product,
    /// Orders, alone or in a list, new ones and changes of their status.
    Order,
    /// Payments and refunds.
    Payment,
}

/// How a request's body is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// All of it, as POST and PUT send it.
    Whole,
    /// What changes, as a merge patch [RFC 7396].
    MergePatch,
}

/// Whether the version differs from what the origin speaks.
pub const fn converts(version: ApiVersion) -> bool {
    !matches!(version, ApiVersion::LATEST)
}

/// A request's body in the latest version, or what is wrong with it in the client's.
pub fn up(
    version: ApiVersion,
    resource: Resource,
    form: Form,
    body: Value,
) -> Result<Value, Vec<FieldError>> {
    match version {
        ApiVersion::V1 => v1::up(resource, form, body),
        ApiVersion::V2 => Ok(body),
    }
}

/// A query in the latest version. What is unknown stays as it is, for the origin to refuse.
pub fn query_up(version: ApiVersion, resource: Resource, query: &str) -> String {
    match version {
        ApiVersion::V1 => v1::query_up(resource, query),
        ApiVersion::V2 => query.to_owned(),
    }
}

/// A resource, or a list of them, in the client's version, as that revision writes it.
pub fn down(version: ApiVersion, revision: u16, resource: Resource, body: Value) -> Value {
    match (version, revision::of(revision)) {
        (ApiVersion::V1, Some(revision)) => (revision.down)(resource, body),
        _ => body,
    }
}

/// A problem document in the client's version: pointers name members that the client knows.
pub fn problem_down(
    version: ApiVersion,
    revision: u16,
    resource: Resource,
    document: Value,
) -> Value {
    match (version, revision::of(revision)) {
        (ApiVersion::V1, Some(revision)) => (revision.problem_down)(resource, document),
        _ => document,
    }
}
