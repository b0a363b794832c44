//! What holds for every operation: how it may be refused, and the fields that each answer carries.
//!
//! 1. Any request may be malformed, too long, unacceptable, over its limit, or meet a part of us
//!    that is down: 400, 406, 414, 429, 431, 500, 502, 503, 504.
//! 2. A token that does not hold is 401 wherever tokens are looked at; a scope that lacks is 403.
//! 3. A path that names a resource may name none: 404.
//! 4. A body may be too large or of another media type: 413, 415.
//! 5. A change on somebody's behalf takes a key, needed or not ([`crate::routes`]); what admins do to dead
//!    letters takes none.
//! 6. `If-Match` brings 409, 412 and 428; `Idempotency-Key` brings 409 and 422.
//!
//! What a handler declares itself stays, such as 402 where a card is charged, but that fields which are known here are told here: a
//! handler names its `ETag`, this file says what one looks like.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{fields, problems};

/// What of it takes none: a letter is settled once whatever is repeated.
const UNKEYED: &str = "/admin/dead-letters";
const IDEMPOTENCY_KEY: &str = "Idempotency-Key";

/// Adds it to the whole document.
pub(super) fn add(document: &mut Value) {
    let headers = fields::headers();
    document["components"]["headers"] = headers.clone();
    document["components"]["schemas"]["Problem"] = problems::schema();
    let refused = problems::responses();
    for (status, response) in &refused {
        document["components"]["responses"][problems::name(*status)] = response.clone();
    }
    for (path, item) in document["paths"].as_object_mut().into_iter().flatten() {
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            if method == "servers" {
                continue;
            }
            optional_key(path, method, operation);
            refusals(path, operation, &refused);
            successes(method, operation, &headers);
            let parameters = operation.get_mut("parameters");
            for parameter in parameters
                .and_then(Value::as_array_mut)
                .into_iter()
                .flatten()
            {
                fields::bound(parameter);
            }
            tell_scopes(operation);
        }
    }
}

/// Scopes stand in words: only OAuth flows may list them where requirements are [OpenAPI 3.1].
fn tell_scopes(operation: &mut Value) {
    let needs = operation.get_mut("security").and_then(Value::as_array_mut);
    let mut told = Vec::new();
    for need in needs.into_iter().flatten() {
        if let Some(scopes) = need
            .get_mut(super::ACCESS_TOKEN)
            .and_then(Value::as_array_mut)
        {
            told.extend(
                scopes
                    .drain(..)
                    .filter_map(|scope| Some(format!("`{}`", scope.as_str()?))),
            );
        }
    }
    let described = operation["description"].as_str().unwrap_or_default();
    let mut text = if described.is_empty() {
        format!(
            "{}.",
            operation["summary"]
                .as_str()
                .unwrap_or_default()
                .trim_end_matches('.')
        )
    } else {
        described.to_owned()
    };
    if !told.is_empty() {
        let scopes = told.join(", ");
        text = format!("{text}\n\nNeeds the scope {scopes}.");
        operation["x-scopes"] = json!(
            told.iter()
                .map(|one| one.trim_matches('`'))
                .collect::<Vec<_>>()
        );
    }
    operation["description"] = json!(text);
}

fn has_field(operation: &Value, name: &str) -> bool {
    let parameters = operation.get("parameters").and_then(Value::as_array);
    parameters.is_some_and(|all| {
        all.iter()
            .any(|one| one["in"] == "header" && one["name"] == name)
    })
}

/// Adds the key to an operation that takes one and does not need it.
fn optional_key(path: &str, method: &str, operation: &mut Value) {
    let is_change = matches!(method, "post" | "put" | "patch" | "delete");
    let needs = operation.get("security").and_then(Value::as_array);
    let is_somebodys = needs.is_some_and(|all| {
        all.iter()
            .all(|need| need.get(super::ACCESS_TOKEN).is_some())
    });
    if !is_change
        || !is_somebodys
        || path.starts_with(UNKEYED)
        || has_field(operation, IDEMPOTENCY_KEY)
    {
        return;
    }
    let key = json!({
        "name": IDEMPOTENCY_KEY,
        "in": "header",
        "required": false,
        "description": "A random UUID for each change, the same one with each retry of it: then it \
            happens once, and each retry gets the first one's answer.",
    });
    match operation
        .get_mut("parameters")
        .and_then(Value::as_array_mut)
    {
        Some(parameters) => parameters.push(key),
        None => operation["parameters"] = json!([key]),
    }
}

