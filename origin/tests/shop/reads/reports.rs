//! Reports take no connection of those who shop.

use crate::harness::{Shop, databases};

const WAITING: &str = "select count(*) from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'";

#[tokio::test]
async fn reports_that_hang_hinder_nobody_who_shops() {
    let mut few = databases();
    few.pool_connections_max = Some(2);
    let shop = Shop::open_in(few).await;
    let mut lock = shop.app.shop.pool.begin().await.unwrap();
    sqlx::query("lock table analytics_daily, stock_notices in access exclusive mode")
        .execute(&mut *lock)
        .await
        .unwrap();
    let reports: Vec<_> = ["/admin/analytics/daily", "/admin/inventory/low"]
        .map(|path| {
            let shop = shop.clone();
            tokio::spawn(async move { shop.write("GET", path, &[], "").await })
        })
        .into();
    // They wait, and one connection of two is left to everybody else.
    while shop.count(WAITING).await < 2 {}
    assert_eq!(shop.get("/products", &[]).await.status, 200);
    let orders = shop.ask(&shop.customer, "GET", "/orders", &[], "").await;
    assert_eq!(orders.status, 200, "{orders:?}");
    lock.commit().await.unwrap();
    for report in reports {
        assert_eq!(report.await.unwrap().status, 200);
    }
}
