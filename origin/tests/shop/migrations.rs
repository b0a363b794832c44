//! Migrations beside a shop that is in use.

use origin::store::migrate;

use crate::harness::{Shop, platform};

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
