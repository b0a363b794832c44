//! More requests than places: who is refused first, what a refusal says, and that it leaves nothing
//! behind; and requests that nobody waits for any more.

use std::sync::Arc;

use origin::app::App;
use origin::seed;
use serde_json::Value;
use shared::assertion::Asserted;
use shared::caller::{Caller, Role};
use sqlx::{Postgres, Transaction};
use tokio::task::JoinHandle;

use crate::harness::{Answer, Shop, order, platform, principal, request};
use crate::provider::Fault;

const BUDGET: &str = "headgate-budget-ms";

impl Shop {
    /// The same shop with so many places, and connections enough for all of them.
    async fn with_places(places: u32) -> Self {
        let shop = Self::open().await;
        let mut config = shop.config.clone();
        config.requests_max = Some(places);
        config.databases.pool_connections_max = Some(places + 2);
        let app = App::build_with(&config, platform(&shop.clock), shop.provider.clone()).unwrap();
        Self {
            app: Arc::new(app),
            ..shop
        }
    }

    /// Whoever reads or orders products waits until this is let go.
    async fn locked(&self) -> Transaction<'static, Postgres> {
        let mut lock = self.app.shop.pool.begin().await.unwrap();
        sqlx::query("lock table products in access exclusive mode")
            .execute(&mut *lock)
            .await
            .unwrap();
        lock
    }

    fn start_get(&self, path: &str) -> JoinHandle<Answer> {
        let (shop, path) = (self.clone(), path.to_owned());
        tokio::spawn(async move { shop.get(&path, &[]).await })
    }

    fn start_order(
        &self,
        key: &'static str,
        new: &Value,
        budget: Option<&str>,
    ) -> JoinHandle<Answer> {
        let (shop, new) = (self.clone(), new.clone());
        let budget = budget.map(str::to_owned);
        tokio::spawn(async move { shop.order_within(key, &new, budget.as_deref()).await })
    }

    /// An order for which somebody waits so long, in milliseconds.
    async fn order_within(&self, key: &str, new: &Value, budget: Option<&str>) -> Answer {
        let bearer = format!("Bearer {}", self.customer);
        let mut fields = vec![
            ("authorization", bearer.as_str()),
            ("idempotency-key", key),
            ("content-type", "application/json"),
        ];
        fields.extend(budget.map(|budget| (BUDGET, budget)));
        self.send(request("POST", "/v2/orders", &fields, &new.to_string()))
            .await
    }

    /// An order as the edge hands it over, for which nobody's token has to be looked at.
    fn start_hand_over(
        &self,
        key: &'static str,
        new: &Value,
        budget: &'static str,
    ) -> JoinHandle<Answer> {
        let asserted = Asserted {
            caller: Caller::Known(principal(&seed::customer().to_string(), Role::Customer)),
            api_version: "v2".into(),
            request_id: "req_of_the_edge".into(),
            prefix: "/v2".into(),
            fingerprint: None,
            converter: None,
            position: None,
        };
        let keys = self.config.assertion_keys().unwrap();
        let now = self.app.shop.platform.now().timestamp();
        let assertion = keys.sign(&asserted, "POST", "/orders", now).unwrap();
        let (shop, body) = (self.clone(), new.to_string());
        tokio::spawn(async move {
            let fields = [
                ("headgate-assertion", assertion.as_str()),
                ("idempotency-key", key),
                ("content-type", "application/json"),
                (BUDGET, budget),
            ];
            shop.send(request("POST", "/orders", &fields, &body)).await
        })
    }

    async fn under_way(&self, number: usize) {
        while self.app.shop.admission.under_way() != number {
            tokio::task::yield_now().await;
        }
    }
}

fn is_shed(answer: &Answer) {
    assert_eq!(answer.status, 503, "{answer:?}");
    assert_eq!(answer.code(), "unavailable");
    let wait: u64 = answer.field("retry-after").parse().unwrap();
    assert!((1..=3).contains(&wait), "{wait}");
    assert_eq!(answer.json()["retry"]["after_seconds"], wait);
    assert!(answer.field("x-request-id").starts_with("req_"));
}

#[tokio::test]
async fn lists_go_before_reads_and_reads_before_keyed_changes() {
    let shop = Shop::with_places(10).await;
    let products = shop.plenty().await;
    let path = format!("/products/{}", products[0]["id"].as_str().unwrap());
    let new = order(&[(&products[0], 1)], "pm_card_visa");
    let lock = shop.locked().await;

    let lists: Vec<_> = (0..5).map(|_| shop.start_get("/products")).collect();
    shop.under_way(5).await;
    is_shed(&shop.get("/v2/products?limit=2", &[]).await);
    let reads: Vec<_> = (0..3).map(|_| shop.start_get(&path)).collect();
    shop.under_way(8).await;
    is_shed(&shop.get(&path, &[]).await);
    let orders: Vec<_> = ["one", "two"]
        .map(|key| shop.start_order(key, &new, None))
        .into();
    shop.under_way(10).await;
    let refused = shop.order("three", &new).await;
    is_shed(&refused);
    assert_eq!(refused.json()["outcome"], "not_applied");
    assert_eq!(refused.json()["safe_new_key"], false);
    // Who is asked whether it lives says so: it is busy, and not dead.
    for probe in ["/healthz", "/readyz", "/v2/readyz"] {
        assert_eq!(shop.get(probe, &[]).await.status, 200, "{probe}");
    }

    lock.commit().await.unwrap();
    for one in lists.into_iter().chain(reads) {
        assert_eq!(one.await.unwrap().status, 200);
    }
    for one in orders {
        assert_eq!(one.await.unwrap().status, 201);
    }
    // All places are back at once, and the refused key is free.
    shop.under_way(0).await;
    assert_eq!(shop.get("/products", &[]).await.status, 200);
    assert_eq!(shop.order("three", &new).await.status, 201);
    assert_eq!(shop.count("select count(*) from orders").await, 3);
    assert_eq!(shop.provider.charges(), 3);
}

