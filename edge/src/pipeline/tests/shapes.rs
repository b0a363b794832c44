//! Bodies of another shape than the API's document has: refused before the origin, and in their turn.

use super::*;

fn checked() -> Shop {
    let mut shop = start();
    shop.isolate
        .check_bodies(crate::shapes::tests::shop_tables());
    shop
}

fn order() -> Value {
    json!({"items": [{"product_id": "prd_01h455vb4pex5vsknk084sn02q", "quantity": 1}],
        "payment_method": "pm_card_visa", "expected_total": {"amount": 1, "currency": "USD"},
        "shipping_address": {"name": "A", "line1": "1", "city": "B", "postal_code": "1", "country": "GB"}})
}

fn pointers(answer: &Answered) -> Vec<String> {
    let faults = answer.json()["errors"].as_array().unwrap().clone();
    let pointers = faults
        .iter()
        .map(|fault| fault["pointer"].as_str().unwrap());
    pointers.map(str::to_owned).collect()
}

#[tokio::test]
async fn a_bad_body_costs_the_origin_nothing_and_leaves_its_key_free() {
    let shop = checked();
    let mut bad = order();
    bad["items"][0]["quantity"] = json!(0);
    bad["note"] = json!("x".repeat(501));
    let refused = shop.order("k", &bad.to_string()).await;
    assert_eq!(
        (refused.status, refused.field("error-code")),
        (400, "body_invalid")
    );
    assert_eq!(pointers(&refused), ["/items/0/quantity", "/note"]);
    let json = refused.json();
    assert_eq!(
        (&json["outcome"], &json["safe_new_key"]),
        (&json!("not_applied"), &json!(true))
    );
    assert_eq!(shop.calls("/orders"), 0);
    shop.memory.run_deferred().await;
    let done = shop.order("k", &order().to_string()).await;
    assert_eq!((done.status, done.field("location")), (201, "/orders/1"));
}

#[tokio::test]
async fn all_faults_are_told_at_once() {
    let shop = checked();
    let bad = json!({"items": [{"quantity": 0, "qty": 1}], "note": 7, "other": 1});
    let refused = shop.order("k", &bad.to_string()).await;
    assert_eq!(
        (refused.status, pointers(&refused).join(" ")),
        (
            400,
            "/expected_total /items/0/product_id /items/0/qty /items/0/quantity /note /other \
             /payment_method /shipping_address"
                .to_owned()
        )
    );
    assert_eq!(shop.calls("/orders"), 0);
}

#[tokio::test]
async fn a_known_key_is_answered_before_its_body_is_looked_at() {
    let shop = checked();
    assert_eq!(shop.order("k", &order().to_string()).await.status, 201);
    shop.memory.run_deferred().await;
    let reused = shop.order("k", "{}").await;
    assert_eq!(reused.field("error-code"), "idempotency_key_reused");
    let mut shop = shop;
    // Another release's document takes nothing of it any more; what was done stays done.
    shop.isolate
        .check_bodies(r#"{"POST /orders":{"t":"o","r":["other"]}}"#);
    let again = shop.order("k", &order().to_string()).await;
    assert_eq!(
        (again.status, again.field("idempotent-replayed")),
        (201, "true")
    );
    let new = shop.order("new", &order().to_string()).await;
    assert_eq!(
        (new.status, pointers(&new)),
        (400, vec!["/other".to_owned()])
    );
}

#[tokio::test]
async fn what_is_not_told_here_goes_to_the_origin() {
    let shop = checked();
    let keys = Cell::new(0);
    let send = |path: &str, media_type: &str, body: String| {
        keys.set(keys.get() + 1);
        let request = Request::post(path)
            .header("authorization", bearer(&json!({})))
            .header("idempotency-key", keys.get().to_string())
            .header("content-type", media_type);
        shop.send(request, Box::leak(body.into_boxed_str()))
    };
    let json = "application/json";
    let mut country = order();
    country["shipping_address"]["country"] = json!("gb");
    let mut calls = 0;
    for (path, body) in [
        ("/v2/orders", order().to_string()),
        ("/v2/orders", country.to_string()),
        ("/v2/orders", String::new()),
        // Its converter tells faults in the words of version 1, and the origin those of the rest.
        ("/v1/orders", r#"{"items":[]}"#.to_owned()),
    ] {
        let answer = send(path, json, body.clone()).await;
        calls += 1;
        assert_eq!(
            shop.calls("/orders"),
            calls,
            "{path} {body}: {}",
            answer.status
        );
        shop.memory.run_deferred().await;
    }
    let other = send("/v2/orders", "text/plain", "{}".to_owned()).await;
    assert_eq!(other.field("error-code"), "media_type_unsupported");
    assert_eq!(shop.calls("/orders"), calls);
}
