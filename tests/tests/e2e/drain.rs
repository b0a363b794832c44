//! Origins that are told to end: they say so first, finish what they have, wait for nobody for ever, and
//! are missed by nobody.

use reqwest::StatusCode;
use tests::answer::Answer;
use tests::shop::{Options, Shop};
use tests::wait::until;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::block_in_place;

use crate::load::Load;

/// Short, so that the test is; the phases are shares of it.
const SHORT: [(&str, &str); 2] = [("DRAIN_SECONDS", "8"), ("DRAIN_GRACE_SECONDS", "2")];
const ROLLING: [(&str, &str); 1] = [("DRAIN_GRACE_SECONDS", "2")];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stuck_client_holds_up_no_end_and_nothing_is_lost() {
    let mut shop = Shop::start_with_two_origins().await;
    let order = shop.an_order("pm_card_slow").await;
    shop.kill_second();
    shop.restart_second_with(&SHORT);
    let port = shop.second().port;
    let url = format!("http://127.0.0.1:{port}");
    // One that never ends its request, and one that waits for its order.
    let mut stuck = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let head = b"POST /v2/orders HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\n{";
    stuck.write_all(head).await.unwrap();
    let request = shop
        .client
        .post(format!("{url}/v2/orders"))
        .bearer_auth(&shop.customer_token)
        .header("idempotency-key", "under-way")
        .json(&order);
    let under_way = tokio::spawn(Answer::to(request));
    until("the order is under way", || async {
        (shop.count("select count(*) from orders").await == 1).then_some(())
    })
    .await;

    let client = shop.client.clone();
    let watching = tokio::spawn(async move {
        let ready = format!("{url}/readyz");
        until("it says that it ends", || async {
            let answer = Answer::to(client.get(&ready)).await;
            (answer.status == StatusCode::SERVICE_UNAVAILABLE).then_some(())
        })
        .await;
        // New connections are still taken, and told that they are the last.
        let read = client.get(format!("{url}/v2/products?limit=1"));
        let answer = Answer::to(read).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.field("headgate-draining"), "true");
        assert_eq!(answer.field("connection"), "close");
    });
    let status = block_in_place(|| shop.end_second());
    assert!(status.success(), "{status}");
    watching.await.unwrap();
    let answer = under_way.await.unwrap();
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    assert_eq!(shop.second().last_words(), "ended");
    let mut rest = Vec::new();
    // Whether it was reset or closed, it is over.
    drop(stuck.read_to_end(&mut rest).await);
    assert_eq!(shop.charges().await, 1);
    let open = "select count(*) from idempotency_keys where phase <> 'done'";
    assert_eq!(shop.count(open).await, 0);
}

async fn second_is_asked(shop: &Shop) {
    let before = shop.second().gate.asked("/orders");
    until("the second origin is asked", || async {
        (shop.second().gate.asked("/orders") > before).then_some(())
    })
    .await;
}

async fn first_is_asked(shop: &Shop) {
    let before = shop.gate.asked("/orders");
    until("the first origin is asked", || async {
        (shop.gate.asked("/orders") > before).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rolling_restart_under_load_fails_no_request() {
    // In which an account has tokens enough.
    let options = Options { test_routes: true };
    let mut shop = Shop::start_before_two_origins(options).await;
    shop.execute("update inventory set available = 1000000")
        .await;
    let order = shop.an_order("pm_card_visa").await;
    // With the grace that they end with.
    block_in_place(|| {
        shop.kill_second();
        shop.restart_second_with(&ROLLING);
        shop.roll_first(&ROLLING);
    });
    let load = Load::start(&shop, order);
    second_is_asked(&shop).await;
    first_is_asked(&shop).await;
    let status = block_in_place(|| shop.end_second());
    assert!(status.success(), "{status}");
    block_in_place(|| shop.restart_second_with(&ROLLING));
    second_is_asked(&shop).await;
    let status = block_in_place(|| shop.roll_first(&ROLLING));
    assert!(status.success(), "{status}");
    first_is_asked(&shop).await;
    load.end().await;
    // Each order once.
    let placed = shop.count("select count(*) from orders").await;
    assert!(placed > 0);
    assert_eq!(shop.charges().await, placed);
}
