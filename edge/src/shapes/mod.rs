//! The tables by which bodies are looked at before the origin is paid for them ([`shared::shape`]), made by
//! the build from `openapi` of `gateway.toml` for the routes with `shape = true`.

#[cfg(test)]
pub(crate) mod tests;

use std::cell::OnceCell;

use serde_json::Value;
use shared::problem::FieldError;
use shared::shape;

/// The tables of all routes, read when a body first needs one.
#[derive(Debug, Default)]
pub struct Shapes {
    text: &'static str,
    read: OnceCell<Value>,
}

impl Shapes {
    /// The tables as the build wrote them: by method and path, as in `POST /orders`.
    pub const fn compiled(text: &'static str) -> Self {
        Self {
            text,
            read: OnceCell::new(),
        }
    }

    /// What the origin would refuse a JSON body with; empty: it decides.
    pub fn faults(&self, method: &str, path: &str, body: &[u8]) -> Vec<FieldError> {
        let all = self
            .read
            .get_or_init(|| serde_json::from_slice(self.text.as_bytes()).unwrap_or_default());
        match all.get(format!("{method} {path}")) {
            Some(table) => shape::certain(table, body),
            None => Vec::new(),
        }
    }
}
