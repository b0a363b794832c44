//! The log: nothing is lost that commits late, old weeks go, and subscriptions can be moved.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::DateTime;
use origin::events::Consumer;
use origin::events::relay::Relay;
use origin::store::outbox::{self, Delivery, NewEvent};
use origin::store::rebase::{self, Rebased, Replay};
use origin::store::{event_log, partitions};
use serde_json::json;
use shared::event::EventType;
use sqlx::PgConnection;
use tokio::sync::Notify;
use uuid::Uuid;

use crate::harness::{BEGIN_MS, Shop, platform};

/// Keeps the ids that it gets, in their order.
#[derive(Default)]
struct Ids(Mutex<Vec<Uuid>>);

impl Ids {
    fn taken(&self) -> Vec<Uuid> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

#[async_trait]
impl Consumer for Ids {
    fn name(&self) -> &'static str {
        "email"
    }

    fn kinds(&self) -> &'static [EventType] {
        &[EventType::ProductUpdated]
    }

    fn batch_max(&self) -> usize {
        100
    }

    async fn deliver(&self, delivery: &Delivery, _: &mut PgConnection) -> anyhow::Result<()> {
        self.0.lock().unwrap().push(delivery.event.id.uuid());
        Ok(())
    }
}

fn worker(shop: &Shop, ids: &Arc<Ids>) -> Relay {
    let consumers: Vec<Arc<dyn Consumer>> = vec![ids.clone()];
    let wake = Arc::new(Notify::new());
    Relay::new(
        shop.app.shop.pool.clone(),
        platform(&shop.clock),
        wake,
        consumers,
    )
}

async fn append(shop: &Shop, connection: &mut PgConnection, aggregate: u128) -> Uuid {
    let id = shop.app.shop.platform.event_id();
    let event = NewEvent {
        id,
        kind: EventType::ProductUpdated,
        aggregate: Uuid::from_u128(aggregate),
        payload: json!({}),
        traceparent: None,
        now: shop.app.shop.platform.now(),
    };
    outbox::append(connection, &event).await.unwrap();
    id.uuid()
}

async fn one(shop: &Shop) -> Uuid {
    let mut connection = shop.app.shop.pool.acquire().await.unwrap();
    append(shop, &mut connection, 1).await
}

async fn rest(worker: &Relay) {
    while worker.step().await.unwrap() > 0 {}
}

async fn run(shop: &Shop, sql: &'static str) {
    sqlx::query(sql).execute(&shop.app.shop.pool).await.unwrap();
}

/// The way that loses: rows behind the last one that was read.
async fn read_naively(shop: &Shop, cursor: &mut i64, seen: &mut HashSet<Uuid>) {
    let rows: Vec<(Uuid, i64)> =
        sqlx::query_as("select id, seq from outbox where seq > $1 order by seq")
            .bind(*cursor)
            .fetch_all(&shop.app.shop.pool)
            .await
            .unwrap();
    for (id, seq) in rows {
        *cursor = seq;
        seen.insert(id);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cursor_loses_what_commits_late_and_the_relay_does_not() {
    const WRITERS: u128 = 12;
    const EACH: usize = 60;
    let mut databases = crate::harness::databases();
    databases.pool_connections_max = Some(20);
    let shop = Shop::open_in(databases).await;
    let ids = Arc::new(Ids::default());
    let relay = worker(&shop, &ids);
    let writing = Arc::new(AtomicBool::new(true));
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let shop = shop.clone();
            tokio::spawn(async move {
                for number in 0..EACH {
                    let mut transaction = shop.app.shop.pool.begin().await.unwrap();
                    append(&shop, &mut transaction, writer).await;
                    // An order does more than this behind its event; how much, differs.
                    let more = (usize::try_from(writer).unwrap() * 7 + number) % 5;
                    for _ in 0..more {
                        sqlx::query("select count(*) from products")
                            .execute(&mut *transaction)
                            .await
                            .unwrap();
                    }
                    transaction.commit().await.unwrap();
                }
            })
        })
        .collect();
    let naive = {
        let (shop, writing) = (shop.clone(), writing.clone());
        tokio::spawn(async move {
            let (mut cursor, mut seen) = (0, HashSet::new());
            while writing.load(Ordering::SeqCst) {
                read_naively(&shop, &mut cursor, &mut seen).await;
            }
            read_naively(&shop, &mut cursor, &mut seen).await;
            seen.len()
        })
    };
    while writers.iter().any(|writer| !writer.is_finished()) {
        relay.step().await.unwrap();
    }
    writing.store(false, Ordering::SeqCst);
    for writer in writers {
        writer.await.unwrap();
    }
    let naive = naive.await.unwrap();
    rest(&relay).await;
    let all = usize::try_from(WRITERS).unwrap() * EACH;
    let seen = ids.taken();
    let distinct: HashSet<_> = seen.iter().collect();
    assert_eq!((seen.len(), distinct.len()), (all, all));
    assert!(
        naive < all,
        "the cursor was lucky: it lost nothing of {all}"
    );
}

