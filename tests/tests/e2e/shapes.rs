//! Bodies of another shape: the edge refuses them as the origin does, in the same words.

use reqwest::{RequestBuilder, StatusCode};
use serde_json::{Value, json};
use tests::answer::Answer;
use tests::shop::Shop;

/// What a request is refused with, but for what names the request.
fn refusal(answer: &Answer) -> Value {
    let mut problem = answer.json();
    for member in ["request_id", "instance", "type"] {
        problem[member] = Value::Null;
    }
    problem["error"]["doc_url"] = Value::Null;
    problem
}

/// A document with one member changed.
fn with(good: &Value, pointer: &str, value: Value) -> String {
    let mut changed = good.clone();
    let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
    changed.pointer_mut(parent).expect("a parent")[name] = value;
    changed.to_string()
}

fn without(good: &Value, member: &str) -> String {
    let mut changed = good.clone();
    changed.as_object_mut().expect("an object").remove(member);
    changed.to_string()
}

#[tokio::test]
async fn the_edge_refuses_bodies_in_the_origins_words() {
    let shop = Shop::start().await;
    let order = shop.an_order("pm_card_visa").await;
    let product = json!({"sku": "NEW-1", "name": "New", "description": "", "category": "kitchen",
        "price": {"amount": 1, "currency": "USD"}, "active": true, "stock": 1});
    let mut rows = vec![
        ("/orders", String::from("{")),
        ("/orders", String::from("[]")),
        ("/orders", format!("{order} x")),
        ("/orders", with(&order, "/items", json!([]))),
        ("/orders", with(&order, "/items", json!("x"))),
        ("/orders", with(&order, "/items/0/quantity", json!(100))),
        ("/orders", with(&order, "/items/0/quantity", json!(1.5))),
        ("/orders", with(&order, "/items/0/qty", json!(1))),
        ("/orders", with(&order, "/expected_total", json!(null))),
        ("/orders", with(&order, "/expected_total/amount", json!(-1))),
        ("/orders", with(&order, "/note", json!("x".repeat(501)))),
        ("/orders", with(&order, "/payment_method", json!(" "))),
        (
            "/orders",
            with(&order, "/shipping_address/city", json!("a\u{0}")),
        ),
        // Arrays of what objects hold, in the order of their members.
        (
            "/orders",
            with(&order, "/expected_total", json!([2999, "USD"])),
        ),
        (
            "/orders",
            with(
                &order,
                "/items",
                json!([["prd_00000000000000000000000001", 1]]),
            ),
        ),
        (
            "/orders",
            with(
                &order,
                "/shipping_address",
                json!(["Ada", "12", null, "London", null, "1", "GB"]),
            ),
        ),
        // Several at once.
        ("/orders", String::from("{}")),
        (
            "/orders",
            json!({"items": [{"quantity": 0, "qty": 1}], "note": 7, "other": 1}).to_string(),
        ),
        ("/products", json!({"sku": 1, "stock": -1}).to_string()),
        ("/products", with(&product, "/price", json!([1, "USD"]))),
        ("/products", with(&product, "/stock", json!(-1))),
        ("/products", with(&product, "/active", json!("yes"))),
        ("/products", with(&product, "/version", json!(1))),
        ("/products", with(&product, "/name", json!(""))),
    ];
    for (path, good) in [("/orders", &order), ("/products", &product)] {
        for member in good.as_object().expect("an object").keys() {
            if member != "note" {
                rows.push((path, without(good, member)));
            }
        }
    }
    let asked = |path: &str| shop.gate.asked(path);
    for (place, (path, body)) in rows.iter().enumerate() {
        let send = |base: String| -> RequestBuilder {
            let token = match *path {
                "/orders" => &shop.customer_token,
                _ => &shop.admin_token,
            };
            shop.client
                .post(format!("{base}/v2{path}"))
                .bearer_auth(token)
                .header("idempotency-key", format!("shape-{place}"))
                .header("content-type", "application/json")
                .body(body.clone())
        };
        let before = asked(path);
        let edge = Answer::to(send(shop.edge.url())).await;
        assert_eq!(edge.status, StatusCode::BAD_REQUEST, "{body}");
        assert_eq!(asked(path), before, "the origin was not asked: {body}");
        let origin = Answer::to(send(shop.origin_url())).await;
        // What is not keyed at the origin has no outcome there.
        let (mut here, there) = (refusal(&edge), refusal(&origin));
        if there.get("outcome").is_none() {
            let members = here.as_object_mut().expect("a problem");
            members.remove("outcome");
            members.remove("safe_new_key");
        }
        assert_eq!(here, there, "{body}");
    }
}
