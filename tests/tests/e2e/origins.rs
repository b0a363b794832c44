//! Two origins, one of which dies, fails or hangs: nobody notices, it is left alone, and it comes back.

use futures_util::future::join_all;
use reqwest::StatusCode;
use tests::answer::Answer;
use tests::shop::Shop;
use tests::wait::{until, until_within};

/// Reads at once. The budget begins with ten tries, and five failures in a row take an origin out: with so few,
/// each that goes to the one that is ill has another try, whatever is drawn.
const READS: usize = 6;

/// What is read, as the origin sees it: the caller's own, so that each read goes to an origin.
const PATH: &str = "/orders";

async fn read(shop: &Shop) -> Answer {
    let request = shop.request("GET", "/v2/orders");
    Answer::to(request.bearer_auth(&shop.customer_token)).await
}

async fn reads(shop: &Shop) {
    for answer in join_all((0..READS).map(|_| read(shop))).await {
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    }
}

/// Reads until the second one is asked no more.
async fn is_left_alone(shop: &Shop) {
    until("the second origin is left alone", || async {
        let before = shop.second().gate.asked(PATH);
        reads(shop).await;
        (shop.second().gate.asked(PATH) == before).then_some(())
    })
    .await;
}

/// Reads until it is asked again.
async fn comes_back(shop: &Shop) {
    let before = shop.second().gate.asked(PATH);
    until("the second origin is asked again", || async {
        let answer = read(shop).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        (shop.second().gate.asked(PATH) > before).then_some(())
    })
    .await;
}

#[tokio::test]
async fn one_that_is_killed_is_not_noticed() {
    let mut shop = Shop::start_with_two_origins().await;
    let order = shop.an_order("pm_card_visa").await;
    comes_back(&shop).await;
    shop.kill_second();
    // Those that are sent to it are sent to the other one, under the same key.
    for number in 0..8 {
        let answer = shop.order(&format!("killed-{number}"), &order).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    }
    is_left_alone(&shop).await;
    assert_eq!(shop.count("select count(*) from orders").await, 8);
    assert_eq!(shop.charges().await, 8);
    shop.restart_second();
    comes_back(&shop).await;
}

#[tokio::test]
async fn orders_under_way_at_one_that_is_killed_end_once() {
    let mut shop = Shop::start_with_two_origins().await;
    let order = shop.an_order("pm_card_slow").await;
    comes_back(&shop).await;
    let before = shop.second().gate.asked(PATH);
    let keys: Vec<_> = (0..6).map(|number| format!("slow-{number}")).collect();
    let under_way: Vec<_> = keys
        .iter()
        .map(|key| tokio::spawn(Answer::to(shop.order_request(key, &order))))
        .collect();
    until("the second origin has one", || async {
        (shop.second().gate.asked(PATH) > before).then_some(())
    })
    .await;
    shop.kill_second();
    for order in under_way {
        order.await.unwrap();
    }
    // Clients do as they are told: the same request under the same key.
    for key in &keys {
        until_within(60, "the order", async || {
            let answer = shop.order(key, &order).await;
            (answer.status == StatusCode::CREATED).then_some(())
        })
        .await;
    }
    assert_eq!(shop.count("select count(*) from orders").await, 6);
    assert_eq!(shop.charges().await, 6);
}

#[tokio::test]
async fn one_that_fails_is_not_noticed_by_readers() {
    let shop = Shop::start_with_two_origins().await;
    comes_back(&shop).await;
    shop.second().gate.fail(true);
    is_left_alone(&shop).await;
    shop.second().gate.fail(false);
    comes_back(&shop).await;
}

#[tokio::test]
async fn one_that_hangs_is_not_noticed_by_readers() {
    let shop = Shop::start_with_two_origins().await;
    comes_back(&shop).await;
    shop.second().gate.pause();
    is_left_alone(&shop).await;
    shop.second().gate.resume();
    comes_back(&shop).await;
}

#[tokio::test]
async fn the_shop_offers_no_streams() {
    let shop = Shop::start().await;
    let token = &shop.customer_token;
    let events = shop.request("GET", "/v2/products");
    let call = shop
        .request("POST", "/v2/orders")
        .bearer_auth(token)
        .header("idempotency-key", "call")
        .header("content-type", "application/grpc-web+proto");
    let socket = shop.request("GET", "/v2/products").bearer_auth(token);
    for (request, status) in [
        (events.header("accept", "text/event-stream"), 406),
        (call.body("\0\0\0\0\0"), 415),
        (
            socket
                .header("connection", "upgrade")
                .header("upgrade", "websocket"),
            200,
        ),
    ] {
        assert_eq!(Answer::to(request).await.status, status);
    }
}
