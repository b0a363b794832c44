//! The API's OpenAPI 3.1 document: the operations that the handlers declare ([`crate::routes`]),
//! what holds for all of them ([`common`]), and what names mean ([`conventions`]).

mod common;
mod conventions;
mod edge_routes;
mod fields;
mod links;
mod patches;
mod problems;
pub(crate) mod shapes;

use serde_json::Value;
use shared::partner;
use utoipa::Modify;
use utoipa::OpenApi;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};

use crate::routes;

/// What access tokens are called in the document.
pub const ACCESS_TOKEN: &str = "access_token";
/// What those are called that open what is below `/admin`, so that nobody takes the two for one.
const ADMIN_TOKEN: &str = "admin_token";
/// What a partner's key is called.
const API_KEY: &str = "api_key";
/// What a client's id and secret are called.
pub const CLIENT_SECRET: &str = "client_secret";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Headgate",
        description = "A commerce API: products, orders, payments, users.",
        contact(name = "Headgate", url = "https://headgate.example", email = "api@headgate.example"),
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    servers((url = "/v2", description = "The current version, in production and local alike")),
    modifiers(&Credentials),
    tags(
        (name = "products", description = "The catalogue: lists, search, changes"),
        (name = "orders", description = "Placing orders, and what became of them"),
        (name = "payments", description = "What was charged for orders, and paid back"),
        (name = "users", description = "People, their profiles and their payment methods"),
        (name = "sessions", description = "Signing in and out, and the tokens between"),
        (name = "admin", description = "Plans, API keys, revocations and purges, for whoever runs the shop"),
        (name = "operations", description = "Health, keys, and this document"),
    )
)]
struct Document;

/// How callers prove who they are.
struct Credentials;

impl Modify for Credentials {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let mut bearer = Http::new(HttpAuthScheme::Bearer);
        bearer.bearer_format = Some("JWT".to_owned());
        bearer.description = Some(
            "An access token [RFC 6750] of at most ten minutes, checked as RFC8725 asks."
                .to_owned(),
        );
        let mut admins = bearer.clone();
        admins.description = Some(
            "An access token as any other, of an admin: with the scope `admin`. Checked as RFC8725 \
             asks."
                .to_owned(),
        );
        let components = document.components.get_or_insert_default();
        components.add_security_scheme(ACCESS_TOKEN, SecurityScheme::Http(bearer));
        components.add_security_scheme(ADMIN_TOKEN, SecurityScheme::Http(admins));
        let key = ApiKeyValue::with_description(
            "X-Api-Key",
            "A partner's key, `hg_live_…` or `hg_test_…`. It may stand in a token's place behind `Bearer` as \
             well, but not in both.",
        );
        let key = ApiKey::Header(key);
        components.add_security_scheme(API_KEY, SecurityScheme::ApiKey(key));
        let mut basic = Http::new(HttpAuthScheme::Basic);
        basic.description = Some(
            "The id and the secret of a client, each form-encoded, by Basic [RFC 6749 §2.3.1]. They may \
             stand in the body instead."
                .to_owned(),
        );
        components.add_security_scheme(CLIENT_SECRET, SecurityScheme::Http(basic));
    }
}

/// The document.
pub fn document() -> serde_json::Result<Value> {
    let mut document = Document::openapi();
    document.merge(routes::operations());
    let mut document = serde_json::to_value(document)?;
    document["components"]["parameters"] = fields::parameters();
    // Whoever finds the document may use the API.
    document["servers"][0]["x-internal"] = false.into();
    edge_routes::write(&mut document);
    patches::write(&mut document);
    conventions::write(&mut document);
    common::add(&mut document);
    partners(&mut document);
    admins(&mut document);
    common::prune(&mut document);
    links::write(&mut document);
    Ok(document)
}

/// Names a partner's key beside the token wherever a partner's token would do.
fn partners(document: &mut Value) {
    let may = partner::ROLE.scopes();
    for item in document["paths"].as_object_mut().into_iter().flatten() {
        for (_, operation) in item.1.as_object_mut().into_iter().flatten() {
            let scopes = operation["x-scopes"].as_array();
            let mut scopes = scopes.into_iter().flatten().filter_map(Value::as_str);
            let opens = scopes.all(|scope| may.contains(&scope));
            let Some(needs) = operation.get_mut("security").and_then(Value::as_array_mut) else {
                continue;
            };
            if opens && needs.iter().any(|need| need.get(ACCESS_TOKEN).is_some()) {
                needs.push(serde_json::json!({ API_KEY: [] }));
            }
        }
    }
}

