//! Processes that are gone before their work is done: the order that was under way goes on elsewhere, under
//! its own key, and is charged once.

use std::process::ExitStatus;
use std::time::Duration;

use reqwest::{RequestBuilder, StatusCode};
use serde_json::Value;
use tests::answer::Answer;
use tests::shop::Shop;
use tests::wait::until;
use tokio::task::block_in_place;
use tokio::time::timeout;

/// As short as it can be, and shorter than the provider takes for a slow card.
const SHORT: [(&str, &str); 2] = [("DRAIN_SECONDS", "1"), ("DRAIN_GRACE_SECONDS", "0")];
const KEY: &str = "under-way";
/// Whoever has no answer within this gets none.
const HANGS: Duration = Duration::from_secs(1);

/// The order at the second origin, past the edge, which would send it elsewhere by itself.
fn order(shop: &Shop, order: &Value) -> RequestBuilder {
    let url = format!("http://127.0.0.1:{}/v2/orders", shop.second().port);
    shop.client
        .post(url)
        .bearer_auth(&shop.customer_token)
        .header("idempotency-key", KEY)
        .json(order)
}

async fn is_under_way(shop: &Shop) {
    until("the order is under way", || async {
        (shop.count("select count(*) from orders").await == 1).then_some(())
    })
    .await;
}

/// Whoever asks next under the key gets the order, and nobody pays twice.
async fn goes_on_elsewhere(shop: &mut Shop, new: &Value) {
    let open = "select count(*) from idempotency_keys where phase = 'charging'";
    assert_eq!(
        shop.count(open).await,
        1,
        "it was not done when its process ended"
    );
    // The lease that nobody could give back is over, as it is by itself after twenty seconds.
    shop.execute("update idempotency_keys set lease_until = now()")
        .await;
    block_in_place(|| shop.restart_second());
    let shop = &*shop;
    let answer = until("the order's answer", || async {
        let answer = Answer::to(order(shop, new)).await;
        (answer.status != StatusCode::CONFLICT).then_some(answer)
    })
    .await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    assert_eq!(shop.count("select count(*) from orders").await, 1);
    assert_eq!(shop.charges().await, 1);
    let reserved = "select sum(reserved)::bigint from inventory";
    assert_eq!(shop.count(reserved).await, 0);
}

fn end(shop: &mut Shop) -> ExitStatus {
    block_in_place(|| shop.end_second())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_that_takes_longer_than_the_end_goes_on_in_the_next_process() {
    let mut shop = Shop::start_with_two_origins().await;
    let new = shop.an_order("pm_card_slow").await;
    shop.kill_second();
    block_in_place(|| shop.restart_second_with(&SHORT));
    let cut = tokio::spawn(order(&shop, &new).send());
    is_under_way(&shop).await;
    let status = end(&mut shop);
    assert!(status.success(), "{status}");
    assert!(cut.await.unwrap().is_err(), "nobody answers any more");
    goes_on_elsewhere(&mut shop, &new).await;
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_hangs_is_ended_by_force_and_nothing_is_lost() {
    let mut shop = Shop::start_with_two_origins().await;
    let new = shop.an_order("pm_card_slow").await;
    shop.kill_second();
    let log = block_in_place(|| shop.restart_second_unread(&SHORT));
    let cut = tokio::spawn(order(&shop, &new).send());
    is_under_way(&shop).await;
    log.fill().await;
    // Once as many lines wait as may, its only worker waits with the next one in its hands. The answer of the
    // provider finds nobody.
    let base = format!("http://127.0.0.1:{}", shop.second().port);
    let wordy = format!("{base}/{}", "x".repeat(16 * 1024));
    while timeout(HANGS, shop.client.get(&wordy).send()).await.is_ok() {}
    let asked = tokio::spawn(shop.client.get(format!("{base}/readyz")).send());
    until("the provider has charged", || async {
        (shop.charges().await == 1).then_some(())
    })
    .await;
    let status = end(&mut shop);
    // Not by the harness, whose patience is longer, and which kills.
    assert_eq!(status.code(), Some(1), "{status}");
    for one in [cut, asked] {
        assert!(one.await.unwrap().is_err(), "nobody answers any more");
    }
    goes_on_elsewhere(&mut shop, &new).await;
}
