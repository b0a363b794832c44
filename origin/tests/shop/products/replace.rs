//! PUT /products/{id}.

use serde_json::{Value, json};

use super::{JSON, MERGE, NEW_ID, mug, summary};
use crate::harness::Shop;

#[tokio::test]
async fn a_replacement_that_does_not_fit_is_refused() {
    let shop = Shop::open().await;
    let (path, etag) = shop.mug("MUG-1").await;
    shop.mug("MUG-2").await;
    let matching = ("if-match", etag.as_str());
    let body = mug("MUG-1");
    let with = |member: &str, value: Value| {
        let mut body = body.clone();
        body[member] = value;
        body.to_string()
    };
    let without = |member: &str| {
        let mut body = body.clone();
        body.as_object_mut().unwrap().remove(member);
        body.to_string()
    };
    for (path, fields, body, status, code) in [
        (NEW_ID, vec![JSON], body.to_string(), 404, "not_found"),
        (
            NEW_ID,
            vec![JSON, matching],
            body.to_string(),
            404,
            "not_found",
        ),
        (
            "/products/x",
            vec![JSON, ("if-none-match", "*")],
            body.to_string(),
            404,
            "not_found",
        ),
        (
            &path,
            vec![JSON],
            body.to_string(),
            428,
            "precondition_required",
        ),
        (
            &path,
            vec![JSON, ("if-match", "\"2-in_stock\"")],
            body.to_string(),
            412,
            "precondition_failed",
        ),
        (
            &path,
            vec![JSON, ("if-match", "W/\"1-in_stock\"")],
            body.to_string(),
            412,
            "precondition_failed",
        ),
        (
            &path,
            vec![JSON, ("if-none-match", "*")],
            body.to_string(),
            412,
            "precondition_failed",
        ),
        (
            &path,
            vec![JSON, matching],
            with("version", json!(7)),
            409,
            "version_conflict",
        ),
        (
            &path,
            vec![JSON, matching],
            with("sku", json!("MUG-2")),
            409,
            "sku_taken",
        ),
        (
            &path,
            vec![JSON, matching],
            without("stock"),
            400,
            "body_invalid",
        ),
        (
            &path,
            vec![MERGE, matching],
            body.to_string(),
            415,
            "media_type_unsupported",
        ),
    ] {
        let answer = shop.write("PUT", path, &fields, &body).await;
        assert_eq!(
            summary(&answer),
            (status, code.to_owned()),
            "{fields:?} {body}"
        );
        if status == 412 {
            assert_eq!(answer.field("etag"), etag);
        }
    }
    assert_eq!(shop.told().await, ["product.created", "product.created"]);
}

#[tokio::test]
async fn replacing_replaces_all_and_creates_what_is_not_there() {
    let shop = Shop::open().await;
    let (path, etag) = shop.mug("MUG-1").await;
    let matching = ("if-match", etag.as_str());
    let mut smaller = mug("MUG-9");
    smaller.as_object_mut().unwrap().remove("image_url");
    smaller["stock"] = json!(3);
    smaller["version"] = json!(1);
    let replaced = shop
        .write("PUT", &path, &[JSON, matching], &smaller.to_string())
        .await;
    assert_eq!(replaced.status, 200, "{replaced:?}");
    assert_eq!(replaced.field("etag"), "\"2-low\"");
    assert_eq!(replaced.json()["image_url"], Value::Null);
    assert_eq!(replaced.json()["sku"], "MUG-9");
    assert_eq!(shop.get(&path, &[]).await.json(), replaced.json());
    let gone = shop
        .write("PUT", &path, &[JSON, matching], &smaller.to_string())
        .await;
    assert_eq!(summary(&gone), (412, "precondition_failed".to_owned()));

    let creates = [JSON, ("if-none-match", "*"), ("prefer", "return=minimal")];
    let made = shop
        .write("PUT", NEW_ID, &creates, &mug("MUG-3").to_string())
        .await;
    assert_eq!(
        (made.status, made.field("location")),
        (201, NEW_ID),
        "{made:?}"
    );
    let twice = shop
        .write("PUT", NEW_ID, &creates, &mug("MUG-3").to_string())
        .await;
    assert_eq!(summary(&twice), (412, "precondition_failed".to_owned()));
    assert_eq!(
        shop.told().await,
        [
            "product.created",
            "product.updated",
            "inventory.low",
            "product.created"
        ]
    );
}
