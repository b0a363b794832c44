//! Products through the cache.

use reqwest::StatusCode;
use serde_json::Value;
use tests::answer::Answer;
use tests::shop::Shop;
use tests::wait::until;

async fn a_product(shop: &Shop) -> String {
    let list = shop.get("/v2/products?limit=1").await;
    assert_eq!(list.status, StatusCode::OK, "{}", list.text());
    let id = list.json()["data"][0]["id"].as_str().unwrap().to_owned();
    format!("/v2/products/{id}")
}

#[tokio::test]
async fn a_product_is_a_miss_then_a_hit_whose_age_grows() {
    let shop = Shop::start().await;
    let path = a_product(&shop).await;
    let first = shop.get(&path).await;
    assert_eq!(
        first.field("cache-status"),
        "headgate; fwd=uri-miss; stored"
    );
    assert_eq!(
        first.field("cache-control"),
        "public, max-age=0, must-revalidate"
    );
    let hit = until("the copy is stored", || async {
        let answer = shop.get(&path).await;
        answer
            .field("cache-status")
            .starts_with("headgate; hit; ttl=")
            .then_some(answer)
    })
    .await;
    assert_eq!(hit.body, first.body);
    assert_eq!(hit.field("etag"), first.field("etag"));
    until("the copy ages", || async {
        let age = shop.get(&path).await.field("age").parse::<u64>().unwrap();
        (age >= 1).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_matching_etag_is_304_without_a_body() {
    let shop = Shop::start().await;
    let path = a_product(&shop).await;
    let etag = shop.get(&path).await.field("etag").to_owned();
    assert!(etag.starts_with('"'), "{etag} is strong");
    for _ in 0..2 {
        let request = shop.request("GET", &path).header("if-none-match", &etag);
        let answer = Answer::to(request).await;
        assert_eq!(
            (answer.status, answer.body.len()),
            (StatusCode::NOT_MODIFIED, 0)
        );
        assert_eq!(answer.field("etag"), etag);
    }
}

#[tokio::test]
async fn a_head_has_the_fields_of_the_get() {
    let shop = Shop::start().await;
    let path = a_product(&shop).await;
    let get = shop.get(&path).await;
    let head = Answer::to(shop.request("HEAD", &path)).await;
    assert_eq!((head.status, head.body.len()), (StatusCode::OK, 0));
    assert_eq!(head.field("etag"), get.field("etag"));
    assert_eq!(head.field("content-type"), get.field("content-type"));
}

#[tokio::test]
async fn tracking_parameters_do_not_split_the_copy() {
    let shop = Shop::start().await;
    let path = a_product(&shop).await;
    shop.get(&path).await;
    until("the copy is found under another query", || async {
        let answer = shop.get(&format!("{path}?utm_source=mail")).await;
        answer.field("cache-status").contains("; hit").then_some(())
    })
    .await;
}

#[tokio::test]
async fn refusals_are_problem_documents_with_a_page() {
    let shop = Shop::start().await;
    for (method, path, status, code) in [
        ("GET", "/v2/orders", 401, "token_missing"),
        ("POST", "/v2/orders", 401, "token_missing"),
        ("GET", "/v2/nothing", 404, "not_found"),
        (
            "GET",
            "/v2/products/prd_00000000000000000000000000",
            404,
            "not_found",
        ),
        (
            "GET",
            "/products/prd_00000000000000000000000000",
            404,
            "not_found",
        ),
        ("GET", "/v9/products", 404, "api_version_unknown"),
        ("DELETE", "/v2/orders", 405, "method_not_allowed"),
    ] {
        let answer = Answer::to(shop.request(method, path)).await;
        assert_eq!(answer.status.as_u16(), status, "{method} {path}");
        assert_eq!(answer.field("content-type"), "application/problem+json");
        assert_eq!(answer.field("error-code"), code, "{method} {path}");
        let problem: Value = answer.json();
        assert_eq!(problem["code"], code);
        // The client's own path, whoever of edge and origin refused it.
        assert_eq!(problem["instance"], path);
        assert_eq!(problem["request_id"], answer.field("x-request-id"));
        let path = format!("/problems/{code}");
        assert!(problem["type"].as_str().unwrap().ends_with(&path));
        let page = shop.get(&path).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.text().contains(code));
    }
}
