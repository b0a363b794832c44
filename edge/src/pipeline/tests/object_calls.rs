//! How often a request calls Durable Objects: each call is a trip in production, and is paid for.

use super::*;

const ORDERS: u32 = 50;
/// Between two orders.
const PAUSE_MS: u64 = 20;

#[tokio::test]
async fn an_order_makes_two_calls_to_its_callers_object() {
    let shop = start();
    let before = shop.memory.calls();
    for number in 0..ORDERS {
        let order = Request::post("/v2/orders")
            .header("authorization", bearer(&json!({})))
            .header("idempotency-key", format!("k{number}"))
            .header("content-type", "application/json");
        let answer = shop.send(order, "{}").await;
        assert_eq!(answer.status, 201);
        shop.memory.run_deferred().await;
        shop.memory.advance_ms(PAUSE_MS);
    }
    let calls = |object| {
        let after = shop.memory.calls().get(object).copied().unwrap_or_default();
        after - before.get(object).copied().unwrap_or_default()
    };
    // One for its limit and its key, and one that follows the answer.
    assert_eq!(calls("caller"), 2 * ORDERS);
    assert_eq!(calls("usage"), 0);
    // The feed is an instance's, and not an order's: about two a second.
    assert!(calls("feed") <= 3, "{}", calls("feed"));
}

#[tokio::test]
async fn a_replay_makes_one_call() {
    let shop = start();
    for (is_replay, expected) in [(false, 2), (true, 1)] {
        let before = shop.memory.calls();
        let order = Request::post("/v2/orders")
            .header("authorization", bearer(&json!({})))
            .header("idempotency-key", "k")
            .header("content-type", "application/json");
        let answer = shop.send(order, "{}").await;
        assert_eq!(answer.field("idempotent-replayed") == "true", is_replay);
        shop.memory.run_deferred().await;
        let calls = shop.memory.calls()["caller"] - before.get("caller").copied().unwrap_or(0);
        assert_eq!(calls, expected);
    }
}

/// An order of a partner, whose plan a test may change.
async fn order(partner: &callers::Partner, key: &str) -> Answered {
    let order = Request::post("/v2/orders")
        .header("x-api-key", partner.key.expose())
        .header("idempotency-key", key)
        .header("content-type", "application/json");
    partner.shop.send(order, "{}").await
}

#[tokio::test]
async fn the_end_of_an_order_leaves_its_place_in_the_same_call() {
    let partner = callers::partner();
    partner.plan.borrow_mut()["concurrency"] = json!(1);
    let memory = &partner.shop.memory;
    for (number, key) in ["a", "b", "b"].into_iter().enumerate() {
        let before = memory.calls().get("caller").copied().unwrap_or_default();
        assert_eq!(order(&partner, key).await.status, 201);
        // The place is taken until then.
        assert_eq!(
            order(&partner, "c").await.field("error-code"),
            "concurrency_exceeded"
        );
        memory.run_deferred().await;
        assert_eq!(memory.calls()["caller"] - before, 3, "{number}");
    }
}

#[tokio::test]
async fn a_request_that_its_limit_refuses_leads_nobody() {
    let partner = callers::partner();
    partner.plan.borrow_mut()["rate"] = json!(50);
    partner.plan.borrow_mut()["burst"] = json!(5);
    assert_eq!(order(&partner, "a").await.status, 201);
    partner.shop.memory.run_deferred().await;
    let refused = order(&partner, "b").await;
    assert_eq!(refused.field("error-code"), "rate_limited");
    // Nor does it learn what its key stands for.
    assert_eq!(order(&partner, "a").await.status, 429);
    let wait: u64 = refused.field("retry-after").parse().unwrap();
    partner.shop.memory.advance_ms(wait * 1000);
    let answer = order(&partner, "b").await;
    assert_eq!(
        (answer.status, answer.field("idempotent-replayed")),
        (201, "false")
    );
}

#[tokio::test]
async fn what_is_wrong_with_a_key_or_its_body_is_told_after_the_limit() {
    let partner = callers::partner();
    partner.plan.borrow_mut()["rate"] = json!(10);
    partner.plan.borrow_mut()["burst"] = json!(10);
    let long = "x".repeat(70_000);
    let post = |key: &str| {
        Request::post("/v2/orders")
            .header("x-api-key", partner.key.expose())
            .header("idempotency-key", key)
    };
    for (key, body, code) in [
        ("", "{}", "idempotency_key_invalid"),
        ("k", long.as_str(), "body_too_large"),
        ("", "{}", "rate_limited"),
        ("k", long.as_str(), "rate_limited"),
    ] {
        let answer = partner.shop.send(post(key), body).await;
        assert_eq!(answer.field("error-code"), code, "{key}");
    }
}
