//! Copies: missed, hit, aged, asked about; and what is never one.

use super::*;

#[tokio::test]
async fn a_copy_is_a_miss_then_a_hit_that_ages_then_stale() {
    let shop = start();
    let first = shop.get("/v2/products/1?utm_source=x").await;
    assert_eq!(
        first.field("cache-status"),
        "headgate; fwd=uri-miss; stored"
    );
    assert_eq!(first.field("cache-tag"), "");
    shop.memory.run_deferred().await;
    shop.memory.advance_ms(5_000);
    let second = shop.get("/products/1").await;
    assert_eq!(second.field("cache-status"), "headgate; hit; ttl=3595");
    // The time is of this answer, not of the one that was stored.
    assert_eq!(first.field("server-timing"), "edge;dur=0, origin;dur=0");
    assert_eq!(second.field("server-timing"), "edge;dur=0");
    assert_eq!((second.field("age"), &second.body), ("5", &first.body));
    assert_eq!(shop.calls("/products/1"), 1);
    // An hour of freshness, and the minute in which a stale copy answers while it is fetched.
    shop.memory.advance_ms(3_655_000);
    let third = shop.get("/products/1").await;
    assert_eq!(third.field("cache-status"), "headgate; fwd=stale; stored");
}

#[tokio::test]
async fn a_shared_copy_is_fetched_for_nobody() {
    let shop = start();
    let request = Request::get("/products?limit=5&cursor=x")
        .header("authorization", format!("Bearer {}", token(&json!({}))))
        .header("cookie", "a=b")
        .header("if-none-match", "\"1\"")
        .header("headgate_assertion", "forged");
    let answer = shop.send(request, "").await;
    assert_eq!(answer.status, 304);
    let seen = shop.seen.borrow();
    let request = seen.last().unwrap();
    assert_eq!(request.uri(), "/products?cursor=x&limit=5");
    for absent in [
        "authorization",
        "cookie",
        "if-none-match",
        "headgate_assertion",
    ] {
        assert!(!request.headers().contains_key(absent), "{absent}");
    }
    let assertion = request.headers()[shared::header::ASSERTION]
        .to_str()
        .unwrap();
    let keys: AssertionKeys = SECRET.parse().unwrap();
    let now = i64::try_from(NOW / 1000).unwrap();
    let asserted = keys
        .verify(assertion, "GET", "/products?cursor=x&limit=5", now)
        .unwrap();
    assert_eq!(asserted.caller, Caller::Anonymous);
    assert_eq!(asserted.prefix, "");
}

#[tokio::test]
async fn head_and_conditions_are_answered_from_the_copy() {
    let shop = start();
    shop.get("/products/1").await;
    shop.memory.run_deferred().await;
    let head = shop.send(Request::head("/products/1"), "").await;
    assert_eq!(
        (head.status, head.body.len(), head.field("etag")),
        (200, 0, "\"1\"")
    );
    let same = shop
        .send(
            Request::get("/products/1").header("if-none-match", "W/\"1\""),
            "",
        )
        .await;
    assert_eq!(
        (same.status, same.body.len(), same.field("etag")),
        (304, 0, "\"1\"")
    );
    assert_eq!(shop.calls("/products/1"), 1);
}

#[tokio::test]
async fn what_is_private_is_never_stored() {
    let shop = start();
    let get = || {
        Request::get("/v2/orders").header("authorization", format!("Bearer {}", token(&json!({}))))
    };
    for _ in 0..2 {
        assert_eq!(shop.send(get(), "").await.status, 200);
        shop.memory.run_deferred().await;
    }
    assert_eq!(shop.calls("/orders"), 2);
}
