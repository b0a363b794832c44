//! The outbox loses and doubles nothing, keeps each aggregate's order, and is held up by nothing.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use origin::events::Consumer;
use origin::events::relay::Relay;
use origin::store::outbox::{self, Delivery, NewEvent};
use serde_json::json;
use shared::event::EventType;
use sqlx::PgConnection;
use tokio::sync::Notify;
use uuid::Uuid;

use crate::harness::{Shop, order, platform};

/// Notes what it gets; fails for one aggregate while told to.
#[derive(Default)]
struct Notes {
    seen: Mutex<Vec<(Uuid, i64)>>,
    failing: Mutex<Option<Uuid>>,
}

#[async_trait]
impl Consumer for Notes {
    fn name(&self) -> &'static str {
        "email"
    }

    fn kinds(&self) -> &'static [EventType] {
        &EventType::ALL
    }

    async fn deliver(&self, delivery: &Delivery, _: &mut PgConnection) -> anyhow::Result<()> {
        let failing = *self.failing.lock().unwrap() == Some(delivery.aggregate);
        anyhow::ensure!(!failing, "told to fail");
        let number = delivery.event.data["number"].as_i64().unwrap();
        self.seen.lock().unwrap().push((delivery.aggregate, number));
        Ok(())
    }
}

fn relay(shop: &Shop, notes: &Arc<Notes>) -> Relay {
    let pool = shop.app.shop.pool.clone();
    let consumers: Vec<Arc<dyn Consumer>> = vec![notes.clone()];
    Relay::new(
        pool,
        platform(&shop.clock),
        Arc::new(Notify::new()),
        consumers,
    )
}

async fn append(shop: &Shop, connection: &mut PgConnection, aggregate: Uuid, number: i64) {
    let event = NewEvent {
        id: shop.app.shop.platform.event_id(),
        kind: EventType::ProductUpdated,
        aggregate,
        payload: json!({"number": number}),
        traceparent: None,
        now: shop.app.shop.platform.now(),
    };
    outbox::append(connection, &event).await.unwrap();
}

#[tokio::test]
async fn concurrent_writers_lose_nothing() {
    const WRITERS: u128 = 6;
    const EACH: i64 = 40;
    let shop = Shop::open().await;
    let notes = Arc::new(Notes::default());
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let shop = shop.clone();
            tokio::spawn(async move {
                for number in 0..EACH {
                    let mut transaction = shop.app.shop.pool.begin().await.unwrap();
                    append(&shop, &mut transaction, Uuid::from_u128(writer), number).await;
                    // Others begin, tick and commit in between.
                    tokio::task::yield_now().await;
                    transaction.commit().await.unwrap();
                }
            })
        })
        .collect();
    // Two workers over one subscription, while the writers write.
    let workers = [relay(&shop, &notes), relay(&shop, &notes)];
    while writers.iter().any(|writer| !writer.is_finished()) {
        for worker in &workers {
            worker.step().await.unwrap();
        }
        workers[0].leave().await;
    }
    for writer in writers {
        writer.await.unwrap();
    }
    workers[1].leave().await;
    while workers[0].step().await.unwrap() > 0 {}
    let mut numbers: HashMap<Uuid, Vec<i64>> = HashMap::new();
    for (aggregate, number) in notes.seen.lock().unwrap().iter() {
        numbers.entry(*aggregate).or_default().push(*number);
    }
    assert_eq!(numbers.len(), usize::try_from(WRITERS).unwrap());
    for (aggregate, numbers) in numbers {
        assert_eq!(numbers, (0..EACH).collect::<Vec<_>>(), "{aggregate}");
    }
}

#[tokio::test]
async fn a_transaction_that_commits_late_is_not_skipped() {
    let shop = Shop::open().await;
    let notes = Arc::new(Notes::default());
    let worker = relay(&shop, &notes);
    let (early, late) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let mut open = shop.app.shop.pool.begin().await.unwrap();
    append(&shop, &mut open, late, 1).await;
    let mut quick = shop.app.shop.pool.begin().await.unwrap();
    append(&shop, &mut quick, early, 1).await;
    quick.commit().await.unwrap();
    while worker.step().await.unwrap() > 0 {}
    assert_eq!(*notes.seen.lock().unwrap(), [(early, 1)]);
    open.commit().await.unwrap();
    while worker.step().await.unwrap() > 0 {}
    assert_eq!(*notes.seen.lock().unwrap(), [(early, 1), (late, 1)]);
}

#[tokio::test]
async fn a_failure_holds_up_its_aggregate_only() {
    let shop = Shop::open().await;
    let notes = Arc::new(Notes::default());
    let worker = relay(&shop, &notes);
    let (bad, good) = (Uuid::from_u128(1), Uuid::from_u128(2));
    *notes.failing.lock().unwrap() = Some(bad);
    let mut connection = shop.app.shop.pool.acquire().await.unwrap();
    for number in 1..=2 {
        append(&shop, &mut connection, bad, number).await;
        append(&shop, &mut connection, good, number).await;
    }
    while worker.step().await.unwrap() > 0 {}
    assert_eq!(*notes.seen.lock().unwrap(), [(good, 1), (good, 2)]);
    assert_eq!(
        shop.count("select max(attempts)::bigint from deliveries")
            .await,
        1
    );
    *notes.failing.lock().unwrap() = None;
    assert_eq!(worker.step().await.unwrap(), 0, "not due yet");
    shop.clock.advance_ms(1000);
    while worker.step().await.unwrap() > 0 {}
    assert_eq!(
        *notes.seen.lock().unwrap(),
        [(good, 1), (good, 2), (bad, 1), (bad, 2)]
    );
    assert_eq!(shop.count("select count(*) from deliveries").await, 0);
    assert_eq!(shop.count("select count(*) from inbox").await, 4);
}

#[tokio::test]
async fn a_restored_dump_is_noticed() {
    let shop = Shop::open().await;
    sqlx::query("update ticks set system_identifier = 1")
        .execute(&shop.app.shop.pool)
        .await
        .unwrap();
    let error = shop.app.relay.step().await.unwrap_err().to_string();
    assert!(error.contains("another database system"), "{error}");
}

#[tokio::test]
async fn a_confirmed_order_is_mailed_once() {
    let folder = tempfile::tempdir().unwrap();
    let shop = Shop::open().await;
    let mut config = shop.config.clone();
    config.mail.mail_dir = Some(folder.path().to_owned());
    let app = origin::app::App::build(&config, platform(&shop.clock)).unwrap();
    let products = shop.plenty().await;
    for (key, method) in [("a", "pm_card_visa"), ("b", "declines")] {
        shop.order(key, &order(&[(&products[0], 1)], method)).await;
    }
    while app.relay.step().await.unwrap() > 0 {}
    while app.relay.step().await.unwrap() > 0 {}
    let mails: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|mail| mail.unwrap().path())
        .map(|path| {
            let id = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (id, std::fs::read_to_string(path).unwrap())
        })
        .collect();
    assert_eq!(mails.len(), 2);
    for (id, text) in &mails {
        assert!(
            text.contains("ada@example.com") && text.contains(id),
            "{text}"
        );
    }
    for words in ["is confirmed", "is not paid"] {
        let told = mails.iter().filter(|(_, text)| text.contains(words));
        assert_eq!(told.count(), 1, "{words}");
    }
    assert_eq!(
        shop.count("select count(*) from inbox where consumer = 'email'")
            .await,
        2
    );
}