#[tokio::test]
async fn old_weeks_are_dropped_once_everybody_has_read_them() {
    let shop = Shop::open().await;
    let ids = Arc::new(Ids::default());
    let relay = worker(&shop, &ids);
    let event = one(&shop).await;
    let weeks = "select count(*) from pg_inherits
        where inhparent in ('outbox'::regclass, 'inbox'::regclass)";
    assert_eq!(
        shop.count(weeks).await,
        8,
        "three weeks and the rest, of two tables"
    );
    assert_eq!(shop.count("select count(*) from outbox_default").await, 0);
    let days = |days: i64| shop.clock.set(BEGIN_MS + days * 24 * 60 * 60 * 1000);
    days(30);
    assert_eq!(shop.app.retention.step().await.unwrap(), [""; 0]);
    days(45);
    // Its week is the first of those that were made, and nobody has read it.
    let week = "outbox_w2976".to_owned();
    let dropped = shop.app.retention.step().await.unwrap();
    assert_eq!(dropped, ["outbox_w2977", "inbox_w2976", "inbox_w2977"]);
    rest(&relay).await;
    assert_eq!(ids.taken(), [event]);
    let dropped = shop.app.retention.step().await.unwrap();
    assert!(
        dropped.is_empty(),
        "the others have not read it: {dropped:?}"
    );
    run(
        &shop,
        "update subscriptions set tick_id = (select max(id) from ticks)",
    )
    .await;
    assert_eq!(shop.app.retention.step().await.unwrap(), [week]);
    assert_eq!(shop.count("select count(*) from outbox").await, 0);
    // Its writers go on, in weeks that were made meanwhile.
    let event = one(&shop).await;
    rest(&relay).await;
    assert_eq!(ids.taken(), [event]);
    assert_eq!(shop.count("select count(*) from outbox_default").await, 0);
}

#[tokio::test]
async fn what_stands_in_no_week_goes_too() {
    let shop = Shop::open().await;
    let now = shop.app.shop.platform.now();
    run(
        &shop,
        "insert into inbox (consumer, event_id, done_at)
         select 'payment_webhook', gen_random_uuid(), now() from generate_series(1, 3)",
    )
    .await;
    run(
        &shop,
        "update inbox_default set done_at = '2027-01-15T00:00:00Z'",
    )
    .await;
    partitions::drop_old(&shop.app.shop.pool, now)
        .await
        .unwrap();
    assert_eq!(shop.count("select count(*) from inbox_default").await, 3);
    let later = now + chrono::TimeDelta::days(31);
    partitions::drop_old(&shop.app.shop.pool, later)
        .await
        .unwrap();
    assert_eq!(shop.count("select count(*) from inbox_default").await, 0);
}

/// As after `pg_dump` and a restore: the ticks are of another system, whose transaction ids are
/// `ahead` of this one's or behind.
async fn restored(shop: &Shop, ahead: i64) {
    run(shop, "update ticks set system_identifier = 1").await;
    let shift = format!(
        "update outbox set tx = (tx::text::bigint + {ahead})::text::xid8;
         update ticks set snapshot = (
             (pg_snapshot_xmin(snapshot)::text::bigint + {ahead}) || ':' ||
             (pg_snapshot_xmax(snapshot)::text::bigint + {ahead}) || ':')::pg_snapshot"
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(shift))
        .execute(&shop.app.shop.pool)
        .await
        .unwrap();
}

