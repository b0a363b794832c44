//! PATCH /products/{id}.

use serde_json::json;

use super::{JSON, MERGE, PATCH, summary};
use crate::harness::{Shop, order};

#[tokio::test]
async fn a_patch_that_does_not_fit_is_refused() {
    let shop = Shop::open().await;
    let (path, etag) = shop.mug("MUG-1").await;
    let before = shop.get(&path, &[]).await.json();
    for (fields, patch, status, code) in [
        (
            vec![JSON, ("if-match", &*etag)],
            "{}",
            415,
            "media_type_unsupported",
        ),
        (vec![MERGE], "{}", 428, "precondition_required"),
        // Its schema comes before what it is for.
        (vec![MERGE], r#"{"name":7}"#, 400, "body_invalid"),
        (
            vec![MERGE, ("if-match", "\"0-out\"")],
            r#"{"foo":1}"#,
            400,
            "body_invalid",
        ),
        (
            vec![MERGE, ("if-match", "\"0-out\"")],
            "{}",
            412,
            "precondition_failed",
        ),
        (
            vec![MERGE, ("if-match", &etag)],
            r#"{"version":9}"#,
            409,
            "version_conflict",
        ),
        (
            vec![MERGE, ("if-match", &etag)],
            r#"{"id":"x"}"#,
            400,
            "body_invalid",
        ),
        (
            vec![MERGE, ("if-match", &etag)],
            r#"{"name":null}"#,
            400,
            "body_invalid",
        ),
        (
            vec![PATCH, ("if-match", &etag)],
            r#"[{"op":"test","path":"/stock","value":1}]"#,
            409,
            "patch_test_failed",
        ),
        (
            vec![PATCH, ("if-match", &etag)],
            r#"[{"op":"replace","path":"/id","value":1}]"#,
            400,
            "body_invalid",
        ),
    ] {
        let answer = shop.write("PATCH", &path, &fields, patch).await;
        assert_eq!(
            summary(&answer),
            (status, code.to_owned()),
            "{fields:?} {patch}"
        );
        if status == 415 {
            assert_eq!(
                answer.field("accept-patch"),
                "application/merge-patch+json, application/json-patch+json"
            );
        }
    }
    assert_eq!(shop.get(&path, &[]).await.json(), before);
    let nothing = "/products/prd_00000000000000000000000001";
    let told = r#"{"foo":1,"name":7,"price":{"currency":null},"stock":-1}"#;
    let refused = shop.write("PATCH", nothing, &[MERGE], told).await;
    let faults = refused.json()["errors"].as_array().unwrap().clone();
    let pointers: Vec<_> = faults.iter().map(|fault| &fault["pointer"]).collect();
    assert_eq!(pointers, ["/foo", "/name", "/price/currency", "/stock"]);
    let missing = shop.write("PATCH", nothing, &[MERGE], "{}").await;
    assert_eq!(summary(&missing), (404, "not_found".to_owned()));
}

#[tokio::test]
async fn a_patch_changes_what_it_names_and_nothing_else() {
    let shop = Shop::open().await;
    let (path, etag) = shop.mug("MUG-1").await;
    let before = shop.get(&path, &[]).await.json();
    let mut expected = before.clone();
    let mut etag = etag;
    for (kind, patch, changed) in [
        (
            MERGE,
            r#"{"price":{"amount":3100}}"#,
            json!({"price": {"amount": 3100, "currency": "USD"}}),
        ),
        (MERGE, r#"{"image_url":null}"#, json!({"image_url": null})),
        (MERGE, r#"{"stock":0}"#, json!({"availability": "out"})),
        (
            PATCH,
            r#"[{"op":"test","path":"/stock","value":0},{"op":"replace","path":"/stock","value":11},
               {"op":"test","path":"/version","value":4},{"op":"copy","from":"/name","path":"/description"}]"#,
            json!({"availability": "in_stock", "description": before["name"]}),
        ),
        (PATCH, "[]", json!({})),
    ] {
        let answer = shop
            .write("PATCH", &path, &[kind, ("if-match", &etag)], patch)
            .await;
        assert_eq!(answer.status, 200, "{patch} {answer:?}");
        answer.field("etag").clone_into(&mut etag);
        for (member, value) in changed.as_object().unwrap() {
            expected[member] = value.clone();
        }
        expected["version"] = json!(expected["version"].as_i64().unwrap() + 1);
        expected["updated_at"] = answer.json()["updated_at"].clone();
        assert_eq!(answer.json(), expected, "{patch}");
    }
    let minimal = [
        MERGE,
        ("if-match", etag.as_str()),
        ("prefer", "return=minimal"),
    ];
    let quiet = shop
        .write("PATCH", &path, &minimal, r#"{"active":false}"#)
        .await;
    assert_eq!((quiet.status, quiet.body.len()), (204, 0));
    assert_eq!(quiet.field("etag"), "\"7-in_stock\"");
    // The class of stock moves by itself and makes nobody's change fail.
    let other_class = [MERGE, ("if-match", "\"7-low\"")];
    let fine = shop
        .write("PATCH", &path, &other_class, r#"{"active":true}"#)
        .await;
    assert_eq!(fine.status, 200);
}

#[tokio::test]
async fn stock_is_set_between_orders_not_across_them() {
    let shop = Shop::open().await;
    let (path, _) = shop.mug("MUG-1").await;
    let product = shop.get(&path, &[]).await.json();
    let new = order(&[(&product, 1)], "pm_card_visa");
    let orders: Vec<_> = (0..20)
        .map(|number| {
            let (shop, new) = (shop.clone(), new.clone());
            tokio::spawn(async move { shop.order(&format!("k{number}"), &new).await.status })
        })
        .collect();
    let any = [MERGE, ("if-match", "*")];
    for patch in [
        r#"{"name":"Mug"}"#,
        r#"{"stock":40}"#,
        r#"{"price":{"amount":2999}}"#,
    ] {
        let answer = shop.write("PATCH", &path, &any, patch).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    for order in orders {
        assert_eq!(order.await.unwrap(), 201);
    }
    // Every unit is where an order left it: what was sold before 40 was set anew is not missed,
    // what was sold after is.
    let sold = shop
        .count("select sold::bigint from inventory join products on product_id = id where sku = 'MUG-1'")
        .await;
    let available = shop
        .count("select available::bigint from inventory join products on product_id = id where sku = 'MUG-1'")
        .await;
    assert_eq!(sold, 20);
    assert!((20..=40).contains(&available), "{available}");
    let answer = shop.write("PATCH", &path, &any, r#"{"stock":7}"#).await;
    assert_eq!(answer.field("etag"), "\"5-low\"");
}
