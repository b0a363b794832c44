//! Clients that go on until they are told to stop, and none of whose requests may fail.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use reqwest::RequestBuilder;
use serde_json::{Value, json};
use tests::answer::Answer;
use tests::shop::Shop;
use tokio::task::JoinHandle;

/// How many go on beside each other.
const CLIENTS: usize = 4;

/// The load.
pub(crate) struct Load {
    plan: Arc<Plan>,
    clients: Vec<JoinHandle<u64>>,
}

impl Load {
    /// Lets the demo customer read its orders, place this one under ever new keys, and search.
    pub(crate) fn start(shop: &Shop, order: Value) -> Self {
        let plan = Arc::new(Plan {
            client: shop.client.clone(),
            url: shop.edge.url(),
            token: shop.customer_token.clone(),
            order,
            number: AtomicU64::new(0),
            over: AtomicBool::new(false),
        });
        let clients = (0..CLIENTS).map(|_| tokio::spawn(Arc::clone(&plan).run()));
        Self {
            clients: clients.collect(),
            plan,
        }
    }

    /// Ends it. Each client has had answers, all of them well.
    pub(crate) async fn end(self) {
        self.plan.over.store(true, Ordering::Relaxed);
        for client in self.clients {
            assert!(client.await.unwrap() > 0);
        }
    }
}

struct Plan {
    client: reqwest::Client,
    url: String,
    token: String,
    order: Value,
    number: AtomicU64,
    over: AtomicBool,
}

impl Plan {
    fn requests(&self) -> [RequestBuilder; 3] {
        let number = self.number.fetch_add(1, Ordering::Relaxed);
        let to = |method: &str, path: &str| {
            let url = format!("{}{path}", self.url);
            let request = self.client.request(method.parse().unwrap(), url);
            request.bearer_auth(&self.token)
        };
        [
            to("GET", "/v2/orders"),
            to("POST", "/v2/orders")
                .header("idempotency-key", format!("load-{number}"))
                .json(&self.order),
            // Sent once, whatever happens.
            to("POST", "/v2/products/search").json(&json!({"limit": 1})),
        ]
    }

    /// How many requests there were; each of them well.
    async fn run(self: Arc<Self>) -> u64 {
        let mut done = 0;
        while !self.over.load(Ordering::Relaxed) {
            for request in self.requests() {
                let answer = Answer::to(request).await;
                let status = answer.status;
                assert!(status.is_success(), "{status}: {}", answer.text());
                done += 1;
            }
        }
        done
    }
}