async fn a_restored_dump_is_refused_and_rebased(ahead: i64) {
    let shop = Shop::open().await;
    let ids = Arc::new(Ids::default());
    let relay = worker(&shop, &ids);
    let read = one(&shop).await;
    rest(&relay).await;
    assert_eq!(ids.taken(), [read]);
    let unread = [one(&shop).await, one(&shop).await];
    restored(&shop, ahead).await;
    // Somebody writes before anybody notices.
    let after = one(&shop).await;
    let error = relay.step().await.unwrap_err().to_string();
    assert!(error.contains("run `origin events rebase`"), "{error}");
    assert!(ids.taken().is_empty());
    let now = shop.app.shop.platform.now();
    let rebased = rebase::rebase(&shop.app.shop.pool, now).await.unwrap();
    assert!(rebased.subscriptions >= 3, "{rebased:?}");
    let relay = worker(&shop, &ids);
    rest(&relay).await;
    assert_eq!(ids.taken(), [unread[0], unread[1], after]);
    let more = one(&shop).await;
    rest(&relay).await;
    assert_eq!(ids.taken(), [more]);
    let nothing = Rebased {
        subscriptions: 0,
        owed: 0,
    };
    assert_eq!(
        rebase::rebase(&shop.app.shop.pool, now).await.unwrap(),
        nothing
    );
}

#[tokio::test]
async fn a_dump_of_an_older_system_is_rebased() {
    a_restored_dump_is_refused_and_rebased(1_000_000).await;
}

#[tokio::test]
async fn a_dump_of_a_younger_system_is_rebased() {
    a_restored_dump_is_refused_and_rebased(-300).await;
}

#[tokio::test]
async fn a_subscription_is_moved_back() {
    let shop = Shop::open().await;
    let ids = Arc::new(Ids::default());
    let relay = worker(&shop, &ids);
    let mut events = Vec::new();
    for _ in 0..4 {
        events.push(one(&shop).await);
        rest(&relay).await;
        shop.clock.advance_ms(60_000);
    }
    assert_eq!(ids.taken(), events);
    let pool = &shop.app.shop.pool;
    let at = |minutes: i64| DateTime::from_timestamp_millis(BEGIN_MS + minutes * 60_000).unwrap();
    // The tick of minute 1 saw the second event.
    let moved = rebase::replay(pool, "email", at(1)).await.unwrap();
    assert_eq!(
        moved,
        Replay::From {
            time: at(1),
            forgotten: 2
        }
    );
    rest(&relay).await;
    assert_eq!(ids.taken(), events[2..]);
    let nobody = rebase::replay(pool, "nobody", at(1)).await.unwrap();
    assert_eq!(nobody, Replay::NoSuchConsumer);
    let oldest = DateTime::from_timestamp_millis(0).unwrap();
    let moved = rebase::replay(pool, "email", oldest).await.unwrap();
    assert!(matches!(moved, Replay::TooLongAgo { .. }), "{moved:?}");
}

#[tokio::test]
async fn a_subscription_is_moved_back_in_the_middle_of_a_long_step() {
    const EVENTS: usize = 700;
    let shop = Shop::open().await;
    let ids = Arc::new(Ids::default());
    let relay = worker(&shop, &ids);
    run(
        &shop,
        "insert into outbox (id, type, aggregate_id, payload, created_at)
         select gen_random_uuid(), 'product.updated', gen_random_uuid(), '{}', now()
         from generate_series(1, 700)",
    )
    .await;
    assert!(relay.step().await.unwrap() > 0);
    let first = ids.taken().len();
    assert!(
        (1..EVENTS).contains(&first),
        "a step is read in parts: {first}"
    );
    let pool = &shop.app.shop.pool;
    let now = shop.app.shop.platform.now();
    sqlx::query("update ticks set created_at = $1")
        .bind(now)
        .execute(pool)
        .await
        .unwrap();
    let moved = rebase::replay(pool, "email", now).await.unwrap();
    assert!(matches!(moved, Replay::From { .. }), "{moved:?}");
    rest(&relay).await;
    assert_eq!(ids.taken().len(), EVENTS);
    assert_eq!(
        shop.count("select count(*) from inbox where consumer = 'email'")
            .await,
        700
    );
}

#[tokio::test]
async fn a_follower_of_the_log_misses_nothing_that_commits_late() {
    let shop = Shop::open().await;
    let pool = &shop.app.shop.pool;
    let mut late = pool.begin().await.unwrap();
    let slow = append(&shop, &mut late, 1).await;
    let (snapshot, rows) = event_log::since(pool, None, None).await.unwrap();
    assert!(rows.is_empty());
    let quick = one(&shop).await;
    let (snapshot, rows) = event_log::since(pool, Some(&snapshot), None).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.id).collect::<Vec<_>>(), [quick]);
    late.commit().await.unwrap();
    let (snapshot, rows) = event_log::since(pool, Some(&snapshot), None).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.id).collect::<Vec<_>>(), [slow]);
    one(&shop).await;
    let other = event_log::since(pool, Some(&snapshot), Some("order.created"));
    assert!(other.await.unwrap().1.is_empty());
}
