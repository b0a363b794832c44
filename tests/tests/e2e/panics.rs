//! A panic costs one request. On a build with routes that break on purpose.

use reqwest::StatusCode;
use tests::answer::Answer;
use tests::shop::{Options, Shop};

async fn breaks_once(path: &str, status: StatusCode, says: &str) {
    let shop = Shop::start_with(Options { test_routes: true }).await;
    let good = || Answer::to(shop.request("GET", "/__test/ok"));
    assert_eq!(good().await.status, StatusCode::OK);
    // Others are in flight while it breaks.
    let others = futures_util::future::join_all((0..20).map(|_| good()));
    let (broken, others) = tokio::join!(Answer::to(shop.request("GET", path)), others);
    assert_eq!(broken.status, status, "{}", broken.text());
    assert!(broken.text().contains(says), "{}", broken.text());
    for other in others {
        assert_eq!(other.status, StatusCode::OK);
    }
    for _ in 0..50 {
        for answer in futures_util::future::join_all((0..20).map(|_| good())).await {
            assert_eq!(answer.status, StatusCode::OK);
        }
    }
    assert_eq!(
        shop.get("/v2/products?limit=1").await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_panic_in_fetch_is_one_500_and_a_thousand_good_requests_follow() {
    breaks_once(
        "/__test/panic",
        StatusCode::INTERNAL_SERVER_ERROR,
        "\"code\":\"internal\"",
    )
    .await;
}

#[tokio::test]
async fn a_panic_in_an_object_does_not_hang_its_caller_and_a_thousand_good_requests_follow() {
    // The route tells what the object's caller learnt.
    breaks_once(
        "/__test/panic-object",
        StatusCode::OK,
        "answered without a verdict",
    )
    .await;
}

/// The same suite runs on the platform in memory, beside it.
#[tokio::test]
async fn the_store_on_workerd_conforms() {
    let shop = Shop::start_with(Options { test_routes: true }).await;
    let told = Answer::to(shop.request("GET", "/__test/store")).await;
    assert_eq!(told.text(), "ok");
}

#[tokio::test]
async fn the_signatures_on_workerd_conform() {
    let shop = Shop::start_with(Options { test_routes: true }).await;
    let told = Answer::to(shop.request("GET", "/__test/signatures")).await;
    assert_eq!(told.text(), "ok");
}
