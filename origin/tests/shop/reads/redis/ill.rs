//! A server that dies, hangs or refuses: reads are as without it, and only those that met it noticed.

use shared::feed::Position;

use super::Redis;
use crate::callers::MERGE;
use crate::harness::Shop;
use crate::reads::OLD;
use crate::reads::gate::Gate;

/// No memory answers who wants this, so each read looks into the cache.
const NEWER: Option<Position> = Some(Position(u64::MAX));

#[tokio::test]
async fn it_dies_and_comes_back() {
    let Some(mut redis) = Redis::start() else {
        return;
    };
    let gate = Gate::before(redis.port).await;
    let shop = Shop::open().await;
    let (path, _) = shop.mug("MUG-1").await;
    let place = Some(shop.mark().await);
    let url = gate.through(&format!("{}/", redis.url()), redis.port);
    let origin = shop.sharing(&url).await;
    assert_eq!(origin.price(&path, place).await, OLD);
    assert_eq!(origin.looks("miss").await, 1);

    redis.kill();
    gate.open(false);
    let knocked = gate.knocked();
    for _ in 0..20 {
        assert_eq!(origin.price(&path, NEWER).await, OLD);
    }
    assert_eq!(origin.looks("failed").await, 1);
    assert_eq!(origin.looks("out").await, 19);
    assert_eq!(origin.figure("headgate_redis_up").await, 0);
    assert_eq!(gate.knocked(), knocked, "a read knocked at who is dead");
    let fields = [MERGE, ("if-match", "*")];
    let name = r#"{"name":"Mug"}"#;
    let changed = origin.write("PATCH", &path, &fields, name).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    assert_eq!(origin.get("/readyz", &[]).await.status, 200);
    origin.app.shop.reads.check().await;
    assert!(gate.knocked() > knocked, "nobody looks");
    assert_eq!(origin.figure("headgate_redis_up").await, 0);

    redis.run();
    gate.open(true);
    origin.app.shop.reads.check().await;
    assert_eq!(origin.figure("headgate_redis_up").await, 1);
    assert_eq!(origin.price(&path, NEWER).await, OLD);
    assert_eq!(origin.looks("miss").await, 2);
    let other = shop.sharing(&url).await;
    assert_eq!(other.price(&path, place).await, OLD);
    assert_eq!(other.looks("hit").await, 1);
}

#[tokio::test]
async fn it_hangs() {
    let Some(redis) = Redis::start() else {
        return;
    };
    let shop = Shop::open().await;
    let (path, _) = shop.mug("MUG-1").await;
    let origin = shop.sharing(&redis.url()).await;
    redis.ask(&["CLIENT", "PAUSE", "1000000", "ALL"]);
    for _ in 0..20 {
        assert_eq!(origin.price(&path, NEWER).await, OLD);
    }
    assert_eq!(origin.looks("failed").await, 1);
    assert_eq!(origin.looks("out").await, 19);
    origin.app.shop.reads.check().await;
    assert_eq!(origin.figure("headgate_redis_up").await, 0);
}

/// A server that answers and does not keep is no cache either.
#[tokio::test]
async fn it_refuses() {
    let Some(redis) = Redis::start() else {
        return;
    };
    let shop = Shop::open().await;
    let (path, _) = shop.mug("MUG-1").await;
    let origin = shop.sharing(&redis.url()).await;
    let reads = &origin.app.shop.reads;
    let is_up = async || origin.figure("headgate_redis_up").await == 1;
    for (refuse, relent) in [
        // It has no room.
        ("CONFIG SET maxmemory 1", "CONFIG SET maxmemory 0"),
        // It became a replica.
        ("REPLICAOF 127.0.0.1 1", "REPLICAOF NO ONE"),
        // It wants a password.
        ("CONFIG SET requirepass x", "CONFIG SET requirepass \"\""),
    ] {
        reads.check().await;
        assert!(is_up().await, "{refuse:?}");
        redis.order(refuse);
        for _ in 0..3 {
            reads.check().await;
            assert!(!is_up().await, "{refuse:?}");
            assert_eq!(origin.price(&path, NEWER).await, OLD);
        }
        redis.order(relent);
        reads.check().await;
        assert!(is_up().await, "{relent:?}");
        assert_eq!(origin.price(&path, NEWER).await, OLD);
    }
    // Nobody stumbled over it but checks.
    assert_eq!(origin.looks("failed").await, 0);
}