/// Leaves out what no operation gives, such as 405 and its `Allow`.
pub(super) fn prune(document: &mut Value) {
    let mut text = document["paths"].to_string();
    for kind in ["responses", "headers"] {
        if let Some(components) = document["components"][kind].as_object_mut() {
            components.retain(|name, _| text.contains(&format!("{kind}/{name}\"")));
            text.push_str(&json!(components).to_string());
        }
    }
    // A row of a list stands within its page's schema, and nobody else may refer to it.
    let text = document.to_string();
    if let Some(schemas) = document["components"]["schemas"].as_object_mut() {
        schemas.retain(|name, _| text.contains(&format!("schemas/{name}\"")));
    }
}

/// Scopes that the operation needs; `None` where tokens are not looked at.
fn scopes(operation: &Value) -> Option<usize> {
    let needs = operation.get("security")?.as_array()?;
    needs
        .iter()
        .filter_map(|need| need[super::ACCESS_TOKEN].as_array().map(Vec::len))
        .max()
}

fn refusals(path: &str, operation: &mut Value, known: &BTreeMap<u16, Value>) {
    let mut statuses = vec![400, 406, 414, 429, 431, 500, 502, 503, 504];
    match scopes(operation) {
        Some(0) => statuses.push(401),
        Some(_) => statuses.extend([401, 403]),
        None => {}
    }
    if path.contains('{') {
        statuses.push(404);
    }
    if operation.get("requestBody").is_some() {
        statuses.extend([413, 415]);
    }
    if has_field(operation, "If-Match") {
        statuses.extend([409, 412, 428]);
    }
    if has_field(operation, IDEMPOTENCY_KEY) {
        statuses.extend([409, 422]);
    }
    for status in statuses {
        let responses = &mut operation["responses"];
        let key = status.to_string();
        if known.contains_key(&status) && responses.get(&key).is_none() {
            responses[key] = problems::reference(status);
        }
    }
    for (status, response) in operation["responses"].as_object_mut().into_iter().flatten() {
        // One with a body of its own is no problem document: RFC 6749 has its own form.
        let own = response.get("content").is_some();
        if own && status.starts_with('4') {
            let challenge = (*status == "401").then_some("WWW-Authenticate");
            let names = fields::ALWAYS.into_iter().chain(challenge);
            add_fields(response, names);
        }
        if let Some(status) = status.parse().ok().filter(|status| *status >= 400 && !own) {
            *response = problems::reference(status);
        }
    }
}

fn successes(method: &str, operation: &mut Value, known: &Value) {
    let mut names = fields::ALWAYS.to_vec();
    if has_field(operation, IDEMPOTENCY_KEY) {
        names.extend(["Idempotent-Replayed", "Original-Request-Id"]);
    }
    if has_field(operation, "Prefer") {
        names.push("Preference-Applied");
    }
    if method == "get" && is_public(operation) {
        names.extend(["Age", "Cache-Status", "CDN-Cache-Control"]);
    }
    let tagged = method == "get" && operation.pointer("/responses/200/headers/ETag").is_some();
    if tagged {
        operation["responses"]["304"] = json!({
            "description": "The client's copy still holds.",
            "headers": {"ETag": {"$ref": "#/components/headers/ETag"}},
        });
        let declared = operation.get_mut("parameters").map(Value::take);
        let mut parameters = declared.unwrap_or_else(|| json!([]));
        if let Some(parameters) = parameters.as_array_mut() {
            parameters.push(json!({"$ref": "#/components/parameters/If-None-Match"}));
        }
        operation["parameters"] = parameters;
    }
    let whole = ["200", "201"].iter().find_map(|status| {
        let fields = operation.pointer(&format!("/responses/{status}/headers"));
        fields.and_then(Value::as_object).cloned()
    });
    let responses = operation["responses"].as_object_mut();
    for (status, response) in responses.into_iter().flatten() {
        if !status.starts_with(['2', '3']) {
            continue;
        }
        // Without its body an answer is the same.
        if let Some(fields) = whole.as_ref().filter(|_| status == "204") {
            response["headers"] = Value::Object(fields.clone());
        }
        let declared = response.get("headers").and_then(Value::as_object);
        let declared: Vec<String> = declared.map_or_else(Vec::new, |all| {
            let names = all.keys().filter(|name| known.get(*name).is_some());
            names.cloned().collect()
        });
        let declared = declared.iter().map(String::as_str);
        add_fields(response, declared.chain(names.iter().copied()));
    }
}

/// Adds fields to those that an answer may carry; what is known here is told here.
fn add_fields<'a>(response: &mut Value, names: impl Iterator<Item = &'a str>) {
    let added = fields::references(names);
    match response.get_mut("headers").and_then(Value::as_object_mut) {
        Some(fields) => fields.extend(added),
        None => response["headers"] = Value::Object(added),
    }
}

/// Whether nobody needs to say who they are.
fn is_public(operation: &Value) -> bool {
    let needs = operation.get("security").and_then(Value::as_array);
    needs.is_some_and(|all| all.iter().any(|need| need == &json!({})))
}
