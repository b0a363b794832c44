//! One of many asks the origin, over two locations with one set of objects.

use futures_util::future::join_all;
use reqwest::StatusCode;
use tests::answer::Answer;
use tests::shop::{Options, Shop};
use tests::wait::until;

const MANY: usize = 200;
const LOCATIONS: usize = 2;

async fn products(shop: &Shop, count: usize) -> Vec<String> {
    let list = format!("/v2/products?limit={count}");
    let list = Answer::to(shop.request("GET", &list).bearer_auth(&shop.customer_token)).await;
    assert_eq!(list.status, StatusCode::OK, "{}", list.text());
    let list = list.json();
    let all = list["data"].as_array().unwrap().iter();
    all.map(|product| format!("/products/{}", product["id"].as_str().unwrap()))
        .collect()
}

/// The same request from many, of each location in turn. They have a token, since the bucket of an
/// address is smaller than this.
async fn at_once(shop: &Shop, path: &str) -> Vec<Answer> {
    let requests = (0..MANY).map(|number| {
        let request = shop.request_at(number % LOCATIONS, "GET", path);
        Answer::to(request.bearer_auth(&shop.customer_token))
    });
    join_all(requests).await
}

/// Lets both locations know the token, so that only what is asked for is under way.
async fn known(shop: &Shop) {
    for location in 0..LOCATIONS {
        let orders = shop.request_at(location, "GET", "/v2/orders");
        let answer = Answer::to(orders.bearer_auth(&shop.customer_token)).await;
        assert_eq!(answer.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn many_of_two_locations_are_one_fetch() {
    let shop = Shop::start_in(LOCATIONS, Options::default()).await;
    let path = products(&shop, 1).await.remove(0);
    known(&shop).await;
    let answers = at_once(&shop, &format!("/v2{path}")).await;
    for answer in &answers {
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        assert_eq!(answer.body, answers[0].body);
    }
    assert_eq!(shop.gate.asked(&path), 1);
}

#[tokio::test]
async fn what_is_private_is_fetched_by_each() {
    let shop = Shop::start_in(LOCATIONS, Options::default()).await;
    known(&shop).await;
    // There is none, which the origin says to this caller alone.
    let path = "/products/prd_00000000000000000000000000";
    let answers = at_once(&shop, &format!("/v2{path}")).await;
    for answer in &answers {
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{}", answer.text());
        assert!(!answer.field("cache-status").contains("collapsed"));
    }
    assert_eq!(shop.gate.asked(path), MANY);
}

#[tokio::test]
async fn the_others_do_not_notice_when_the_first_client_leaves() {
    let mut shop = Shop::start_in(LOCATIONS, Options::default()).await;
    let path = products(&shop, 1).await.remove(0);
    let target = format!("/v2{path}");
    shop.get("/v2/products?limit=1").await;
    shop.gate.pause();
    let first = shop.request_at(0, "GET", &target);
    let first = tokio::spawn(async move { first.send().await.is_ok() });
    until("the first one leads", || async {
        (shop.gate.asked(&path) == 1).then_some(())
    })
    .await;
    let others = join_all(
        (0..20).map(|number| Answer::to(shop.request_at(number % LOCATIONS, "GET", &target))),
    );
    let leaving = async {
        first.abort();
        assert!(first.await.is_err(), "the client left");
        shop.gate.resume();
    };
    let (others, ()) = tokio::join!(others, leaving);
    for answer in others {
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    }
    assert_eq!(shop.gate.asked(&path), 1);
    shop.gate.close().await;
}

#[tokio::test]
async fn slow_keys_do_not_delay_another() {
    let shop = Shop::start_in(LOCATIONS, Options::default()).await;
    let paths = products(&shop, 100).await;
    let shard = |path: &String| edge::shield::shard(&format!("/v2{path}"));
    let crowded = (0..edge::shield::SHARDS)
        .map(|number| paths.iter().filter(|path| shard(path) == number).collect())
        .max_by_key(|keys: &Vec<&String>| keys.len())
        .expect("a shard");
    let (quick, slow) = crowded.split_last().expect("a key");
    assert!(slow.len() >= 2, "{crowded:?}");
    // In this location's store, whose misses meet the slow ones in one object of the other.
    Answer::to(shop.request_at(0, "GET", &format!("/v2{quick}"))).await;
    shop.gate.pause();
    let waiting = slow.iter().map(|path| {
        let request = shop.request_at(0, "GET", &format!("/v2{path}"));
        tokio::spawn(async move { request.send().await.map(|answer| answer.status()) })
    });
    let waiting: Vec<_> = waiting.collect();
    until("all of them wait for the origin", || async {
        let asked = |path: &&&String| shop.gate.asked(path) > 0;
        (slow.iter().filter(asked).count() == slow.len()).then_some(())
    })
    .await;
    let answer = Answer::to(shop.request_at(1, "GET", &format!("/v2{quick}"))).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(
        answer.field("cache-status").contains("detail=shield"),
        "{}",
        answer.field("cache-status")
    );
    shop.gate.resume();
    for slow in waiting {
        assert_eq!(slow.await.unwrap().unwrap(), StatusCode::OK);
    }
}

#[tokio::test]
async fn a_leader_that_hangs_is_followed() {
    let mut shop = Shop::start_in(LOCATIONS, Options::default()).await;
    let path = products(&shop, 1).await.remove(0);
    let target = format!("/v2{path}");
    shop.get("/v2/products?limit=1").await;
    // Its answer is lost, and it waits for its origin longer than its lease.
    shop.gate.hold();
    let first = shop.request_at(0, "GET", &target);
    let first = tokio::spawn(async move { first.send().await.map(|answer| answer.status()) });
    shop.gate.held().await.expect("the origin answered");
    shop.gate.pass();
    let others =
        (0..20).map(|number| Answer::to(shop.request_at(number % LOCATIONS, "GET", &target)));
    for answer in join_all(others).await {
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    }
    assert_eq!(shop.gate.asked(&path), 2);
    first.abort();
    assert!(first.await.is_err(), "it still waited");
}

#[tokio::test]
async fn a_leader_that_dies_with_its_process_is_followed() {
    let mut shop = Shop::start_apart().await;
    let path = products(&shop, 1).await.remove(0);
    let target = format!("/v2{path}");
    let apart = shop.apart.as_ref().expect("an edge apart").url();
    // It knows its lists by then, so that what is held is what it is asked for.
    let known = shop.client.get(format!("{apart}/v2/orders"));
    assert_eq!(Answer::to(known).await.status, StatusCode::UNAUTHORIZED);
    // It leads, and its answer is lost with it.
    shop.gate.hold();
    let first = shop.client.get(format!("{apart}{target}"));
    let first = tokio::spawn(async move { first.send().await.is_ok() });
    shop.gate.held().await.expect("the origin answered");
    shop.gate.pass();
    assert_eq!(shop.gate.asked(&path), 1);
    let others = (0..20).map(|_| {
        let request = shop.request("GET", &target);
        tokio::spawn(async move { Answer::to(request).await })
    });
    let mut others: Vec<_> = others.collect();
    // They wait for the other process by now: this one answers, and asked for none of them.
    shop.get("/v2/products?limit=2").await;
    assert_eq!(shop.gate.asked(&path), 1);
    if let Some(early) = others.iter().position(tokio::task::JoinHandle::is_finished) {
        panic!("answered before: {:?}", others.swap_remove(early).await);
    }
    shop.apart.as_mut().expect("an edge apart").kill();
    assert!(!first.await.unwrap(), "its client was answered");
    for other in others {
        let answer = other.await.unwrap();
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    }
    // One of them led in its place; had its lease not ended, each would have asked in the end.
    assert_eq!(shop.gate.asked(&path), 2);
}
