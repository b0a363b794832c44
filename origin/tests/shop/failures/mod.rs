//! What fails is tried as often as it may be, is given up then, and holds up its aggregate alone.

mod heartbeats;
mod side_by_side;
mod whole_steps;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use origin::events::relay::Relay;
use origin::events::{Consumer, Failure};
use origin::store::outbox::{self, Delivery, NewEvent};
use serde_json::json;
use shared::event::EventType;
use sqlx::PgConnection;
use tokio::sync::Notify;
use uuid::Uuid;

use crate::harness::{Shop, platform};

/// Tries that the consumer gives an event.
const TRIES: u32 = 3;

/// What the consumer does with an event.
#[derive(Debug, Clone, Copy)]
enum Mood {
    Fail,
    FailForGood,
    FailFor(Duration),
    /// Waits until it is told to go on.
    Hang,
}

/// Follows a script, by the aggregate; otherwise it notes what it gets.
#[derive(Default)]
pub(crate) struct Scripted {
    moods: Mutex<HashMap<Uuid, Mood>>,
    seen: Mutex<Vec<(Uuid, i64)>>,
    begun: Mutex<Vec<Uuid>>,
    hung: Notify,
    go: Notify,
    unordered: bool,
    batch: usize,
    concurrency: usize,
}

impl Scripted {
    fn set(&self, aggregate: Uuid, mood: Option<Mood>) {
        let mut moods = self.moods.lock().unwrap();
        match mood {
            Some(mood) => moods.insert(aggregate, mood),
            None => moods.remove(&aggregate),
        };
    }

    fn seen(&self) -> Vec<(Uuid, i64)> {
        std::mem::take(&mut self.seen.lock().unwrap())
    }

    fn begun(&self, aggregate: Uuid) -> usize {
        let begun = self.begun.lock().unwrap();
        begun.iter().filter(|one| **one == aggregate).count()
    }
}

#[async_trait]
impl Consumer for Scripted {
    fn name(&self) -> &'static str {
        "email"
    }

    fn kinds(&self) -> &'static [EventType] {
        &[EventType::ProductUpdated]
    }

    fn tries(&self) -> u32 {
        TRIES
    }

    fn ordered(&self) -> bool {
        !self.unordered
    }

    fn batch_max(&self) -> usize {
        self.batch.max(1)
    }

    fn concurrency(&self) -> usize {
        self.concurrency.max(1)
    }

    async fn deliver(&self, delivery: &Delivery, _: &mut PgConnection) -> anyhow::Result<()> {
        let aggregate = delivery.aggregate;
        self.begun.lock().unwrap().push(aggregate);
        let mood = self.moods.lock().unwrap().get(&aggregate).copied();
        match mood {
            Some(Mood::Fail) => anyhow::bail!("told to fail"),
            Some(Mood::FailForGood) => {
                return Err(Failure::permanent(anyhow::anyhow!("told to fail for good")));
            }
            Some(Mood::FailFor(pause)) => {
                return Err(Failure::after(pause, anyhow::anyhow!("told to wait")));
            }
            Some(Mood::Hang) => {
                self.hung.notify_one();
                self.go.notified().await;
            }
            None => {}
        }
        let number = delivery.event.data["number"].as_i64().unwrap();
        self.seen.lock().unwrap().push((aggregate, number));
        Ok(())
    }
}

/// A worker of its own.
pub(crate) fn worker(shop: &Shop, consumer: &Arc<Scripted>) -> Relay {
    let consumers: Vec<Arc<dyn Consumer>> = vec![consumer.clone()];
    let wake = Arc::new(Notify::new());
    Relay::new(
        shop.app.shop.pool.clone(),
        platform(&shop.clock),
        wake,
        consumers,
    )
}

async fn append(shop: &Shop, aggregate: Uuid, number: i64) -> Uuid {
    let id = shop.app.shop.platform.event_id();
    let event = NewEvent {
        id,
        kind: EventType::ProductUpdated,
        aggregate,
        payload: json!({"number": number}),
        traceparent: Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
        now: shop.app.shop.platform.now(),
    };
    let mut connection = shop.app.shop.pool.acquire().await.unwrap();
    outbox::append(&mut connection, &event).await.unwrap();
    id.uuid()
}

async fn rest(worker: &Relay) {
    while worker.step().await.unwrap() > 0 {}
}

const BAD: Uuid = Uuid::from_u128(1);
const GOOD: Uuid = Uuid::from_u128(2);

/// Two events each of a bad and a good aggregate; the bad one's fail in that way.
async fn two_each(shop: &Shop, consumer: &Scripted, mood: Mood) {
    consumer.set(BAD, Some(mood));
    for number in 1..=2 {
        append(shop, BAD, number).await;
        append(shop, GOOD, number).await;
    }
}

