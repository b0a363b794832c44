//! What the document says of bodies, for whoever sends one that is at fault ([`shared::shape`]).

use std::collections::HashMap;
use std::sync::LazyLock;

use serde_json::{Map, Value};
use shared::problem::FieldError;
use shared::shape::{self, compile};
use utoipa::ToSchema;

/// The table of each schema, made when a body is first at fault.
static TABLES: LazyLock<HashMap<String, Value>> = LazyLock::new(|| {
    let document = super::document().unwrap_or_default();
    let schemas = document["components"]["schemas"].as_object();
    let names = schemas.into_iter().flat_map(Map::keys);
    names
        .map(|name| (name.clone(), compile::named(&document, name)))
        .collect()
});

fn table<T: ToSchema>() -> Option<&'static Value> {
    TABLES.get(&*T::name())
}

/// All that is wrong with a body of which its reader met these faults.
pub(crate) fn all<T: ToSchema>(body: &[u8], met: Vec<FieldError>) -> Vec<FieldError> {
    match table::<T>() {
        Some(table) => shape::all(table, body, met),
        None => met,
    }
}

/// What is wrong with a merge patch of such a document, whatever it is for.
pub(crate) fn of_patch<T: ToSchema>(members: &Map<String, Value>) -> Vec<FieldError> {
    table::<T>().map_or_else(Vec::new, |table| shape::of_patch(table, members))
}
