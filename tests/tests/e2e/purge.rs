//! What is no longer true is forgotten everywhere.

use reqwest::StatusCode;
use serde_json::json;
use shared::feed::{Notice, Untrue};
use tests::answer::Answer;
use tests::shop::{Options, Shop};
use tests::wait::until;

const LOCATIONS: usize = 4;

fn notice(untrue: Untrue, soft: bool) -> Notice {
    Notice {
        untrue: vec![untrue],
        position: None,
        soft,
    }
}

async fn a_product(shop: &Shop) -> String {
    let list = shop.get("/v2/products?limit=1").await;
    assert_eq!(list.status, StatusCode::OK, "{}", list.text());
    list.json()["data"][0]["id"].as_str().unwrap().to_owned()
}

/// Reads until every location answers from its store.
async fn warm(shop: &Shop, path: &str) {
    for location in 0..LOCATIONS {
        until("the copy is stored", || async {
            let answer = Answer::to(shop.request_at(location, "GET", path)).await;
            answer.field("cache-status").contains("; hit").then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn a_purge_reaches_every_location_in_time() {
    let shop = Shop::start_in(LOCATIONS, Options::default()).await;
    let id = a_product(&shop).await;
    let path = format!("/v2/products/{id}");
    let purges = [
        Untrue::Tag(format!("product:{id}")),
        Untrue::Url(format!("/products/{id}")),
        Untrue::Everything,
    ];
    for untrue in purges {
        warm(&shop, &path).await;
        let before = Answer::to(shop.request("GET", &path)).await;
        shop.execute("update products set name = name || '!', version = version + 1")
            .await;
        let told = shop.tell(&notice(untrue.clone(), false)).await;
        assert_eq!(told.status, StatusCode::OK, "{}", told.text());
        for location in 0..LOCATIONS {
            until("the new name", || async {
                let answer = Answer::to(shop.request_at(location, "GET", &path)).await;
                (answer.json()["name"] != before.json()["name"]).then_some(())
            })
            .await;
        }
    }
}

/// Through all of it: the change's event, the relay, the consumer, the feed, every view; and a memory at
/// the origin that is warm.
#[tokio::test]
async fn a_change_of_a_price_reaches_every_location() {
    let shop = Shop::start_in(LOCATIONS, Options::default()).await;
    let id = a_product(&shop).await;
    let path = format!("/v2/products/{id}");
    for price in [4_242, 4_343] {
        warm(&shop, &path).await;
        let change = shop
            .request("PATCH", &path)
            .bearer_auth(&shop.admin_token)
            .header("if-match", "*")
            .header("content-type", "application/merge-patch+json")
            .body(json!({"price": {"amount": price, "currency": "USD"}}).to_string());
        let changed = Answer::to(change).await;
        assert_eq!(changed.status, StatusCode::OK, "{}", changed.text());
        for location in 0..LOCATIONS {
            until("the new price", || async {
                let answer = Answer::to(shop.request_at(location, "GET", &path)).await;
                (answer.json()["price"]["amount"] == price).then_some(())
            })
            .await;
        }
    }
}

/// The replica knows the old price alone from here on, and so does the origin's memory.
#[tokio::test]
async fn a_replica_that_stands_still_does_not_keep_the_old_price() {
    let shop = Shop::start_with_replica(2).await;
    let id = a_product(&shop).await;
    let path = format!("/v2/products/{id}");
    let seeded = "select count(*) from products";
    until("the replica has the products", || async {
        (shop.replica_count(seeded).await == shop.count(seeded).await).then_some(())
    })
    .await;
    shop.pause_replica().await;
    for location in 0..2 {
        let answer = Answer::to(shop.request_at(location, "GET", &path)).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    }
    let change = shop
        .request("PATCH", &path)
        .bearer_auth(&shop.admin_token)
        .header("if-match", "*")
        .header("content-type", "application/merge-patch+json")
        .body(json!({"price": {"amount": 4_242, "currency": "USD"}}).to_string());
    let changed = Answer::to(change).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.text());
    for location in 0..2 {
        until("the new price", || async {
            let answer = Answer::to(shop.request_at(location, "GET", &path)).await;
            (answer.json()["price"]["amount"] == 4_242).then_some(())
        })
        .await;
    }
    // Who names the place of its change waits for no purge, and sees it wherever it comes.
    let change = shop
        .request("PATCH", &path)
        .bearer_auth(&shop.admin_token)
        .header("if-match", "*")
        .header("content-type", "application/merge-patch+json")
        .body(json!({"price": {"amount": 4_343, "currency": "USD"}}).to_string());
    let changed = Answer::to(change).await;
    let position = changed.field("headgate-position");
    assert!(!position.is_empty(), "{}", changed.text());
    let same = [path.clone(), path.replace("v2", "v1"), format!("{path}?")];
    for (location, path) in [0, 1]
        .into_iter()
        .flat_map(|at| same.iter().map(move |to| (at, to)))
    {
        let read = shop
            .request_at(location, "GET", path)
            .header("headgate-position", position);
        let answer = Answer::to(read).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        assert_eq!(answer.field("headgate-label"), "");
        let price = &answer.json()["price"];
        assert!(price["amount"] == 4_343 || price == "43.43", "{price}");
    }
    let dearer = "select count(*) from products where price_amount = 4343";
    assert_eq!(shop.count(dearer).await, 1);
    assert_eq!(shop.replica_count(dearer).await, 0, "it went on replaying");
}

#[tokio::test]
async fn the_feed_outlives_its_object_and_refuses_who_does_not_sign() {
    let mut shop = Shop::start().await;
    let everything = notice(Untrue::Everything, false);
    assert_eq!(shop.tell(&everything).await.json()["head"], 1);
    shop.edge.kill();
    shop.edge.restart();
    assert_eq!(shop.tell(&everything).await.json()["head"], 2);
    let unsigned = shop.request("POST", "/feed").body("{}");
    assert_eq!(Answer::to(unsigned).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_location_without_the_feed_marks_its_copies_and_catches_up() {
    let options = Options { test_routes: true };
    let shop = Shop::start_in(LOCATIONS, options).await;
    let id = a_product(&shop).await;
    let path = format!("/v2/products/{id}");
    warm(&shop, &path).await;
    Answer::to(shop.request("GET", "/__test/feed-down")).await;
    until("copies are marked", || async {
        let answer = shop.get(&path).await;
        assert_eq!(answer.status, StatusCode::OK);
        let status = answer.field("cache-status").to_owned();
        status.ends_with("; detail=feed-stale").then_some(())
    })
    .await;
    let elsewhere = Answer::to(shop.request_at(1, "GET", &path)).await;
    assert!(!elsewhere.field("cache-status").contains("feed-stale"));
    // By another location, since this one's door is shut too.
    let purge = notice(Untrue::Tag(format!("product:{id}")), false);
    assert_eq!(
        shop.tell(&purge).await.status,
        StatusCode::SERVICE_UNAVAILABLE
    );
    Answer::to(shop.request("GET", "/__test/feed-up")).await;
    assert_eq!(shop.tell(&purge).await.status, StatusCode::OK);
    until("the copy is asked about", || async {
        let answer = shop.get(&path).await;
        answer
            .field("cache-status")
            .contains("fwd=stale")
            .then_some(())
    })
    .await;
}
