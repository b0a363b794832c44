//! Orders while everything dies: clients that retry as documented, a network that loses a third of
//! what it carries, and edge, origin, provider and Postgres killed one after the other.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use reqwest::StatusCode;
use serde_json::Value;
use tests::lossy::Lossy;
use tests::shop::{Options, Part, Shop};
use tests::wait::until_within;

/// Orders, each under a key of its own.
const ORDERS: u64 = 500;
/// Clients that order at once.
const CLIENTS: u64 = 12;
/// Of a hundred requests, how many are lost.
const LOSS_PERCENT: u64 = 30;
/// Orders between two deaths.
const ORDERS_A_DEATH: u64 = 25;
/// Longest that a client tries one order.
const TRYING_SECONDS: u64 = 120;

/// One who orders.
#[derive(Clone)]
struct Client {
    http: reqwest::Client,
    url: String,
    token: String,
    order: Value,
    done: Arc<AtomicU64>,
}

impl Client {
    /// Orders under a key until the answer is final, as the documents say: whatever is not final is
    /// repeated with the same key. The order's id.
    async fn order(&self, number: u64) -> String {
        let key = format!("chaos-{number}");
        let created = until_within(TRYING_SECONDS, "an order's final answer", || async {
            let request = self
                .http
                .post(&self.url)
                .bearer_auth(&self.token)
                .header("idempotency-key", &key)
                .json(&self.order);
            // Lost on the way there or back; nobody knows which.
            let answer = request.send().await.ok()?;
            let status = answer.status();
            let body: Value = answer.json().await.ok()?;
            match status {
                StatusCode::CREATED => Some(body),
                StatusCode::CONFLICT
                | StatusCode::INTERNAL_SERVER_ERROR
                | StatusCode::BAD_GATEWAY
                | StatusCode::SERVICE_UNAVAILABLE
                | StatusCode::GATEWAY_TIMEOUT => {
                    assert!(body["outcome"].is_string(), "{status}: {body}");
                    None
                }
                _ => panic!("{status}: {body}"),
            }
        })
        .await;
        self.done.fetch_add(1, Ordering::SeqCst);
        created["id"].as_str().expect("an id").to_owned()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_key_ends_in_one_order_and_one_charge_whatever_dies() {
    let mut shop = Shop::start_mortal(Options { test_routes: true }).await;
    shop.execute("update inventory set available = 100000, reserved = 0, sold = 0")
        .await;
    let network = Lossy::open(shop.edge.port(), LOSS_PERCENT, 7)
        .await
        .expect("the network");
    let client = Client {
        http: shop.client.clone(),
        url: format!("{}/v2/orders", network.url()),
        token: shop.customer_token.clone(),
        order: shop.an_order("pm_card_visa").await,
        done: Arc::default(),
    };
    let clients: Vec<_> = (0..CLIENTS)
        .map(|first| {
            let client = client.clone();
            tokio::spawn(async move {
                let mut ids = Vec::new();
                for number in (first..ORDERS).step_by(CLIENTS.try_into().unwrap()) {
                    ids.push(client.order(number).await);
                }
                ids
            })
        })
        .collect();
    // Deaths follow the orders, so that each part dies in the middle of some.
    let dues = (1..).map(|death| death * ORDERS_A_DEATH);
    for (due, part) in dues.zip(Part::ALL.into_iter().cycle()) {
        if due >= ORDERS {
            break;
        }
        until_within(TRYING_SECONDS, "the next orders", || async {
            (client.done.load(Ordering::SeqCst) >= due).then_some(())
        })
        .await;
        tokio::task::block_in_place(|| shop.die(part));
    }
    let mut ids = BTreeSet::new();
    for client in clients {
        ids.extend(client.await.expect("a client's orders"));
    }
    let orders = i64::try_from(ORDERS).unwrap();
    assert_eq!(ids.len(), usize::try_from(ORDERS).unwrap());
    let (requests, replies) = network.lost();
    assert!(
        requests > ORDERS / 10 && replies > ORDERS / 10,
        "a bad network"
    );

    assert_eq!(shop.charges().await, orders);
    for (what, sql) in [
        ("orders", "select count(*) from orders"),
        (
            "confirmed",
            "select count(*) from orders where status = 'confirmed'",
        ),
        (
            "paid",
            "select count(*) from payments where status = 'succeeded'",
        ),
        (
            "created events",
            "select count(*) from outbox where type = 'order.created'",
        ),
        (
            "confirmed events",
            "select count(*) from outbox where type = 'order.confirmed'",
        ),
        (
            "settled keys",
            "select count(*) from idempotency_keys where phase = 'done'",
        ),
        ("sold", "select sum(sold)::bigint / 2 from inventory"),
    ] {
        assert_eq!(shop.count(sql).await, orders, "{what}");
    }
    for (what, sql) in [
        ("reserved", "select sum(reserved)::bigint from inventory"),
        (
            "stock lost",
            "select count(*) from inventory where available + reserved + sold <> 100000",
        ),
        (
            "stuck keys",
            "select count(*) from idempotency_keys where phase <> 'done'",
        ),
    ] {
        assert_eq!(shop.count(sql).await, 0, "{what}");
    }
}
