//! An operator's tasks that are more than a line of `main`: each file one command. They answer in a
//! document for scripts and in words for people.

pub mod signing_keys;

use serde_json::Value;

/// What a command answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// For scripts.
    pub document: Value,
    /// For people.
    pub text: String,
}
