//! How often a request calls Durable Objects: each call is a trip in production, and is paid for.

use super::*;

const ORDERS: u32 = 50;
/// Between two orders.
const PAUSE_MS: u64 = 20;

#[tokio::test]
async fn an_order_calls_its_limiter_once_and_its_replay_object_twice() {
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
    assert_eq!(calls("replay"), 2 * ORDERS);
    assert_eq!(calls("limiter"), ORDERS);
    assert_eq!(calls("usage"), 0);
    // The feed is an instance's, and not an order's: about two a second.
    assert!(calls("feed") <= 3, "{}", calls("feed"));
}

#[tokio::test]
async fn a_replay_calls_its_replay_object_once() {
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
        let calls = shop.memory.calls()["replay"] - before.get("replay").copied().unwrap_or(0);
        assert_eq!(calls, expected);
    }
}
