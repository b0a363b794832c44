//! What the server keeps: nothing that others put there, nothing of another shop, nothing older than it has.

use std::sync::Arc;
use std::time::Duration;

use origin::platform::{Platform, Seeded};
use origin::reads::cache::{Stored, server};
use shared::feed::Position;

use super::Redis;
use crate::callers::MERGE;
use crate::harness::Shop;
use crate::reads::{NEW, OLD};

const KEEP: Duration = Duration::from_mins(5);

#[tokio::test]
async fn an_entry_gives_way_to_none_that_is_older() {
    let Some(redis) = Redis::start() else {
        return;
    };
    let server = server(&redis.url()).unwrap();
    server.connect().await.unwrap();
    let entry = |label: u64| format!("{label:020}, from {label}").into_bytes();
    let get = async |key: &str| server.get(key, 64).await.unwrap();
    let keys = ["a".to_owned(), "b".to_owned()];
    // What is put under both keys, and what each has then; under one of them stands something newer.
    server.put(&keys[1..], &entry(1 << 53), KEEP).await.unwrap();
    for (put, a, b) in [
        (7, 7, 1 << 53),
        (6, 7, 1 << 53),
        (7, 7, 1 << 53),
        (10, 10, 1 << 53),
        // Lua's own numbers don't tell these apart.
        ((1 << 53) + 1, (1 << 53) + 1, (1 << 53) + 1),
        (1 << 53, (1 << 53) + 1, (1 << 53) + 1),
        (u64::MAX, u64::MAX, u64::MAX),
        (u64::MAX - 1, u64::MAX, u64::MAX),
    ] {
        server.put(&keys, &entry(put), KEEP).await.unwrap();
        assert_eq!(get("a").await, Stored::Text(entry(a)), "{put}");
        assert_eq!(get("b").await, Stored::Text(entry(b)), "{put}");
    }
    for foreign in [
        &["SET", "c", "rubbish"][..],
        &["SET", "c", "9999999999999999999x"],
        &["SET", "c", ""],
        &["RPUSH", "c", "99999999999999999999"],
    ] {
        redis.ask(&["DEL", "c"]);
        redis.ask(foreign);
        server
            .put(&["c".to_owned()], &entry(0), KEEP)
            .await
            .unwrap();
        assert_eq!(get("c").await, Stored::Text(entry(0)), "{foreign:?}");
    }
    assert_eq!(get("d").await, Stored::Nothing);
    redis.ask(&["RPUSH", "d", "x"]);
    assert_eq!(get("d").await, Stored::Foreign);
    // No more of it is fetched than an entry can be long.
    redis.ask(&["SETRANGE", "e", "1000000", "x"]);
    assert_eq!(get("e").await, Stored::Text(vec![0; 64]));
    let ttl: i64 = redis.ask(&["PTTL", "a"]).parse().unwrap();
    assert!((1..=300_000).contains(&ttl), "{ttl}");
    // Scripts may be lost in between, as with the server.
    redis.ask(&["SCRIPT", "FLUSH"]);
    server
        .put(&["f".to_owned()], &entry(1), KEEP)
        .await
        .unwrap();
    server.remove("f").await.unwrap();
    assert_eq!(get("f").await, Stored::Nothing);
}

#[tokio::test]
async fn rubbish_is_a_miss_and_goes() {
    let Some(redis) = Redis::start() else {
        return;
    };
    let shop = Shop::open().await;
    let (path, _) = shop.mug("MUG-1").await;
    let (other_path, _) = shop.mug("MUG-2").await;
    let place = Some(shop.mark().await);
    let one = shop.sharing(&redis.url()).await;
    assert_eq!(one.price(&other_path, place).await, OLD);
    let other_key = redis.key();
    assert_eq!(one.price(&path, place).await, OLD);
    let mut keys = redis.keys();
    keys.retain(|key| *key != other_key);
    let key = keys[0].as_str();
    let entry = redis.ask(&["GET", key]);
    let cut = &entry[..entry.len() - 1];
    for rubbish in [
        &["SET", key, "rubbish"][..],
        &["SET", key, cut],
        // A label that nothing is newer than, and that would keep all others away.
        &["SET", key, "99999999999999999999"],
        &["RPUSH", key, "x"],
        // Another product's.
        &["COPY", &other_key, key],
    ] {
        redis.ask(&["DEL", key]);
        redis.ask(rubbish);
        let other = shop.sharing(&redis.url()).await;
        assert_eq!(other.price(&path, place).await, OLD);
        assert_eq!(other.looks("unreadable").await, 1, "{rubbish:?}");
        assert_eq!(other.reads_from("primary").await, 1);
        assert_eq!(other.figure("headgate_redis_up").await, 1);
        let third = shop.sharing(&redis.url()).await;
        assert_eq!(third.price(&path, place).await, OLD);
        assert_eq!(third.looks("hit").await, 1, "{rubbish:?}");
    }
}

#[tokio::test]
async fn two_shops_on_one_server_do_not_mix() {
    let Some(redis) = Redis::start() else {
        return;
    };
    // The same random numbers at the same time make the same id.
    let (first, second) = (Shop::open().await, Shop::open().await);
    let mut paths = Vec::new();
    for shop in [&first, &second] {
        let platform = Platform::new(shop.clock.clone(), Arc::new(Seeded::new(1_000_000)));
        let origin = shop.sharing_as(&redis.url(), platform).await;
        paths.push(origin.mug("MUG-1").await.0);
    }
    assert_eq!(paths[0], paths[1]);
    let path = &paths[0];
    let dearer = r#"{"price":{"amount":3100}}"#;
    let fields = [MERGE, ("if-match", "*")];
    let changed = second.write("PATCH", path, &fields, dearer).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    for round in ["primary", "redis"] {
        for (shop, price) in [(&first, OLD), (&second, NEW)] {
            let origin = shop.sharing(&redis.url()).await;
            assert_eq!(origin.price(path, Some(Position(0))).await, price);
            assert_eq!(origin.reads_from(round).await, 1);
        }
    }
    assert_eq!(redis.keys().len(), 2);
}