#[tokio::test]
async fn readiness_needs_none_of_the_pools_connections() {
    let shop = Shop::with_places(2).await;
    let mut taken = Vec::new();
    for _ in 0..4 {
        taken.push(shop.app.shop.pool.acquire().await.unwrap());
    }
    assert!(shop.app.shop.pool.try_acquire().is_none());
    assert_eq!(shop.get("/readyz", &[]).await.status, 200);
}

#[tokio::test]
async fn orders_that_wait_for_the_provider_take_no_place() {
    let shop = Shop::with_places(2).await;
    let products = shop.plenty().await;
    let new = order(&[(&products[0], 1)], "pm_card_visa");
    shop.provider
        .breaks([Fault::Held, Fault::Held, Fault::Held]);
    let mut orders = Vec::new();
    for key in ["one", "two", "three"] {
        orders.push(shop.start_order(key, &new, None));
        shop.provider.held.notified().await;
    }
    shop.under_way(0).await;
    assert_eq!(shop.get("/products", &[]).await.status, 200);
    for order in orders {
        shop.provider.go.notify_one();
        // Whichever it was.
        drop(order);
    }
    shop.app.shop.tasks.close();
    shop.app.shop.tasks.wait().await;
    let confirmed = "select count(*) from orders where status = 'confirmed'";
    assert_eq!(shop.count(confirmed).await, 3);
    shop.under_way(0).await;
}

#[tokio::test]
async fn a_place_is_taken_until_the_work_is_done_though_its_client_is_gone() {
    let shop = Shop::with_places(4).await;
    let products = shop.plenty().await;
    let new = order(&[(&products[0], 1)], "pm_card_visa");
    let lock = shop.locked().await;
    let client = shop.start_order("one", &new, None);
    let waiting = "select count(*) from pg_stat_activity
                   where datname = current_database() and wait_event_type = 'Lock'";
    while shop.count(waiting).await == 0 {}
    client.abort();
    assert!(client.await.unwrap_err().is_cancelled());
    assert_eq!(shop.app.shop.admission.under_way(), 1);
    lock.commit().await.unwrap();
    shop.under_way(0).await;
    assert_eq!(
        shop.order("one", &new).await.field("idempotent-replayed"),
        "true"
    );
}

#[tokio::test]
async fn what_nobody_waits_for_is_not_begun() {
    let shop = Shop::with_places(4).await;
    let products = shop.plenty().await;
    let new = order(&[(&products[0], 1)], "pm_card_visa");
    let late = shop.order_within("k", &new, Some("0")).await;
    assert_eq!((late.status, late.code().as_str()), (503, "unavailable"));
    assert_eq!(late.json()["outcome"], "not_applied");
    assert_eq!(shop.get("/products", &[(BUDGET, "0")]).await.status, 503);
    // What can't be read says nothing.
    for odd in ["", "-1", "soon", "99999999999"] {
        assert_eq!(
            shop.get("/products", &[(BUDGET, odd)]).await.status,
            200,
            "{odd}"
        );
    }
    assert_eq!(shop.count("select count(*) from orders").await, 0);
    assert_eq!(
        shop.order_within("k", &new, Some("25000")).await.status,
        201
    );
}

#[tokio::test]
async fn what_waits_is_given_up_when_its_time_is_over() {
    let shop = Shop::with_places(4).await;
    let products = shop.plenty().await;
    let path = format!("/products/{}", products[0]["id"].as_str().unwrap());
    let new = order(&[(&products[0], 1)], "pm_card_visa");
    let lock = shop.locked().await;
    let patient = shop.start_order("patient", &new, None);
    shop.under_way(1).await;
    // Its statement waits for the lock, and may take no longer than somebody waits for it.
    let late = shop.order_within("hasty", &new, Some("100")).await;
    assert_eq!(late.status, 503, "{late:?}");
    assert_eq!(late.json()["outcome"], "not_applied");
    let read = shop.get(&path, &[(BUDGET, "100")]).await;
    assert_eq!((read.status, read.code().as_str()), (503, "unavailable"));
    assert!(
        !patient.is_finished(),
        "others have the time that they have"
    );
    lock.commit().await.unwrap();
    assert_eq!(patient.await.unwrap().status, 201);
    assert_eq!(shop.count("select count(*) from orders").await, 1);
    assert_eq!(shop.order("hasty", &new).await.status, 201);
}

#[tokio::test]
async fn nobody_waits_longer_for_a_connection_than_for_the_answer() {
    let shop = Shop::with_places(4).await;
    let products = shop.plenty().await;
    let new = order(&[(&products[0], 1)], "pm_card_visa");
    let mut taken = Vec::new();
    while taken.len() < 6 {
        taken.push(shop.app.shop.pool.acquire().await.unwrap());
    }
    let patient = shop.start_hand_over("patient", &new, "25000");
    shop.under_way(1).await;
    let hasty = shop.start_hand_over("hasty", &new, "100").await.unwrap();
    assert_eq!(hasty.status, 503, "{hasty:?}");
    assert_eq!(hasty.json()["outcome"], "not_applied");
    assert_eq!(hasty.json()["request_id"], "req_of_the_edge");
    assert!(!patient.is_finished());
    drop(taken);
    assert_eq!(patient.await.unwrap().status, 201);
}
