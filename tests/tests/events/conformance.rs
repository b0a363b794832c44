//! What every queue has to do, whichever carries the events: the log here, brokers in files of their
//! own.

use std::sync::Arc;
use std::time::Duration;

use origin::events::Consumer;
use origin::events::relay::Relay;
use origin::platform::Platform;
use origin::queue::log::Log;
use origin::queue::{Batch, Broker, Promise, Queue};
use origin::store::outbox::{self, Delivery, NewEvent};
use origin::store::{migrate, pool};
use serde_json::json;
use shared::event::{Event, EventType};
use shared::id::EventId;
use sqlx::PgPool;
use tests::wait::until_within;
use tokio::sync::Notify;
use uuid::Uuid;

use crate::{consumers, worker};

const WRITERS: i64 = 4;
/// Aggregates a writer.
const AGGREGATES: i64 = 25;
/// A lease that is over soon.
const LEASE: Duration = Duration::from_secs(1);
/// How long all of it may take.
const PATIENCE_SECONDS: u64 = 180;

/// How many events go through each queue.
fn events() -> i64 {
    #[expect(clippy::disallowed_methods, reason = "how a longer run is asked for")]
    let asked = std::env::var("QUEUED_EVENTS").ok();
    asked.and_then(|asked| asked.parse().ok()).unwrap_or(1_000)
}

/// A database of that name with subscribed consumers.
pub(crate) async fn database(name: &str) -> PgPool {
    let url = format!("{}/{name}", tests::postgres::url());
    let databases = worker::databases(&url, 20);
    migrate::run(&databases, &Platform::system())
        .await
        .expect("the migrations run");
    let pool = pool::shop(&databases).expect("a pool");
    consumers::subscribe(&pool).await.expect("they subscribe");
    pool
}

pub(crate) async fn write(pool: &PgPool, aggregate: u128, number: i64) {
    let platform = Platform::system();
    let event = NewEvent {
        id: platform.event_id(),
        kind: EventType::ProductUpdated,
        aggregate: Uuid::from_u128(aggregate),
        payload: json!({"number": number}),
        traceparent: None,
        now: platform.now(),
    };
    let mut connection = pool.acquire().await.expect("a connection");
    outbox::append(&mut connection, &event)
        .await
        .expect("it is written");
}

/// Writers write, two workers carry, one of them dies in the middle: nothing is lost or doubled, and
/// what is promised of the order holds.
pub(crate) async fn carries_everything(
    pool: &PgPool,
    broker: impl Fn() -> Option<Arc<dyn Broker>>,
) {
    let events = events();
    let work = || {
        let awake = Arc::new(Notify::new());
        let relay = Relay::new(pool.clone(), Platform::system(), awake, consumers::all());
        let relay = relay.with_lease(LEASE).with_broker(broker());
        tokio::spawn(async move { relay.run().await })
    };
    let mut workers = [work(), work()];
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let pool = pool.clone();
            tokio::spawn(async move {
                for number in 0..events / WRITERS {
                    let aggregate = writer * AGGREGATES + number % AGGREGATES;
                    write(&pool, u128::try_from(aggregate).expect("a place"), number).await;
                }
            })
        })
        .collect();
    let all = events / WRITERS * WRITERS * 4;
    let reached = |goal: i64| async move {
        let done = consumers::count(pool).await.ok()?;
        (done >= goal).then_some(())
    };
    until_within(PATIENCE_SECONDS, "a third of the effects", || {
        reached(all / 3)
    })
    .await;
    for worker in &mut workers {
        worker.abort();
        *worker = work();
    }
    for writer in writers {
        writer.await.expect("a writer");
    }
    until_within(PATIENCE_SECONDS, "all effects", || reached(all)).await;
    for worker in workers {
        worker.abort();
    }
    let faults = consumers::faults(pool, all / 4)
        .await
        .expect("they can be counted");
    assert!(faults.is_empty(), "{faults:?}");
}

/// What is in it, whether or not somebody was at it before.
pub(crate) fn numbers(batch: &Batch) -> Vec<(u128, i64)> {
    let told = |one: &Delivery| {
        (
            one.aggregate.as_u128(),
            one.event.data["number"].as_i64().unwrap_or(-1),
        )
    };
    let all = batch.suspects.iter().chain(&batch.deliveries);
    all.map(told).collect()
}

/// An event of an aggregate.
pub(crate) fn delivery(aggregate: u128, number: u32) -> Delivery {
    let id = Uuid::from_u128((aggregate << 64) | u128::from(number));
    Delivery {
        event: Event {
            id: EventId::from_uuid(id),
            kind: EventType::ProductUpdated,
            schema_version: 1,
            aggregate_id: "prd_1".to_owned(),
            data: json!({"number": number}),
            created_at: "2026-11-24T00:00:00.000Z".to_owned(),
        },
        aggregate: Uuid::from_u128(aggregate),
        seq: number.into(),
        traceparent: None,
        attempts: 0,
    }
}

/// The next batch, which may be on its way.
pub(crate) async fn next(queue: &dyn Queue, consumer: &dyn Consumer) -> Batch {
    until_within(30, "something to take", || async {
        queue.take(consumer).await.expect("it can be asked")
    })
    .await
}

/// Two workers over one queue, which holds two events of one aggregate for the consumer.
pub(crate) async fn keeps_its_word(one: &dyn Queue, other: &dyn Queue, consumer: &dyn Consumer) {
    let name = consumer.name();
    assert_eq!(one.promise(), Promise::Kept);
    // What one has taken is nobody else's, and nothing overtakes it.
    let first = next(one, consumer).await;
    assert_eq!(numbers(&first).first(), Some(&(1, 1)));
    let kept = one.renew(name, &first).await.expect("it can be kept");
    assert!(kept);
    let theirs = other.take(consumer).await.expect("it can be asked");
    assert!(
        theirs.is_none(),
        "{:?}",
        theirs.map(|batch| numbers(&batch))
    );
    // What is given back comes again, from its beginning.
    one.give_back(name, first)
        .await
        .expect("it can be given back");
    let again = next(one, consumer).await;
    let mut seen = numbers(&again);
    assert_eq!(seen.first(), Some(&(1, 1)));
    // What is settled is gone, and the next follows it.
    one.settle(name, again).await.expect("it can be settled");
    while seen.len() < 2 {
        let batch = next(one, consumer).await;
        seen.extend(numbers(&batch));
        one.settle(name, batch).await.expect("it can be settled");
    }
    assert_eq!(seen, [(1, 1), (1, 2)]);
    one.leave(name).await.expect("it leaves");
    let rest = other.take(consumer).await.expect("it can be asked");
    assert!(rest.is_none_or(|batch| batch.deliveries.is_empty()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_carries_everything() {
    let pool = database("log_carries").await;
    carries_everything(&pool, || None).await;
}

#[tokio::test]
async fn the_log_keeps_its_word() {
    let pool = database("log_keeps").await;
    let platform = Platform::system();
    let log = || {
        Log::new(
            pool.clone(),
            platform.clone(),
            platform.lease_token(),
            LEASE * 30,
        )
    };
    for number in 1..=2 {
        write(&pool, 1, number).await;
    }
    outbox::tick(&pool, platform.now()).await.expect("it ticks");
    let consumers = consumers::all();
    keeps_its_word(&log(), &log(), consumers[0].as_ref()).await;
}
