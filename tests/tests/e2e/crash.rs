//! The edge dies at the worst moment.

use reqwest::StatusCode;
use tests::answer::Answer;
use tests::shop::Shop;

#[tokio::test]
async fn killed_between_the_commit_and_the_copy_the_retry_gets_the_same_bytes() {
    let mut shop = Shop::start().await;
    let order = shop.an_order("pm_card_visa").await;
    // The edge has the issuer's keys and knows the token, so that only the order is held back.
    let known = shop
        .request("GET", "/v2/orders")
        .bearer_auth(&shop.customer_token);
    assert_eq!(Answer::to(known).await.status, StatusCode::OK);
    shop.gate.hold();
    let lost = shop.order_request("k", &order);
    let lost = tokio::spawn(async move { lost.send().await.is_err() });
    let held = shop.gate.held().await.expect("the origin answered");
    shop.edge.kill();
    assert!(lost.await.unwrap(), "the client got no answer");
    shop.gate.pass();
    shop.edge.restart();

    let retry = shop.order("k", &order).await;
    assert_eq!(retry.status, StatusCode::CREATED, "{}", retry.text());
    assert_eq!(retry.field("idempotent-replayed"), "true");
    assert!(
        held.ends_with(&retry.body),
        "the same bytes as the answer that was lost"
    );
    assert_eq!(shop.count("select count(*) from orders").await, 1);
    assert_eq!(shop.order("k", &order).await.body, retry.body);
}

#[tokio::test]
async fn an_answer_outlives_the_edge() {
    let mut shop = Shop::start().await;
    let order = shop.an_order("pm_card_visa").await;
    let first = shop.order("k", &order).await;
    shop.edge.kill();
    shop.edge.restart();
    let again = shop.order("k", &order).await;
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    assert_eq!(again.field("idempotent-replayed"), "true");
}
