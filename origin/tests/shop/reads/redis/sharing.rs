//! What one origin has read answers the others, as far as their own memory could have.

use std::time::Duration;

use origin::app::App;
use origin::reads::cache::server;
use shared::feed::Position;

use super::Redis;
use crate::callers::MERGE;
use crate::door::{Door, names};
use crate::harness::{BEGIN_MS, Shop};
use crate::reads::{NEW, OLD};

const DEARER: &str = r#"{"price":{"amount":3100}}"#;

#[tokio::test]
async fn what_one_has_read_others_answer_with() {
    let Some(redis) = Redis::start() else {
        return;
    };
    let shop = Shop::open().await;
    let (path, _) = shop.mug("MUG-1").await;
    let place = Some(shop.mark().await);
    let one = shop.sharing(&redis.url()).await;
    let other = shop.sharing(&redis.url()).await;
    assert_eq!(one.figure("headgate_redis_up").await, 1);
    assert!(!shop.metrics().await.contains("headgate_redis"));
    assert_eq!(one.price(&path, place).await, OLD);
    assert_eq!(one.looks("miss").await, 1);
    assert_eq!(one.reads_from("primary").await, 1);
    let ttl: i64 = redis.ask(&["TTL", &redis.key()]).parse().unwrap();
    assert!((290..=300).contains(&ttl), "{ttl}");

    shop.dearer_unheard().await;
    assert_eq!(other.price(&path, place).await, OLD);
    assert_eq!(other.reads_from("redis").await, 1);
    assert_eq!(other.looks("hit").await, 1);
    // From then on it is in its memory.
    assert_eq!(other.price(&path, place).await, OLD);
    assert_eq!(other.reads_from("memory").await, 1);
    assert_eq!(other.looks("hit").await, 1);
    assert_eq!(other.reads_from("primary").await, 0);
    // Who wants it as new as there is, or comes without the edge, is answered by the database.
    assert_eq!(other.price(&path, None).await, NEW);
    let direct = other.get(&path, &[]).await;
    assert_eq!(direct.json()["price"]["amount"], NEW);
    assert_eq!(other.looks("hit").await, 1);
}

#[tokio::test]
async fn what_is_older_than_wanted_is_not_shown_and_gives_way() {
    let Some(redis) = Redis::start() else {
        return;
    };
    let shop = Shop::open().await;
    let (path, _) = shop.mug("MUG-1").await;
    let before = Some(shop.mark().await);
    let one = shop.sharing(&redis.url()).await;
    assert_eq!(one.price(&path, before).await, OLD);
    shop.changed_elsewhere(&path, DEARER).await;
    let after = Some(shop.mark().await);
    let other = shop.sharing(&redis.url()).await;
    assert_eq!(other.price(&path, after).await, NEW);
    assert_eq!(other.looks("old").await, 1);
    // A place that no log has come to is the primary's to answer.
    assert_eq!(other.price(&path, Some(Position(u64::MAX))).await, NEW);
    assert_eq!(other.looks("old").await, 2);
    let third = shop.sharing(&redis.url()).await;
    assert_eq!(third.price(&path, before).await, NEW);
    assert_eq!(third.price(&path, after).await, NEW);
    assert_eq!(third.reads_from("redis").await, 1);

    // Five minutes after it was read nothing answers any more, in whichever memory it is by then.
    shop.clock.set(BEGIN_MS + 299_999);
    let fourth = shop.sharing(&redis.url()).await;
    assert_eq!(fourth.price(&path, before).await, NEW);
    assert_eq!(fourth.reads_from("redis").await, 1);
    shop.clock.set(BEGIN_MS + 300_000);
    let fifth = shop.sharing(&redis.url()).await;
    // The first one reads it anew, for all.
    for (origin, source) in [(&third, "primary"), (&fourth, "redis"), (&fifth, "redis")] {
        let before_that = origin.reads_from(source).await;
        assert_eq!(origin.price(&path, before).await, NEW);
        assert_eq!(origin.reads_from(source).await, before_that + 1, "{source}");
    }
}

#[tokio::test]
async fn a_change_through_one_is_seen_through_all() {
    let Some(redis) = Redis::start() else {
        return;
    };
    let shop = Shop::open().await;
    let (path, _) = shop.mug("MUG-1").await;
    let before = Some(shop.mark().await);
    let one = shop.sharing(&redis.url()).await;
    let other = shop.sharing(&redis.url()).await;
    assert_eq!(one.price(&path, before).await, OLD);
    let fields = [MERGE, ("if-match", "*")];
    let changed = other.write("PATCH", &path, &fields, DEARER).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    assert!(redis.keys().is_empty());
    // Nobody has told the edge, which therefore goes on naming the place of before.
    assert_eq!(other.price(&path, before).await, NEW);
    let third = shop.sharing(&redis.url()).await;
    assert_eq!(third.price(&path, before).await, NEW);
    assert_eq!(third.reads_from("redis").await, 1);
    // One's own memory holds what it has read, until the place says more; as without a cache.
    assert_eq!(one.price(&path, before).await, OLD);
    assert_eq!(one.price(&path, Some(shop.mark().await)).await, NEW);

    let gone = other.write("DELETE", &path, &[("if-match", "*")], "").await;
    assert_eq!(gone.status, 204, "{gone:?}");
    assert!(redis.keys().is_empty());
    let place = gone.field("headgate-position");
    for origin in [&one, &other, &third] {
        let read = origin.get(&path, &[("headgate-position", place)]).await;
        assert_eq!(read.status, 404, "{read:?}");
    }
}

/// Orders and imports change products without a word to any cache: their events have to do.
#[tokio::test]
async fn a_purge_leaves_its_place_and_what_is_older_does_not_come_back() {
    let Some(redis) = Redis::start() else {
        return;
    };
    let shop = Shop::open().await;
    let door = Door::open(&shop.config, &shop.clock).await;
    let (path, _) = shop.mug("MUG-1").await;
    let before = Some(shop.mark().await);
    let mut working = shop.clone();
    working.config.edge_url = Some(door.url());
    let working = working.sharing(&redis.url()).await;
    let one = shop.sharing(&redis.url()).await;
    assert_eq!(one.price(&path, before).await, OLD);
    let (key, entry) = (redis.key(), redis.ask(&["GET", &redis.key()]));
    carried(&working.app).await;
    door.told();
    assert_eq!(
        redis.ask(&["GET", &key]),
        entry,
        "its creation makes no product untrue"
    );

    shop.changed_elsewhere(&path, DEARER).await;
    carried(&working.app).await;
    let told = door.told();
    let product = format!("product:{}", path.trim_start_matches("/products/"));
    assert_eq!(names(&told[0]), [&product, "category:kitchen"]);
    let place = told[0].position.unwrap().0;
    assert_eq!(redis.ask(&["GET", &key]), format!("{place:020}"));

    // Another origin was about to keep what it had read before.
    let late = server(&redis.url()).unwrap();
    late.connect().await.unwrap();
    let keep = Duration::from_mins(5);
    let put = late.put(std::slice::from_ref(&key), entry.as_bytes(), keep);
    put.await.unwrap();
    assert_eq!(redis.ask(&["GET", &key]), format!("{place:020}"));

    let other = shop.sharing(&redis.url()).await;
    assert_eq!(other.price(&path, before).await, NEW);
    assert_eq!(other.looks("miss").await, 1);
    assert!(redis.ask(&["GET", &key]).contains("3100"));
}

async fn carried(app: &App) {
    while app.relay.step().await.unwrap() > 0 {}
    app.relay.leave().await;
}
