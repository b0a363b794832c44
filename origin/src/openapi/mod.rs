//! The API's OpenAPI 3.1 document: the operations that the handlers declare, and what holds for
//! all of them.

use utoipa::Modify;
use utoipa::OpenApi;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};

use crate::routes;

/// What access tokens are called in the document.
pub const ACCESS_TOKEN: &str = "access_token";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Headgate",
        description = "A commerce API: products, orders, payments, users.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    servers((url = "/v2", description = "The current version")),
    modifiers(&Credentials),
    tags(
        (name = "products", description = "The catalogue: lists, search, changes"),
        (name = "orders", description = "Placing orders, and what became of them"),
        (name = "payments", description = "What was charged for orders, and paid back"),
        (name = "users", description = "People, their profiles and their payment methods"),
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
        bearer.description = Some("An access token of at most ten minutes [RFC 6750].".to_owned());
        document
            .components
            .get_or_insert_default()
            .add_security_scheme(ACCESS_TOKEN, SecurityScheme::Http(bearer));
    }
}

/// The document.
pub fn document() -> utoipa::openapi::OpenApi {
    let mut document = Document::openapi();
    document.merge(routes::operations());
    document
}

/// The document as indented JSON.
pub fn pretty() -> serde_json::Result<String> {
    document().to_pretty_json()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use serde_json::Value;

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