/// Names the admins' token where it is needed.
fn admins(document: &mut Value) {
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    for (_, item) in paths.filter(|(path, _)| path.starts_with("/admin/")) {
        for (_, operation) in item.as_object_mut().into_iter().flatten() {
            operation["security"] = serde_json::json!([{ ADMIN_TOKEN: [] }]);
        }
    }
}

/// The document as indented JSON.
pub fn pretty() -> serde_json::Result<String> {
    serde_json::to_string_pretty(&document()?)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use serde_json::json;
    use shared::problem::{Code, MEDIA_TYPE};

    use super::*;

    #[test]
    fn every_operation_is_named_once_and_says_what_it_does() {
        let document: Value = serde_json::from_str(&pretty().unwrap()).unwrap();
        assert_eq!(document["openapi"], "3.1.0");
        assert_eq!(document["servers"][0]["url"], "/v2");
        assert_eq!(
            document["components"]["securitySchemes"][ACCESS_TOKEN]["scheme"],
            "bearer"
        );
        let mut names = HashSet::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                if method == "servers" {
                    continue;
                }
                let at = format!("{method} {path}");
                let name = operation["operationId"].as_str().unwrap();
                assert!(names.insert(name.to_owned()), "{at}: {name} stands twice");
                assert!(operation["summary"].is_string(), "{at}: no summary");
                assert_eq!(operation["tags"].as_array().unwrap().len(), 1, "{at}");
                let responses = operation["responses"].as_object().unwrap();
                assert!(
                    responses.keys().any(|status| status.starts_with('2')),
                    "{at}: no success"
                );
            }
        }
        assert!(names.contains("createOrder") && names.contains("listProducts"));
    }

    #[test]
    fn a_partners_key_stands_beside_the_token_where_it_opens_as_much() {
        let document = document().unwrap();
        let schemes = &document["components"]["securitySchemes"];
        assert_eq!(schemes[API_KEY]["name"], "X-Api-Key");
        assert_eq!(schemes[CLIENT_SECRET]["scheme"], "basic");
        let (open, token, key, client) = (
            json!({}),
            json!({ ACCESS_TOKEN: [] }),
            json!({ API_KEY: [] }),
            json!({ CLIENT_SECRET: [] }),
        );
        for (path, method, expected) in [
            ("/orders", "post", json!([token, key])),
            ("/idempotency-keys/{key}", "get", json!([token, key])),
            ("/products", "get", json!([open, token, key])),
            ("/products", "post", json!([token])),
            ("/payments/{id}/refunds", "post", json!([token])),
            ("/admin/api-keys", "get", json!([{ ADMIN_TOKEN: [] }])),
            ("/oauth/token", "post", json!([open, client])),
        ] {
            let needs = &document["paths"][path][method]["security"];
            assert_eq!(*needs, expected, "{method} {path}");
        }
    }

    #[test]
    fn every_member_is_bounded_and_told() {
        fn walk(at: &str, node: &Value, faults: &mut Vec<String>) {
            if let Some(members) = node.as_object() {
                let lacks = |name: &str| !members.contains_key(name);
                let free = lacks("enum") && lacks("const");
                // Below `properties`, `type` may be a member's name.
                let kinds = members.get("type").filter(|kinds| !kinds.is_object());
                let kinds = json!(kinds).to_string();
                if kinds.contains("string") && free {
                    if lacks("maxLength") {
                        faults.push(format!("{at}: no maxLength"));
                    }
                    if lacks("pattern") && lacks("format") {
                        faults.push(format!("{at}: neither pattern nor format"));
                    }
                }
                if kinds.contains("array") && lacks("maxItems") {
                    faults.push(format!("{at}: no maxItems"));
                }
                for (name, member) in members {
                    walk(&format!("{at}/{name}"), member, faults);
                }
            }
            for (place, item) in node.as_array().into_iter().flatten().enumerate() {
                walk(&format!("{at}/{place}"), item, faults);
            }
        }
        let mut document = document().unwrap();
        // Examples are no schemas.
        for response in document["components"]["responses"]
            .as_object_mut()
            .unwrap()
            .values_mut()
        {
            response["content"] = Value::Null;
        }
        let mut faults = Vec::new();
        walk("", &document, &mut faults);
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    }

    #[test]
    fn every_code_has_an_example_and_every_operation_its_refusals() {
        let document = document().unwrap();
        // 405 and 416 belong to no operation, 410 to no version that has a document.
        for code in Code::ALL
            .iter()
            .filter(|code| !matches!(code.status(), 405 | 410 | 416))
        {
            let name = problems::name(code.status());
            let content = &document["components"]["responses"][&name]["content"];
            let example = &content[MEDIA_TYPE]["examples"][code.as_str()]["value"];
            assert_eq!(example["code"], code.as_str());
        }
        let statuses = |method: &str, path: &str| -> Vec<String> {
            let responses = &document["paths"][path][method]["responses"];
            responses.as_object().unwrap().keys().cloned().collect()
        };
        for (method, path, expected) in [
            ("get", "/products/{id}", &["304", "401", "404", "429"][..]),
            (
                "post",
                "/orders",
                &["401", "402", "403", "409", "413", "415", "422"],
            ),
            (
                "delete",
                "/products/{id}",
                &["403", "404", "409", "412", "428"],
            ),
        ] {
            let found = statuses(method, path);
            for status in expected {
                assert!(
                    found.iter().any(|one| one == status),
                    "{method} {path}: {status}"
                );
            }
        }
    }

    #[test]
    fn keys_are_taken_where_the_edge_takes_them() {
        let document = document().unwrap();
        let operations = |method: &str, path: &str| {
            let parameters = &document["paths"][path][method]["parameters"];
            let parameters = parameters.as_array().unwrap();
            let key = parameters
                .iter()
                .find(|one| one["name"] == "Idempotency-Key");
            key.map(|key| key["required"] == true)
        };
        let gateway = include_str!("../../../gateway.toml");
        let mut seen = 0;
        for route in gateway.split("[[routes]]").skip(1) {
            let setting = |name: &str| {
                let line = route.lines().find_map(|line| line.strip_prefix(name));
                line.and_then(|line| line.strip_prefix(" = "))
            };
            let Some(idempotency) = setting("idempotency") else {
                continue;
            };
            let path = setting("path").unwrap().trim_matches('"');
            for method in setting("methods").unwrap().split('"').skip(1).step_by(2) {
                let expected = idempotency == "\"required\"";
                let found = operations(&method.to_ascii_lowercase(), path);
                assert_eq!(found, Some(expected), "{method} {path}");
                seen += 1;
            }
        }
        assert!(seen > 10, "{seen}");
    }

    #[test]
    fn the_document_bounds_a_refund_as_its_check_does() {
        use shared::payment::NewRefund;
        let document = document().unwrap();
        let amount = &document["components"]["schemas"]["NewRefund"]["properties"]["amount"];
        let named = amount["$ref"].as_str().unwrap().trim_start_matches('#');
        let least = &document.pointer(named).unwrap()["properties"]["amount"]["minimum"];
        let least = least.as_i64().unwrap();
        let takes = |amount: Value| {
            let body = json!({"amount": amount}).to_string();
            shared::body::parse::<NewRefund>(body.as_bytes()).is_ok()
        };
        let usd = |amount: i64| json!({"amount": amount, "currency": "USD"});
        assert!(takes(usd(least)) && !takes(usd(least - 1)), "{least}");
        assert!(!takes(Value::Null) && amount["type"].is_null(), "{amount}");
    }

    #[test]
    fn fields_stand_where_answers_carry_them() {
        let document = document().unwrap();
        let of = |pointer: &str| {
            let fields = document.pointer(&format!("{pointer}/headers"));
            let fields = fields.and_then(Value::as_object).unwrap();
            fields.keys().map(String::as_str).collect::<Vec<_>>()
        };
        let product = of("/paths/~1products~1{id}/get/responses/200");
        for name in ["Server-Timing", "Cache-Status", "Age", "Vary", "ETag"] {
            assert!(product.contains(&name), "{name}: {product:?}");
        }
        let orders = of("/paths/~1orders/get/responses/200");
        assert!(!orders.contains(&"Cache-Status"), "{orders:?}");
        let patched = of("/paths/~1products~1{id}/patch/responses/200");
        assert!(patched.contains(&"Preference-Applied"), "{patched:?}");
        for (name, has) in [
            ("BadGateway", true),
            ("GatewayTimeout", true),
            ("NotFound", false),
        ] {
            let fields = of(&format!("/components/responses/{name}"));
            assert_eq!(fields.contains(&"Proxy-Status"), has, "{name}");
            assert!(fields.contains(&"Server-Timing"), "{name}");
        }
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let text = pretty().unwrap();
        let document: Value = serde_json::from_str(&text).unwrap();
        let references = text.split("\"$ref\": \"#").skip(1);
        let mut count = 0;
        for reference in references {
            let pointer = reference.split('"').next().unwrap();
            assert!(document.pointer(pointer).is_some(), "{pointer}");
            count += 1;
        }
        assert!(count > 10, "{count}");
    }
}