async fn dead(shop: &Shop) -> (i64, i64) {
    (
        shop.count("select count(*) from dead_letters where status = 'dead'")
            .await,
        shop.count("select count(*) from deliveries where not dead")
            .await,
    )
}

#[tokio::test]
async fn tries_end_in_a_dead_letter_that_parks_its_aggregate() {
    let shop = Shop::open().await;
    let consumer = Arc::new(Scripted::default());
    let worker = worker(&shop, &consumer);
    two_each(&shop, &consumer, Mood::Fail).await;
    for _ in 0..10 {
        rest(&worker).await;
        shop.clock.advance_ms(600_000);
    }
    assert_eq!(consumer.seen(), [(GOOD, 1), (GOOD, 2)]);
    assert_eq!(consumer.begun(BAD), 3);
    assert_eq!(dead(&shop).await, (1, 1));
    let (reason, error, attempts, history, trace): (String, String, i32, i32, bool) =
        sqlx::query_as(
            "select reason, error, attempts, jsonb_array_length(history), traceparent like '00-0af%'
             from dead_letters",
        )
        .fetch_one(&shop.app.shop.pool)
        .await
        .unwrap();
    assert_eq!((reason.as_str(), error.as_str()), ("tries", "told to fail"));
    assert_eq!((attempts, history, trace), (3, 3, true));
}

#[tokio::test]
async fn what_can_never_succeed_is_tried_once() {
    let shop = Shop::open().await;
    let consumer = Arc::new(Scripted::default());
    let worker = worker(&shop, &consumer);
    two_each(&shop, &consumer, Mood::FailForGood).await;
    rest(&worker).await;
    assert_eq!(consumer.seen(), [(GOOD, 1), (GOOD, 2)]);
    assert_eq!(consumer.begun(BAD), 1);
    assert_eq!(dead(&shop).await, (1, 1));
}

#[tokio::test]
async fn a_consumer_may_say_when_the_next_try_comes() {
    let shop = Shop::open().await;
    let consumer = Arc::new(Scripted::default());
    let worker = worker(&shop, &consumer);
    two_each(&shop, &consumer, Mood::FailFor(Duration::from_secs(90))).await;
    rest(&worker).await;
    consumer.set(BAD, None);
    shop.clock.advance_ms(89_999);
    rest(&worker).await;
    assert_eq!(consumer.begun(BAD), 1);
    shop.clock.advance_ms(1);
    rest(&worker).await;
    assert_eq!(consumer.seen(), [(GOOD, 1), (GOOD, 2), (BAD, 1), (BAD, 2)]);
    assert_eq!(dead(&shop).await, (0, 0));
}

#[tokio::test]
async fn without_an_order_nothing_waits() {
    let shop = Shop::open().await;
    let consumer = Arc::new(Scripted {
        unordered: true,
        ..Scripted::default()
    });
    let worker = worker(&shop, &consumer);
    consumer.set(BAD, Some(Mood::FailForGood));
    append(&shop, BAD, 1).await;
    rest(&worker).await;
    consumer.set(BAD, None);
    append(&shop, BAD, 2).await;
    rest(&worker).await;
    assert_eq!(consumer.seen(), [(BAD, 2)]);
    assert_eq!(dead(&shop).await, (1, 0));
}

/// Ends a worker in the middle of a delivery, as a crash does.
async fn die_at_it(worker: Relay, consumer: &Scripted) {
    let task = tokio::spawn(async move { rest(&worker).await });
    consumer.hung.notified().await;
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
}

async fn ends_its_workers(batch: usize, concurrency: usize) {
    let shop = Shop::open().await;
    let consumer = Arc::new(Scripted {
        batch,
        concurrency,
        ..Scripted::default()
    });
    two_each(&shop, &consumer, Mood::Hang).await;
    for _ in 0..TRIES {
        die_at_it(worker(&shop, &consumer), &consumer).await;
        shop.clock.advance_ms(60_000);
    }
    consumer.seen();
    // What is left of it in good health is told; the killer is dead and does not run again.
    let last = worker(&shop, &consumer);
    rest(&last).await;
    assert_eq!(consumer.begun(BAD), 3);
    assert_eq!(dead(&shop).await, (1, 1));
    let reason = "select count(*) from dead_letters
        where reason = 'worker_lost' and attempts = 3 and jsonb_array_length(history) = 3";
    assert_eq!(shop.count(reason).await, 1);
    let done = "select count(*) from inbox where consumer = 'email'";
    assert_eq!(shop.count(done).await, 2);
}

#[tokio::test]
async fn a_message_that_ends_its_workers_is_dead_after_its_tries() {
    ends_its_workers(1, 1).await;
}

