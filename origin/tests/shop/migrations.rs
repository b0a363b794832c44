//! Migrations beside a shop that is in use.

use std::sync::Arc;

use origin::platform::SetClock;
use origin::store::migrate;

use crate::harness::{Shop, databases, platform};

#[tokio::test]
async fn who_finds_a_table_locked_gives_way_and_tries_again() {
    let shop = Shop::open().await;
    let mut lock = shop.app.shop.pool.begin().await.unwrap();
    sqlx::query("lock table _sqlx_migrations in access exclusive mode")
        .execute(&mut *lock)
        .await
        .unwrap();
    let platform = platform(&shop.clock);
    let waiting = "select count(*) from pg_stat_activity
                   where datname = current_database() and wait_event_type = 'Lock'";
    let gives_way = async {
        while shop.count(waiting).await == 0 {}
        // Nobody behind it waits for longer than it does.
        while shop.count(waiting).await == 1 {}
        lock.commit().await.unwrap();
    };
    let migrating = migrate::run(&shop.config.databases, &platform);
    let (migrated, ()) = tokio::join!(migrating, gives_way);
    migrated.unwrap();
}

/// A build waits for whoever may still see the table as it was, and is cut off when that takes too long.
#[tokio::test]
async fn an_index_that_was_cut_off_is_built_anew() {
    let shop = Shop::open().await;
    let pool = &shop.app.shop.pool;
    // As before the last release.
    sqlx::raw_sql(
        "drop index idempotency_keys_request;
         delete from _sqlx_migrations where version = 20261130000122",
    )
    .execute(pool)
    .await
    .unwrap();
    let mut old = pool.begin().await.unwrap();
    sqlx::raw_sql(
        "set transaction isolation level repeatable read; select count(*) from idempotency_keys",
    )
    .execute(&mut *old)
    .await
    .unwrap();
    let platform = platform(&shop.clock);
    let broken = "select count(*) from pg_index
                  where indexrelid = to_regclass('idempotency_keys_request') and not indisvalid";
    let waiting = "select count(*) from pg_stat_activity
                   where datname = current_database() and wait_event_type = 'Lock'";
    let gives_way = async {
        while shop.count(broken).await == 0 {}
        while shop.count(waiting).await == 0 {}
        while shop.count(waiting).await == 1 {}
        assert_eq!(shop.count(broken).await, 1);
        old.commit().await.unwrap();
    };
    let migrating = migrate::run(&shop.config.databases, &platform);
    let (migrated, ()) = tokio::join!(migrating, gives_way);
    migrated.unwrap();
    let whole = "select count(*) from pg_index
                 where indexrelid = to_regclass('idempotency_keys_request') and indisvalid";
    assert_eq!(shop.count(whole).await, 1);
}

#[tokio::test]
async fn two_who_migrate_at_once_do_it_once() {
    let databases = databases();
    let clock = Arc::new(SetClock::at(0));
    let run = || async { migrate::run(&databases, &platform(&clock)).await };
    let (one, other) = tokio::join!(run(), run());
    one.unwrap();
    other.unwrap();
}
