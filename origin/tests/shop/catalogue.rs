//! Products: lists, copies, changes; and the rest of what a router answers.

use std::collections::HashSet;

use origin::platform::SystemRandom;
use origin::{seed, store};
use serde_json::json;

use crate::harness::{PRODUCTS, Shop, request};

#[tokio::test]
async fn every_order_of_the_list_shows_each_product_once() {
    let shop = Shop::open().await;
    for filters in [
        "",
        "&sort=price_asc",
        "&sort=price_desc",
        "&q=walnut",
        "&q=classic&sort=newest",
        "&category=coffee",
        "&min_price=1000&max_price=5000",
    ] {
        let mut seen = Vec::new();
        let mut path = format!("/products?limit=7{filters}");
        loop {
            let page = shop.get(&path, &[]).await;
            assert_eq!(page.status, 200, "{page:?}");
            let json = page.json();
            let data = json["data"].as_array().unwrap();
            seen.extend(data.iter().map(|product| product["id"].to_string()));
            let Some(cursor) = json["next_cursor"].as_str() else {
                break;
            };
            assert!(page.field("link").contains("rel=\"next\""));
            path = format!("/products?limit=7{filters}&cursor={cursor}");
        }
        let distinct: HashSet<_> = seen.iter().collect();
        assert_eq!(distinct.len(), seen.len(), "{filters}");
        if filters.is_empty() || filters.starts_with("&sort=price") {
            assert_eq!(seen.len(), usize::try_from(PRODUCTS).unwrap(), "{filters}");
        }
    }
}

#[tokio::test]
async fn parameters_and_cursors_are_checked() {
    let shop = Shop::open().await;
    let page = shop.get("/products?limit=1&category=coffee", &[]).await;
    let shown = page.json()["data"][0]["id"].as_str().unwrap().to_owned();
    let tags = format!("products category:coffee product:{shown}");
    assert_eq!(page.field("cache-tag"), tags);
    let none = shop.get("/products?category=%20x", &[]).await;
    assert_eq!(none.field("cache-tag"), "products");
    let cursor = page.json()["next_cursor"].as_str().unwrap().to_owned();
    for (query, code) in [
        ("page=1".to_owned(), "request_invalid"),
        ("limit=0".to_owned(), "request_invalid"),
        ("limit=101".to_owned(), "request_invalid"),
        ("sort=random".to_owned(), "request_invalid"),
        ("sort=relevance".to_owned(), "request_invalid"),
        ("min_price=x".to_owned(), "request_invalid"),
        (format!("category=tea&cursor={cursor}"), "cursor_mismatch"),
        (
            format!("category=coffee&cursor={cursor}x"),
            "cursor_invalid",
        ),
    ] {
        let answer = shop.get(&format!("/products?{query}"), &[]).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (400, code),
            "{query}"
        );
    }
    let odd = "/products?sort=zzz&limit=0&min_price=a";
    let refused = shop.get(odd, &[]).await.json();
    let faults = refused["errors"].as_array().unwrap();
    let pointers: Vec<_> = faults.iter().map(|fault| &fault["pointer"]).collect();
    assert_eq!(pointers, ["/limit", "/min_price", "/sort"]);
    assert_eq!(refused["error"]["param"], "/limit");
}

