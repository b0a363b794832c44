//! Arrays in the place of objects. A derived reader would take one for the object's members in their order,
//! which no document of ours says; so each member that is an object says that it is.

use serde_json::{Value, json};

use crate::harness::{Shop, request};

/// Where a schema has objects below its top: pointers, and a document that has an array in that place and
/// nothing else.
fn places(document: &Value, schema: &Value) -> Vec<(String, Value)> {
    let schema = resolved(document, schema);
    let mut found = Vec::new();
    for (name, member) in schema["properties"].as_object().into_iter().flatten() {
        let member = resolved(document, member);
        if is(member, "object") {
            found.push((format!("/{name}"), json!({name: []})));
        }
        if is(member, "array") && is(resolved(document, &member["items"]), "object") {
            found.push((format!("/{name}/0"), json!({name: [[]]})));
        }
        let below = places(document, member).into_iter();
        found.extend(below.map(|(at, inner)| (format!("/{name}{at}"), json!({name: inner}))));
    }
    found
}

/// What a schema refers to, or may be besides null.
fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    if let Some(reference) = schema["$ref"].as_str() {
        let named = document.pointer(reference.trim_start_matches('#')).unwrap();
        return resolved(document, named);
    }
    let mut choices = schema["oneOf"].as_array().into_iter().flatten();
    match choices.find(|one| one["type"] != "null") {
        Some(choice) => resolved(document, choice),
        None => schema,
    }
}

fn is(schema: &Value, kind: &str) -> bool {
    match &schema["type"] {
        Value::Array(kinds) => kinds.iter().any(|one| one == kind),
        one => one == kind,
    }
}

#[tokio::test]
async fn no_array_is_read_as_an_object() {
    let shop = Shop::open().await;
    let document = origin::openapi::document().unwrap();
    let mut seen = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in ["post", "put"] {
            let body = &item[method]["requestBody"]["content"]["application/json"]["schema"];
            for (pointer, body) in places(&document, body) {
                let token = match path.as_str() {
                    "/orders" => &shop.customer,
                    _ => &shop.admin,
                };
                let fields = [
                    ("authorization", format!("Bearer {token}")),
                    ("content-type", "application/json".to_owned()),
                    ("idempotency-key", format!("{method} {path} {pointer}")),
                ];
                let fields = fields
                    .each_ref()
                    .map(|(name, value)| (*name, value.as_str()));
                let url = path.replace("{id}", &origin::seed::admin().to_string());
                let method = method.to_ascii_uppercase();
                let answer = shop.send(request(&method, &url, &fields, &body.to_string()));
                let answer = answer.await;
                let problem = answer.json();
                let mut told = problem["errors"].as_array().unwrap().iter();
                assert!(
                    answer.status == 400
                        && told.any(|fault| {
                            fault["pointer"] == pointer.as_str() && fault["code"] == "type"
                        }),
                    "{method} {path} {body}: {problem}"
                );
                seen.push(format!("{method} {path} {pointer}"));
            }
        }
    }
    for expected in [
        "POST /orders /items/0",
        "POST /orders /expected_total",
        "POST /orders /shipping_address",
        "POST /payments/{id}/refunds /amount",
        "PUT /products/{id} /price",
        "PUT /users/{id} /address",
        "POST /users/{id}/push-subscriptions /keys",
        "POST /admin/plans /stages/dev",
    ] {
        assert!(
            seen.iter().any(|one| one == expected),
            "{expected}: {seen:?}"
        );
    }
}

#[tokio::test]
async fn a_json_patch_is_a_list_of_objects() {
    let shop = Shop::open().await;
    let product = &shop.plenty().await[0];
    let path = format!("/products/{}", product["id"].as_str().unwrap());
    let bearer = format!("Bearer {}", shop.admin);
    let fields = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json-patch+json"),
        ("if-match", "*"),
    ];
    for (body, status) in [
        (r#"[{"op":"replace","path":"/name","value":"Cup"}]"#, 200),
        (r#"[["replace",{"path":"/name","value":"Jug"}]]"#, 400),
        (r#"[["replace","/name","Jug"]]"#, 400),
    ] {
        let answer = shop.send(request("PATCH", &path, &fields, body)).await;
        assert_eq!(answer.status, status, "{body}");
        if status == 400 {
            let told = &answer.json()["errors"][0];
            let told = (&told["pointer"], &told["code"]);
            assert_eq!(told, (&json!("/0"), &json!("type")), "{body}");
        }
    }
    assert_eq!(shop.get(&path, &[]).await.json()["name"], "Cup");
}
