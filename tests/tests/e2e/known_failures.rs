//! Failures that layers of this kind are known for, each by its name: none of them is ours.

use futures_util::future::join_all;
use reqwest::StatusCode;
use serde_json::{Value, json};
use tests::answer::Answer;
use tests::shop::{Options, Shop};

/// Requests with one key at once, past the edge.
const RACERS: usize = 50;

async fn patient() -> Shop {
    Shop::start_with(Options { test_routes: true }).await
}

/// An order, straight to the origin.
async fn at_the_origin(shop: &Shop, key: &str, order: &Value) -> Answer {
    Answer::to(
        shop.client
            .post(format!("{}/v2/orders", shop.origin_url()))
            .bearer_auth(&shop.customer_token)
            .header("idempotency-key", key)
            .json(order),
    )
    .await
}

#[tokio::test]
async fn a_5xx_pinned_for_a_day() {
    let shop = Shop::start().await;
    let order = shop.an_order("pm_card_visa").await;
    let lock = shop.lock("orders").await;
    let failed = shop.order("k", &order).await;
    assert_eq!(failed.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(failed.json()["outcome"], "not_applied");
    lock.release().await;
    let again = shop.order("k", &order).await;
    assert_eq!(again.status, StatusCode::CREATED, "{}", again.text());
    assert_eq!(again.field("idempotent-replayed"), "false");
}

#[tokio::test]
async fn a_key_without_its_caller() {
    let shop = Shop::start().await;
    let order = shop.an_order("pm_card_visa").await;
    let first = shop.order("k", &order).await;
    let other = Answer::to(
        shop.request("POST", "/v2/orders")
            .bearer_auth(shop.token("usr_00000000000000000000000009", "customer"))
            .header("idempotency-key", "k")
            .json(&order),
    )
    .await;
    assert_eq!(other.status, StatusCode::CREATED, "{}", other.text());
    assert_eq!(other.field("idempotent-replayed"), "false");
    assert_ne!(other.json()["id"], first.json()["id"]);
    // A new token of the same account is the same caller.
    let renewed = Answer::to(
        shop.request("POST", "/v2/orders")
            .bearer_auth(shop.renewed_token())
            .header("idempotency-key", "k")
            .json(&order),
    )
    .await;
    assert_eq!(renewed.field("idempotent-replayed"), "true");
    assert_eq!(renewed.body, first.body);
}

#[tokio::test]
async fn a_scope_that_all_anonymous_callers_share() {
    let shop = Shop::start().await;
    let register = |email: &str| {
        Answer::to(
            shop.request("POST", "/v2/users")
                .header("idempotency-key", "k")
                .json(&json!({"email": email, "name": "Somebody", "password": "correct horse 9"})),
        )
    };
    let (one, two) = (
        register("one@example.com").await,
        register("two@example.com").await,
    );
    assert_eq!(one.status, StatusCode::CREATED, "{}", one.text());
    assert_eq!(two.status, StatusCode::CREATED, "{}", two.text());
    assert_eq!(two.json()["email"], "two@example.com");
    assert_ne!(one.json()["id"], two.json()["id"]);
}

#[tokio::test]
async fn a_race_between_check_and_set_and_a_loser_that_gets_503() {
    let shop = Shop::start().await;
    let order = shop.an_order("pm_card_visa").await;
    let answers = join_all((0..RACERS).map(|_| at_the_origin(&shop, "k", &order))).await;
    let mut firsts = 0;
    for answer in &answers {
        match answer.status {
            StatusCode::CREATED => {
                firsts += usize::from(answer.field("idempotent-replayed") == "false");
            }
            StatusCode::CONFLICT => {
                assert_eq!(answer.field("error-code"), "idempotency_in_progress");
            }
            other => panic!("{other}: {}", answer.text()),
        }
    }
    assert_eq!(firsts, 1, "one did the work");
    assert_eq!(shop.count("select count(*) from orders").await, 1);
    assert_eq!(shop.charges().await, 1);
}

#[tokio::test]
async fn a_replay_that_lost_location_or_sets_a_cookie() {
    let shop = Shop::start().await;
    let order = shop.an_order("pm_card_visa").await;
    let first = shop.order("k", &order).await;
    assert!(first.field("location").starts_with("/orders/ord_"));
    // The edge's copy, and the origin's row.
    for replay in [
        shop.order("k", &order).await,
        at_the_origin(&shop, "k", &order).await,
    ] {
        assert_eq!(replay.field("idempotent-replayed"), "true");
        for field in ["location", "etag", "content-type", "set-cookie"] {
            assert_eq!(replay.field(field), first.field(field), "{field}");
        }
        assert_eq!(replay.body, first.body);
    }
}

#[tokio::test]
async fn a_lock_that_sticks_after_a_timeout() {
    let mut shop = patient().await;
    let order = shop.an_order("pm_card_visa").await;
    let known = shop
        .request("GET", "/v2/orders")
        .bearer_auth(&shop.customer_token);
    assert_eq!(Answer::to(known).await.status, StatusCode::OK);
    shop.gate.hold();
    let late = shop.order("k", &order).await;
    assert_eq!(late.status, StatusCode::GATEWAY_TIMEOUT);
    assert_eq!(late.json()["outcome"], "unknown");
    assert_eq!(late.json()["safe_new_key"], false);
    assert!(shop.gate.held().await.is_some(), "the origin had answered");
    shop.gate.pass();
    let again = shop.order("k", &order).await;
    assert_eq!(again.status, StatusCode::CREATED, "{}", again.text());
    assert_eq!(again.field("idempotent-replayed"), "true");
}

#[tokio::test]
async fn a_lock_released_after_a_timeout_so_that_the_work_runs_twice() {
    let shop = patient().await;
    let order = shop.an_order("pm_card_slow").await;
    // The edge gives up while the provider still charges.
    let late = shop.order("k", &order).await;
    assert_eq!(late.status, StatusCode::GATEWAY_TIMEOUT, "{}", late.text());
    let done = tests::wait::until("the order is answered", || async {
        let again = shop.order("k", &order).await;
        match again.status {
            StatusCode::CREATED => Some(again),
            StatusCode::CONFLICT | StatusCode::GATEWAY_TIMEOUT => {
                assert_eq!(again.json()["safe_new_key"], false, "{}", again.text());
                None
            }
            other => panic!("{other}: {}", again.text()),
        }
    })
    .await;
    assert_eq!(done.json()["status"], "confirmed");
    assert_eq!(shop.count("select count(*) from orders").await, 1);
    assert_eq!(shop.charges().await, 1);
}

#[tokio::test]
async fn new_converters_between_the_first_answer_and_its_replay() {
    let mut shop = Shop::start().await;
    let mut order = shop.an_order("pm_card_visa").await;
    let total = order
        .as_object_mut()
        .and_then(|order| order.remove("expected_total"));
    assert!(total.is_some(), "clients of version 1 need not name it");
    let mut declined = order.clone();
    declined["payment_method"] = json!("pm_card_declined");
    let first = old(&shop, "k", &order).await;
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.text());
    let refused = old(&shop, "declined", &declined).await;
    assert_eq!(refused.status, StatusCode::PAYMENT_REQUIRED);
    // The edge's own copies are lost with its disk; what is left is the origin's row.
    shop.deploy_next_converters();
    let path = format!("/v1{}", first.field("location"));
    let read = Answer::to(shop.request("GET", &path).bearer_auth(&shop.customer_token));
    let read = read.await.json();
    assert!(read["converted_by"].is_number(), "it is new: {read}");
    for (key, order, first) in [("k", &order, &first), ("declined", &declined, &refused)] {
        // From the origin, then from the copy that the edge made of it.
        for _ in 0..2 {
            let replay = old(&shop, key, order).await;
            assert_eq!(replay.field("idempotent-replayed"), "true");
            assert_eq!(replay.status, first.status);
            assert_eq!(replay.text(), first.text());
            assert_eq!(replay.field("etag"), first.field("etag"));
            assert_eq!(replay.field("headgate-converter"), "");
        }
    }
}

/// An order in version 1, which does not need to say what it expects to pay.
async fn old(shop: &Shop, key: &str, order: &Value) -> Answer {
    Answer::to(
        shop.request("POST", "/v1/orders")
            .bearer_auth(&shop.customer_token)
            .header("idempotency-key", key)
            .json(order),
    )
    .await
}
