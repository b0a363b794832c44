//! Who is let in, changed while two locations run: out within the feed's bound, and in again after.

use reqwest::StatusCode;
use serde_json::{Value, json};
use tests::answer::Answer;
use tests::shop::{Options, Shop};
use tests::wait::until;

const LOCATIONS: usize = 2;
/// Somebody else's address, as the network in front of the edge says it.
const STRANGER: &str = "198.51.100.7";

async fn get(shop: &Shop, location: usize, address: &str) -> Answer {
    let request = shop.request_at(location, "GET", "/v2/products?limit=1");
    Answer::to(request.header("cf-connecting-ip", address)).await
}

async fn set(shop: &Shop, lists: &Value) {
    let change = shop
        .request("PUT", "/v2/admin/firewall")
        .bearer_auth(&shop.admin_token)
        .header("cf-connecting-ip", "192.0.2.1")
        .header("if-match", "*")
        .json(lists);
    let answer = Answer::to(change).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
}

async fn everywhere(shop: &Shop, what: &str, status: StatusCode) {
    for location in 0..LOCATIONS {
        until(what, || async {
            let answer = get(shop, location, STRANGER).await;
            (answer.status == status).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn an_address_is_shut_out_and_let_in_again() {
    let shop = Shop::start_in(LOCATIONS, Options::default()).await;
    everywhere(&shop, "it is in", StatusCode::OK).await;

    set(&shop, &json!({"deny": ["198.51.100.0/24"]})).await;
    everywhere(&shop, "it is out", StatusCode::FORBIDDEN).await;
    let out = get(&shop, 0, STRANGER).await;
    assert_eq!(out.field("error-code"), "access_denied");
    for location in 0..LOCATIONS {
        let other = get(&shop, location, "192.0.2.1").await;
        assert_eq!(other.status, StatusCode::OK, "{}", other.text());
    }

    // Nobody shuts themselves out by mistake.
    let own = shop
        .request("PUT", "/v2/admin/firewall")
        .bearer_auth(&shop.admin_token)
        .header("cf-connecting-ip", "192.0.2.1")
        .header("if-match", "*")
        .json(&json!({"deny": ["192.0.2.0/24"]}));
    let own = Answer::to(own).await;
    assert_eq!(own.field("error-code"), "firewall_locks_out");

    set(&shop, &json!({"deny": []})).await;
    everywhere(&shop, "it is in again", StatusCode::OK).await;
}