#[tokio::test]
async fn copies_are_revalidated_and_changes_are_told() {
    let shop = Shop::open().await;
    let product = &shop.plenty().await[0];
    let path = format!("/products/{}", product["id"].as_str().unwrap());
    let read = shop.get(&path, &[]).await;
    assert_eq!(&read.json(), product);
    assert_eq!(
        read.field("cache-control"),
        "public, max-age=0, must-revalidate"
    );
    assert_eq!(
        read.field("cdn-cache-control"),
        "max-age=3600, stale-while-revalidate=60, stale-if-error=86400"
    );
    let tag = read.field("etag").to_owned();
    let same = shop.get(&path, &[("if-none-match", &tag)]).await;
    assert_eq!((same.status, same.body.len()), (304, 0));
    assert_eq!(same.field("etag"), tag);
    let head = shop.send(request("HEAD", &path, &[], "")).await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(head.field("content-length"), read.body.len().to_string());

    let admin = format!("Bearer {}", shop.admin);
    let customer = format!("Bearer {}", shop.customer);
    let merge = ("content-type", "application/merge-patch+json");
    let change = r#"{"price":{"amount":4200},"image_url":null}"#;
    for (fields, body, status, code) in [
        (vec![merge], change, 401, "token_missing"),
        (
            vec![("authorization", customer.as_str()), merge],
            change,
            403,
            "scope_missing",
        ),
        (
            vec![("authorization", admin.as_str())],
            change,
            415,
            "media_type_unsupported",
        ),
        (
            vec![("authorization", admin.as_str()), merge],
            change,
            428,
            "precondition_required",
        ),
        (
            vec![
                ("authorization", admin.as_str()),
                merge,
                ("if-match", tag.as_str()),
            ],
            r#"{"name":null}"#,
            400,
            "body_invalid",
        ),
        (
            vec![
                ("authorization", admin.as_str()),
                merge,
                ("if-match", "\"9-in_stock\""),
            ],
            change,
            412,
            "precondition_failed",
        ),
    ] {
        let answer = shop.send(request("PATCH", &path, &fields, body)).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (status, code),
            "{fields:?}"
        );
    }
    assert_eq!(shop.count("select count(*) from outbox").await, 0);
    let fields = [
        ("authorization", admin.as_str()),
        merge,
        ("if-match", tag.as_str()),
    ];
    let changed = shop.send(request("PATCH", &path, &fields, change)).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    assert_eq!(
        changed.json()["price"],
        json!({"amount": 4200, "currency": "USD"})
    );
    assert_eq!(changed.json()["version"], 2);
    let fresh = shop.get(&path, &[("if-none-match", &tag)]).await;
    assert_eq!(
        (fresh.status, fresh.field("etag")),
        (200, changed.field("etag"))
    );
    assert_eq!(
        shop.count("select count(*) from outbox where type = 'product.updated'")
            .await,
        1
    );
}

#[tokio::test]
async fn what_is_not_there_is_a_problem_too() {
    let shop = Shop::open().await;
    for (method, path, status, code, allow) in [
        ("GET", "/nothing", 404, "not_found", ""),
        ("GET", "/products/prd_x", 404, "not_found", ""),
        (
            "GET",
            "/products/prd_00000000000000000000000001",
            404,
            "not_found",
            "",
        ),
        (
            "DELETE",
            "/v2/orders",
            405,
            "method_not_allowed",
            "POST,GET,HEAD",
        ),
        ("POST", "/healthz", 405, "method_not_allowed", "GET,HEAD"),
    ] {
        let answer = shop.send(request(method, path, &[], "")).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (status, code),
            "{method} {path}"
        );
        assert_eq!(answer.field("allow"), allow, "{method} {path}");
        assert_eq!(answer.json()["instance"], path);
        assert_eq!(answer.json()["request_id"], answer.field("x-request-id"));
    }
}

#[tokio::test]
async fn migrating_and_seeding_again_changes_nothing_and_more_adds_the_rest() {
    let shop = Shop::open().await;
    let platform =
        origin::platform::Platform::new(shop.clock.clone(), std::sync::Arc::new(SystemRandom));
    store::migrate::run(&shop.config.databases, &platform)
        .await
        .unwrap();
    let pool = &shop.app.shop.pool;
    for (asked, there) in [
        (PRODUCTS, PRODUCTS),
        (10, PRODUCTS),
        (PRODUCTS + 5, PRODUCTS + 5),
    ] {
        let seeded = seed::run(pool, &platform, asked).await.unwrap();
        assert_eq!(seeded.products, there);
        assert_eq!(
            shop.count("select count(*) from products").await,
            i64::from(there)
        );
        assert_eq!(
            shop.count("select count(*) from inventory").await,
            i64::from(there)
        );
    }
    assert_eq!(shop.count("select count(*) from signing_keys").await, 1);
    assert_eq!(shop.count("select count(*) from users").await, 2);
    assert!(store::migrate::is_current(pool).await.unwrap());
}
