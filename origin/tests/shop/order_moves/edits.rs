//! Address, note, and what an order must say of its price.

use serde_json::{Value, json};
use shared::assertion::{Asserted, AssertionKeys};
use shared::caller::{Caller, Role};

use crate::callers::{JSON, MERGE, PATCH, path};
use crate::harness::{BEGIN_MS, Shop, order, principal, request};

#[tokio::test]
async fn address_and_note_change_and_nothing_else() {
    let shop = Shop::open().await;
    let placed = shop.confirmed("k").await;
    let at = path(&placed);
    let me = &shop.customer;
    shop.clock.advance_ms(1000);
    let patch = r#"{"note":"ring twice 🔔","shipping_address":{"line2":"2nd floor"}}"#;
    let fields = [MERGE, ("if-match", "\"2\"")];
    let changed = shop.ask(me, "PATCH", &at, &fields, patch).await;
    assert_eq!(
        (changed.status, changed.field("etag")),
        (200, "\"3\""),
        "{changed:?}"
    );
    let mut expected = placed.clone();
    expected["note"] = json!("ring twice 🔔");
    expected["shipping_address"]["line2"] = json!("2nd floor");
    expected["version"] = json!(3);
    expected["updated_at"] = changed.json()["updated_at"].clone();
    assert_eq!(changed.json(), expected);
    assert_ne!(expected["updated_at"], placed["updated_at"]);
    assert_eq!(shop.ask(me, "GET", &at, &[], "").await.json(), expected);

    let patch = r#"[{"op":"test","path":"/version","value":3},{"op":"remove","path":"/note"}]"#;
    let fields = [PATCH, ("if-match", "\"3\""), ("prefer", "return=minimal")];
    let changed = shop.ask(&shop.admin, "PATCH", &at, &fields, patch).await;
    assert_eq!(
        (changed.status, changed.body.len()),
        (204, 0),
        "{changed:?}"
    );
    assert_eq!(changed.field("etag"), "\"4\"");
    assert_eq!(changed.field("preference-applied"), "return=minimal");
    let read = shop.ask(me, "GET", &at, &[], "").await.json();
    assert_eq!(read["note"], Value::Null);
    assert_eq!(read["shipping_address"]["line2"], "2nd floor");

    // Of many with one tag, one wins.
    let tasks: Vec<_> = (0..8)
        .map(|number| {
            let (shop, at) = (shop.clone(), at.clone());
            tokio::spawn(async move {
                let patch = json!({"note": number.to_string()}).to_string();
                let fields = [MERGE, ("if-match", "\"4\"")];
                shop.ask(&shop.customer, "PATCH", &at, &fields, &patch)
                    .await
                    .status
            })
        })
        .collect();
    let mut statuses = Vec::new();
    for task in tasks {
        statuses.push(task.await.unwrap());
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412, 412, 412, 412, 412, 412, 412]);
    assert_eq!(
        shop.ask(me, "GET", &at, &[], "").await.field("etag"),
        "\"5\""
    );
}

#[tokio::test]
async fn only_v1_may_order_without_an_expected_total() {
    let shop = Shop::open().await;
    let products = shop.plenty().await;
    let mut new = order(&[(&products[0], 2), (&products[1], 1)], "pm_card_visa");
    let total = new
        .as_object_mut()
        .unwrap()
        .remove("expected_total")
        .unwrap();
    let refused = shop.order("k", &new).await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (400, "body_invalid")
    );
    let fault = &refused.json()["errors"][0];
    assert_eq!(
        (&fault["pointer"], &fault["code"], &fault["detail"]),
        (
            &json!("/expected_total"),
            &json!("required"),
            &json!("missing field `expected_total`")
        )
    );

    let keys: AssertionKeys = shop.config.assertion_keys().unwrap();
    let asserted = Asserted {
        fingerprint: None,
        converter: None,
        position: None,
        caller: Caller::Known(principal(
            &origin::seed::customer().to_string(),
            Role::Customer,
        )),
        api_version: "v1".into(),
        request_id: "req_of_the_edge".into(),
        prefix: "/v2".into(),
    };
    let assertion = keys
        .sign(&asserted, "POST", "/orders", BEGIN_MS / 1000)
        .unwrap();
    let fields = [
        ("headgate-assertion", assertion.as_str()),
        ("idempotency-key", "k"),
        JSON,
    ];
    let placed = shop
        .send(request("POST", "/orders", &fields, &new.to_string()))
        .await;
    assert_eq!(placed.status, 201, "{placed:?}");
    assert_eq!(placed.json()["total"], total);
    assert_eq!(shop.provider.charges(), 1);
    let told: Value = sqlx::query_scalar("select payload from outbox where type = 'order.created'")
        .fetch_one(&shop.app.shop.pool)
        .await
        .unwrap();
    assert_eq!(told["total"], total);
    // What else is missing is told, and that one is not.
    let fields = [
        ("headgate-assertion", assertion.as_str()),
        ("idempotency-key", "k1"),
        JSON,
    ];
    let empty = shop.send(request("POST", "/orders", &fields, "{}")).await;
    let faults = empty.json()["errors"].as_array().unwrap().clone();
    let pointers: Vec<_> = faults.iter().map(|fault| &fault["pointer"]).collect();
    assert_eq!(pointers, ["/items", "/payment_method", "/shipping_address"]);
    // A total that is too high to be expected is the client's to mend, too.
    sqlx::query("update products set price_amount = 1000000000000")
        .execute(&shop.app.shop.pool)
        .await
        .unwrap();
    let fields = [
        ("headgate-assertion", assertion.as_str()),
        ("idempotency-key", "k2"),
        JSON,
    ];
    let much = shop
        .send(request("POST", "/orders", &fields, &new.to_string()))
        .await;
    assert_eq!(
        (much.status, much.code().as_str()),
        (400, "body_invalid"),
        "{much:?}"
    );
    assert_eq!(much.json()["errors"][0]["pointer"], "/items");
}
