//! POST /products.

use serde_json::json;

use super::{JSON, mug, pointers, summary};
use crate::harness::{Shop, request};

#[tokio::test]
async fn a_product_is_created_with_what_was_sent() {
    let shop = Shop::open().await;
    let made = shop
        .write("POST", "/products", &[JSON], &mug("MUG-1").to_string())
        .await;
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(made.field("etag"), "\"1-in_stock\"");
    assert_eq!(made.field("cache-control"), "private, no-store");
    let product = made.json();
    for member in [
        "sku",
        "name",
        "description",
        "category",
        "price",
        "image_url",
        "active",
    ] {
        assert_eq!(product[member], mug("MUG-1")[member], "{member}");
    }
    assert_eq!(product["version"], 1);
    let path = format!("/products/{}", product["id"].as_str().unwrap());
    assert_eq!(made.field("location"), path);
    let read = shop.get(&path, &[]).await;
    assert_eq!(
        (read.json(), read.field("etag")),
        (product, "\"1-in_stock\"")
    );

    let minimal = [JSON, ("prefer", "return=minimal")];
    let quiet = shop
        .write("POST", "/products", &minimal, &mug("MUG-2").to_string())
        .await;
    assert_eq!((quiet.status, quiet.body.len()), (201, 0));
    assert_eq!(quiet.field("preference-applied"), "return=minimal");
    assert_eq!(quiet.field("etag"), "\"1-in_stock\"");
    let read = shop.get(quiet.field("location"), &[]).await;
    assert_eq!(read.json()["sku"], "MUG-2");

    let taken = shop
        .write("POST", "/products", &[JSON], &mug("MUG-2").to_string())
        .await;
    assert_eq!(summary(&taken), (409, "sku_taken".to_owned()));
    assert_eq!(pointers(&taken), ["/sku"]);
    assert_eq!(shop.told().await, ["product.created", "product.created"]);
}

#[tokio::test]
async fn whatever_is_wrong_with_a_new_product_is_said_at_once() {
    let shop = Shop::open().await;
    let customer = format!("Bearer {}", shop.customer);
    let body = mug("MUG-1").to_string();
    for (fields, status, code) in [
        (vec![JSON], 401, "token_missing"),
        (
            vec![JSON, ("authorization", &customer)],
            403,
            "scope_missing",
        ),
    ] {
        let answer = shop
            .send(request("POST", "/products", &fields, &body))
            .await;
        assert_eq!(summary(&answer), (status, code.to_owned()));
    }
    let untyped = shop.write("POST", "/products", &[], &body).await;
    assert_eq!(
        summary(&untyped),
        (415, "media_type_unsupported".to_owned())
    );
    assert_eq!(untyped.field("accept"), "application/json");
    let large = shop
        .write("POST", "/products", &[JSON], &" ".repeat(70_000))
        .await;
    assert_eq!(summary(&large), (413, "body_too_large".to_owned()));
    for (member, value, pointer) in [
        ("sku", json!(""), "/sku"),
        ("name", json!(null), "/name"),
        (
            "price",
            json!({"amount": 1.5, "currency": "USD"}),
            "/price/amount",
        ),
        ("stock", json!(1_000_000_001), "/stock"),
        ("version", json!(1), "/version"),
    ] {
        let mut body = mug("MUG-1");
        body[member] = value;
        let answer = shop
            .write("POST", "/products", &[JSON], &body.to_string())
            .await;
        assert_eq!(summary(&answer), (400, "body_invalid".to_owned()));
        assert_eq!(pointers(&answer), [pointer]);
    }
    let mut body = mug(" ");
    body["category"] = json!("Küche");
    body["image_url"] = json!("javascript:alert(1)");
    let answer = shop
        .write("POST", "/products", &[JSON], &body.to_string())
        .await;
    assert_eq!(
        pointers(&answer),
        ["/category", "/image_url", "/sku", "/sku"]
    );
    assert_eq!(shop.told().await, [""; 0]);
}
