//! What is read from the primary in the place of a replica that is dead leaves connections for orders.

use std::sync::Arc;

use origin::app::App;
use sqlx::{Postgres, Transaction};
use tokio::task::JoinHandle;

use crate::harness::{Answer, Shop, databases, platform};

const WAITING: &str = "select count(*) from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'";

impl Shop {
    /// A shop of so many connections, and a second handle to its database.
    async fn of(connections: u32, has_replica: bool) -> (Self, Self) {
        let outside = Self::open().await;
        let mut config = outside.config.clone();
        config.databases.pool_connections_max = Some(connections);
        let nowhere = format!("postgres://127.0.0.1:{}/x", xtask::ports::free().unwrap());
        config.databases.database_replica_url = has_replica.then(|| nowhere.into());
        let clock = platform(&outside.clock);
        let app = App::build_with(&config, clock, outside.provider.clone()).unwrap();
        let shop = Self {
            app: Arc::new(app),
            config,
            ..outside.clone()
        };
        (shop, outside)
    }

    /// Products can't be read until this is dropped.
    async fn products_locked(&self) -> Transaction<'static, Postgres> {
        let mut lock = self.app.shop.pool.begin().await.unwrap();
        sqlx::query("lock table products in access exclusive mode")
            .execute(&mut *lock)
            .await
            .unwrap();
        lock
    }

    /// Starts lists, and waits until that many wait for the lock.
    async fn waiting_lists(&self, outside: &Self, many: i64) -> Vec<JoinHandle<Answer>> {
        let lists = (0..many).map(|_| {
            let shop = self.clone();
            tokio::spawn(async move { shop.get("/products", &[]).await })
        });
        let lists: Vec<_> = lists.collect();
        while outside.count(WAITING).await < many {}
        lists
    }
}

#[tokio::test]
async fn half_of_the_connections_are_kept_for_others() {
    let (shop, outside) = Shop::of(4, true).await;
    // The first one meets the death of the replica.
    assert_eq!(shop.get("/products", &[]).await.status, 200);
    let lock = outside.products_locked().await;
    let lists = shop.waiting_lists(&outside, 2).await;
    let refused = shop.get("/products", &[]).await;
    assert_eq!(
        (refused.status, refused.code()),
        (503, "unavailable".into())
    );
    let seconds: u64 = refused.field("retry-after").parse().unwrap();
    assert!((1..=3).contains(&seconds), "{seconds}");
    let metrics = shop.metrics().await;
    assert!(
        metrics.contains("headgate_reads_refused_total 1\n"),
        "{metrics}"
    );
    let orders = shop.ask(&shop.customer, "GET", "/orders", &[], "").await;
    assert_eq!(orders.status, 200, "{orders:?}");
    lock.commit().await.unwrap();
    for list in lists {
        assert_eq!(list.await.unwrap().status, 200);
    }
    assert_eq!(shop.get("/products", &[]).await.status, 200);
}

#[tokio::test]
async fn without_a_replica_the_primary_is_everybodys() {
    let (shop, outside) = Shop::of(4, false).await;
    let lock = outside.products_locked().await;
    let lists = shop.waiting_lists(&outside, 4).await;
    lock.commit().await.unwrap();
    for list in lists {
        assert_eq!(list.await.unwrap().status, 200);
    }
    let metrics = shop.metrics().await;
    assert!(metrics.contains(r#"headgate_reads_total{source="primary"} 4"#));
    assert!(!metrics.contains("headgate_replica"), "{metrics}");
}

#[tokio::test]
async fn a_shop_of_one_connection_reads_without_its_replica_too() {
    let mut only = databases();
    only.pool_connections_max = Some(1);
    let nowhere = format!("postgres://127.0.0.1:{}/x", xtask::ports::free().unwrap());
    only.database_replica_url = Some(nowhere.into());
    let shop = Shop::open_in(only).await;
    assert_eq!(shop.get("/products", &[]).await.status, 200);
}
