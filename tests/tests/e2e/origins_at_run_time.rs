//! Where the edge sends requests, changed while it runs and under load: a new origin serves, an old one is missed
//! by nobody, and a list that leads nowhere is replaced through the edge.

use reqwest::StatusCode;
use serde_json::{Value, json};
use tests::answer::Answer;
use tests::shop::{Options, Shop};
use tests::wait::until;
use tokio::task::block_in_place;

use crate::load::Load;

/// What goes to an origin each time, as that sees it.
const PATH: &str = "/orders";
const ADMIN: &str = "/v2/admin/origins";
/// With a grace in which whoever ends still answers.
const GRACE: [(&str, &str); 1] = [("DRAIN_GRACE_SECONDS", "2")];

/// Lets the pool have these origins.
async fn set(shop: &Shop, urls: &[&str]) {
    let origins: Vec<Value> = urls.iter().map(|url| json!({"url": url})).collect();
    let change = shop
        .request("PUT", ADMIN)
        .bearer_auth(&shop.admin_token)
        .header("if-match", "*")
        .json(&json!({"pools": {"default": origins}}));
    let answer = Answer::to(change).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert_eq!(answer.json()["in_force"], true);
}

async fn read(shop: &Shop) -> Answer {
    let request = shop.request("GET", "/v2/orders");
    Answer::to(request.bearer_auth(&shop.customer_token)).await
}

/// Reads until nothing of this goes to the first origin.
async fn first_is_left_alone(shop: &Shop) {
    until("the first origin is left alone", || async {
        let before = shop.gate.asked(PATH);
        for _ in 0..12 {
            let answer = read(shop).await;
            assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        }
        (shop.gate.asked(PATH) == before).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn origins_come_and_go_under_load() {
    // In which an account has tokens enough.
    let options = Options { test_routes: true };
    let mut shop = Shop::start_beside_an_origin(options).await;
    shop.execute("update inventory set available = 1000000")
        .await;
    let order = shop.an_order("pm_card_visa").await;
    block_in_place(|| {
        shop.roll_first(&GRACE);
    });
    let (first, second) = (shop.gate.url(), shop.second().gate.url());
    let load = Load::start(&shop, order);
    until("the load runs", || async {
        (shop.gate.asked(PATH) > 20).then_some(())
    })
    .await;
    assert_eq!(shop.second().gate.asked(PATH), 0);

    set(&shop, &[&first, &second]).await;
    until("the second origin serves", || async {
        (shop.second().gate.asked(PATH) > 20).then_some(())
    })
    .await;

    set(&shop, &[&second]).await;
    first_is_left_alone(&shop).await;
    let status = block_in_place(|| shop.end_first());
    assert!(status.success(), "{status}");
    let before = shop.second().gate.asked(PATH);
    until("the second origin serves alone", || async {
        (shop.second().gate.asked(PATH) > before + 100).then_some(())
    })
    .await;
    load.end().await;
    // Each order once.
    let placed = shop.count("select count(*) from orders").await;
    assert!(placed > 0);
    assert_eq!(shop.charges().await, placed);
}

#[tokio::test]
async fn a_list_that_leads_nowhere_is_replaced_through_the_edge() {
    let shop = Shop::start().await;
    // Nothing listens there.
    let nowhere = format!("http://127.0.0.1:{}", xtask::ports::free().unwrap());
    set(&shop, &[&nowhere]).await;
    until("requests fail", || async {
        let answer = read(&shop).await;
        answer.status.is_server_error().then_some(())
    })
    .await;
    // As whoever changes it does: with the tag of what holds.
    let held = shop.request("GET", ADMIN).bearer_auth(&shop.admin_token);
    let held = Answer::to(held).await;
    assert_eq!(held.status, StatusCode::OK, "{}", held.text());
    let url = &held.json()["pools"]["default"][0]["url"];
    assert_eq!(url, &json!(nowhere));
    let back = shop
        .request("DELETE", ADMIN)
        .bearer_auth(&shop.admin_token)
        .header("if-match", held.field("etag"));
    assert_eq!(Answer::to(back).await.status, StatusCode::NO_CONTENT);
    until("they are answered again", || async {
        let answer = read(&shop).await;
        (answer.status == StatusCode::OK).then_some(())
    })
    .await;
}
