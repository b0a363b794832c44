//! The origin hears how often a product was read, whoever answered.

use super::callers::partner_in;
use super::*;
use shared::caller::Mode;

fn told(shop: &Shop) -> Vec<String> {
    let seen = shop.seen.borrow();
    let told = seen
        .iter()
        .filter(|request| request.uri().path() == "/analytics/views");
    told.map(|request| {
        assert_eq!(request.method(), "POST");
        assert!(request.headers().contains_key(shared::header::ASSERTION));
        String::from_utf8(request.body().to_vec()).unwrap()
    })
    .collect()
}

#[tokio::test]
async fn reads_are_told_at_once_and_then_by_the_minute() {
    let shop = start();
    for path in ["/v2/products/1", "/v1/products/1", "/products/2"] {
        shop.get(path).await;
        shop.memory.run_deferred().await;
    }
    assert_eq!(told(&shop), [r#"{"views":1}"#]);
    let again = Request::get("/v2/products/1").header("if-none-match", "\"1\"");
    assert_eq!(shop.send(again, "").await.status, 304);
    // What is no view.
    shop.get("/v2/products").await;
    shop.send(Request::head("/v2/products/1"), "").await;
    shop.get("/v2/products/1/2").await;
    shop.memory.run_deferred().await;
    assert_eq!(told(&shop).len(), 1);
    shop.memory.advance_ms(60_000);
    shop.get("/v2/products/1").await;
    shop.memory.run_deferred().await;
    assert_eq!(told(&shop)[1..], [r#"{"views":4}"#]);
}

#[tokio::test]
async fn what_is_read_with_a_test_key_is_no_view() {
    for (mode, count) in [(Mode::Live, 1), (Mode::Test, 0)] {
        let partner = partner_in(mode);
        let read = Request::get("/v2/products/1").header("x-api-key", partner.key.expose());
        assert_eq!(partner.shop.send(read, "").await.status, 200);
        partner.shop.memory.run_deferred().await;
        assert_eq!(told(&partner.shop).len(), count, "{mode:?}");
    }
}

#[tokio::test]
async fn nobody_waits_for_an_origin_that_does_not_hear() {
    let shop = start();
    shop.get("/v2/products/1").await;
    shop.fetches(&[Some(Lost::Request)]);
    shop.memory.run_deferred().await;
    assert_eq!(shop.get("/v2/products/1").await.status, 200);
}
