//! An operator's tasks that are more than a line of `main`: each file one command. They answer in a
//! document for scripts and in words for people.

pub mod anywhere;
pub mod api_keys;
pub mod clients;
pub mod explain;
pub mod firewall;
pub mod origins;
pub mod print;
pub mod probe;
pub mod purge;
pub mod signing_keys;
pub mod token;

use serde_json::Value;
use shared::body::{Check, Checks};
use shared::caller::Role;
use shared::problem::FieldError;

/// What a command answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// For scripts.
    pub document: Value,
    /// For people.
    pub text: String,
}

/// The scopes that were asked for, or all of the role's.
pub fn scopes(role: Role, asked: &[String]) -> anyhow::Result<Vec<String>> {
    let of_role = role.scopes();
    if let Some(beyond) = asked
        .iter()
        .find(|scope| !of_role.contains(&scope.as_str()))
    {
        anyhow::bail!(
            "a {role} can't carry the scope {beyond}; it may carry {}",
            of_role.join(", ")
        );
    }
    if asked.is_empty() {
        return Ok(of_role.iter().map(|&scope| scope.to_owned()).collect());
    }
    Ok(asked.to_vec())
}

/// What was asked for, if nothing is wrong with it.
pub fn checked<T: Check>(asked: T) -> anyhow::Result<T> {
    let mut checks = Checks::default();
    asked.check(&mut checks);
    passed(checks)?;
    Ok(asked)
}

/// Fails with what was found.
pub fn passed(checks: Checks) -> anyhow::Result<()> {
    let faults = checks.into_faults();
    if faults.is_empty() {
        Ok(())
    } else {
        Err(told(&faults))
    }
}

/// What is wrong with what was asked for, a line a fault.
pub fn told(faults: &[FieldError]) -> anyhow::Error {
    let told: Vec<_> = faults
        .iter()
        .map(|fault| format!("{}: {}. {}", fault.pointer, fault.detail, fault.fix))
        .collect();
    anyhow::anyhow!(told.join("\n"))
}
