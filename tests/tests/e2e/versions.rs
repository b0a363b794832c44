//! Two versions on the real Worker and the real origin.

use reqwest::StatusCode;
use serde_json::{Value, json};
use tests::answer::Answer;
use tests::shop::Shop;
use tests::wait::until;

async fn a_product(shop: &Shop) -> String {
    let list = shop.get("/v2/products?limit=1").await;
    list.json()["data"][0]["id"].as_str().unwrap().to_owned()
}

/// The order in the words of version 1.
fn old(order: &Value) -> Value {
    let mut old = order.clone();
    let cents = order["expected_total"]["amount"].as_i64().unwrap();
    old["expected_total"] = format!("{}.{:02}", cents / 100, cents % 100).into();
    old["currency"] = order["expected_total"]["currency"].clone();
    old
}

#[tokio::test]
async fn a_product_in_both_versions_is_one_copy() {
    let shop = Shop::start().await;
    let id = a_product(&shop).await;
    let new = shop.get(&format!("/v2/products/{id}")).await;
    let cents = new.json()["price"]["amount"].as_i64().unwrap();
    let text = format!("{}.{:02}", cents / 100, cents % 100);
    let old = until("version 1 is answered from the copy", || async {
        let answer = shop.get(&format!("/v1/products/{id}")).await;
        answer
            .field("cache-status")
            .contains("; hit")
            .then_some(answer)
    })
    .await;
    assert_eq!(old.json()["price"], text.as_str());
    assert_eq!(old.json()["currency"], new.json()["price"]["currency"]);
    let tag = new.field("etag").trim_end_matches('"').to_owned();
    assert_eq!(old.field("etag"), format!("{tag}.v1\""));
    for (field, value) in [
        ("api-version", "v1"),
        ("deprecation", "@1782864000"),
        ("sunset", "Thu, 01 Jul 2027 00:00:00 GMT"),
        ("content-type", "application/json"),
    ] {
        assert_eq!(old.field(field), value, "{field}");
    }
    assert!(
        old.field("link")
            .contains(&format!("</v2/products/{id}>; rel=\"successor-version\""))
    );
    assert_eq!(new.field("deprecation"), "");
    let same = shop
        .request("GET", &format!("/v1/products/{id}"))
        .header("if-none-match", old.field("etag"));
    assert_eq!(Answer::to(same).await.status, StatusCode::NOT_MODIFIED);
    let by_accept = shop
        .request("GET", &format!("/products/{id}"))
        .header("accept", "application/vnd.headgate.v1+json");
    assert_eq!(Answer::to(by_accept).await.body, old.body);
}

#[tokio::test]
async fn an_order_of_version_1_replays_in_version_1() {
    let shop = Shop::start().await;
    let order = old(&shop.an_order("pm_card_visa").await);
    let send = |version: &str| {
        shop.request("POST", &format!("/{version}/orders"))
            .bearer_auth(&shop.customer_token)
            .header("idempotency-key", "old")
            .json(&order)
    };
    let first = Answer::to(send("v1")).await;
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.text());
    assert_eq!(first.json()["status"], "complete");
    assert_eq!(first.json()["total"], order["expected_total"]);
    let again = Answer::to(send("v1")).await;
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    assert_eq!(again.field("idempotent-replayed"), "true");
    assert_eq!(again.field("etag"), first.field("etag"));
    let other = Answer::to(send("v2")).await;
    assert_eq!(other.field("error-code"), "idempotency_key_reused");
    assert_eq!(other.json()["differing"], json!(["API version"]));

    let path = format!("/v1{}", first.field("location"));
    let mine = || shop.request("GET", &path).bearer_auth(&shop.customer_token);
    assert_eq!(
        Answer::to(mine()).await.json()["total"],
        first.json()["total"]
    );
    let uses = until("the account's uses are known", || async {
        let report = shop
            .request("GET", "/v2/account/deprecations")
            .bearer_auth(&shop.customer_token);
        let report = Answer::to(report).await;
        assert_eq!(report.status, StatusCode::OK, "{}", report.text());
        let data = report.json()["data"].as_array().unwrap().clone();
        (data.len() == 2).then_some(data)
    })
    .await;
    let mut routes: Vec<_> = uses
        .iter()
        .map(|used| used["route"].as_str().unwrap())
        .collect();
    routes.sort_unstable();
    assert_eq!(routes, ["order", "order-create"]);
    assert!(
        uses.iter()
            .all(|used| used["sunset_at"] == "2027-07-01T00:00:00Z")
    );
}

#[tokio::test]
async fn the_origins_row_replays_an_old_order_when_the_edge_forgot_it() {
    let mut shop = Shop::start().await;
    let order = old(&shop.an_order("pm_card_visa").await);
    let send = |shop: &Shop| {
        shop.request("POST", "/v1/orders")
            .bearer_auth(&shop.customer_token)
            .header("idempotency-key", "forgotten")
            .json(&order)
    };
    // The edge has the issuer's keys and knows the token, so that only the order is held back.
    let known = shop
        .request("GET", "/v2/orders")
        .bearer_auth(&shop.customer_token);
    assert_eq!(Answer::to(known).await.status, StatusCode::OK);
    shop.gate.hold();
    let lost = tokio::spawn(send(&shop).send());
    assert!(shop.gate.held().await.is_some(), "the origin has answered");
    shop.edge.kill();
    drop(lost.await);
    shop.gate.pass();
    shop.edge.restart();
    let again = Answer::to(send(&shop)).await;
    assert_eq!(again.status, StatusCode::CREATED, "{}", again.text());
    assert_eq!(again.field("idempotent-replayed"), "true");
    assert_eq!(again.json()["status"], "complete");
    assert_eq!(again.field("etag"), "\"2.v1\"");
    assert_eq!(shop.count("select count(*) from orders").await, 1);
}

#[tokio::test]
async fn a_price_is_changed_in_version_1_words() {
    let shop = Shop::start().await;
    let path = format!("/v1/products/{}", a_product(&shop).await);
    let etag = shop.get(&path).await.field("etag").to_owned();
    let change = |body: Value, etag: &str| {
        shop.request("PATCH", &path)
            .bearer_auth(&shop.admin_token)
            .header("content-type", "application/merge-patch+json")
            .header("if-match", etag)
            .body(body.to_string())
    };
    let stale = Answer::to(change(json!({"price": "12.34"}), "\"0-low.v1\"")).await;
    assert_eq!(
        stale.status,
        StatusCode::PRECONDITION_FAILED,
        "{}",
        stale.text()
    );
    assert!(
        stale.field("etag").ends_with(".v1\""),
        "{}",
        stale.field("etag")
    );
    let bad = Answer::to(change(json!({"price": "12.345"}), &etag)).await;
    assert_eq!(
        bad.json()["errors"][0]["pointer"],
        "/price",
        "{}",
        bad.text()
    );
    let negative = Answer::to(change(json!({"price": "-1"}), &etag)).await;
    assert_eq!(negative.status, StatusCode::BAD_REQUEST);
    let good = Answer::to(change(json!({"price": "12.34"}), &etag)).await;
    assert_eq!(good.status, StatusCode::OK, "{}", good.text());
    assert_eq!(good.json()["price"], "12.34");
    assert!(good.field("etag").ends_with(".v1\""));
}