#[tokio::test]
async fn a_message_that_ends_its_workers_is_found_among_a_batch() {
    ends_its_workers(10, 1).await;
}

#[tokio::test]
async fn a_message_that_ends_its_workers_is_found_among_those_beside_it() {
    ends_its_workers(1, 4).await;
}

#[tokio::test]
async fn one_bad_event_of_a_batch_does_not_harm_the_others() {
    let shop = Shop::open().await;
    let consumer = Arc::new(Scripted {
        batch: 10,
        ..Scripted::default()
    });
    let worker = worker(&shop, &consumer);
    two_each(&shop, &consumer, Mood::FailForGood).await;
    rest(&worker).await;
    let done = "select count(*) from inbox where consumer = 'email'";
    assert_eq!(shop.count(done).await, 2);
    assert_eq!(dead(&shop).await, (1, 1));
}

/// A worker hangs in a delivery of what is new, or of what failed before; another one takes over, and
/// gives the event up. Then the first one comes back, and succeeds too late.
async fn comes_back_too_late(failed_before: bool) {
    let shop = Shop::open().await;
    let consumer = Arc::new(Scripted::default());
    append(&shop, BAD, 1).await;
    let slow = worker(&shop, &consumer);
    if failed_before {
        consumer.set(BAD, Some(Mood::Fail));
        rest(&slow).await;
        shop.clock.advance_ms(1000);
    }
    consumer.set(BAD, Some(Mood::Hang));
    let mut stuck = Box::pin(slow.step());
    tokio::select! {
        _ = &mut stuck => panic!("it hangs"),
        () = consumer.hung.notified() => {}
    }
    shop.clock.advance_ms(60_000);
    consumer.set(BAD, Some(Mood::FailForGood));
    rest(&worker(&shop, &consumer)).await;
    assert_eq!(dead(&shop).await, (1, 0));
    consumer.go.notify_one();
    stuck.await.unwrap();
    assert_eq!(shop.count("select count(*) from inbox").await, 0);
    assert_eq!(dead(&shop).await, (1, 0));
    let attempts = "select attempts::bigint from deliveries where dead and lease_token is null";
    let expected = if failed_before { 3 } else { 2 };
    assert_eq!(shop.count(attempts).await, expected);
}

#[tokio::test]
async fn a_worker_that_was_taken_for_dead_writes_nothing() {
    comes_back_too_late(false).await;
}

#[tokio::test]
async fn nor_does_it_of_what_is_tried_again() {
    comes_back_too_late(true).await;
}

#[tokio::test]
async fn a_worker_that_ends_in_peace_blames_nobody() {
    let shop = Shop::open().await;
    let consumer = Arc::new(Scripted::default());
    consumer.set(BAD, Some(Mood::Hang));
    append(&shop, BAD, 1).await;
    let first = worker(&shop, &consumer);
    {
        let mut stuck = Box::pin(first.step());
        tokio::select! {
            _ = &mut stuck => panic!("it hangs"),
            () = consumer.hung.notified() => {}
        }
    }
    first.leave().await;
    consumer.set(BAD, None);
    rest(&worker(&shop, &consumer)).await;
    assert_eq!(consumer.seen(), [(BAD, 1)]);
    assert_eq!(shop.count("select count(*) from deliveries").await, 0);
}

#[tokio::test]
async fn what_this_release_does_not_know_is_parked_until_one_does() {
    let shop = Shop::open().await;
    let consumer = Arc::new(Scripted::default());
    let old = worker(&shop, &consumer);
    let event = append(&shop, BAD, 1).await;
    append(&shop, BAD, 2).await;
    sqlx::query("update outbox set schema_version = 2 where id = $1")
        .bind(event)
        .execute(&shop.app.shop.pool)
        .await
        .unwrap();
    rest(&old).await;
    old.begin().await.unwrap();
    rest(&old).await;
    assert_eq!(consumer.seen(), []);
    assert_eq!(dead(&shop).await, (1, 1));
    let parked = "select count(*) from dead_letters where reason = 'schema_unknown'
        and error = 'version 2 of `product.updated` is not known to this release'";
    assert_eq!(shop.count(parked).await, 1);
    // A release that knows it: as if the version were one of this binary's.
    for table in ["deliveries", "dead_letters"] {
        let sql = format!("update {table} set schema_version = 1 where event_id = $1");
        sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(event)
            .execute(&shop.app.shop.pool)
            .await
            .unwrap();
    }
    old.begin().await.unwrap();
    rest(&old).await;
    assert_eq!(consumer.seen(), [(BAD, 1), (BAD, 2)]);
    let done = "select count(*) from dead_letters where status = 'done'";
    assert_eq!(shop.count(done).await, 1);
}
