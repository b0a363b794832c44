//! While a delivery goes on, its lease does, and neither waits for the other.

use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use origin::events::Consumer;
use origin::queue::{Batch, Broker, Promise, Queue};
use origin::store::outbox::Delivery;
use tokio::sync::Notify;

use super::{BAD, Mood, Scripted, append, rest, worker};
use crate::harness::Shop;

/// For what has to come by itself.
const PATIENCE: Duration = Duration::from_secs(20);

/// A broker that takes and gives events, and never answers a heartbeat.
#[derive(Default)]
struct Silent {
    kept: Mutex<Vec<Delivery>>,
    beaten: Notify,
}

#[async_trait]
impl Queue for Silent {
    fn promise(&self) -> Promise {
        Promise::Kept
    }

    fn lease(&self) -> Duration {
        Duration::from_millis(40)
    }

    async fn take(&self, _: &dyn Consumer) -> anyhow::Result<Option<Batch>> {
        let deliveries = std::mem::take(&mut *self.kept.lock().unwrap());
        Ok((!deliveries.is_empty()).then(|| Batch {
            progress: deliveries.len(),
            deliveries,
            unknown: Vec::new(),
            suspects: Vec::new(),
            blamed: false,
            fence: None,
            receipt: Box::new(()),
        }))
    }

    async fn renew(&self, _: &str, _: &Batch) -> anyhow::Result<bool> {
        self.beaten.notify_one();
        pending().await
    }

    async fn settle(&self, _: &str, _: Batch) -> anyhow::Result<()> {
        Ok(())
    }

    async fn give_back(&self, _: &str, batch: Batch) -> anyhow::Result<()> {
        self.kept.lock().unwrap().extend(batch.deliveries);
        Ok(())
    }

    async fn leave(&self, _: &str) -> anyhow::Result<()> {
        Ok(())
    }
}

#[async_trait]
impl Broker for Silent {
    async fn open(&self, _: &[&str]) -> anyhow::Result<()> {
        Ok(())
    }

    async fn publish(&self, _: &str, events: &[Delivery]) -> anyhow::Result<()> {
        self.kept.lock().unwrap().extend_from_slice(events);
        Ok(())
    }
}

#[tokio::test]
async fn a_heartbeat_without_an_answer_holds_up_no_delivery() {
    let shop = Shop::open().await;
    let consumer = Arc::new(Scripted::default());
    let broker = Arc::new(Silent::default());
    append(&shop, BAD, 1).await;
    consumer.set(BAD, Some(Mood::Hang));
    let working = worker(&shop, &consumer).with_broker(Some(broker.clone()));
    working.begin().await.unwrap();
    let working = tokio::spawn(async move { rest(&working).await });
    consumer.hung.notified().await;
    broker.beaten.notified().await;
    consumer.go.notify_one();
    let ended = tokio::time::timeout(PATIENCE, working).await;
    ended.expect("it goes on").unwrap();
    assert_eq!(consumer.seen(), [(BAD, 1)]);
}

async fn keeps_its_lease(failed_before: bool, lease: &'static str) {
    let shop = Shop::open().await;
    let consumer = Arc::new(Scripted::default());
    append(&shop, BAD, 1).await;
    let patient = worker(&shop, &consumer).with_lease(Duration::from_millis(200));
    if failed_before {
        consumer.set(BAD, Some(Mood::Fail));
        rest(&patient).await;
        shop.clock.advance_ms(1000);
    }
    consumer.set(BAD, Some(Mood::Hang));
    let working = tokio::spawn(async move { rest(&patient).await });
    consumer.hung.notified().await;
    shop.clock.advance_ms(30_000);
    while shop.count(lease).await < crate::harness::BEGIN_MS + 30_000 {
        assert!(!working.is_finished(), "it hangs");
    }
    // So nobody takes it away, even now.
    rest(&worker(&shop, &consumer)).await;
    let times = if failed_before { 2 } else { 1 };
    assert_eq!(consumer.begun(BAD), times);
    consumer.go.notify_one();
    working.await.unwrap();
    assert_eq!(consumer.seen(), [(BAD, 1)]);
    assert_eq!(shop.count("select count(*) from inbox").await, 1);
}

#[tokio::test]
async fn a_heartbeat_keeps_a_subscription() {
    let lease = "select (extract(epoch from max(lease_until)) * 1000)::bigint from subscriptions";
    keeps_its_lease(false, lease).await;
}

#[tokio::test]
async fn a_heartbeat_keeps_what_is_tried_again() {
    let lease = "select (extract(epoch from max(lease_until)) * 1000)::bigint from deliveries";
    keeps_its_lease(true, lease).await;
}
